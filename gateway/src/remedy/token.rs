//! The one-time token of a hold notice: who knows it may answer for one message, once.

use aws_lc_rs::rand;

use crate::keys::{KeyError, SchoolKeys};

/// Octets of a token: nobody guesses 160 bits.
const OCTETS: usize = 20;
/// Letters of a token: five bits each.
pub(super) const LETTERS: usize = 32;
/// Base 32 of RFC 4648 §6 in small letters: mail servers may change the case of a local part.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A token; only its keyed index is stored.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(super) fn random() -> Result<Self, KeyError> {
        let mut octets = [0; OCTETS];
        rand::fill(&mut octets).map_err(|_| KeyError::Cipher)?;
        let mut text = String::with_capacity(LETTERS);
        let (mut bits, mut held) = (0u32, 0u32);
        for octet in octets {
            bits = (bits << 8) | u32::from(octet);
            held += 8;
            while held >= 5 {
                held -= 5;
                let at = (bits >> held) & 31;
                let letter = ALPHABET.get(at as usize).copied().unwrap_or(b'a');
                text.push(char::from(letter));
            }
        }
        Ok(Self(text))
    }

    /// Reads one, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let fits = text.len() == LETTERS && text.bytes().all(|b| ALPHABET.contains(&b));
        fits.then_some(Self(text))
    }

    /// As it stands in an address.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The index under which the store knows it.
    pub(super) fn index(&self, keys: &SchoolKeys) -> Vec<u8> {
        keys.index("remedy", &self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_a_change_of_case_and_no_other() {
        let token = Token::random().unwrap();
        assert_eq!(token.as_str().len(), LETTERS);
        assert_eq!(
            Token::parse(&token.as_str().to_uppercase()),
            Some(token.clone())
        );
        assert_ne!(Token::random().unwrap(), token);
        assert_eq!(Token::parse(&token.as_str()[1..]), None);
        assert_eq!(Token::parse(&format!("{}1", &token.as_str()[1..])), None);
        assert!(!format!("{token:?}").contains(token.as_str()));
    }
}
