//! One connection to a next hop, ready for transactions.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::abilities::Abilities;
use super::prelude::{Introduction, PreludeError, introduce};
use super::reply::{Own, Reply};
use super::stream::Introduced;
use super::tls::ClientTls;
use crate::config::NextHop;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(5);
/// The slowest line that is still worth waiting for, octets a second.
const SLOWEST: u64 = 16 * 1024;
/// Commands sent at once where PIPELINING is offered. Their replies stay far below what
/// the two sockets buffer, so that neither side waits for the other (RFC 2920 §3.1).
const PIPELINED: usize = 50;

/// How a connection must be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    Never,
    /// When offered; any certificate will do.
    IfOffered,
    /// Always, and the certificate is checked.
    Checked,
}

/// An open connection.
pub(super) struct Link {
    smtp: AsyncSmtpConnection,
    pub(super) abilities: Abilities,
    /// For the record: version, and whether the certificate was checked.
    pub(super) tls: Option<String>,
    pub(super) checked: bool,
    reply_time: Duration,
    /// Messages that went over it.
    pub(super) sent: u32,
    /// It served before and came out of the pool: the other side may have left.
    pub(super) reused: bool,
    pub(super) idle_since: Instant,
}

/// Why a connection could not be made: what to answer for it.
#[derive(Debug)]
pub(super) struct NoLink(pub(super) Reply);

/// The replies to some commands, in order; fewer than commands when the connection broke.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) replies: std::vec::IntoIter<Reply>,
    pub(super) broken: Option<Own>,
}

impl Link {
    /// Connects, greets, encrypts and logs in.
    pub(super) async fn open(
        hop: &NextHop,
        tls: Option<&ClientTls>,
        encryption: Encryption,
        hostname: &str,
        reply_time: Duration,
    ) -> Result<Link, NoLink> {
        let introduction = match first_words(hop, tls, encryption, hostname, reply_time).await {
            // Whoever can spoil a handshake can as well hide STARTTLS, so an opportunistic
            // hop loses nothing by going on in clear, and old servers are still reached.
            Err(PreludeError::Handshake) if encryption == Encryption::IfOffered => {
                tracing::warn!(hop = hop.name, "TLS handshake failed; going on in clear");
                first_words(hop, tls, Encryption::Never, hostname, reply_time).await
            }
            other => other,
        };
        let introduction = introduction.map_err(|error| {
            NoLink(match error {
                PreludeError::Refused(reply) => reply,
                PreludeError::Handshake => Own::NotEncrypted.into(),
                PreludeError::Ours(own) => own.into(),
            })
        })?;
        let Introduction {
            wire,
            abilities,
            tls,
            checked,
        } = introduction;
        let stream = Introduced::new(wire, &abilities);
        let hello = ClientId::Domain(hostname.to_owned());
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        let smtp = timeout(reply_time, connecting)
            .await
            .map_err(|_| NoLink(Own::Slow.into()))?
            .map_err(|_| NoLink(Own::Garbled.into()))?;
        let mut link = Link {
            smtp,
            abilities,
            tls,
            checked,
            reply_time,
            sent: 0,
            reused: false,
            idle_since: Instant::now(),
        };
        link.log_in(hop).await?;
        Ok(link)
    }

    async fn log_in(&mut self, hop: &NextHop) -> Result<(), NoLink> {
        let Some(login) = &hop.login else {
            return Ok(());
        };
        // RFC 4954 §4: never in clear, and never to somebody whose certificate says nothing.
        if !self.checked {
            return Err(NoLink(Own::NotEncrypted.into()));
        }
        let credentials = Credentials::new(
            login.user.clone(),
            login.password.expose_secret().to_owned(),
        );
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        match timeout(self.reply_time, self.smtp.auth(&mechanisms, &credentials)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(NoLink(refusal(&error).unwrap_or_else(|own| {
                if error.is_client() {
                    Reply::new(
                        454,
                        "4.7.0 The next mail server offers no log-in that we know",
                    )
                } else {
                    own.into()
                }
            }))),
            Err(_) => Err(NoLink(Own::Slow.into())),
        }
    }

