//! A private Postfix: its own configuration, queue, log and address, as root or through sudo.
//!
//! Debian's package brings the programs; its service is not touched.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::address;

/// A running instance; it stops with this value.
pub struct Postfix {
    pub address: SocketAddr,
    folder: TempDir,
}

impl Postfix {
    /// A school's mail server: takes mail from this machine, and sends everything to `relayhost`.
    pub fn relaying_to(relayhost: SocketAddr) -> Self {
        Self::start(&format!(
            "relayhost = [{}]:{}\n",
            relayhost.ip(),
            relayhost.port()
        ))
    }

    /// A mail server of the recipients' domains: keeps what it takes in Maildirs.
    pub fn keeping(domains: &[&str]) -> Self {
        Self::start(&format!(
            "virtual_mailbox_domains = {}\n\
             virtual_mailbox_base = {{folder}}/mail\n\
             virtual_mailbox_maps = static:all/\n\
             virtual_uid_maps = static:{{uid}}\n\
             virtual_gid_maps = static:{{gid}}\n\
             virtual_minimum_uid = 1\n\
             virtual_mailbox_limit = 0\n",
            domains.join(" ")
        ))
    }

    fn start(more: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("postfix-")
            .tempdir()
            .expect("a folder");
        // Postfix's own user must find its way in.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let address = SocketAddr::new(address::own(), 2527);
        let postfix = Self { address, folder };
        let path = postfix.folder.path().display().to_string();
        let etc = postfix.etc();
        std::fs::create_dir(&etc).unwrap();
        let more = more
            .replace("{folder}", &path)
            .replace("{uid}", &id("-u", "postfix"))
            .replace("{gid}", &id("-g", "postfix"));
        std::fs::write(etc.join("main.cf"), main_cf(&path) + &more).unwrap();
        std::fs::write(etc.join("master.cf"), master_cf(address)).unwrap();
        // `start` returns when the master is ready for connections.
        let script = format!(
            "set -e; cd {path}; chown -R root:root etc; mkdir spool data log mail; \
             chown postfix data mail; postfix -c {path}/etc start"
        );
        let out = as_root(&script);
        assert!(
            out.status.success(),
            "Postfix does not start: {}{}",
            String::from_utf8_lossy(&out.stderr),
            postfix.log()
        );
        postfix
    }

    fn etc(&self) -> PathBuf {
        self.folder.path().join("etc")
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        let path = self.folder.path().join("log/maillog");
        let out = as_root(&format!("cat {}", path.display()));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// What lies in the Maildir of [`Postfix::keeping`], as kept: lines end in LF.
    pub fn kept(&self) -> Vec<Vec<u8>> {
        let new = self.folder.path().join("mail/all/new");
        let list = as_root(&format!("ls -1 {} 2>/dev/null || true", new.display()));
        String::from_utf8_lossy(&list.stdout)
            .lines()
            .map(|name| as_root(&format!("cat {}/{name}", new.display())).stdout)
            .collect()
    }

    /// How many messages wait in its queue.
    pub fn queued(&self) -> usize {
        let out = as_root(&format!("postqueue -c {} -j", self.etc().display()));
        String::from_utf8_lossy(&out.stdout).lines().count()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- Postfix's log\n{}---", self.log());
        }
        // It stops its own master, by the process id in its own folder; what it wrote as
        // root, root removes.
        let path = self.folder.path().display();
        as_root(&format!(
            "postfix -c {path}/etc stop; rm -rf {path}/etc {path}/spool {path}/data {path}/log {path}/mail"
        ));
    }
}

fn as_root(script: &str) -> std::process::Output {
    let root = id("-u", "") == "0";
    let mut command = if root {
        Command::new("sh")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "sh"]);
        sudo
    };
    command
        .args(["-c", script])
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

fn id(what: &str, user: &str) -> String {
    let mut command = Command::new("id");
    command.arg(what);
    if !user.is_empty() {
        command.arg(user);
    }
    let out = command.output().expect("id");
    assert!(
        out.status.success(),
        "Postfix is missing: run `make setup-test` once"
    );
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

fn main_cf(path: &str) -> String {
    format!(
        "compatibility_level = 3.6\n\
         queue_directory = {path}/spool\n\
         data_directory = {path}/data\n\
         maillog_file = {path}/log/maillog\n\
         maillog_file_prefixes = {path}/log\n\
         mail_owner = postfix\n\
         setgid_group = postdrop\n\
         daemon_directory = /usr/lib/postfix/sbin\n\
         shlib_directory = /usr/lib/postfix\n\
         myhostname = mail.oaklane.example\n\
         mydestination =\n\
         local_recipient_maps =\n\
         alias_maps =\n\
         alias_database =\n\
         inet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\n\
         mynetworks = 127.0.0.0/8\n\
         smtp_host_lookup = native\n\
         smtp_dns_support_level = disabled\n\
         smtpd_tls_security_level = none\n\
         smtp_tls_security_level = none\n\
         local_header_rewrite_clients =\n\
         message_size_limit = 104857600\n\
         minimal_backoff_time = 2s\n\
         queue_run_delay = 2s\n"
    )
}

fn master_cf(address: SocketAddr) -> String {
    format!(
        "{}:{} inet n - n - - smtpd\n\
         cleanup unix n - n - 0 cleanup\n\
         qmgr unix n - n 300 1 qmgr\n\
         rewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\n\
         trace unix - - n - 0 bounce\n\
         verify unix - - n - 1 verify\n\
         proxymap unix - - n - - proxymap\n\
         smtp unix - - n - - smtp\n\
         relay unix - - n - - smtp\n\
         showq unix n - n - - showq\n\
         error unix - - n - - error\n\
         retry unix - - n - - error\n\
         virtual unix - n n - - virtual\n\
         anvil unix - - n - 1 anvil\n\
         scache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n",
        address.ip(),
        address.port()
    )
}
