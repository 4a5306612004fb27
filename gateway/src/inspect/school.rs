//! What a worker is bound to: one school's roster index and settings.

use std::fmt;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use aws_lc_rs::digest;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use schoolgate_detectors::Settings;

/// One school as the workers see it. Build a new one when roster or settings change;
/// workers of the old one are replaced as they come free.
pub struct School {
    id: String,
    settings: Settings,
    index: OwnedFd,
    index_length: u64,
    digest: [u8; 32],
}

impl School {
    /// Puts the index into a sealed memfd, which the school's workers share.
    /// `settings.today` does not matter: the day comes with each message.
    ///
    /// # Errors
    /// The system has no memory, or no descriptors left.
    pub fn new(id: impl Into<String>, index: &[u8], settings: Settings) -> io::Result<Self> {
        let id = id.into();
        let descriptor = memfd_create(
            "schoolgate-index",
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?;
        let mut file = std::fs::File::from(descriptor);
        file.write_all(index)?;
        let descriptor = OwnedFd::from(file);
        fcntl_add_seals(
            &descriptor,
            SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL,
        )?;
        Ok(Self {
            digest: digest_of(&id, index, &settings)?,
            id,
            settings,
            index_length: index.len() as u64,
            index: descriptor,
        })
    }

    /// The school's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What its messages are inspected with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A digest of id, index and settings (the day left out).
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    pub(super) fn index(&self) -> BorrowedFd<'_> {
        self.index.as_fd()
    }

    pub(super) fn index_length(&self) -> u64 {
        self.index_length
    }
}

impl fmt::Debug for School {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("School")
            .field("id", &self.id)
            .field("index_length", &self.index_length)
            .finish_non_exhaustive()
    }
}

fn digest_of(id: &str, index: &[u8], settings: &Settings) -> io::Result<[u8; 32]> {
    let mut undated = settings.clone();
    undated.today = jiff::civil::Date::ZERO;
    let settings = serde_json::to_vec(&undated)?;
    let mut context = digest::Context::new(&digest::SHA256);
    for piece in [id.as_bytes(), &settings, index] {
        context.update(&(piece.len() as u64).to_be_bytes());
        context.update(piece);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn school(id: &str, index: &[u8], settings: &Settings) -> School {
        School::new(id, index, settings.clone()).unwrap()
    }

    #[test]
    fn a_school_is_told_by_id_index_and_settings_but_not_by_the_day() {
        let settings = Settings::on(jiff::civil::date(2026, 1, 5));
        let oak = school("oak", b"index", &settings);
        let tomorrow = Settings::on(jiff::civil::date(2026, 1, 6));
        assert_eq!(oak.digest(), school("oak", b"index", &tomorrow).digest());
        assert_ne!(oak.digest(), school("elm", b"index", &settings).digest());
        assert_ne!(oak.digest(), school("oak", b"other", &settings).digest());
        let mut other = settings.clone();
        other.limits.depth += 1;
        assert_ne!(oak.digest(), school("oak", b"index", &other).digest());
    }

    #[test]
    fn nobody_can_write_into_the_index() {
        let oak = school(
            "oak",
            b"index",
            &Settings::on(jiff::civil::date(2026, 1, 5)),
        );
        assert!(rustix::io::write(oak.index(), b"x").is_err());
    }
}
