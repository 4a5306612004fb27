//! The octets of a session: what was read and not yet used, what is yet to be written.
//!
//! Replies wait until the session must read again, so that those to pipelined commands
//! go out together (RFC 2920 §3.2) and none is kept from a client that waits for it.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::Zeroizing;

use super::line::{self, Framing};
use super::reply::Reply;
use super::timeouts;

/// What is read at once. It must hold the longest command line.
const BUFFER: usize = 32 * 1024;
const _: () = assert!(BUFFER > line::LONGEST);

/// Replies beyond this are written although the session could go on.
const REPLIES: usize = 16 * 1024;

/// A connection, in clear or not.
pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Transport for T {}

/// Why there is nothing more to read.
#[derive(Debug)]
pub(super) enum WireError {
    /// The client went away, or the network did.
    Gone,
    /// The client sent nothing for too long.
    Idle,
    /// A command line beyond every limit.
    LongLine,
    /// A CR, LF or NUL within a command line.
    BadLine,
}

impl From<io::Error> for WireError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Both directions of a session.
pub(super) struct Wire {
    stream: Box<dyn Transport>,
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    out: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Transport>) -> Self {
        Self {
            stream,
            buffer: Zeroizing::new(vec![0; BUFFER]),
            start: 0,
            end: 0,
            out: Vec::new(),
        }
    }

    /// The connection itself; what was read and not used is dropped.
    pub(super) fn into_stream(self) -> Box<dyn Transport> {
        self.stream
    }

    /// What was read and not yet used.
    pub(super) fn buffered(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// So many octets of it are used.
    pub(super) fn consume(&mut self, octets: usize) {
        self.start = self.start.saturating_add(octets).min(self.end);
    }

    /// Reads more; what waits to be written goes first.
    pub(super) async fn fill(&mut self, deadline: Instant) -> Result<(), WireError> {
        self.flush().await?;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            // Cannot be: a line that long was refused, and content is used as it comes.
            return Err(WireError::LongLine);
        }
        match timeout_at(deadline, self.stream.read(room)).await {
            Err(_) => Err(WireError::Idle),
            Ok(Ok(0)) => Err(WireError::Gone),
            Ok(Ok(read)) => {
                self.end += read;
                Ok(())
            }
            Ok(Err(error)) => Err(error.into()),
        }
    }

    /// The next command line, without its CRLF. It may hold a password.
    pub(super) async fn read_line(&mut self) -> Result<Zeroizing<Vec<u8>>, WireError> {
        let deadline = Instant::now() + timeouts::COMMAND;
        let mut searched = 0;
        loop {
            match line::frame(self.buffered(), searched) {
                Framing::Line(length) => {
                    let line = self.buffered().get(..length).unwrap_or_default().to_vec();
                    self.consume(length + 2);
                    return Ok(Zeroizing::new(line));
                }
                Framing::TooLong => return Err(WireError::LongLine),
                Framing::Malformed => return Err(WireError::BadLine),
                Framing::Incomplete => {
                    // The last octet may be the CR of a CRLF.
                    searched = self.buffered().len().saturating_sub(1);
                    self.fill(deadline).await?;
                }
            }
        }
    }

    /// Puts a reply among what is to be written.
    pub(super) async fn say(&mut self, reply: &Reply) -> Result<(), WireError> {
        reply.write_to(&mut self.out);
        if self.out.len() > REPLIES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes what waits. What is written is dropped at once, so that giving up this
    /// future half-way writes nothing twice.
    pub(super) async fn flush(&mut self) -> Result<(), WireError> {
        let deadline = Instant::now() + timeouts::WRITE;
        let work = async {
            while !self.out.is_empty() {
                let written = self.stream.write(&self.out).await?;
                if written == 0 {
                    return Err(WireError::Gone);
                }
                self.out.drain(..written);
            }
            self.stream.flush().await?;
            Ok(())
        };
        timeout_at(deadline, work)
            .await
            // Who does not take a reply cannot be told so.
            .unwrap_or(Err(WireError::Gone))
    }

    /// Writes what waits and ends the connection so that the client gets to read it: octets
    /// left unread would make the system reset the connection and lose the last reply.
    pub(super) async fn close(mut self) {
        if self.flush().await.is_err() {
            return;
        }
        let _ = timeout(timeouts::LINGER, async {
            self.stream.shutdown().await?;
            while self.stream.read(&mut self.buffer).await? > 0 {}
            io::Result::Ok(())
        })
        .await;
    }
}