    /// Sends commands, each a line without its CRLF, and reads a reply for each.
    pub(super) async fn exchange(&mut self, commands: &[String]) -> Exchange {
        let at_once = if self.abilities.pipelining {
            PIPELINED
        } else {
            1
        };
        let mut replies = Vec::with_capacity(commands.len());
        for group in commands.chunks(at_once) {
            let mut lines = String::new();
            for command in group {
                // One command is one line, whatever an address may hold.
                if command.contains(['\r', '\n', '\0']) {
                    return self.broke(replies, Own::Garbled);
                }
                lines.push_str(command);
                lines.push_str("\r\n");
            }
            for at in 0..group.len() {
                let answer = async {
                    match at {
                        0 => self.smtp.command(&lines).await,
                        _ => self.smtp.read_response().await,
                    }
                };
                let answer = match timeout(self.reply_time, answer).await {
                    Ok(answer) => answer,
                    Err(_) => return self.broke(replies, Own::Slow),
                };
                let reply = match answer {
                    Ok(response) => {
                        let text: Vec<&str> = response.message().collect();
                        Reply::new(response.code().into(), &text.join(" "))
                    }
                    Err(error) => match refusal(&error) {
                        Ok(reply) => reply,
                        Err(own) => return self.broke(replies, own),
                    },
                };
                replies.push(reply);
            }
        }
        Exchange {
            replies: replies.into_iter(),
            broken: None,
        }
    }

    /// Sends one command.
    pub(super) async fn say(&mut self, command: &str) -> Result<Reply, Own> {
        let mut exchange = self.exchange(&[command.to_owned()]).await;
        match exchange.replies.next() {
            Some(reply) => Ok(reply),
            None => Err(exchange.broken.unwrap_or(Own::Unreachable)),
        }
    }

    /// Sends content after DATA was granted, and the final dot. `pieces` together lack
    /// the content's last CRLF, which lettre writes before the dot.
    pub(super) async fn content<'a>(
        &mut self,
        pieces: impl Iterator<Item = &'a [u8]>,
        length: u64,
    ) -> Result<Reply, Own> {
        // RFC 5321 §4.5.3.2.6 gives the final dot twice the time of other replies.
        let time = self.reply_time * 2 + Duration::from_secs(length / SLOWEST);
        match timeout(time, self.smtp.message_iter(pieces)).await {
            Ok(Ok(response)) => {
                let text: Vec<&str> = response.message().collect();
                Ok(Reply::new(response.code().into(), &text.join(" ")))
            }
            Ok(Err(error)) => refusal(&error),
            Err(_) => Err(Own::Slow),
        }
    }

    /// Says goodbye without keeping anybody waiting.
    pub(super) fn close(mut self) {
        tokio::spawn(async move {
            let _ = timeout(GOODBYE, self.smtp.quit()).await;
        });
    }

    fn broke(&self, replies: Vec<Reply>, own: Own) -> Exchange {
        Exchange {
            replies: replies.into_iter(),
            broken: Some(own),
        }
    }
}

async fn first_words(
    hop: &NextHop,
    tls: Option<&ClientTls>,
    encryption: Encryption,
    hostname: &str,
    reply_time: Duration,
) -> Result<Introduction, PreludeError> {
    let tcp = connect(hop, reply_time.min(CONNECT)).await?;
    introduce(tcp, hostname, tls, encryption, reply_time).await
}

/// Tries each address of the host in turn.
async fn connect(hop: &NextHop, time: Duration) -> Result<TcpStream, PreludeError> {
    let unreachable = || PreludeError::Ours(Own::Unreachable);
    let addresses = timeout(time, tokio::net::lookup_host((hop.host.as_str(), hop.port)))
        .await
        .map_err(|_| unreachable())?
        .map_err(|_| unreachable())?;
    for address in addresses {
        if let Ok(Ok(tcp)) = timeout(time, TcpStream::connect(address)).await {
            // The final dot follows the content in a packet of its own, which must not
            // wait for the acknowledgement of the one before.
            let _ = tcp.set_nodelay(true);
            return Ok(tcp);
        }
    }
    Err(unreachable())
}

/// The reply inside lettre's error, or what became of the connection.
fn refusal(error: &lettre::transport::smtp::Error) -> Result<Reply, Own> {
    match error.status() {
        Some(code) => {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            Ok(Reply::new(code.into(), &text))
        }
        None => Err(Own::Unreachable),
    }
}
