//! A next hop that says what a test wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the double does at a point.
pub(super) enum Say {
    Line(String),
    /// Says it and closes.
    Last(String),
    Drop,
    /// Says nothing, and lets the test's clock run.
    Silence,
    /// The same for that long, after which the clock is the real one again.
    SilenceFor(Duration),
}

pub(super) fn line(text: &str) -> Option<Say> {
    Some(Say::Line(text.to_owned()))
}

/// Where a session is when the double is asked what to say.
pub(super) struct At<'a> {
    /// Messages taken in this session.
    pub(super) taken: usize,
    /// The command; `CONNECT`, `CONTENT` (its first line has come) and `.` stand for what is none.
    pub(super) command: &'a str,
}

type Answer = dyn Fn(&At) -> Option<Say> + Send + Sync;

#[derive(Clone)]
pub(super) struct Script {
    pub(super) extensions: Vec<String>,
    /// STARTTLS is offered with this.
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// A reply sent in clear together with the go-ahead for TLS.
    pub(super) inject: Option<String>,
    pub(super) answer: Arc<Answer>,
}

impl Script {
    /// One that offers all and takes all, but for what `answer` says.
    pub(super) fn new(answer: impl Fn(&At) -> Option<Say> + Send + Sync + 'static) -> Script {
        Script {
            extensions: [
                "PIPELINING",
                "SIZE 10000000",
                "8BITMIME",
                "SMTPUTF8",
                "DSN",
                "ENHANCEDSTATUSCODES",
            ]
            .map(str::to_owned)
            .to_vec(),
            tls: None,
            inject: None,
            answer: Arc::new(answer),
        }
    }

    pub(super) fn good() -> Script {
        Script::new(|_| None)
    }

    pub(super) fn without(mut self, keyword: &str) -> Script {
        self.extensions.retain(|e| !e.starts_with(keyword));
        self
    }

    pub(super) fn with(mut self, extension: &str) -> Script {
        self.extensions.push(extension.to_owned());
        self
    }
}

#[derive(Default)]
struct Record {
    sessions: Vec<Vec<String>>,
    messages: Vec<Vec<u8>>,
}

/// A running double; it ends with the test's runtime.
pub(super) struct Double {
    pub(super) port: u16,
    record: Arc<Mutex<Record>>,
}

