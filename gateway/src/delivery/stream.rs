//! The stream that lettre speaks through once the first words are done.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::abilities::Abilities;

/// A connection, in clear or encrypted.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Plays greeting and EHLO to lettre, which insists on both, without troubling the next
/// hop again; after that it passes everything on.
///
/// What is written waits until a reply is read or much has come together: lettre flushes
/// after every piece, and header, content and dot of a small message are one packet (and
/// one TLS record) this way. In SMTP a client always reads before it may wait.
///
/// The played EHLO reply is made from what [`super::prelude`] read, so lettre never sees
/// what was said in clear. Octets above 127 in replies become `?`: lettre takes a reply
/// that is not UTF-8 for a broken connection, and a refusal in Latin-1 is a refusal.
#[derive(Debug)]
pub(super) struct Introduced {
    wire: Wire,
    to_play: Vec<u8>,
    played: usize,
    /// What to play once lettre has said EHLO.
    after_ehlo: Option<Vec<u8>>,
    /// Written by lettre, not yet by us.
    waiting: Vec<u8>,
}

/// Octets that may wait to be written.
const MOST_WAITING: usize = 64 * 1024;

impl Introduced {
    pub(super) fn new(wire: Wire, abilities: &Abilities) -> Introduced {
        let mut reply = String::from("250-next-hop\r\n");
        let mechanisms: &[(&str, bool)] = &[
            ("PLAIN", abilities.auth_plain),
            ("LOGIN", abilities.auth_login),
        ];
        if mechanisms.iter().any(|(_, offered)| *offered) {
            reply.push_str("250-AUTH");
            for (name, _) in mechanisms.iter().filter(|(_, offered)| *offered) {
                reply.push(' ');
                reply.push_str(name);
            }
            reply.push_str("\r\n");
        }
        reply.push_str("250 OK\r\n");
        Introduced {
            wire,
            to_play: b"220 next-hop\r\n".to_vec(),
            played: 0,
            after_ehlo: Some(reply.into_bytes()),
            waiting: Vec::new(),
        }
    }

    /// Writes what waits.
    fn poll_write_waiting(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            let written = ready!(self.wire.poll_write(context, &self.waiting))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.drain(..written);
        }
        self.wire.poll_flush(context)
    }
}

impl Wire {
    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(context, octets),
            Wire::Tls(tls) => Pin::new(tls).poll_write(context, octets),
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }
}

impl AsyncRead for Introduced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let left = this.to_play.get(this.played..).unwrap_or_default();
        if !left.is_empty() {
            let count = left.len().min(buffer.remaining());
            buffer.put_slice(left.get(..count).unwrap_or_default());
            this.played += count;
            return Poll::Ready(Ok(()));
        }
        ready!(this.poll_write_waiting(context))?;
        let before = buffer.filled().len();
        let answer = match &mut this.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Wire::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
        };
        for octet in buffer.filled_mut().iter_mut().skip(before) {
            if !octet.is_ascii() {
                *octet = b'?';
            }
        }
        answer
    }
}

impl AsyncWrite for Introduced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.after_ehlo.is_some() {
            let end = octets.iter().position(|&o| o == b'\n');
            if end.is_some() {
                this.to_play = this.after_ehlo.take().unwrap_or_default();
                this.played = 0;
            }
            return Poll::Ready(Ok(end.map_or(octets.len(), |end| end + 1)));
        }
        if this.waiting.len() + octets.len() > MOST_WAITING {
            ready!(this.poll_write_waiting(context))?;
            return this.wire.poll_write(context, octets);
        }
        this.waiting.extend_from_slice(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_waiting(context))?;
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}

impl AsyncTokioStream for Introduced {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.wire {
            Wire::Plain(tcp) => tcp.peer_addr(),
            Wire::Tls(tls) => tls.get_ref().0.peer_addr(),
        }
    }
}
