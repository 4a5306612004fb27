//! What a school has agreed about others: who may be told by law, which AI services are
//! in use, what counts as a private mailbox.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::reader::{Node, Reader};
use crate::address::is_at_or_below;

/// The most entries of one list.
const MOST_ENTRIES: usize = 500;
/// The longest domain (RFC 1035 §2.3.4) and the longest kind of an agency, in characters.
const MOST_LONG: usize = 253;

/// The school's word on addresses outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outsiders {
    /// The kinds of agencies, as the roster names them, that the law lets a school tell
    /// what it must: police, social care, the NHS, the local authority.
    pub lawful: BTreeSet<String>,
    pub ai: AiRegister,
    /// Domains of private mailboxes besides the well-known ones, lower case.
    pub webmail_also: BTreeSet<String>,
    /// Well-known ones that are none here, lower case.
    pub webmail_except: BTreeSet<String>,
}

/// The AI services that staff may write to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AiRegister {
    /// Domains in use with the school's word, lower case; each stands for all below it.
    pub allowed: BTreeSet<String>,
    pub gate: AiGate,
}

/// What a service that is not on the register needs first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AiGate {
    /// Nothing.
    #[default]
    None,
    /// The headteacher's permission.
    Permission,
    /// A risk assessment.
    RiskAssessment,
}

/// The words of a pack for the gates.
pub(crate) const GATES: &[(AiGate, &str)] = &[
    (AiGate::None, "none"),
    (AiGate::Permission, "permission"),
    (AiGate::RiskAssessment, "risk-assessment"),
];

impl AiGate {
    /// What a notice calls it, to stand after "needs".
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Permission => "the headteacher's permission",
            Self::RiskAssessment => "a risk assessment that the headteacher has agreed to",
        }
    }
}

impl Outsiders {
    /// Whether an agency of this kind may be told by law what it must know.
    pub fn is_lawful(&self, kind: &str) -> bool {
        self.lawful.contains(&normal(kind))
    }

    /// Whether staff may write to an AI service at this domain, as far as the register
    /// goes. Lower case in.
    pub fn agreed(&self, domain: &str) -> bool {
        self.ai.gate == AiGate::None || is_at_or_below(domain, &self.ai.allowed)
    }

    /// The school's own word on whether mailboxes of a domain are private. Lower case in.
    pub fn is_webmail(&self, domain: &str) -> Option<bool> {
        if is_at_or_below(domain, &self.webmail_also) {
            Some(true)
        } else if is_at_or_below(domain, &self.webmail_except) {
            Some(false)
        } else {
            None
        }
    }
}

/// The kind of an agency as packs write it.
fn normal(kind: &str) -> String {
    kind.trim().to_lowercase().replace([' ', '_'], "-")
}

/// What a text says; what it leaves out comes from the pack that it extends.
#[derive(Default)]
pub(crate) struct WrittenOutsiders {
    lawful: Option<BTreeSet<String>>,
    allowed: Option<BTreeSet<String>>,
    gate: Option<AiGate>,
    also: Option<BTreeSet<String>>,
    except: Option<BTreeSet<String>>,
}

impl WrittenOutsiders {
    /// Puts what is said into the place of what was inherited.
    pub(crate) fn settle(self, outsiders: &mut Outsiders) {
        let put = |written: Option<BTreeSet<String>>, into: &mut BTreeSet<String>| {
            if let Some(list) = written {
                *into = list;
            }
        };
        put(self.lawful, &mut outsiders.lawful);
        put(self.allowed, &mut outsiders.ai.allowed);
        put(self.also, &mut outsiders.webmail_also);
        put(self.except, &mut outsiders.webmail_except);
        outsiders.ai.gate = self.gate.unwrap_or(outsiders.ai.gate);
    }
}

/// Reads `[agencies]`, `[ai]` and `[webmail]`.
pub(crate) fn read(reader: &mut Reader<'_>, pack: &DeTable<'_>) -> WrittenOutsiders {
    let mut written = WrittenOutsiders::default();
    if let Some(table) = pack
        .get("agencies")
        .and_then(|n| reader.table(n, "agencies"))
    {
        reader.only(table, &["lawful-disclosure"]);
        written.lawful = table
            .get("lawful-disclosure")
            .map(|n| list(reader, n, "lawful-disclosure", normal));
    }
    if let Some(table) = pack.get("ai").and_then(|n| reader.table(n, "ai")) {
        reader.only(table, &["allowed", "gate"]);
        written.allowed = table
            .get("allowed")
            .map(|n| list(reader, n, "allowed", domain));
        written.gate = table
            .get("gate")
            .and_then(|n| reader.word(n, "gate", "gate", GATES));
    }
    if let Some(table) = pack.get("webmail").and_then(|n| reader.table(n, "webmail")) {
        reader.only(table, &["also", "except"]);
        written.also = table.get("also").map(|n| list(reader, n, "also", domain));
        written.except = table
            .get("except")
            .map(|n| list(reader, n, "except", domain));
    }
    written
}

fn domain(text: &str) -> String {
    text.trim()
        .trim_start_matches('@')
        .trim_end_matches('.')
        .to_lowercase()
}

fn list(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    key: &str,
    normal: fn(&str) -> String,
) -> BTreeSet<String> {
    let texts = reader.strings(node, key);
    if texts.len() > MOST_ENTRIES {
        reader.mistake(
            node.span(),
            format!("`{key}` has at most {MOST_ENTRIES} entries"),
        );
    }
    let mut list = BTreeSet::new();
    for text in texts.iter().take(MOST_ENTRIES) {
        let entry = normal(text.get_ref());
        if entry.is_empty() || entry.chars().count() > MOST_LONG || entry.contains('@') {
            reader.mistake(text.span(), format!("`{key}` names no such thing"));
        } else {
            list.insert(entry);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_stands_for_all_below_it_and_no_other() {
        let outsiders = Outsiders {
            ai: AiRegister {
                allowed: BTreeSet::from(["copilot.microsoft.com".to_owned()]),
                gate: AiGate::Permission,
            },
            webmail_also: BTreeSet::from(["village-net.example".to_owned()]),
            webmail_except: BTreeSet::from(["btinternet.com".to_owned()]),
            ..Outsiders::default()
        };
        assert!(outsiders.agreed("mail.copilot.microsoft.com"));
        assert!(!outsiders.agreed("notcopilot.microsoft.com"));
        assert!(Outsiders::default().agreed("chatgpt.com"));
        assert_eq!(outsiders.is_webmail("village-net.example"), Some(true));
        assert_eq!(outsiders.is_webmail("btinternet.com"), Some(false));
        assert_eq!(outsiders.is_webmail("gmail.com"), None);
    }
}
