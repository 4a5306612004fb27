//! A next hop that answers as it is told and keeps what it takes, byte for byte.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::address;

/// Longer than anything may take; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is said to a recipient, or to a whole content after its final dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 250.
    Take,
    /// The connection is closed without a reply.
    Drop,
    /// This reply line, such as `450 4.2.1 Mailbox busy`.
    Say(&'static str),
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// What stood after `MAIL FROM:`, parameters too.
    pub mail: String,
    /// The reverse-path.
    pub from: String,
    /// The forward-paths that were taken.
    pub recipients: Vec<String>,
    /// The content, dots unstuffed.
    pub content: Vec<u8>,
    /// When its final dot had come.
    pub at: Instant,
}

#[derive(Default)]
struct Script {
    recipients: HashMap<String, VecDeque<Answer>>,
    contents: VecDeque<Answer>,
    /// How often each recipient was named, refused or not.
    attempts: HashMap<String, usize>,
}

/// The server; it ends with this value.
pub struct NextHop {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
    taken: watch::Sender<Vec<Taken>>,
    attempts: watch::Receiver<usize>,
    listener: JoinHandle<()>,
}

struct Shared {
    script: Arc<Mutex<Script>>,
    taken: watch::Sender<Vec<Taken>>,
    attempts: watch::Sender<usize>,
}

impl NextHop {
    /// Listens on an address of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::new(address::own(), 2526))
            .await
            .expect("the next hop listens");
        let address = listener.local_addr().unwrap();
        let script = Arc::default();
        let (taken, _) = watch::channel(Vec::new());
        let (attempts, attempts_seen) = watch::channel(0);
        let shared = Arc::new(Shared {
            script: Arc::clone(&script),
            taken: taken.clone(),
            attempts,
        });
        let listener = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A session that breaks is the client's business.
                    let _ = session(stream, &shared).await;
                });
            }
        });
        Self {
            address,
            script,
            taken,
            attempts: attempts_seen,
            listener,
        }
    }

    /// The answers to the next attempts on a recipient; when they are used up, 250.
    pub fn answer(&self, recipient: &str, answers: &[Answer]) {
        let mut script = self.script.lock().unwrap();
        script
            .recipients
            .entry(recipient.to_owned())
            .or_default()
            .extend(answers.iter().cloned());
    }

    /// The answers to the next contents, after the final dot; when they are used up, 250.
    pub fn answer_content(&self, answers: &[Answer]) {
        let mut script = self.script.lock().unwrap();
        script.contents.extend(answers.iter().cloned());
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.borrow().clone()
    }

    /// Forgets what was taken so far.
    pub fn forget(&self) {
        self.taken.send_modify(Vec::clear);
    }

    /// Those taken for a recipient.
    pub fn taken_for(&self, recipient: &str) -> Vec<Taken> {
        let mut taken = self.taken();
        taken.retain(|t| t.recipients.iter().any(|r| r == recipient));
        taken
    }

    /// How often a recipient was named.
    pub fn attempts_on(&self, recipient: &str) -> usize {
        let script = self.script.lock().unwrap();
        script.attempts.get(recipient).copied().unwrap_or(0)
    }

    /// Waits until what was taken satisfies `enough`.
    ///
    /// # Panics
    /// It does not come to that.
    pub async fn until(&self, what: &str, enough: impl Fn(&[Taken]) -> bool) -> Vec<Taken> {
        let mut taken = self.taken.subscribe();
        let waited = tokio::time::timeout(PATIENCE, taken.wait_for(|all| enough(all))).await;
        match waited {
            Ok(Ok(all)) => all.clone(),
            _ => {
                let seen: Vec<_> = self
                    .taken()
                    .into_iter()
                    .map(|t| (t.from, t.recipients))
                    .collect();
                panic!("the next hop waited in vain for {what}; it took {seen:?}")
            }
        }
    }

    /// Waits for the first message to a recipient.
    ///
    /// # Panics
    /// It does not come.
    pub async fn until_taken_for(&self, recipient: &str) -> Taken {
        self.until(&format!("mail to {recipient}"), |all| {
            all.iter()
                .any(|t| t.recipients.iter().any(|r| r == recipient))
        })
        .await;
        self.taken_for(recipient).remove(0)
    }

    /// Waits until a recipient was named `count` times, whatever was answered.
    ///
    /// # Panics
    /// It is not.
    pub async fn until_attempted(&self, recipient: &str, count: usize) {
        let mut attempts = self.attempts.clone();
        let waited = tokio::time::timeout(
            PATIENCE,
            attempts.wait_for(|_| self.attempts_on(recipient) >= count),
        )
        .await;
        assert!(
            matches!(waited, Ok(Ok(_))),
            "{recipient} was not tried {count} times"
        );
    }
}

