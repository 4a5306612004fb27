//! The bytes of a message, encrypted before they touch the disk.
//!
//! Small content is sealed whole and lies in its row. Large content goes, as it arrives,
//! in sealed chunks to a file of its own named by the spool id; the file and its folder
//! are flushed before the commit that names them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::SpoolError;
use crate::ids::SpoolId;
use crate::keys::Key;

/// Content up to this size, in octets, lies in its row: one flush serves many.
const IN_ROW: usize = 128 << 10;
/// Plain octets of a chunk in a file.
const CHUNK: usize = 64 << 10;
/// Octets that sealing adds to a chunk.
const TAG: usize = 16;

/// A message being received. Dropped without [`super::Spool::accept`], it leaves nothing.
pub struct Incoming {
    id: SpoolId,
    folder: Arc<PathBuf>,
    /// Made with the first chunk that needs it.
    key: Option<Key>,
    length: u64,
    /// All of small content, or the chunk of a file that is not full yet.
    buffer: Vec<u8>,
    file: Option<OpenFile>,
    digests: Digests,
}

struct OpenFile {
    file: tokio::fs::File,
    chunks: u32,
    path: Unlink,
}

/// Deletes a file when dropped, unless it was kept.
struct Unlink(Option<PathBuf>);

impl Drop for Unlink {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // A leftover is found and removed by the housekeeping.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Received content, durable if it lies in a file, not yet named by a row.
pub(super) struct Received {
    pub key: Key,
    pub length: u64,
    /// Plain content, when small.
    pub small: Option<Vec<u8>>,
    pub digest: Vec<u8>,
    pub body_digest: Vec<u8>,
    file: Option<Unlink>,
}

impl Received {
    /// The commit is done: the file stays.
    pub(super) fn keep(mut self) {
        if let Some(file) = &mut self.file {
            file.0 = None;
        }
    }
}

impl Incoming {
    pub(super) fn begin(folder: Arc<PathBuf>) -> Self {
        Self {
            id: SpoolId::new(),
            folder,
            key: None,
            length: 0,
            buffer: Vec::new(),
            file: None,
            digests: Digests::new(),
        }
    }

    /// The id under which it will be accepted.
    pub fn id(&self) -> SpoolId {
        self.id
    }

