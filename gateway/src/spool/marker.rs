//! The field that says "this passed schoolgate": a mark against loops, not a pass.
//!
//! It signs the spool id, the envelope and the digest of the body, and is good once: a
//! message that comes back with it is a loop and is kept. A forged or replayed one
//! exempts nothing from being judged (design, decision 10).

use crate::ids::SpoolId;
use crate::keys::SchoolKeys;

/// The name of the field.
pub const FIELD: &str = "X-Schoolgate-Marker";

/// What the field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    pub id: SpoolId,
    /// Digest of the envelope as it was sent.
    envelope: Vec<u8>,
    signature: Vec<u8>,
}

impl Marker {
    /// Signs a message about to leave. `body` is the keyed digest of its body.
    pub fn sign(
        keys: &SchoolKeys,
        id: SpoolId,
        reverse_path: &str,
        forward_paths: &[&str],
        body: &[u8],
    ) -> Self {
        let mut paths: Vec<String> = forward_paths.iter().map(|p| p.to_lowercase()).collect();
        paths.sort();
        let envelope = keys
            .digest(format!("{}\n{}", reverse_path.to_lowercase(), paths.join("\n")).as_bytes());
        let envelope = envelope[..16].to_vec();
        let signature = keys.sign_marker(&fields(id, &envelope, body));
        Self {
            id,
            envelope,
            signature,
        }
    }

    /// Reads the field's value.
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        if words.next()? != "1" {
            return None;
        }
        let id = SpoolId::parse(words.next()?)?;
        let envelope = crate::keys::unhex(words.next()?)?;
        let signature = crate::keys::unhex(words.next()?)?;
        (words.next().is_none() && envelope.len() == 16).then_some(Self {
            id,
            envelope,
            signature,
        })
    }

    /// Whether we signed it over this body.
    pub fn verify(&self, keys: &SchoolKeys, body: &[u8]) -> bool {
        keys.is_marker(&fields(self.id, &self.envelope, body), &self.signature)
    }

    /// The whole field with its CRLF.
    pub fn field(&self) -> String {
        format!(
            "{FIELD}: 1 {}\r\n {} {}\r\n",
            self.id,
            crate::keys::hex(&self.envelope).as_str(),
            crate::keys::hex(&self.signature).as_str()
        )
    }
}

fn fields(id: SpoolId, envelope: &[u8], body: &[u8]) -> Vec<u8> {
    [id.as_bytes().as_slice(), envelope, body].concat()
}
