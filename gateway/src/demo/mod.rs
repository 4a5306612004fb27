//! A made-up school that sends real mail through a real gateway on loopback.

mod attachments;
mod draw;
mod maildir;
pub mod messages;
mod names;
pub mod school;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Tokio1Executor};
use schoolgate_policies::Verdict;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config;

use crate::gateway::{Gateway, StartError};
use crate::ids::SpoolId;
use crate::inspect::Program;
use crate::judge::{Judgement, judgement_place};
use crate::smtp::{self, Service};
use crate::spool::SpoolError;
use crate::stop::Stop;
use crate::store::recipients::Standing;
use crate::store::{StoreError, cases, rosters};
use maildir::Maildir;

/// Where Debian's package puts Tesseract.
const TESSERACT: &str = "/usr/bin/tesseract";

/// Longest wait for the verdicts and deliveries of the demo.
const WAIT: Duration = Duration::from_secs(120);

/// Why the demo could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("cannot prepare the demo: {0}")]
    Files(#[from] std::io::Error),
    #[error("the demo's configuration has mistakes: {0}")]
    Config(String),
    #[error(transparent)]
    Start(Box<StartError>),
    #[error("the gateway did not take a message: {0}")]
    Send(String),
    #[error("the gateway did not finish in time")]
    Slow,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
}

/// What became of one message.
pub struct Seen {
    pub title: &'static str,
    pub from: String,
    pub to: String,
    pub verdict: Verdict,
    pub why: String,
    pub clauses: Vec<String>,
    pub now: String,
}

/// The running demo.
pub struct Demo {
    pub smtp: SocketAddr,
    pub pupils: i64,
    pub policy: String,
    gateway: Arc<Gateway>,
    school: school::DemoSchool,
    pictures_are_read: bool,
    folder: PathBuf,
    config: PathBuf,
    next_hop_stop: watch::Sender<bool>,
}

impl From<StartError> for DemoError {
    fn from(error: StartError) -> Self {
        Self::Start(Box::new(error))
    }
}

