//! Reads the condition of a rule: a word, or a table with one question.

use std::ops::Range;

use schoolgate_detectors::{Category, Confidence, Kind};
use toml::de::DeTable;

use super::MOST_DEEP;
use super::reader::{Node, Reader};
use super::switches;
use crate::condition::{
    CONSENTS, Condition, DESTINATIONS, FILE_TYPES, GROUPS, Leaf, PERMITTED, RELATIONS,
    SENSITIVITIES, UNREAD_REASONS, stopping_reasons,
};
use crate::exceptions::{Consent, ExceptionKind, Permitted};

type MakeLeaf = fn() -> Leaf;

/// The longest name of hours, in characters.
const MOST_NAME: usize = 40;

/// The conditions that need no value.
const PLAIN: &[(&str, MakeLeaf)] = &[
    ("outside", || Leaf::Outside),
    ("pupil-data", || Leaf::PupilData),
    ("about-others", || Leaf::AboutOthers),
    ("speaks-of-pupils", || Leaf::SpeaksOfPupils),
    ("special-category", || Leaf::SpecialCategory),
    ("encrypted-attachment", || Leaf::EncryptedAttachment),
    ("password-beside", || Leaf::PasswordBeside),
    ("unmarked", || Leaf::Unmarked),
    ("marking-too-low", || Leaf::MarkingTooLow),
    ("marking-near-miss", || Leaf::MarkingNearMiss),
    ("unread", || Leaf::Unread(stopping_reasons())),
    ("personal-sender", || Leaf::PersonalSender),
    ("too-many-visible-families", || Leaf::VisibleFamilies(None)),
    ("mime-ambiguous", || Leaf::MimeAmbiguous),
    ("greets-another", || Leaf::GreetsAnother),
    ("bears-contacts-name", || Leaf::BearsContactsName),
    ("permitted", || Leaf::Permitted([Permitted::Matter].into())),
    ("trusted-recipient", || {
        Leaf::Registered(ExceptionKind::TrustedRecipient)
    }),
    ("dual-role", || Leaf::Registered(ExceptionKind::DualRole)),
    ("family-exception", || {
        Leaf::Registered(ExceptionKind::FamilyException)
    }),
    ("image-opt-out", || {
        Leaf::Registered(ExceptionKind::ImageOptOut)
    }),
    ("photo-consent-missing", || {
        Leaf::PhotoConsent([Consent::Missing, Consent::Withheld].into())
    }),
    ("lawful-disclosure", || Leaf::LawfulDisclosure),
    ("ai-not-agreed", || Leaf::AiNotAgreed),
];

/// The keys of conditions with a value.
const KEYS: &[&str] = &[
    "all",
    "any",
    "not",
    "relation",
    "sensitivity",
    "category",
    "found",
    "pupils",
    "unprotected-attachment",
    "unread",
    "sender",
    "visible-families-over",
    "destination",
    "agency-kind",
    "permitted",
    "photo-consent",
    "switch",
    "speaks-of",
    "conduct",
    "attachment-type",
    "recipients",
    "forwarded",
    "sent-within",
    "sent-outside",
];

/// How an email speaks, by class. The mild degree of the first four is a sharp tone, that
/// of the others private use: the detectors say no more of them.
const CONDUCT: &[(Kind, &str)] = &[
    (Kind::ConductObscene, "obscene"),
    (Kind::ConductDiscriminatory, "discriminatory"),
    (Kind::ConductThreat, "threatening"),
    (Kind::ConductInsult, "insulting"),
    (Kind::ChainLetter, "chain-letter"),
    (Kind::ConductSelling, "selling"),
    (Kind::ConductGambling, "gambling"),
    (Kind::ConductPolitical, "political"),
];

/// The degrees of conduct: whether the strong one counts, and whether the mild one does.
const DEGREES: &[((bool, bool), &str)] = &[
    ((true, false), "strong"),
    ((false, true), "mild"),
    ((true, true), "any"),
];

/// Reads a condition. `None` when it holds a mistake, which the reader has noted.
pub(crate) fn condition(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    depth: usize,
) -> Option<Condition> {
    if depth > MOST_DEEP {
        reader.mistake(
            node.span(),
            format!("conditions are nested deeper than {MOST_DEEP}"),
        );
        return None;
    }
    if node.get_ref().is_str() {
        let word = reader.string(node, "when")?;
        return match PLAIN.iter().find(|(name, _)| name == word.get_ref()) {
            Some((_, leaf)) => Some(Condition::Leaf(leaf())),
            None => {
                let valid = PLAIN
                    .iter()
                    .map(|(name, _)| *name)
                    .chain(KEYS.iter().copied());
                reader.unknown(node.span(), "condition", word.get_ref(), valid);
                None
            }
        };
    }
    let Some(table) = node.get_ref().as_table() else {
        let found = node.get_ref().type_str();
        reader.mistake(
            node.span(),
            format!(
                "a condition must be a word or a table with one key, not a value of type {found}"
            ),
        );
        return None;
    };
    if table.contains_key("found") {
        return found(reader, table);
    }
    if table.contains_key("conduct") {
        return conduct(reader, table);
    }
    single(reader, node.span(), table, depth)
}

