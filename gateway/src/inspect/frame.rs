//! What passes between the gateway and a worker: a kind, a length, that many octets.

use std::io::{self, Read, Write};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// To the worker: settings and limits (JSON); the index comes beside it as a descriptor.
    Hello,
    /// From the worker: it is prepared and locked in (JSON).
    Ready,
    /// To the worker: the day (`YYYY-MM-DD`), then the content of a message.
    Request,
    /// To the worker: the same, but only the first line of the sender's own is asked for.
    Opening,
    /// From the worker: the inspection, or that line (JSON).
    Answer,
    /// From the worker: a detector panicked; the place in the source.
    Panicked,
    /// To the worker: the second pass. The day, a length, the texts of the pictures in so
    /// many octets of JSON, the content.
    Second,
    /// To the worker: some of the pictures are wanted. The day, a length, their digests
    /// in so many octets of JSON, the content.
    Fetch,
    /// From the worker: pictures, each a digest, a length and that many octets.
    Pictures,
}

/// A kind and a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    pub kind: FrameKind,
    pub length: u32,
}

/// Octets of a head.
pub const HEAD: usize = 5;

/// The longest answer, octets. Beyond it an answer is nonsense.
pub const MAX_ANSWER: u32 = 8 << 20;

/// The longest request, octets: above the largest `message_size` that may be configured,
/// and the texts of its pictures.
pub const MAX_REQUEST: u32 = (1 << 30) + (32 << 20);

/// The longest answer with pictures, octets: one picture may be as long as this.
pub const MAX_PICTURES: u32 = (72 << 20) + (1 << 20);

/// The longest hello, octets.
pub const MAX_HELLO: u32 = 4 << 20;

/// Payloads up to this, in octets, are written together with their head: the other side
/// is woken once for them.
const AT_ONCE: usize = 128 << 10;

/// The longest of the small frames from a worker, octets.
pub const MAX_SMALL: u32 = 4096;

impl FrameHead {
    /// For so many octets.
    ///
    /// # Errors
    /// The length does not fit.
    pub fn new(kind: FrameKind, length: usize) -> io::Result<Self> {
        let length = u32::try_from(length)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "frame too long"))?;
        Ok(Self { kind, length })
    }

    /// As it goes over the wire.
    pub fn to_bytes(self) -> [u8; HEAD] {
        let [a, b, c, d] = self.length.to_be_bytes();
        let kind = match self.kind {
            FrameKind::Hello => 1,
            FrameKind::Ready => 2,
            FrameKind::Request => 3,
            FrameKind::Answer => 4,
            FrameKind::Panicked => 5,
            FrameKind::Second => 6,
            FrameKind::Fetch => 7,
            FrameKind::Pictures => 8,
            FrameKind::Opening => 9,
        };
        [kind, a, b, c, d]
    }

    /// Reads a head and bounds its length by the kind.
    ///
    /// # Errors
    /// No such kind, or longer than the kind may be.
    pub fn from_bytes(bytes: [u8; HEAD]) -> io::Result<Self> {
        let [kind, a, b, c, d] = bytes;
        let length = u32::from_be_bytes([a, b, c, d]);
        let (kind, most) = match kind {
            1 => (FrameKind::Hello, MAX_HELLO),
            2 => (FrameKind::Ready, MAX_SMALL),
            3 => (FrameKind::Request, MAX_REQUEST),
            4 => (FrameKind::Answer, MAX_ANSWER),
            5 => (FrameKind::Panicked, MAX_SMALL),
            6 => (FrameKind::Second, MAX_REQUEST),
            7 => (FrameKind::Fetch, MAX_REQUEST),
            8 => (FrameKind::Pictures, MAX_PICTURES),
            9 => (FrameKind::Opening, MAX_REQUEST),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "unknown frame")),
        };
        if length > most {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "frame too long"));
        }
        Ok(Self { kind, length })
    }
}

