//! AES-256-GCM with a random nonce and the place of the record as associated data, so
//! that a sealed value cannot be moved to another row or column.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::KeyError;

/// A value that only its key opens: nonce, then ciphertext with its tag.
pub type Sealed = Vec<u8>;

/// A 256-bit key, ready for use.
pub struct Key {
    cipher: LessSafeKey,
    bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    /// A new random key.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn random() -> Result<Key, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut()).map_err(|_| KeyError::Cipher)?;
        Self::new(bytes.as_ref())
    }

    /// The key with these 32 bytes.
    ///
    /// # Errors
    /// Not 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Key, KeyError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Cipher)?;
        let cipher = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| KeyError::Cipher)?;
        Ok(Key {
            cipher: LessSafeKey::new(cipher),
            bytes: Zeroizing::new(bytes),
        })
    }

    /// The bytes, to be sealed under another key.
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Seals `plain` for `place` (table, column and row).
    ///
    /// # Errors
    /// The cipher or the randomness fails.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Sealed, KeyError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| KeyError::Cipher)?;
        let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = self
            .cipher
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut out[NONCE_LEN..],
            )
            .map_err(|_| KeyError::Cipher)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Opens what [`Key::seal`] made for the same place.
    ///
    /// # Errors
    /// [`KeyError::Damaged`]: changed, or made for another place or key.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (nonce, rest) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(KeyError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Damaged)?;
        let mut buffer = rest.to_vec();
        let plain = self
            .cipher
            .open_in_place(nonce, Aad::from(place), &mut buffer)
            .map_err(|_| KeyError::Damaged)?
            .len();
        buffer.truncate(plain);
        Ok(buffer)
    }

    /// Seals one chunk of a stream under a counter: nothing can be cut, swapped or
    /// appended, since each chunk's nonce tells its number and whether it is the last.
    ///
    /// Only for a key that seals nothing else.
    ///
    /// # Errors
    /// The cipher fails.
    pub fn seal_chunk(&self, number: u32, last: bool, chunk: &mut Vec<u8>) -> Result<(), KeyError> {
        self.cipher
            .seal_in_place_append_tag(chunk_nonce(number, last), Aad::empty(), chunk)
            .map_err(|_| KeyError::Cipher)
    }

    /// Opens a chunk in place and drops its tag.
    ///
    /// # Errors
    /// [`KeyError::Damaged`].
    pub fn open_chunk(&self, number: u32, last: bool, chunk: &mut Vec<u8>) -> Result<(), KeyError> {
        let plain = self
            .cipher
            .open_in_place(chunk_nonce(number, last), Aad::empty(), chunk)
            .map_err(|_| KeyError::Damaged)?
            .len();
        chunk.truncate(plain);
        Ok(())
    }
}

fn chunk_nonce(number: u32, last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[..4].copy_from_slice(&number.to_be_bytes());
    nonce[NONCE_LEN - 1] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place() {
        let key = Key::random().unwrap();
        let sealed = key.seal(b"messages.arrival:1", b"secret").unwrap();
        assert_eq!(key.open(b"messages.arrival:1", &sealed).unwrap(), b"secret");
        assert!(key.open(b"messages.arrival:2", &sealed).is_err());
        assert!(
            Key::random()
                .unwrap()
                .open(b"messages.arrival:1", &sealed)
                .is_err()
        );
        assert!(key.open(b"messages.arrival:1", &sealed[..10]).is_err());
    }

    #[test]
    fn chunks_cannot_be_swapped_or_cut() {
        let key = Key::random().unwrap();
        let mut first = b"one".to_vec();
        key.seal_chunk(0, false, &mut first).unwrap();
        assert!(key.open_chunk(1, false, &mut first.clone()).is_err());
        assert!(key.open_chunk(0, true, &mut first.clone()).is_err());
        key.open_chunk(0, false, &mut first).unwrap();
        assert_eq!(first, b"one");
    }
}
