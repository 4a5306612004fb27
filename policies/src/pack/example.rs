//! Examples in a pack: a message in a few words, and what must become of it.
//!
//! They are read here and run by [`crate::trial`].

use std::ops::Range;

use jiff::civil::{DateTime, date};
use schoolgate_detectors::{
    Category, Confidence, Kind, MarkingLevel, MarkingPlace, Sensitivity, UnreadReason,
};
use toml::Spanned;
use toml::de::DeTable;

use super::exceptions::{self, ExampleExceptions};
use super::reader::{Node, Reader};
use super::written::{PLACES, VERDICTS};
use crate::acts::NAMES;
use crate::condition::{
    DESTINATIONS, FILE_TYPES, GROUPS, RELATIONS, SENSITIVITIES, UNREAD_REASONS,
};
use crate::decision::Verdict;
use crate::destination::Destination;
use crate::facts::{Relation, SenderGroup};
use crate::filetype::FileType;

/// The longest title and subject of an example, in characters.
const MOST_TITLE: usize = 200;
/// The longest text of an example, in characters.
const MOST_TEXT: usize = 4_000;
/// The longest kind of an agency, in characters.
const MOST_KIND: usize = 80;
/// The most of anything in one example.
const MOST_OF_EACH: usize = 50;
/// The most families that see each other in an example.
const MOST_FAMILIES: u32 = 200;

/// A message in a few words, and the verdict that it must get.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What it shows, for people.
    pub title: String,
    /// Where it stands, from 1.
    pub line: usize,
    /// The groups of the sender, the one that says the most first; never empty.
    pub sender: Vec<SenderGroup>,
    /// The kinds of recipients; never empty.
    pub to: Vec<Relation>,
    /// The subject line, read by the detectors; `{pupil}` stands for a pupil's name.
    pub subject: String,
    /// The text, read by the detectors; `{pupil}` stands for a pupil's name.
    pub text: String,
    /// The pupils concerned, as facts.
    pub about: Vec<About>,
    pub found: Vec<ExampleFinding>,
    /// The marking and where it stands.
    pub marking: Option<(MarkingLevel, MarkingPlace)>,
    pub near_miss: bool,
    pub attachments: Vec<ExampleAttachment>,
    pub unread: Vec<UnreadReason>,
    /// So many families see each other's addresses.
    pub visible_families: Option<u32>,
    pub personal_sender: bool,
    /// The addresses belong to such a service.
    pub destination: Option<Destination>,
    /// The domain of the addresses.
    pub domain: Option<String>,
    /// The kind of the agency.
    pub agency_kind: Option<String>,
    /// The message greets another contact than the one it goes to.
    pub greets_another: bool,
    /// The unknown addresses bear the name of a contact who has another.
    pub bears_contacts_name: bool,
    /// What is registered.
    pub exceptions: ExampleExceptions,
    /// Words of these categories stand in it, about nobody known.
    pub speaks_of: Vec<Category>,
    /// By the clock of the school; a Wednesday morning when it is left out.
    pub sent: DateTime,
    /// How often it was forwarded.
    pub forwarded: u32,
    /// So many get it, by repeating `to`.
    pub recipients: Option<u32>,
    /// The verdict.
    pub expect: Verdict,
    /// What must follow besides, by the words of [`crate::acts::NAMES`].
    pub acts: Vec<&'static str>,
    /// Rules that must apply, in any mode.
    pub rules: Vec<String>,
    /// Rules that must not apply.
    pub not_rules: Vec<String>,
}

/// A pupil, or so many of them, whom the message concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub pupils: u32,
    pub categories: Vec<Category>,
    pub sensitivity: Sensitivity,
}

/// Something found.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleFinding {
    pub kind: Kind,
    pub count: u32,
    pub confidence: Confidence,
}

/// An attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExampleAttachment {
    pub sensitivity: Sensitivity,
    pub lock: Lock,
    pub kind: Option<FileType>,
}

/// How an attachment is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Open,
    Weak,
    PasswordBeside,
    Strong,
}

/// An example with the places of the rules that it names.
pub(crate) struct WrittenExample {
    pub example: Example,
    pub named: Vec<(String, Range<usize>)>,
}

const KEYS: &[&str] = &[
    "title",
    "sender",
    "to",
    "subject",
    "text",
    "about",
    "found",
    "marking",
    "marking-place",
    "near-miss",
    "attachments",
    "unread",
    "visible-families",
    "personal-sender",
    "destination",
    "domain",
    "agency-kind",
    "greets-another",
    "bears-contacts-name",
    "exceptions",
    "speaks-of",
    "sent",
    "forwarded",
    "recipients",
    "expect",
    "acts",
    "rules",
    "not-rules",
];

const LEVELS: &[(MarkingLevel, &str)] = &[
    (MarkingLevel::Sensitive, "sensitive"),
    (MarkingLevel::HighlySensitive, "highly-sensitive"),
];

const LOCKS: &[(Lock, &str)] = &[
    (Lock::Open, "none"),
    (Lock::Weak, "weak"),
    (Lock::PasswordBeside, "password-beside"),
    (Lock::Strong, "strong"),
];

