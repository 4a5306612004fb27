//! A gate with nothing behind it, and a client with no manners.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{self, Settings};
use crate::ids::SpoolId;
use crate::smtp::session::Session;
use crate::smtp::{Intake, IntakeError, Service, serve};
use crate::spool::Arrival;

/// The right secrets of the two schools.
pub const OAK_SECRET: &str = "X-Oak-Secret: 0123456789abcdef0123";
pub const ELM_SECRET: &str = "X-Elm-Secret: 3210fedcba9876543210";

/// The client of most tests: it speaks for one school, from loopback.
pub const OAK_CLIENT: &str =
    "[[client]]\nname = \"oak mail\"\nnetworks = [\"127.0.0.1\"]\nschools = [\"oak\"]\n";

/// Two schools: oak refuses a foreign reverse-path, elm holds it.
pub fn settings_with(clients: &str, limits: &str) -> Settings {
    let text = format!(
        r#"
hostname = "gate.oak.example"

[tls]
certificate = "gate.pem"
key = "gate.key"
client_ca = "ca.pem"

[limits]
{limits}

[[school]]
id = "oak"
name = "Oak Primary School"
domains = ["oak.example"]
headteacher = "head@oak.example"
technician = "it@oak.example"
secret_header = "{OAK_SECRET}"

[[school]]
id = "elm"
name = "Elm Primary School"
domains = ["elm.example"]
headteacher = "head@elm.example"
technician = "it@elm.example"
secret_header = "{ELM_SECRET}"
foreign_reverse_path = "hold"

{clients}

[[next_hop]]
host = "smtp.oak.example"
"#
    );
    config::parse(&text, Path::new("/etc/schoolgate")).unwrap_or_else(|p| panic!("{p:?}"))
}

/// With [`OAK_CLIENT`] and default limits.
pub fn settings() -> Settings {
    settings_with(OAK_CLIENT, "")
}

/// What an intake can be made to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Good,
    /// `check_room` refuses.
    NoRoom,
    /// Writing fails: the disk is full by now.
    WritesFull,
    WritesFail,
    /// The commit fails.
    AcceptFull,
    AcceptFails,
}

#[derive(Default)]
pub struct State {
    pub kept: Vec<(Arrival, Vec<u8>)>,
    pub discarded: usize,
    pub largest_write: usize,
    pub mood: Mood,
}

/// An intake in memory.
#[derive(Clone, Default)]
pub struct Double(pub Arc<Mutex<State>>);

/// A message of [`Double`].
pub struct Draft {
    bytes: Vec<u8>,
    accepted: bool,
    state: Arc<Mutex<State>>,
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.accepted {
            self.state.lock().unwrap().discarded += 1;
        }
    }
}

impl Double {
    fn mood(&self) -> Mood {
        self.0.lock().unwrap().mood
    }
}

impl Intake for Double {
    type Incoming = Draft;

    fn check_room(&self) -> Result<(), IntakeError> {
        match self.mood() {
            Mood::NoRoom => Err(IntakeError::NoSpace),
            _ => Ok(()),
        }
    }

    fn begin(&self) -> Draft {
        Draft {
            bytes: Vec::new(),
            accepted: false,
            state: Arc::clone(&self.0),
        }
    }

    fn id(_: &Draft) -> SpoolId {
        SpoolId::from_bytes([7; 16])
    }

    async fn write(&self, draft: &mut Draft, bytes: &[u8]) -> Result<(), IntakeError> {
        assert!(!bytes.is_empty());
        draft.bytes.extend_from_slice(bytes);
        {
            let mut state = self.0.lock().unwrap();
            state.largest_write = state.largest_write.max(bytes.len());
        }
        match self.mood() {
            Mood::WritesFull => Err(IntakeError::NoSpace),
            Mood::WritesFail => Err(IntakeError::Failed),
            _ => Ok(()),
        }
    }

    async fn accept(&self, mut draft: Draft, arrival: Arrival) -> Result<SpoolId, IntakeError> {
        match self.mood() {
            Mood::AcceptFull => Err(IntakeError::NoSpace),
            Mood::AcceptFails => Err(IntakeError::Failed),
            _ => {
                draft.accepted = true;
                let bytes = std::mem::take(&mut draft.bytes);
                self.0.lock().unwrap().kept.push((arrival, bytes));
                Ok(Double::id(&draft))
            }
        }
    }
}

/// A running listener.
pub struct Gate {
    pub address: SocketAddr,
    pub double: Double,
    pub service: Arc<Service<Double>>,
    pub settings: watch::Sender<Arc<Settings>>,
    pub tls: watch::Sender<Option<Arc<ServerConfig>>>,
    pub shutdown: watch::Sender<bool>,
    pub served: JoinHandle<()>,
}

impl Gate {
    /// Listens on a free port of loopback.
    pub async fn open(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let double = Double::default();
        let (settings, settings_seen) = watch::channel(Arc::new(settings));
        let (tls, tls_seen) = watch::channel(None);
        let (shutdown, stop) = watch::channel(false);
        let service = Arc::new(Service::new(double.clone(), settings_seen, tls_seen));
        let served = tokio::spawn(serve(vec![listener], Arc::clone(&service), stop));
        Self {
            address,
            double,
            service,
            settings,
            tls,
            shutdown,
            served,
        }
    }

