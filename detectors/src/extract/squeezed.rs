//! Files that hold one other file in squeezed form: gzip, bzip2, xz and Zstandard.

use std::io::{self, Cursor, Read};

use super::budget::Limit;
use super::{File, Reader, guarded};
use crate::inspection::UnreadReason;

/// The way in which a file is squeezed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Gzip,
    Bzip2,
    Xz,
    Zstandard,
}

impl Method {
    /// A short English noun.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Gzip => "gzip file",
            Self::Bzip2 => "bzip2 file",
            Self::Xz => "xz file",
            Self::Zstandard => "Zstandard file",
        }
    }

    /// The endings that the tool itself takes off, with what it puts in their place.
    fn endings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Gzip => &[("gz", ""), ("tgz", ".tar"), ("svgz", ".svg")],
            Self::Bzip2 => &[
                ("bz2", ""),
                ("tbz", ".tar"),
                ("tbz2", ".tar"),
                ("tb2", ".tar"),
            ],
            Self::Xz => &[("xz", ""), ("txz", ".tar")],
            Self::Zstandard => &[("zst", ""), ("tzst", ".tar"), ("zstd", "")],
        }
    }
}

/// What a decoder may keep of its output to refer back to. `xz -9` needs 64 MiB; more is
/// asked for by no ordinary file.
pub(super) const WINDOW_KIB: u32 = 80 << 10;

/// As a power of two, for Zstandard: 64 MiB.
const WINDOW_LOG: u32 = 26;

/// Unpacks the file and reads what is in it.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>, method: Method) {
    let (allowance, limit) = reader.budget.unpack_allowance(file.bytes.len() as u64);
    if allowance == 0 {
        reader.limit(&file.path, Limit::UnpackedBytes);
        return;
    }
    let mut bytes = Vec::new();
    let outcome = guarded(|| unpack(file.bytes, method, allowance.saturating_add(1), &mut bytes));
    reader.budget.charge_unpacked(bytes.len() as u64);
    let over = bytes.len() as u64 > allowance;
    if over {
        reader.limit(&file.path, limit);
        return;
    }
    match outcome {
        Some(Ok(_)) => {}
        Some(Err(e)) if wants_memory(&e) => reader.limit(&file.path, Limit::Window),
        Some(Err(_)) | None => reader.unread(&file.path, UnreadReason::Damaged, method.noun()),
    }
    // What came out before the damage is text that somebody may still get at.
    if !bytes.is_empty() {
        let name = inner_name(file, method);
        reader.member(file, &name, &bytes);
    }
}

/// Whether a decoder refused because of [`WINDOW_KIB`] or [`WINDOW_LOG`].
fn wants_memory(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory || error.to_string().contains("too much memory")
}

/// Unpacks at most `most` octets.
fn unpack(packed: &[u8], method: Method, most: u64, into: &mut Vec<u8>) -> io::Result<usize> {
    let source = Cursor::new(packed);
    match method {
        Method::Gzip => flate2::read::MultiGzDecoder::new(source)
            .take(most)
            .read_to_end(into),
        Method::Bzip2 => bzip2::read::MultiBzDecoder::new(source)
            .take(most)
            .read_to_end(into),
        Method::Xz => lzma_rust2::XzReader::new_mem_limit(source, true, WINDOW_KIB)
            .take(most)
            .read_to_end(into),
        Method::Zstandard => zstd::stream::read::Decoder::with_buffer(source).and_then(|mut d| {
            d.window_log_max(WINDOW_LOG)?;
            d.take(most).read_to_end(into)
        }),
    }
}

/// The name of the file inside: the one that gzip keeps, or the outer one without its
/// ending.
fn inner_name(file: &File<'_>, method: Method) -> String {
    if method == Method::Gzip
        && let Some(name) = guarded(|| gzip_name(file.bytes)).flatten()
    {
        return name;
    }
    let Some(name) = file.name.as_deref() else {
        return "content".to_owned();
    };
    let Some((stem, ending)) = name.rsplit_once('.') else {
        return name.to_owned();
    };
    let ending = ending.to_ascii_lowercase();
    match method.endings().iter().find(|(from, _)| *from == ending) {
        Some((_, to)) if !stem.is_empty() => format!("{stem}{to}"),
        _ => name.to_owned(),
    }
}

/// The original name in the header of a gzip member (RFC 1952 §2.3.1).
fn gzip_name(bytes: &[u8]) -> Option<String> {
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    let mut first = [0u8; 1];
    // The header is only known once something was read.
    let _ = decoder.read(&mut first);
    let name = decoder.header()?.filename()?;
    let name = super::charset::decode(name, None);
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