fn single(
    reader: &mut Reader<'_>,
    span: Range<usize>,
    table: &DeTable<'_>,
    depth: usize,
) -> Option<Condition> {
    for key in table.keys() {
        let word: &str = key.get_ref();
        if !KEYS.contains(&word) {
            let valid = KEYS
                .iter()
                .copied()
                .chain(PLAIN.iter().map(|(name, _)| *name));
            reader.unknown(key.span(), "condition", word, valid);
            return None;
        }
    }
    let mut entries = table.iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else {
        reader.mistake(
            span,
            "a condition has exactly one key; join several with `all` or `any`",
        );
        return None;
    };
    let word: &str = key.get_ref();
    let leaf = match word {
        "all" => return children(reader, value, word, depth).map(Condition::All),
        "any" => return children(reader, value, word, depth).map(Condition::Any),
        "not" => {
            return condition(reader, value, depth + 1).map(|c| Condition::Not(Box::new(c)));
        }
        "relation" => Leaf::Relation(some(reader.words(value, word, "relation", RELATIONS))?),
        "agency-kind" => Leaf::AgencyKind(some(
            reader
                .strings(value, word)
                .into_iter()
                .map(|kind| kind.into_inner().trim().to_lowercase())
                .filter(|kind| !kind.is_empty())
                .collect(),
        )?),
        "destination" => Leaf::Destination(some(reader.words(
            value,
            word,
            "destination",
            DESTINATIONS,
        ))?),
        "switch" => Leaf::Switch(reader.line(value, word, switches::MOST_NAME)?),
        "sensitivity" => {
            Leaf::Sensitivity(reader.word(value, word, "sensitivity", SENSITIVITIES)?)
        }
        "unprotected-attachment" => {
            Leaf::UnprotectedAttachment(reader.word(value, word, "sensitivity", SENSITIVITIES)?)
        }
        "category" | "speaks-of" => {
            let words: Vec<_> = Category::ALL.iter().map(|c| (*c, c.as_str())).collect();
            let set = some(reader.words(value, word, "category", &words))?;
            match word {
                "category" => Leaf::Category(set),
                _ => Leaf::SpeaksOf(set),
            }
        }
        "attachment-type" => {
            Leaf::FileType(some(reader.words(value, word, "type of file", FILE_TYPES))?)
        }
        "recipients" => Leaf::Recipients(reader.number(value, word, 1..1_000_000)?),
        "forwarded" => Leaf::Forwarded(reader.number(value, word, 1..1_000)?),
        // Whether the pack has such hours is known only when it is joined with its parents.
        "sent-within" | "sent-outside" => Leaf::Hours {
            name: reader.line(value, word, MOST_NAME)?,
            within: word == "sent-within",
        },
        "pupils" => Leaf::Pupils(reader.number(value, word, 1..1_000_000)?),
        "unread" => Leaf::Unread(some(reader.words(value, word, "reason", UNREAD_REASONS))?),
        "sender" => Leaf::Sender(some(reader.words(value, word, "sender group", GROUPS))?),
        "permitted" => Leaf::Permitted(some(reader.words(value, word, "permission", PERMITTED))?),
        "photo-consent" => {
            Leaf::PhotoConsent(some(reader.words(value, word, "consent", CONSENTS))?)
        }
        "visible-families-over" => {
            Leaf::VisibleFamilies(Some(reader.number(value, word, 0..1_000_000)?))
        }
        _ => return None,
    };
    Some(Condition::Leaf(leaf))
}

fn some<T>(set: std::collections::BTreeSet<T>) -> Option<std::collections::BTreeSet<T>> {
    (!set.is_empty()).then_some(set)
}

fn children(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    key: &str,
    depth: usize,
) -> Option<Vec<Condition>> {
    let list = reader.array(node, key)?;
    if list.is_empty() {
        reader.mistake(node.span(), format!("`{key}` joins nothing"));
        return None;
    }
    let read: Vec<Option<Condition>> = list
        .iter()
        .map(|child| condition(reader, child, depth + 1))
        .collect();
    read.into_iter().collect()
}

/// `{ found = ["credential"], at-least = 2, confidence = 0.6 }`
fn found(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Condition> {
    reader.only(table, &["found", "at-least", "confidence"]);
    let words: Vec<_> = Kind::ALL.iter().map(|k| (*k, k.as_str())).collect();
    let kinds = match table.get("found") {
        Some(node) => some(reader.words(node, "found", "kind of finding", &words)),
        None => None,
    };
    let at_least = match table.get("at-least") {
        Some(node) => reader.number(node, "at-least", 1..1_000_000),
        None => Some(1),
    };
    let confidence = match table.get("confidence") {
        Some(node) => reader.share(node, "confidence"),
        None => Some(0.5),
    };
    Some(Condition::Leaf(Leaf::Found {
        kinds: kinds?,
        at_least: at_least?,
        confidence: Confidence::new(confidence?),
    }))
}

/// `{ conduct = ["obscene", "insulting"], degree = "strong" }`
fn conduct(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Condition> {
    reader.only(table, &["conduct", "degree"]);
    let classes = match table.get("conduct") {
        Some(node) => some(reader.words(node, "conduct", "class of conduct", CONDUCT)),
        None => None,
    };
    let degree = match table.get("degree") {
        Some(node) => reader.word(node, "degree", "degree", DEGREES),
        None => Some((true, false)),
    };
    let (classes, (strong, mild)) = (classes?, degree?);
    let mut kinds = std::collections::BTreeSet::new();
    for class in classes {
        if strong {
            kinds.insert(class);
        }
        if mild {
            kinds.insert(match class {
                Kind::ConductObscene
                | Kind::ConductDiscriminatory
                | Kind::ConductThreat
                | Kind::ConductInsult => Kind::ConductTone,
                _ => Kind::ConductPrivateUse,
            });
        }
    }
    Some(Condition::Leaf(Leaf::Found {
        kinds,
        at_least: 1,
        confidence: Confidence::new(0.5),
    }))
}