/// Reads one. `None` when a key that it cannot do without is missing or wrong.
pub(crate) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<WrittenExample> {
    let table = reader.table(node, "examples")?;
    reader.only(table, KEYS);
    for key in ["title", "to", "expect"] {
        if !table.contains_key(key) {
            reader.mistake(node.span(), format!("an example needs a `{key}`"));
        }
    }
    let title = table
        .get("title")
        .and_then(|n| reader.line(n, "title", MOST_TITLE));
    let to = table
        .get("to")
        .map(|n| words(reader, n, "to", "relation", RELATIONS))
        .unwrap_or_default();
    let expect = table
        .get("expect")
        .and_then(|n| reader.word(n, "expect", "verdict", VERDICTS));
    let flag = |reader: &mut Reader<'_>, key: &str| {
        table
            .get(key)
            .and_then(|n| reader.boolean(n, key))
            .unwrap_or(false)
    };
    let text = |reader: &mut Reader<'_>, key: &str, most| {
        table
            .get(key)
            .and_then(|n| reader.line(n, key, most))
            .unwrap_or_default()
    };
    let level = table
        .get("marking")
        .and_then(|n| reader.word(n, "marking", "level of a marking", LEVELS));
    let place = table
        .get("marking-place")
        .and_then(|n| reader.word(n, "marking-place", "place of a marking", PLACES))
        .unwrap_or(MarkingPlace::Subject);
    let rules = named(reader, table, "rules");
    let not_rules = named(reader, table, "not-rules");
    let visible_families = table
        .get("visible-families")
        .and_then(|n| reader.number(n, "visible-families", 0..MOST_FAMILIES + 1));
    let seen = |r: &Relation| r.has_family() || *r == Relation::Webmail;
    if visible_families.is_some() && !to.is_empty() && !to.iter().any(seen) {
        let span = table.get("to").map_or(0..0, |n| n.span());
        reader.mistake(
            span,
            "`visible-families` needs families in `to`: contacts or webmail",
        );
    }
    // `relate` never calls somebody so when a pupil is concerned.
    if to.contains(&Relation::Contact)
        && let Some(about) = table.get("about")
    {
        reader.mistake(
            about.span(),
            "a `contact` is one when no pupil is concerned; say `own-contact` or \
             `other-pupils-contact` in `to`",
        );
    }
    let plain = |list: &[Spanned<String>]| list.iter().map(|s| s.get_ref().clone()).collect();
    let example = Example {
        line: reader.line_of(node.span().start),
        sender: table
            .get("sender")
            .map(|n| words(reader, n, "sender", "sender group", GROUPS))
            .filter(|groups| !groups.is_empty())
            .unwrap_or_else(|| vec![SenderGroup::Teacher]),
        subject: text(reader, "subject", MOST_TITLE),
        text: text(reader, "text", MOST_TEXT),
        about: list(reader, table, "about", about),
        found: list(reader, table, "found", finding),
        marking: level.map(|level| (level, place)),
        near_miss: flag(reader, "near-miss"),
        attachments: list(reader, table, "attachments", attachment),
        unread: table
            .get("unread")
            .map(|n| words(reader, n, "unread", "reason", UNREAD_REASONS))
            .unwrap_or_default(),
        visible_families,
        personal_sender: flag(reader, "personal-sender"),
        destination: table
            .get("destination")
            .and_then(|n| reader.word(n, "destination", "destination", DESTINATIONS)),
        domain: table
            .get("domain")
            .and_then(|n| reader.line(n, "domain", MOST_KIND))
            .map(|domain| domain.trim().to_lowercase()),
        agency_kind: table
            .get("agency-kind")
            .and_then(|n| reader.line(n, "agency-kind", MOST_KIND)),
        greets_another: flag(reader, "greets-another"),
        bears_contacts_name: flag(reader, "bears-contacts-name"),
        exceptions: table
            .get("exceptions")
            .and_then(|n| exceptions::read(reader, n))
            .unwrap_or_default(),
        speaks_of: table
            .get("speaks-of")
            .map(|n| {
                let valid: Vec<_> = Category::ALL.iter().map(|c| (*c, c.as_str())).collect();
                words(reader, n, "speaks-of", "category", &valid)
            })
            .unwrap_or_default(),
        sent: table
            .get("sent")
            .and_then(|n| reader.moment(n, "sent"))
            .unwrap_or(date(2026, 1, 14).at(10, 0, 0, 0)),
        forwarded: table
            .get("forwarded")
            .and_then(|n| reader.number(n, "forwarded", 0..101))
            .unwrap_or(0),
        recipients: table
            .get("recipients")
            .and_then(|n| reader.number(n, "recipients", 1..1_001)),
        acts: table
            .get("acts")
            .map(|n| {
                let valid: Vec<_> = NAMES.iter().map(|name| (*name, *name)).collect();
                words(reader, n, "acts", "consequence", &valid)
            })
            .unwrap_or_default(),
        rules: plain(&rules),
        not_rules: plain(&not_rules),
        title: title?,
        to: Some(to).filter(|to| !to.is_empty())?,
        expect: expect?,
    };
    let named = rules
        .into_iter()
        .chain(not_rules)
        .map(|id| (id.get_ref().clone(), id.span()))
        .collect();
    Some(WrittenExample { example, named })
}

