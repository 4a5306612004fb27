//! The real gateway as a child process: started, killed, started again, asked.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};

use crate::address;
use crate::program::schoolgate;
use crate::school::{self, Changes};

/// Longer than starting or stopping may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// A gateway for the made-up school, with a folder of its own.
pub struct Gateway {
    /// Where SMTP is listened for.
    pub smtp: SocketAddr,
    /// Where health and metrics are.
    pub ops: SocketAddr,
    folder: TempDir,
    child: Option<Child>,
}

impl Gateway {
    /// Writes the configuration, enforcing, and starts it.
    pub async fn start(next_hops: &[SocketAddr]) -> Self {
        Self::start_with(next_hops, &Changes::default()).await
    }

    /// The same, configured otherwise.
    pub async fn start_with(next_hops: &[SocketAddr], changes: &Changes) -> Self {
        let mut gateway = Self::configured(next_hops, changes);
        gateway.start_again().await;
        gateway
    }

    /// Writes the configuration and starts nothing.
    pub fn configured(next_hops: &[SocketAddr], changes: &Changes) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("schoolgate-")
            .tempdir()
            .expect("a folder");
        let address = address::own();
        let smtp = SocketAddr::new(address, 2525);
        let ops = SocketAddr::new(address, 9025);
        let data = folder.path().join("data");
        let text = school::configuration(&data, smtp, ops, next_hops, changes);
        std::fs::write(folder.path().join("schoolgate.toml"), text).expect("the configuration");
        Self {
            smtp,
            ops,
            folder,
            child: None,
        }
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("schoolgate.toml")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything that it wrote to its log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Starts it and waits until it says that it is ready (sd_notify).
    ///
    /// # Panics
    /// It ends or stays silent instead.
    pub async fn start_again(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let socket = self.folder.path().join("notify");
        let _ = std::fs::remove_file(&socket);
        let notify = UnixDatagram::bind(&socket).expect("a socket for sd_notify");
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .expect("the log");
        let mut child = Command::new(schoolgate())
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .env("NOTIFY_SOCKET", &socket)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("schoolgate starts");
        let ready = async {
            let mut text = vec![0; 4096];
            loop {
                let length = notify.recv(&mut text).await?;
                if String::from_utf8_lossy(&text[..length])
                    .lines()
                    .any(|line| line == "READY=1")
                {
                    return io::Result::Ok(());
                }
            }
        };
        tokio::select! {
            ready = tokio::time::timeout(PATIENCE, ready) => {
                assert!(matches!(ready, Ok(Ok(()))), "it does not become ready: {}", self.log());
            }
            status = child.wait() => panic!("it ended with {status:?}: {}", self.log()),
        }
        self.child = Some(child);
    }

    /// SIGKILL: no warning, no chance to put anything in order.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().await.expect("it can be killed");
    }

    /// Sends a signal to the main process.
    pub fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().and_then(Child::id).expect("it runs");
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, signal).expect("it can be signalled");
    }

    /// SIGTERM, and waits until it has gone.
    ///
    /// # Panics
    /// It stays.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let mut child = self.child.take().expect("it runs");
        tokio::time::timeout(PATIENCE, child.wait())
            .await
            .unwrap_or_else(|_| panic!("it does not stop: {}", self.log()))
            .expect("its status")
    }

    /// Runs one of its commands on this configuration.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        run(&self.config(), arguments).await
    }

    /// Runs a command that must succeed; what it prints.
    ///
    /// # Panics
    /// It fails.
    pub async fn text(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments).await;
        assert!(
            out.status.success(),
            "schoolgate {arguments:?}: {}\n{}{}",
            out.status,
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).expect("UTF-8")
    }

    /// Runs a command with `--json`; the objects that it prints, in an array or a line each.
    ///
    /// # Panics
    /// It fails or prints something else.
    pub async fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let text = self.text(&arguments).await;
        let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(&text)
            .into_iter()
            .collect();
        let mut values = values.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"));
        match values.as_mut_slice() {
            [Value::Array(inner)] => std::mem::take(inner),
            _ => values,
        }
    }

    /// The status code and the body of a page on the loopback port.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn ops_page(&self, path: &str) -> io::Result<(u16, String)> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.ops).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let code = answer
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| io::Error::other("not HTTP"))?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok((code, body.to_owned()))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the gateway's log\n{}---", self.log());
        }
    }
}

/// Runs a command of the binary on a configuration.
pub async fn run(config: &Path, arguments: &[&str]) -> Output {
    Command::new(schoolgate())
        .args(arguments)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("schoolgate starts")
}
