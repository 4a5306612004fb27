//! The first words with a next hop, up to the EHLO that counts: in clear, then over TLS.
//!
//! lettre's own STARTTLS believes octets that were injected in clear before the
//! handshake, so these few commands are ours. The rule is strict: a reply that brings
//! anything behind it, before we have asked for more, ends the connection.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::abilities::Abilities;
use super::link::Encryption;
use super::reply::{Own, Reply};
use super::stream::Wire;
use super::tls::{ClientTls, version_name};

/// Longest reply in these first words, octets.
const LONGEST: usize = 16 * 1024;

/// A next hop that has been greeted.
pub(super) struct Introduction {
    pub(super) wire: Wire,
    pub(super) abilities: Abilities,
    /// Protocol version and whether the certificate was checked; `None` in clear.
    pub(super) tls: Option<String>,
    pub(super) checked: bool,
}

/// Why the first words failed.
#[derive(Debug)]
pub(super) enum PreludeError {
    /// It said no; the reply tells.
    Refused(Reply),
    /// The handshake failed; the connection is of no more use.
    Handshake,
    /// Anything else, in our words.
    Ours(Own),
}

impl From<std::io::Error> for PreludeError {
    fn from(_: std::io::Error) -> Self {
        Self::Ours(Own::Unreachable)
    }
}

/// Speaks until the last EHLO is answered; each reply, and the handshake, may take `time`.
pub(super) async fn introduce(
    mut tcp: TcpStream,
    hostname: &str,
    tls: Option<&ClientTls>,
    encryption: Encryption,
    time: Duration,
) -> Result<Introduction, PreludeError> {
    let greeting = read_reply(&mut tcp, time).await?;
    if greeting.code != 220 {
        return Err(PreludeError::Refused(greeting.reply()));
    }
    let abilities = hello(&mut tcp, hostname, time).await?;

    let wanted = encryption != Encryption::Never;
    if let (true, true, Some(tls)) = (wanted, abilities.starttls, tls) {
        tcp.write_all(b"STARTTLS\r\n").await?;
        let answer = read_reply(&mut tcp, time).await?;
        if answer.code == 220 {
            return encrypt(tcp, hostname, tls, encryption, time).await;
        }
        if answer.code == 421 {
            return Err(PreludeError::Refused(answer.reply()));
        }
        // RFC 3207 §4: refused, the session goes on in clear if the client may.
    }
    if encryption == Encryption::Checked {
        return Err(PreludeError::Ours(Own::NotEncrypted));
    }
    Ok(Introduction {
        wire: Wire::Plain(tcp),
        abilities,
        tls: None,
        checked: false,
    })
}

async fn encrypt(
    tcp: TcpStream,
    hostname: &str,
    tls: &ClientTls,
    encryption: Encryption,
    time: Duration,
) -> Result<Introduction, PreludeError> {
    let checked = encryption == Encryption::Checked;
    let config = if checked {
        tls.checked
            .clone()
            .ok_or(PreludeError::Ours(Own::NotEncrypted))?
    } else {
        tls.unchecked.clone()
    };
    let handshake = TlsConnector::from(config).connect(tls.name.clone(), tcp);
    let mut stream = timeout(time, handshake)
        .await
        .map_err(|_| PreludeError::Handshake)?
        .map_err(|_| PreludeError::Handshake)?;
    let version = version_name(stream.get_ref().1.protocol_version());
    // RFC 3207 §4.2: what was said in clear is forgotten.
    let abilities = hello(&mut stream, hostname, time).await?;
    let how = if checked { "checked" } else { "not checked" };
    Ok(Introduction {
        wire: Wire::Tls(Box::new(stream)),
        abilities,
        tls: Some(format!("{version}, certificate {how}")),
        checked,
    })
}