/// Writes a frame whose payload lies in several pieces.
///
/// # Errors
/// The other side is gone, or the payload is too long.
pub async fn send<W: AsyncWrite + Unpin>(
    to: &mut W,
    kind: FrameKind,
    pieces: &[&[u8]],
) -> io::Result<()> {
    let length = pieces.iter().map(|piece| piece.len()).sum();
    let head = FrameHead::new(kind, length)?.to_bytes();
    if length <= AT_ONCE {
        let mut frame = Vec::with_capacity(HEAD + length);
        frame.extend_from_slice(&head);
        pieces
            .iter()
            .for_each(|piece| frame.extend_from_slice(piece));
        to.write_all(&frame).await?;
        return to.flush().await;
    }
    to.write_all(&head).await?;
    for piece in pieces {
        to.write_all(piece).await?;
    }
    to.flush().await
}

/// Reads a frame.
///
/// # Errors
/// The other side is gone (`UnexpectedEof`), or no frame stands there (`InvalidData`).
pub async fn receive<R: AsyncRead + Unpin>(from: &mut R) -> io::Result<(FrameKind, Vec<u8>)> {
    let mut head = [0; HEAD];
    from.read_exact(&mut head).await?;
    let head = FrameHead::from_bytes(head)?;
    // Grows with what really arrives: a lying head costs next to nothing.
    let mut payload = Vec::with_capacity((head.length as usize).min(16 << 10));
    let taken = from
        .take(u64::from(head.length))
        .read_to_end(&mut payload)
        .await?;
    if taken as u64 != u64::from(head.length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((head.kind, payload))
}

/// Writes a frame, from the worker's side.
///
/// # Errors
/// The gateway is gone.
pub fn send_blocking(mut to: impl Write, kind: FrameKind, payload: &[u8]) -> io::Result<()> {
    let head = FrameHead::new(kind, payload.len())?.to_bytes();
    if payload.len() <= AT_ONCE {
        to.write_all(&[&head, payload].concat())?;
    } else {
        to.write_all(&head)?;
        to.write_all(payload)?;
    }
    to.flush()
}

/// Reads the payload of a frame whose head is known, from the worker's side.
///
/// # Errors
/// The gateway is gone, or there is no memory for it.
pub fn payload_blocking(mut from: impl Read, head: FrameHead) -> io::Result<Vec<u8>> {
    let length = head.length as usize;
    let mut payload = Vec::new();
    payload.try_reserve_exact(length)?;
    payload.resize(length, 0);
    from.read_exact(&mut payload)?;
    Ok(payload)
}

/// Reads a frame, from the worker's side; `None` at a clean end.
///
/// # Errors
/// The gateway is gone in mid-frame, or no frame stands there.
pub fn receive_blocking(mut from: impl Read) -> io::Result<Option<(FrameKind, Vec<u8>)>> {
    let mut head = [0; HEAD];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let head = FrameHead::from_bytes(head)?;
    payload_blocking(from, head).map(|payload| Some((head.kind, payload)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in() {
        let mut wire = Vec::new();
        send_blocking(&mut wire, FrameKind::Answer, b"{}").unwrap();
        send_blocking(&mut wire, FrameKind::Panicked, b"").unwrap();
        let mut from = wire.as_slice();
        assert_eq!(
            receive_blocking(&mut from).unwrap(),
            Some((FrameKind::Answer, b"{}".to_vec()))
        );
        assert_eq!(
            receive_blocking(&mut from).unwrap(),
            Some((FrameKind::Panicked, Vec::new()))
        );
        assert_eq!(receive_blocking(&mut from).unwrap(), None);
    }

    #[test]
    fn a_frame_longer_than_its_kind_is_refused() {
        let head = FrameHead {
            kind: FrameKind::Answer,
            length: MAX_ANSWER + 1,
        };
        assert!(FrameHead::from_bytes(head.to_bytes()).is_err());
        let head = FrameHead {
            kind: FrameKind::Request,
            length: MAX_ANSWER + 1,
        };
        assert!(FrameHead::from_bytes(head.to_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_frame_an_end_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some((_, payload))) = receive_blocking(bytes.as_slice()) {
                prop_assert!(payload.len() + HEAD <= bytes.len());
            }
        }
    }
}