    /// Octets so far.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Takes the next octets.
    ///
    /// # Errors
    /// The disk's, or the cipher's.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), SpoolError> {
        self.length += bytes.len() as u64;
        self.digests.update(bytes);
        if self.file.is_none() {
            if self.buffer.len() + bytes.len() <= IN_ROW {
                self.buffer.extend_from_slice(bytes);
                return Ok(());
            }
            self.open().await?;
            let small = std::mem::take(&mut self.buffer);
            self.fill(&small).await?;
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK));
            self.fill(now).await?;
            bytes = later;
        }
        Ok(())
    }

    async fn open(&mut self) -> Result<(), SpoolError> {
        let path = content_path(&self.folder, self.id);
        let folder = path.parent().unwrap_or(&self.folder);
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(SpoolError::Write)?;
        let file = tokio::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .await
            .map_err(SpoolError::Write)?;
        self.file = Some(OpenFile {
            file,
            chunks: 0,
            path: Unlink(Some(path)),
        });
        Ok(())
    }

    /// Writes every chunk that is full and followed by something, since the last is
    /// sealed as the last.
    async fn fill(&mut self, mut bytes: &[u8]) -> Result<(), SpoolError> {
        while !bytes.is_empty() {
            if self.buffer.len() == CHUNK {
                self.flush(false).await?;
            }
            let room = CHUNK - self.buffer.len();
            let (now, later) = bytes.split_at(bytes.len().min(room));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    async fn flush(&mut self, last: bool) -> Result<(), SpoolError> {
        let Some(open) = &mut self.file else {
            return Ok(());
        };
        let key = match &mut self.key {
            Some(key) => key,
            none => none.insert(Key::random()?),
        };
        key.seal_chunk(open.chunks, last, &mut self.buffer)?;
        open.chunks += 1;
        open.file
            .write_all(&self.buffer)
            .await
            .map_err(SpoolError::Write)?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<Received, SpoolError> {
        self.flush(true).await?;
        let mut unlink = None;
        if let Some(mut open) = self.file.take() {
            open.file.flush().await.map_err(SpoolError::Write)?;
            open.file.sync_all().await.map_err(SpoolError::Write)?;
            if let Some(folder) = open.path.0.as_ref().and_then(|p| p.parent()) {
                sync_folder(folder).await?;
            }
            unlink = Some(open.path);
        }
        let (digest, body_digest) = self.digests.finish();
        let key = match self.key {
            Some(key) => key,
            None => Key::random()?,
        };
        Ok(Received {
            key,
            length: self.length,
            small: unlink.is_none().then_some(self.buffer),
            digest,
            body_digest,
            file: unlink,
        })
    }
}

async fn sync_folder(folder: &Path) -> Result<(), SpoolError> {
    let folder = tokio::fs::File::open(folder)
        .await
        .map_err(SpoolError::Write)?;
    folder.sync_all().await.map_err(SpoolError::Write)
}

/// Where the content of a message lies when it is large.
pub(super) fn content_path(folder: &Path, id: SpoolId) -> PathBuf {
    // The last digits of a UUIDv7 are random: they spread over 256 folders.
    let name = id.to_string();
    folder.join(&name[name.len() - 2..]).join(name)
}

/// Content read back.
pub struct Content;

impl Content {
    /// Opens sealed content that lay in its row.
    pub(super) fn open_row(id: SpoolId, key: &Key, sealed: Vec<u8>) -> Result<Vec<u8>, SpoolError> {
        let mut plain = sealed;
        key.open_chunk(0, true, &mut plain)
            .map_err(|_| SpoolError::Damaged(id))?;
        Ok(plain)
    }

    /// Reads and opens a content file of `length` plain octets.
    pub(super) async fn open_file(
        folder: &Path,
        id: SpoolId,
        key: &Key,
        length: u64,
    ) -> Result<Vec<u8>, SpoolError> {
        let read = |source: std::io::Error| match source.kind() {
            // Gone or cut: trying again will not bring it back.
            std::io::ErrorKind::NotFound | std::io::ErrorKind::UnexpectedEof => {
                SpoolError::Damaged(id)
            }
            _ => SpoolError::Read { id, source },
        };
        let mut file = tokio::fs::File::open(content_path(folder, id))
            .await
            .map_err(read)?;
        let length = usize::try_from(length).map_err(|_| SpoolError::Damaged(id))?;
        let mut plain = Vec::with_capacity(length);
        let mut number = 0;
        while plain.len() < length {
            let size = CHUNK.min(length - plain.len());
            let mut chunk = vec![0; size + TAG];
            file.read_exact(&mut chunk).await.map_err(read)?;
            let last = plain.len() + size == length;
            key.open_chunk(number, last, &mut chunk)
                .map_err(|_| SpoolError::Damaged(id))?;
            plain.extend_from_slice(&chunk);
            number += 1;
        }
        Ok(plain)
    }
}

/// SHA-256 of the whole content, and of what follows its header.
struct Digests {
    whole: Context,
    body: Context,
    header: HeaderEnd,
}

/// Finds the end of the header in a stream: the first CRLF CRLF, or CRLF at the very start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HeaderEnd {
    /// How many octets of CRLF CRLF were just seen.
    Seen(u8),
    Passed,
}

impl Digests {
    fn new() -> Self {
        Self {
            whole: Context::new(&SHA256),
            body: Context::new(&SHA256),
            header: HeaderEnd::Seen(2),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.whole.update(bytes);
        let mut rest = bytes;
        while let HeaderEnd::Seen(seen) = self.header {
            let Some((&byte, later)) = rest.split_first() else {
                return;
            };
            rest = later;
            self.header = match (seen, byte) {
                (3, b'\n') => HeaderEnd::Passed,
                (0 | 2, b'\r') => HeaderEnd::Seen(seen + 1),
                (1, b'\n') => HeaderEnd::Seen(2),
                (_, b'\r') => HeaderEnd::Seen(1),
                _ => HeaderEnd::Seen(0),
            };
        }
        self.body.update(rest);
    }

    fn finish(self) -> (Vec<u8>, Vec<u8>) {
        (
            self.whole.finish().as_ref().to_vec(),
            self.body.finish().as_ref().to_vec(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::digest;

    async fn round_trip(content: &[u8], piece: usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = Arc::new(folder.path().to_path_buf());
        let mut incoming = Incoming::begin(Arc::clone(&path));
        let id = incoming.id();
        for bytes in content.chunks(piece) {
            incoming.write(bytes).await.unwrap();
        }
        let received = incoming.finish().await.unwrap();
        assert_eq!(received.digest, digest(&SHA256, content).as_ref());
        match &received.small {
            Some(small) => assert_eq!(small, content),
            None => {
                let key = Key::new(received.key.expose()).unwrap();
                let length = received.length;
                let raw = std::fs::read(content_path(&path, id)).unwrap();
                assert!(!raw.windows(8).any(|w| w == &content[..8]));
                let plain = Content::open_file(&path, id, &key, length).await.unwrap();
                assert!(plain == content);
                assert!(
                    Content::open_file(&path, id, &key, length - 1)
                        .await
                        .is_err()
                );
            }
        }
        let is_file = received.small.is_none();
        received.keep();
        assert_eq!(content_path(&path, id).exists(), is_file);
    }

    #[tokio::test]
    async fn content_comes_back_as_it_went() {
        let content: Vec<u8> = (0..400_000_u32).map(|i| (i * 7 % 251) as u8).collect();
        for length in [0, 1, IN_ROW, IN_ROW + 1, CHUNK * 3, CHUNK * 3 + 1, 400_000] {
            round_trip(&content[..length], 1000).await;
            round_trip(&content[..length], 70_000).await;
        }
    }

    #[tokio::test]
    async fn what_was_not_accepted_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = Arc::new(folder.path().to_path_buf());
        let mut incoming = Incoming::begin(Arc::clone(&path));
        incoming.write(&vec![b'x'; IN_ROW + 1]).await.unwrap();
        let file = content_path(&path, incoming.id());
        assert!(file.exists());
        drop(incoming);
        assert!(!file.exists());
    }

    #[test]
    fn the_body_begins_after_the_first_empty_line() {
        for (content, body) in [
            (&b"A: b\r\n\r\nbody"[..], &b"body"[..]),
            (b"\r\nbody", b"body"),
            (b"A: b\r\n\r\r\n\r\nbody", b"body"),
            (b"A: b\r\nC: d\r\n", b""),
        ] {
            for piece in 1..content.len() {
                let mut digests = Digests::new();
                for bytes in content.chunks(piece) {
                    digests.update(bytes);
                }
                assert_eq!(digests.finish().1, digest(&SHA256, body).as_ref());
            }
        }
    }
}