/// The ids of rules under a key, with their places.
fn named(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Vec<Spanned<String>> {
    let Some(node) = table.get(key) else {
        return Vec::new();
    };
    let mut list = reader.strings(node, key);
    cut(reader, node, key, &mut list);
    list
}

/// Several words of a vocabulary, in the order of the text.
pub(super) fn words<T: Copy>(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    key: &str,
    what: &str,
    valid: &[(T, &'static str)],
) -> Vec<T> {
    let mut texts = reader.strings(node, key);
    if texts.is_empty() && node.get_ref().as_array().is_some_and(|a| a.is_empty()) {
        reader.mistake(node.span(), format!("`{key}` names nothing"));
    }
    cut(reader, node, key, &mut texts);
    texts
        .iter()
        .filter_map(|text| reader.one_of(text, what, valid))
        .collect()
}

fn cut<T>(reader: &mut Reader<'_>, node: &Node<'_>, key: &str, list: &mut Vec<T>) {
    if list.len() > MOST_OF_EACH {
        reader.mistake(
            node.span(),
            format!("`{key}` of an example has at most {MOST_OF_EACH} entries"),
        );
        list.truncate(MOST_OF_EACH);
    }
}

/// The entries of a list; one entry may stand without its brackets.
fn list<T>(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    one: fn(&mut Reader<'_>, &Node<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(node) = table.get(key) else {
        return Vec::new();
    };
    match node.get_ref().as_array() {
        Some(nodes) => {
            let mut nodes: Vec<&Node<'_>> = nodes.iter().collect();
            cut(reader, node, key, &mut nodes);
            nodes.into_iter().filter_map(|n| one(reader, n)).collect()
        }
        None => one(reader, node).into_iter().collect(),
    }
}

/// `{ categories = ["health"], sensitivity = "highly-sensitive", pupils = 3 }`
fn about(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<About> {
    let table = reader.table(node, "about")?;
    reader.only(table, &["pupils", "categories", "sensitivity"]);
    let valid: Vec<_> = Category::ALL.iter().map(|c| (*c, c.as_str())).collect();
    let categories = table
        .get("categories")
        .map(|n| words(reader, n, "categories", "category", &valid))
        .unwrap_or_default();
    // What the detectors would say of such matter at the least.
    let least = if categories.iter().any(|c| c.is_special()) {
        Sensitivity::Sensitive
    } else {
        Sensitivity::Personal
    };
    Some(About {
        pupils: match table.get("pupils") {
            Some(n) => reader.number(n, "pupils", 1..100_001)?,
            None => 1,
        },
        sensitivity: match table.get("sensitivity") {
            Some(n) => reader.word(n, "sensitivity", "sensitivity", SENSITIVITIES)?,
            None => least,
        },
        categories,
    })
}

/// `"credential"` or `{ kind = "uk.upn", count = 30, confidence = 0.6 }`
fn finding(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<ExampleFinding> {
    let valid: Vec<_> = Kind::ALL.iter().map(|k| (*k, k.as_str())).collect();
    let sure = Confidence::new(0.95);
    if node.get_ref().is_str() {
        return Some(ExampleFinding {
            kind: reader.word(node, "found", "kind of finding", &valid)?,
            count: 1,
            confidence: sure,
        });
    }
    let table = reader.table(node, "found")?;
    reader.only(table, &["kind", "count", "confidence"]);
    let Some(kind) = table.get("kind") else {
        reader.mistake(node.span(), "a finding needs a `kind`");
        return None;
    };
    Some(ExampleFinding {
        kind: reader.word(kind, "kind", "kind of finding", &valid)?,
        count: match table.get("count") {
            Some(n) => reader.number(n, "count", 1..100_001)?,
            None => 1,
        },
        confidence: match table.get("confidence") {
            Some(n) => Confidence::new(reader.share(n, "confidence")?),
            None => sure,
        },
    })
}

/// `{ sensitivity = "sensitive", encryption = "strong" }`
fn attachment(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<ExampleAttachment> {
    let table = reader.table(node, "attachments")?;
    reader.only(table, &["sensitivity", "encryption", "type"]);
    Some(ExampleAttachment {
        sensitivity: match table.get("sensitivity") {
            Some(n) => reader.word(n, "sensitivity", "sensitivity", SENSITIVITIES)?,
            None => Sensitivity::None,
        },
        lock: match table.get("encryption") {
            Some(n) => reader.word(n, "encryption", "encryption", LOCKS)?,
            None => Lock::Open,
        },
        kind: match table.get("type") {
            Some(n) => Some(reader.word(n, "type", "type of file", FILE_TYPES)?),
            None => None,
        },
    })
}
