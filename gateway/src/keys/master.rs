//! A school's master key: a file of mode 0600 that must be backed up apart from the store.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::{Key, KeyError};

/// The key and its public name.
pub struct Master {
    /// Eight hexadecimal digits that tell keys apart and say nothing of the key.
    pub id: String,
    pub key: Key,
}

const HEAD: &str = "schoolgate-master-1";

impl Master {
    /// Reads the key, or makes one where there is none yet.
    ///
    /// # Errors
    /// The file cannot be read or written, is no key, or others may read it.
    pub fn open_or_create(path: &Path) -> Result<Master, KeyError> {
        match Self::open(path) {
            Err(KeyError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                Self::create(path)
            }
            other => other,
        }
    }

    /// Reads the key.
    ///
    /// # Errors
    /// The file cannot be read, is no key, or others may read it.
    pub fn open(path: &Path) -> Result<Master, KeyError> {
        let read = |source| KeyError::Read {
            path: path.to_owned(),
            source,
        };
        let mode = fs::metadata(path).map_err(read)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
            });
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(read)?);
        let bytes = text
            .trim()
            .strip_prefix(HEAD)
            .and_then(|rest| unhex(rest.trim()));
        let bytes = Zeroizing::new(bytes.ok_or_else(|| KeyError::Malformed {
            path: path.to_owned(),
        })?);
        Ok(Master {
            id: name(&bytes),
            key: Key::new(bytes.as_ref())?,
        })
    }

    fn create(path: &Path) -> Result<Master, KeyError> {
        let write = |source| KeyError::Write {
            path: path.to_owned(),
            source,
        };
        let key = Key::random()?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(write)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(write)?;
        let text = Zeroizing::new(format!("{HEAD} {}\n", hex(key.expose()).as_str()));
        file.write_all(text.as_bytes()).map_err(write)?;
        file.sync_all().map_err(write)?;
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(write)?;
        Ok(Master {
            id: name(key.expose()),
            key,
        })
    }
}

fn name(bytes: &[u8]) -> String {
    let mut input = Zeroizing::new(b"schoolgate master key name".to_vec());
    input.extend_from_slice(bytes);
    hex(&digest(&SHA256, &input).as_ref()[..4]).to_string()
}

pub(crate) fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/oak.key");
        let made = Master::open_or_create(&path).unwrap();
        let read = Master::open_or_create(&path).unwrap();
        assert_eq!(made.id, read.id);
        assert_eq!(made.key.expose(), read.key.expose());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("oak.key");
        Master::open_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Master::open(&path), Err(KeyError::Exposed { .. })));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("oak.key");
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .unwrap();
        assert!(matches!(
            Master::open(&path),
            Err(KeyError::Malformed { .. })
        ));
    }
}
