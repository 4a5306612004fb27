//! The header of a message: what identifies its writer and readers, and what a person
//! wrote or sees in it.

use mail_parser::{Address, Header, HeaderName, HeaderValue};

use super::text_passage;
use crate::inspection::{Headers, Mailbox};
use crate::text::{Passage, Role};

/// Fields that carry a classification or that classifying programs write.
const CLASSIFICATION: [&str; 12] = [
    "sensitivity",
    "x-protective-marking",
    "msip_labels",
    "keywords",
    "x-keywords",
    "x-classification",
    "x-sensitivity",
    "x-ms-exchange-organization-classification",
    "sio-label",
    "x-titus-labels",
    "x-marking",
    "classification",
];

/// Fields without a word that a person wrote: traces, ids, signatures, list addresses.
pub(super) fn is_machine_field(name: &str) -> bool {
    const EXACT: [&str; 17] = [
        "received",
        "message-id",
        "in-reply-to",
        "references",
        "date",
        "mime-version",
        "return-path",
        "content-type",
        "content-transfer-encoding",
        "content-id",
        "content-language",
        "auto-submitted",
        "thread-index",
        "importance",
        "priority",
        "user-agent",
        "precedence",
    ];
    const START: [&str; 12] = [
        "dkim",
        "arc-",
        "authentication-",
        "list-",
        "received-",
        "x-ms-",
        "x-google-",
        "x-gm-",
        "x-microsoft-",
        "x-forefront",
        "x-spam",
        "x-mailer",
    ];
    EXACT.contains(&name) || START.iter().any(|s| name.starts_with(s))
}

/// Collects the fields that decide identity and notices, all occurrences joined.
pub(super) fn headers(fields: &[Header<'_>]) -> Headers {
    let mut headers = Headers::default();
    let mut subject_seen = false;
    for field in fields {
        let mailboxes = || mailboxes(&field.value);
        match &field.name {
            HeaderName::From => headers.from.extend(mailboxes()),
            HeaderName::Sender => headers.sender.extend(mailboxes()),
            HeaderName::ReplyTo => headers.reply_to.extend(mailboxes()),
            HeaderName::To => headers.to.extend(mailboxes()),
            HeaderName::Cc => headers.cc.extend(mailboxes()),
            HeaderName::Bcc => headers.bcc.extend(mailboxes()),
            HeaderName::Received => headers.received = headers.received.saturating_add(1),
            HeaderName::Subject if !subject_seen => {
                subject_seen = true;
                headers.subject = one_line(&value_text(&field.value));
            }
            HeaderName::MessageId if headers.message_id.is_none() => {
                headers.message_id = identifier(&field.value);
            }
            HeaderName::ReturnPath if headers.return_path.is_none() => {
                headers.return_path = Some(
                    value_text(&field.value)
                        .trim_matches(['<', '>', ' '])
                        .to_owned(),
                );
            }
            HeaderName::AutoSubmitted => {
                let value = one_line(&value_text(&field.value)).to_ascii_lowercase();
                if !value.is_empty() && value != "no" {
                    headers.auto_submitted.get_or_insert(value);
                }
            }
            _ => {}
        }
    }
    headers
}

/// The passages of a header. The subject of a forwarded message is no subject of this one.
pub(super) fn passages(fields: &[Header<'_>], forwarded: bool) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut subject_seen = forwarded;
    for field in fields {
        let name = field.name();
        let lower = name.to_ascii_lowercase();
        if lower == "subject" {
            // Only the first Subject field is shown everywhere.
            let role = match (subject_seen, forwarded) {
                (false, _) => Role::Subject,
                (true, true) => Role::Quoted,
                (true, false) => Role::HeaderField,
            };
            subject_seen = true;
            push(&mut passages, name, role, value_text(&field.value));
        } else if CLASSIFICATION.contains(&lower.as_str()) {
            let role = if forwarded {
                Role::Quoted
            } else {
                Role::Classification
            };
            push(&mut passages, name, role, value_text(&field.value));
        } else if !is_machine_field(&lower) {
            push(
                &mut passages,
                name,
                Role::HeaderField,
                value_text(&field.value),
            );
        }
    }
    passages
}

fn push(passages: &mut Vec<Passage>, name: &str, role: Role, text: String) {
    let text = one_line(&text);
    if !text.is_empty() {
        passages.push(text_passage(name, role, text));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn identifier(value: &HeaderValue<'_>) -> Option<String> {
    let text = value_text(value);
    let id = text.trim().trim_matches(['<', '>']).trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// The text of a field as a person would read it.
pub(super) fn value_text(value: &HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Text(text) => text.to_string(),
        HeaderValue::TextList(list) => list.join(", "),
        HeaderValue::Address(_) => mailboxes(value)
            .into_iter()
            .map(|m| match (m.name.as_str(), m.address.as_str()) {
                ("", address) => address.to_owned(),
                (name, "") => name.to_owned(),
                (name, address) => format!("{name} <{address}>"),
            })
            .collect::<Vec<_>>()
            .join(", "),
        HeaderValue::ContentType(_)
        | HeaderValue::DateTime(_)
        | HeaderValue::Received(_)
        | HeaderValue::Empty => String::new(),
    }
}

fn mailboxes(value: &HeaderValue<'_>) -> Vec<Mailbox> {
    let HeaderValue::Address(address) = value else {
        // An address field that does not parse still tells whom it is about.
        let text = one_line(&value_text_plain(value));
        return if text.is_empty() {
            Vec::new()
        } else {
            vec![Mailbox {
                name: text,
                address: String::new(),
            }]
        };
    };
    let addresses: Vec<_> = match address {
        Address::List(list) => list.iter().collect(),
        Address::Group(groups) => groups.iter().flat_map(|g| g.addresses.iter()).collect(),
    };
    addresses
        .into_iter()
        .map(|a| Mailbox {
            name: one_line(a.name.as_deref().unwrap_or_default()),
            address: lower_domain(a.address.as_deref().unwrap_or_default()),
        })
        .filter(|m| !m.name.is_empty() || !m.address.is_empty())
        .collect()
}

fn value_text_plain(value: &HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Text(text) => text.to_string(),
        HeaderValue::TextList(list) => list.join(", "),
        _ => String::new(),
    }
}

fn lower_domain(address: &str) -> String {
    let address = address.trim();
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => address.to_owned(),
    }
}