impl Drop for NextHop {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Shared {
    fn to_recipient(&self, recipient: &str) -> Answer {
        let answer = {
            let mut script = self.script.lock().unwrap();
            *script.attempts.entry(recipient.to_owned()).or_default() += 1;
            script
                .recipients
                .get_mut(recipient)
                .and_then(VecDeque::pop_front)
        };
        self.attempts.send_modify(|all| *all += 1);
        answer.unwrap_or(Answer::Take)
    }

    fn to_content(&self) -> Answer {
        let mut script = self.script.lock().unwrap();
        script.contents.pop_front().unwrap_or(Answer::Take)
    }
}

async fn session(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 next-hop.example ESMTP").await?;
    let mut mail = String::new();
    let mut recipients = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end();
        let verb = command
            .split([' ', ':'])
            .next()
            .unwrap_or("")
            .to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                say(
                    &mut stream,
                    "250-next-hop.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n\
                     250-ENHANCEDSTATUSCODES\r\n250 SIZE 104857600",
                )
                .await?;
            }
            "MAIL" => {
                mail = command.get("MAIL FROM:".len()..).unwrap_or("").to_owned();
                recipients.clear();
                say(&mut stream, "250 2.1.0 Sender ok").await?;
            }
            "RCPT" => {
                let recipient = path(command);
                match shared.to_recipient(&recipient) {
                    Answer::Take => {
                        recipients.push(recipient);
                        say(&mut stream, "250 2.1.5 Recipient ok").await?;
                    }
                    Answer::Say(reply) => say(&mut stream, reply).await?,
                    Answer::Drop => return Ok(()),
                }
            }
            "DATA" if recipients.is_empty() => {
                say(&mut stream, "554 5.5.1 No valid recipients").await?;
            }
            "DATA" => {
                say(&mut stream, "354 Go on").await?;
                let content = content(&mut stream).await?;
                match shared.to_content() {
                    Answer::Take => {
                        let taken = Taken {
                            from: path(&mail),
                            mail: std::mem::take(&mut mail),
                            recipients: std::mem::take(&mut recipients),
                            content,
                            at: Instant::now(),
                        };
                        shared.taken.send_modify(|all| all.push(taken));
                        say(&mut stream, "250 2.0.0 Taken").await?;
                    }
                    Answer::Say(reply) => say(&mut stream, reply).await?,
                    Answer::Drop => return Ok(()),
                }
            }
            "RSET" | "NOOP" => say(&mut stream, "250 2.0.0 Ok").await?,
            "QUIT" => return say(&mut stream, "221 2.0.0 Bye").await,
            _ => say(&mut stream, "502 5.5.1 Not here").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, reply: &str) -> io::Result<()> {
    stream
        .get_mut()
        .write_all(format!("{reply}\r\n").as_bytes())
        .await
}

/// What stands between the angle brackets.
fn path(command: &str) -> String {
    let start = command.find('<').map_or(command.len(), |i| i + 1);
    let rest = &command[start..];
    rest[..rest.find('>').unwrap_or(rest.len())].to_owned()
}

async fn content(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" && (content.is_empty() || content.ends_with(b"\r\n")) {
            return Ok(content);
        }
        content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