    /// A client that has read the greeting.
    pub async fn client(&self) -> Client<TcpStream> {
        let mut client = self.connect().await;
        client.expect("220 gate.oak.example").await;
        client
    }

    /// A client that has read nothing.
    pub async fn connect(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.address).await.unwrap())
    }

    /// A session without a socket, for tests that move the clock; from any address.
    pub fn wire(&self, address: &str) -> Client<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let address: IpAddr = address.parse().unwrap();
        let session = Session::new(
            Arc::clone(&self.service),
            Box::new(theirs),
            address,
            self.shutdown.subscribe(),
        );
        tokio::spawn(session.run());
        Client::new(ours)
    }

    pub fn mood(&self, mood: Mood) {
        self.double.0.lock().unwrap().mood = mood;
    }

    pub fn kept(&self) -> Vec<(Arrival, Vec<u8>)> {
        self.double.0.lock().unwrap().kept.clone()
    }

    /// The only message kept.
    pub fn only(&self) -> (Arrival, Vec<u8>) {
        let kept = self.kept();
        assert_eq!(kept.len(), 1, "one message is kept");
        kept.into_iter().next().unwrap()
    }

    pub fn discarded(&self) -> usize {
        self.double.0.lock().unwrap().discarded
    }
}

/// Content without the Received field that the gate put before it.
pub fn without_trace(content: &[u8]) -> Vec<u8> {
    assert!(content.starts_with(b"Received: from "));
    let mut at = 0;
    for line in content.split_inclusive(|&o| o == b'\n') {
        if at > 0 && line[0] != b'\t' {
            break;
        }
        at += line.len();
    }
    content[at..].to_vec()
}

/// The far end of a session.
pub struct Client<S> {
    pub stream: S,
    unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    pub async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.write_all(octets.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// One reply, its lines joined by `|`; empty at the end of the session.
    pub async fn reply(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            while !self.unread.contains(&b'\n') {
                let mut piece = [0; 4096];
                let read = self.stream.read(&mut piece).await.unwrap_or(0);
                if read == 0 {
                    return lines.join("|");
                }
                self.unread.extend_from_slice(&piece[..read]);
            }
            let end = self.unread.iter().position(|&o| o == b'\n').unwrap();
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            let line = String::from_utf8(line).unwrap();
            let line = line.strip_suffix("\r\n").expect("a reply ends in CRLF");
            let last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line.to_owned());
            if last {
                return lines.join("|");
            }
        }
    }

    /// One reply, which must begin so.
    #[track_caller]
    pub fn expect(&mut self, start: &str) -> impl Future<Output = String> {
        let start = start.to_owned();
        let caller = std::panic::Location::caller();
        async move {
            let reply = self.reply().await;
            assert!(
                reply.starts_with(&start),
                "wanted {start:?}, got {reply:?} at {caller}"
            );
            reply
        }
    }

    /// Sends a command and takes its reply.
    #[track_caller]
    pub fn ask(&mut self, command: &str, start: &str) -> impl Future<Output = String> {
        let command = format!("{command}\r\n");
        let start = start.to_owned();
        let caller = std::panic::Location::caller();
        async move {
            self.send(&command).await;
            let reply = self.reply().await;
            assert!(
                reply.starts_with(&start),
                "{command:?} wanted {start:?}, got {reply:?} at {caller}"
            );
            reply
        }
    }

    /// Plays `C:` and `S:` lines; `S:` gives the start of a reply.
    pub async fn play(&mut self, dialogue: &str) {
        for line in dialogue.lines().map(str::trim).filter(|l| !l.is_empty()) {
            if let Some(command) = line.strip_prefix("C:") {
                let command = command.strip_prefix(' ').unwrap_or(command);
                self.send(format!("{command}\r\n")).await;
            } else if let Some(start) = line.strip_prefix("S: ") {
                let reply = self.reply().await;
                assert!(reply.starts_with(start), "wanted {start:?}, got {reply:?}");
            } else {
                panic!("{line:?} is neither C: nor S:");
            }
        }
    }

    /// EHLO, MAIL and RCPT up to the content of a message.
    pub async fn envelope(&mut self, reverse_path: &str) {
        self.ask("EHLO mail.oak.example", "250").await;
        self.ask(&format!("MAIL FROM:<{reverse_path}>"), "250 2.1.0")
            .await;
        self.ask("RCPT TO:<parent@home.example>", "250 2.1.5").await;
    }

    /// A whole transaction after EHLO; gives the last reply.
    pub async fn deliver(&mut self, reverse_path: &str, content: &str) -> String {
        self.ask(&format!("MAIL FROM:<{reverse_path}>"), "250")
            .await;
        self.ask("RCPT TO:<parent@home.example>", "250").await;
        self.ask("DATA", "354").await;
        self.send(format!("{content}.\r\n")).await;
        self.reply().await
    }

    /// Says no more, and gives every reply until the end of the session.
    pub async fn finish(mut self) -> Vec<String> {
        let _ = self.stream.shutdown().await;
        let mut replies = Vec::new();
        loop {
            let reply = self.reply().await;
            if reply.is_empty() {
                return replies;
            }
            replies.push(reply);
        }
    }

    /// The session must be over, with nothing more said.
    pub async fn expect_end(&mut self) {
        assert_eq!(self.reply().await, "");
    }
}