/// EHLO, or HELO where that is all the server knows.
async fn hello<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    hostname: &str,
    time: Duration,
) -> Result<Abilities, PreludeError> {
    stream
        .write_all(format!("EHLO {hostname}\r\n").as_bytes())
        .await?;
    stream.flush().await?;
    let answer = read_reply(stream, time).await?;
    if answer.code == 250 {
        return Ok(Abilities::read(&answer.lines));
    }
    // RFC 5321 §3.2: 500 and 502 mean a server without extensions.
    if !matches!(answer.code, 500 | 502) {
        return Err(PreludeError::Refused(answer.reply()));
    }
    stream
        .write_all(format!("HELO {hostname}\r\n").as_bytes())
        .await?;
    stream.flush().await?;
    let answer = read_reply(stream, time).await?;
    if answer.code == 250 {
        Ok(Abilities::default())
    } else {
        Err(PreludeError::Refused(answer.reply()))
    }
}

/// A reply as read here: its code and the text of each line.
#[derive(Debug, PartialEq, Eq)]
struct RawReply {
    code: u16,
    lines: Vec<String>,
}

impl RawReply {
    fn reply(&self) -> Reply {
        Reply::new(self.code, &self.lines.join(" "))
    }
}

/// Reads one reply and refuses anything behind it.
async fn read_reply<S: AsyncRead + Unpin>(
    stream: &mut S,
    time: Duration,
) -> Result<RawReply, PreludeError> {
    timeout(time, read_whole_reply(stream))
        .await
        .map_err(|_| PreludeError::Ours(Own::Slow))?
}

async fn read_whole_reply<S: AsyncRead + Unpin>(stream: &mut S) -> Result<RawReply, PreludeError> {
    let mut seen = Vec::with_capacity(512);
    let mut chunk = [0u8; 1024];
    loop {
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            return Err(PreludeError::Ours(Own::Unreachable));
        }
        seen.extend(chunk.iter().take(count));
        if let Some(reply) = parse(&seen)? {
            return Ok(reply);
        }
        if seen.len() > LONGEST {
            return Err(PreludeError::Ours(Own::Garbled));
        }
    }
}

/// The reply, or `None` while it is not whole.
fn parse(seen: &[u8]) -> Result<Option<RawReply>, PreludeError> {
    let garbled = || PreludeError::Ours(Own::Garbled);
    let mut rest = seen;
    let mut lines = Vec::new();
    let mut code = None;
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let (line, after) = rest.split_at(end);
        rest = after.get(2..).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let (digits, text) = line.split_at_checked(3).ok_or_else(garbled)?;
        let this: u16 = digits.parse().map_err(|_| garbled())?;
        if !(200..600).contains(&this) || code.is_some_and(|code| code != this) {
            return Err(garbled());
        }
        code = Some(this);
        lines.push(text.get(1..).unwrap_or_default().to_owned());
        match text.bytes().next() {
            Some(b'-') => {}
            // RFC 5321 §4.2: a bare code is a whole line.
            Some(b' ') | None if rest.is_empty() => {
                return Ok(Some(RawReply { code: this, lines }));
            }
            _ => return Err(garbled()),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reply_of_several_lines() {
        let reply = parse(b"250-mx\r\n250-SIZE 10\r\n250 DSN\r\n")
            .unwrap()
            .unwrap();
        assert_eq!(reply.lines, ["mx", "SIZE 10", "DSN"]);
        assert_eq!(parse(b"250-mx\r\n250-SIZE").unwrap(), None);
        assert_eq!(parse(b"220\r\n").unwrap().unwrap().code, 220);
    }

    #[test]
    fn what_follows_a_reply_is_refused() {
        assert!(parse(b"220 go\r\n250 injected\r\n").is_err());
        assert!(parse(b"220 go\r\n2").is_err());
    }

    #[test]
    fn codes_must_agree_and_be_codes() {
        for wrong in [
            &b"250-a\r\n550 b\r\n"[..],
            b"25x a\r\n",
            b"999 a\r\n",
            b"25\r\n",
            b"250+a\r\n",
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&octets);
        }
    }
}