impl Demo {
    /// Starts the next hop and the gateway in a new temporary folder.
    ///
    /// # Errors
    /// The folder cannot be written, or no port can be had.
    pub async fn start() -> Result<Self, DemoError> {
        let folder = std::env::temp_dir().join(format!("schoolgate-demo-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("roster"))?;
        for (name, text) in school::roster_files() {
            std::fs::write(folder.join("roster").join(name), text)?;
        }
        let (next_hop, next_hop_stop) = start_next_hop(&folder.join("Maildir")).await?;
        let config_path = folder.join("schoolgate.toml");
        let people = school::DemoSchool::new();
        let pictures_are_read = Path::new(TESSERACT).is_file();
        let text = configuration(
            &people,
            next_hop,
            free_port()?,
            free_port()?,
            pictures_are_read,
        );
        std::fs::write(&config_path, &text)?;
        let settings =
            config::parse(&text, &folder).map_err(|p| DemoError::Config(format!("{p:?}")))?;
        let gateway = Gateway::start(
            settings,
            Some(config_path.clone()),
            Clock::default(),
            Program::this(),
        )
        .await?;
        let school = gateway
            .installation
            .schools
            .all()
            .into_iter()
            .next()
            .ok_or(DemoError::Slow)?;
        let row = gateway.installation.vault.school(&school.settings.id);
        let row = row.ok_or(DemoError::Slow)?;
        let pupils = gateway
            .installation
            .store
            .read(move |tx| Ok(rosters::active(tx, row)?.map_or(0, |r| r.pupils)))
            .await?;
        Ok(Self {
            smtp: gateway.smtp.first().copied().ok_or(DemoError::Slow)?,
            pupils,
            policy: school.context.pack.title.clone(),
            gateway,
            school: people,
            pictures_are_read,
            folder,
            config: config_path,
            next_hop_stop,
        })
    }

    /// Sends the demo's messages over SMTP and waits for what becomes of each.
    ///
    /// # Errors
    /// A message is not taken, or nothing is decided in time.
    pub async fn send_all(&self) -> Result<Vec<Seen>, DemoError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(self.smtp.port())
            .build();
        let mut sent = Vec::new();
        for message in messages::messages(&self.school, self.pictures_are_read) {
            let address = |text: &str| {
                text.parse()
                    .map_err(|_| DemoError::Send(format!("bad address in {}", message.title)))
            };
            let to = message
                .to
                .iter()
                .map(|t| address(t))
                .collect::<Result<Vec<_>, _>>()?;
            let envelope = Envelope::new(Some(address(&message.from)?), to)
                .map_err(|e| DemoError::Send(e.to_string()))?;
            let reply = transport
                .send_raw(&envelope, &message.content)
                .await
                .map_err(|e| DemoError::Send(format!("{}: {e}", message.title)))?;
            let id = reply
                .message()
                .flat_map(str::split_whitespace)
                .find_map(SpoolId::parse)
                .ok_or_else(|| DemoError::Send("its answer names no id".into()))?;
            sent.push((message, id));
        }
        let mut seen = Vec::new();
        for (message, id) in sent {
            seen.push(self.wait_for(message, id).await?);
        }
        Ok(seen)
    }

    async fn wait_for(
        &self,
        message: messages::DemoMessage,
        id: SpoolId,
    ) -> Result<Seen, DemoError> {
        let spool = &self.gateway.installation.spool;
        let settled = async {
            loop {
                let loaded = spool.load(id).await?.ok_or(SpoolError::Damaged(id))?;
                let waits = loaded.recipients.iter().any(|r| {
                    matches!(
                        r.row.standing,
                        Standing::Unjudged | Standing::Queued | Standing::InDoubt
                    )
                });
                if !waits {
                    return Ok::<_, DemoError>(loaded);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let loaded = tokio::time::timeout(WAIT, settled)
            .await
            .map_err(|_| DemoError::Slow)??;
        let installation = &self.gateway.installation;
        let keys = installation.vault.of(loaded.row.school)?;
        let (judgement, case) = installation
            .store
            .read(move |tx| {
                let case = match cases::of_message(tx, id)? {
                    Some(case) => cases::get(tx, case)?,
                    None => None,
                };
                Ok((cases::judgement(tx, id)?, case))
            })
            .await?;
        let judgement: Option<Judgement> = judgement
            .map(|sealed| keys.open_json(&judgement_place(&id.to_string()), &sealed))
            .transpose()?;
        let verdict = judgement
            .as_ref()
            .map_or(Verdict::Quarantine, |j| j.decision.verdict());
        let standing = loaded
            .recipients
            .iter()
            .map(|r| r.row.standing.label())
            .next()
            .unwrap_or_default();
        let (why, clauses, now) = match &case {
            Some(case) => {
                let stop = Stop::open(keys, case)?;
                let clauses = stop
                    .reasons
                    .first()
                    .map(|r| r.clauses.iter().map(|c| c.0.clone()).collect())
                    .unwrap_or_default();
                let digits = case.id.to_string();
                let digits = digits
                    .get(digits.len().saturating_sub(8)..)
                    .unwrap_or_default()
                    .to_owned();
                (stop.why(), clauses, format!("{standing}, case {digits}"))
            }
            None => (
                "Nothing speaks against it.".to_owned(),
                Vec::new(),
                standing.to_owned(),
            ),
        };
        let to = match message.to.as_slice() {
            [only] => only.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
            [] => String::new(),
        };
        Ok(Seen {
            title: message.title,
            from: message.from,
            to,
            verdict,
            why,
            clauses,
            now,
        })
    }

    /// What to try while it stays up.
    pub fn what_next(&self) -> String {
        let program = std::env::args()
            .next()
            .unwrap_or_else(|| "schoolgate".into());
        let config = self.config.display();
        let head = &self.school.headteacher.email;
        format!(
            "The gateway stays up; end it with Ctrl-C. In another terminal:\n\
             \n  Send a message of your own (from a teacher to anybody; nothing leaves this machine):\
             \n    swaks --server {smtp} --from {teacher} --to somebody@example.org --header 'Subject: Hello' --body 'Your words'\
             \n  List what is stopped, and why:\
             \n    {program} quarantine list --config {config}\
             \n  Show one case, then release it as the headteacher:\
             \n    {program} quarantine show CASE --config {config}\
             \n    {program} quarantine release CASE --by {head} --config {config}\
             \n  See the breach tickets:\
             \n    {program} ticket list --config {config}\
             \n  Read the policy in plain English:\
             \n    {program} policy explain --config {config}\
             \n  Read what was delivered, the notices too:\
             \n    ls {maildir}\n",
            smtp = self.smtp,
            teacher = self.school.teacher.email,
            maildir = self.folder.join("Maildir/new").display(),
        )
    }

    /// Stops everything and removes the folder.
    pub async fn stop(self) {
        self.gateway.stop().await;
        self.next_hop_stop.send_replace(true);
        // Left behind, it is only a made-up school's folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The next hop: our own SMTP listener, with a Maildir behind it.
async fn start_next_hop(maildir: &Path) -> Result<(SocketAddr, watch::Sender<bool>), DemoError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let settings = config::parse(
        &configuration(&school::DemoSchool::new(), address, 0, 0, false),
        maildir,
    )
    .map_err(|p| DemoError::Config(format!("{p:?}")))?;
    let (_, settings) = watch::channel(Arc::new(settings));
    let (_, tls) = watch::channel(None);
    let service = Arc::new(Service::new(Maildir::open(maildir)?, settings, tls));
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(smtp::serve(vec![listener], service, stopped));
    Ok((address, stop))
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn configuration(
    school: &school::DemoSchool,
    next_hop: SocketAddr,
    smtp: u16,
    ops: u16,
    pictures_are_read: bool,
) -> String {
    format!(
        r#"# The demo's configuration: a made-up school, enforcing.
hostname = "gate.willowbrook.example"
data_dir = "data"
listen = ["127.0.0.1:{smtp}"]
ops_listen = "127.0.0.1:{ops}"
stance = "enforce"

# Reads scans and photographs.
[ocr]
enabled = {pictures_are_read}
program = "{TESSERACT}"

[[school]]
id = "willowbrook"
name = "Willow Brook Primary School"
domains = ["willowbrook.example"]
headteacher = "{head}"
dsl = "{dsl}"
technician = "{office}"
phones = ["{phone}"]
postcodes = ["{postcode}"]
roster = "roster"

[[client]]
name = "this machine"
networks = ["127.0.0.1"]

[[next_hop]]
host = "127.0.0.1"
port = {port}
tls = "none"
"#,
        head = school.headteacher.email,
        dsl = school.safeguarding_lead.email,
        office = school.office.email,
        phone = school::PHONE,
        postcode = school::POSTCODE,
        port = next_hop.port(),
    )
}
