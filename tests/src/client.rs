//! A client that says exactly what it is told to say.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

/// Longer than any answer may take; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session, plain text.
pub struct Client {
    stream: BufReader<TcpStream>,
}

/// A reply: its code and all its lines, joined by newlines, without codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    pub text: String,
}

impl Client {
    /// Connects from 127.0.0.1 and reads the greeting.
    ///
    /// # Errors
    /// Refused, or closed without a greeting.
    pub async fn connect(to: SocketAddr) -> io::Result<Self> {
        Self::connect_from([127, 0, 0, 1].into(), to).await
    }

    /// Connects from another loopback address, and reads the greeting.
    ///
    /// # Errors
    /// As for [`Client::connect`].
    pub async fn connect_from(from: IpAddr, to: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            stream: BufReader::new(stream),
        };
        let greeting = client.reply().await?;
        if greeting.code == 220 {
            Ok(client)
        } else {
            Err(io::Error::other(format!("greeted with {greeting:?}")))
        }
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes).await
    }

    /// Reads one reply.
    ///
    /// # Errors
    /// The connection is gone, the reply is none, or it does not come.
    pub async fn reply(&mut self) -> io::Result<Reply> {
        tokio::time::timeout(PATIENCE, self.read_reply())
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn read_reply(&mut self) -> io::Result<Reply> {
        let mut text = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line
                .strip_suffix("\r\n")
                .ok_or_else(|| io::Error::other("a reply line without CRLF"))?;
            let code = line
                .get(..3)
                .and_then(|c| c.parse().ok())
                .ok_or_else(|| io::Error::other(format!("no reply: {line}")))?;
            text.push(line.get(4..).unwrap_or("").to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply {
                    code,
                    text: text.join("\n"),
                });
            }
        }
    }

    /// Sends a command line and reads its reply.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.raw(format!("{line}\r\n").as_bytes()).await?;
        self.reply().await
    }

    /// Greets, opens a transaction and sends a message to its end; the last reply.
    /// The first refusal ends it, and is what returns.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send(&mut self, from: &str, to: &[&str], content: &[u8]) -> io::Result<Reply> {
        let mut commands = vec![
            "EHLO client.oaklane.example".to_owned(),
            format!("MAIL FROM:<{from}> BODY=8BITMIME"),
        ];
        commands.extend(to.iter().map(|to| format!("RCPT TO:<{to}>")));
        for command in commands {
            let reply = self.command(&command).await?;
            if reply.code >= 400 {
                return Ok(reply);
            }
        }
        let reply = self.command("DATA").await?;
        if reply.code != 354 {
            return Ok(reply);
        }
        self.raw(&stuffed(content)).await?;
        self.reply().await
    }
}

/// Content as DATA carries it: dots doubled, the final dot added (RFC 5321 §4.5.2).
pub fn stuffed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 64);
    for line in content.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// Connects, sends one message and insists on 250.
///
/// # Panics
/// Any other answer.
pub async fn submit(to: SocketAddr, from: &str, recipients: &[&str], content: &[u8]) {
    let mut client = Client::connect(to).await.expect("the gateway greets");
    let reply = client
        .send(from, recipients, content)
        .await
        .expect("the gateway answers");
    assert_eq!(reply.code, 250, "{}", reply.text);
}