impl Double {
    pub(super) async fn start(script: Script) -> Double {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let record = Arc::new(Mutex::new(Record::default()));
        let shared = record.clone();
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((tcp, _)) = listener.accept().await {
                tcp.set_nodelay(true).unwrap();
                shared.lock().unwrap().sessions.push(Vec::new());
                let session = Session {
                    number,
                    taken: 0,
                    script: script.clone(),
                    record: shared.clone(),
                };
                tokio::spawn(session.run(Box::new(tcp)));
                number += 1;
            }
        });
        Double { port, record }
    }

    /// The commands of each session.
    pub(super) fn sessions(&self) -> Vec<Vec<String>> {
        self.record.lock().unwrap().sessions.clone()
    }

    /// The commands of all sessions that start with a word.
    pub(super) fn said(&self, word: &str) -> Vec<String> {
        let all = self.sessions().concat();
        all.into_iter().filter(|c| c.starts_with(word)).collect()
    }

    /// The content of each message taken, dots unstuffed.
    pub(super) fn messages(&self) -> Vec<Vec<u8>> {
        self.record.lock().unwrap().messages.clone()
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

struct Session {
    number: usize,
    taken: usize,
    script: Script,
    record: Arc<Mutex<Record>>,
}

impl Session {
    async fn run(mut self, stream: Box<dyn Stream>) {
        let mut stream = BufReader::new(stream);
        if !self.say(&mut stream, "CONNECT", "220 double.example").await {
            return;
        }
        loop {
            let mut command = String::new();
            match stream.read_line(&mut command).await {
                Ok(n) if n > 0 => {}
                _ => return,
            }
            let command = command.trim_end().to_owned();
            self.record.lock().unwrap().sessions[self.number].push(command.clone());
            let verb = command
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_owned();
            let usual = match verb.as_str() {
                "EHLO" => self.ehlo(),
                "MAIL" => "250 2.1.0 sender fine".to_owned(),
                "RCPT" => "250 2.1.5 recipient fine".to_owned(),
                "DATA" => "354 go on".to_owned(),
                "STARTTLS" => "220 2.0.0 go on".to_owned(),
                "QUIT" => "221 2.0.0 bye".to_owned(),
                "AUTH" => "235 2.7.0 welcome".to_owned(),
                _ => "250 2.0.0 fine".to_owned(),
            };
            if verb == "STARTTLS"
                && let Some(injected) = self.script.inject.clone()
            {
                let both = format!("{usual}\r\n{injected}\r\n");
                let _ = stream.write_all(both.as_bytes()).await;
                continue;
            }
            let custom = (self.script.answer)(&self.at(&command));
            let changed = custom.is_some();
            if !self.act(&mut stream, custom, &usual).await || verb == "QUIT" {
                return;
            }
            if verb == "STARTTLS" && !changed {
                let Some(config) = self.script.tls.take() else {
                    return;
                };
                match TlsAcceptor::from(config).accept(stream.into_inner()).await {
                    Ok(tls) => stream = BufReader::new(Box::new(tls)),
                    Err(_) => return,
                }
            }
            if verb == "DATA" && !changed && !self.content(&mut stream).await {
                return;
            }
        }
    }

    fn ehlo(&self) -> String {
        let mut lines = vec!["double.example".to_owned()];
        lines.extend(self.script.extensions.clone());
        if self.script.tls.is_some() || self.script.inject.is_some() {
            lines.push("STARTTLS".to_owned());
        }
        let last = lines.pop().unwrap();
        let mut reply: String = lines.iter().map(|l| format!("250-{l}\r\n")).collect();
        reply.push_str(&format!("250 {last}"));
        reply
    }

    async fn content(&mut self, stream: &mut BufReader<Box<dyn Stream>>) -> bool {
        let mut content = Vec::new();
        let mut first = true;
        loop {
            let mut line = Vec::new();
            match stream.read_until(b'\n', &mut line).await {
                Ok(n) if n > 0 => {}
                _ => return false,
            }
            if std::mem::take(&mut first)
                && let Some(Say::Drop) = (self.script.answer)(&self.at("CONTENT"))
            {
                return false;
            }
            if line == b".\r\n" {
                break;
            }
            content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.record.lock().unwrap().messages.push(content);
        let goes_on = self.say(stream, ".", "250 2.0.0 taken").await;
        self.taken += 1;
        goes_on
    }

    fn at<'a>(&self, command: &'a str) -> At<'a> {
        At {
            taken: self.taken,
            command,
        }
    }

    async fn say(
        &mut self,
        stream: &mut BufReader<Box<dyn Stream>>,
        at: &str,
        usual: &str,
    ) -> bool {
        let custom = (self.script.answer)(&self.at(at));
        self.act(stream, custom, usual).await
    }

    /// False when the session is over.
    async fn act(
        &mut self,
        stream: &mut BufReader<Box<dyn Stream>>,
        custom: Option<Say>,
        usual: &str,
    ) -> bool {
        let (text, goes_on) = match custom {
            None => (usual.to_owned(), true),
            Some(Say::Line(text)) => (text, true),
            Some(Say::Last(text)) => (text, false),
            Some(Say::Drop) => return false,
            Some(Say::SilenceFor(time)) => {
                tokio::time::pause();
                tokio::time::sleep(time).await;
                tokio::time::resume();
                std::future::pending::<()>().await;
                return false;
            }
            Some(Say::Silence) => {
                // From here on only timers can make anything happen, so the clock may run.
                tokio::time::pause();
                std::future::pending::<()>().await;
                return false;
            }
        };
        // Latin-1, so that a script can hold octets that are no UTF-8.
        let mut octets: Vec<u8> = text.chars().map(|c| c as u8).collect();
        octets.extend_from_slice(b"\r\n");
        stream.write_all(&octets).await.is_ok() && stream.flush().await.is_ok() && goes_on
    }
}
