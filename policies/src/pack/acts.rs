//! The keys of a rule that say what follows besides its verdict.

use toml::de::DeTable;

use super::reader::{Node, Reader};
use super::template;
use crate::acts::{
    ALERTS, Acts, Alert, MARK_AT, MarkAt, OFFERINGS, Offering, SEVERITIES, Severity, TICKETS, TOLD,
    TicketWish, Told,
};

/// The keys.
pub(crate) const KEYS: &[&str] = &[
    "mark",
    "require-tls",
    "offer",
    "notify",
    "ticket",
    "severity",
    "alert",
    "tip",
];

/// As written: `Some(None)` takes away what an inherited rule has.
#[derive(Default)]
pub(crate) struct WrittenActs {
    mark: Option<Option<MarkAt>>,
    require_tls: Option<bool>,
    offer: Option<Option<Offering>>,
    notify: Option<Vec<Told>>,
    ticket: Option<TicketWish>,
    severity: Option<Severity>,
    alert: Option<Option<Alert>>,
    tip: Option<String>,
}

impl WrittenActs {
    pub(crate) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Self {
        Self {
            mark: table
                .get("mark")
                .and_then(|n| or_none(reader, n, "mark", "place for a marking", MARK_AT)),
            require_tls: table
                .get("require-tls")
                .and_then(|n| reader.boolean(n, "require-tls")),
            offer: table
                .get("offer")
                .and_then(|n| or_none(reader, n, "offer", "offer", OFFERINGS)),
            notify: table.get("notify").map(|n| {
                let mut told = Vec::new();
                for text in &reader.strings(n, "notify") {
                    if let Some(who) = reader.one_of(text, "role to notify", TOLD)
                        && !told.contains(&who)
                    {
                        told.push(who);
                    }
                }
                told
            }),
            ticket: table
                .get("ticket")
                .and_then(|n| reader.word(n, "ticket", "kind of ticket", TICKETS)),
            severity: table
                .get("severity")
                .and_then(|n| reader.word(n, "severity", "severity", SEVERITIES)),
            alert: table
                .get("alert")
                .and_then(|n| or_none(reader, n, "alert", "role to alert", ALERTS)),
            tip: table
                .get("tip")
                .and_then(|n| reader.string(n, "tip"))
                .map(|text| {
                    template::check(reader, &text, "tip");
                    text.into_inner()
                }),
        }
    }

    /// Puts what is written in the place of what was there.
    pub(crate) fn join(self, acts: &mut Acts) {
        acts.mark = self.mark.unwrap_or(acts.mark);
        acts.require_tls = self.require_tls.unwrap_or(acts.require_tls);
        acts.offer = self.offer.unwrap_or(acts.offer);
        acts.notify = self
            .notify
            .unwrap_or_else(|| std::mem::take(&mut acts.notify));
        acts.ticket = self.ticket.or(acts.ticket);
        acts.severity = self.severity.or(acts.severity);
        acts.alert = self.alert.unwrap_or(acts.alert);
        acts.tip = self.tip.or_else(|| acts.tip.take());
    }
}

/// A word of a vocabulary, or "none".
fn or_none<T: Copy>(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    key: &str,
    what: &str,
    words: &[(T, &'static str)],
) -> Option<Option<T>> {
    let mut valid: Vec<(Option<T>, &'static str)> = words
        .iter()
        .map(|(value, word)| (Some(*value), *word))
        .collect();
    valid.push((None, "none"));
    reader.word(node, key, what, &valid)
}
