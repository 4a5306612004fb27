//! The head of a pack: the policy that it puts into force, and whom to ask.

use jiff::civil::Date;
use toml::de::DeTable;

use super::reader::{Node, Reader};

/// A review within so many days is worth a reminder.
const SOON_DAYS: i32 = 30;
/// The longest title, name or role, in characters.
const MOST_LONG: usize = 200;
/// More people than this nobody asks.
const MOST_CONTACTS: usize = 20;

/// The document behind a pack, as the governors approved it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyDocument {
    /// Its title; empty when the pack does not say.
    pub title: String,
    /// Who approved it; empty when the pack does not say.
    pub approved_by: String,
    /// When it was last reviewed.
    pub reviewed: Option<Date>,
    /// When it is to be reviewed again.
    pub next_review: Option<Date>,
}

/// Somebody to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// What they are: `Designated safeguarding lead`.
    pub role: String,
    /// How to reach them: an address, a number, a room.
    pub reach: String,
}

/// How the review of a policy stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// The pack names no day.
    Unstated,
    /// It is due on this day, which is not near.
    Later(Date),
    /// It is due within the month.
    Soon(Date),
    /// It was due on this day.
    Overdue(Date),
}

impl PolicyDocument {
    /// How its review stands on this day.
    pub fn review(&self, today: Date) -> Review {
        let Some(due) = self.next_review else {
            return Review::Unstated;
        };
        let days = today.until(due).map_or(i32::MAX, |span| span.get_days());
        match days {
            ..0 => Review::Overdue(due),
            0..=SOON_DAYS => Review::Soon(due),
            _ => Review::Later(due),
        }
    }

    /// Whether people are to be reminded on just this day: a month and a week before, on
    /// the day itself, and every four weeks after.
    pub fn reminds_on(&self, today: Date) -> bool {
        self.next_review
            .and_then(|due| today.until(due).ok())
            .is_some_and(|span| match span.get_days() {
                days @ ..0 => days % 28 == 0,
                days => matches!(days, 0 | 7 | SOON_DAYS),
            })
    }

    /// A reminder for people, when one is due on this day.
    pub fn reminder(&self, today: Date) -> Option<String> {
        let title = match self.title.as_str() {
            "" => "The policy behind the mail rules",
            title => title,
        };
        match self.review(today) {
            Review::Unstated | Review::Later(_) => None,
            Review::Soon(due) => Some(format!("{title} is due for review on {}.", said(due))),
            Review::Overdue(due) => Some(format!("{title} was due for review on {}.", said(due))),
        }
    }
}

/// A day as people read it: `1 September 2026`.
pub(crate) fn said(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

pub(crate) fn policy(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<PolicyDocument> {
    let table = reader.table(node, "policy")?;
    reader.only(table, &["title", "approved-by", "reviewed", "next-review"]);
    let text = |reader: &mut Reader<'_>, key: &str| {
        table
            .get(key)
            .and_then(|n| reader.line(n, key, MOST_LONG))
            .unwrap_or_default()
    };
    let document = PolicyDocument {
        title: text(reader, "title"),
        approved_by: text(reader, "approved-by"),
        reviewed: table
            .get("reviewed")
            .and_then(|n| reader.day(n, "reviewed")),
        next_review: table
            .get("next-review")
            .and_then(|n| reader.day(n, "next-review")),
    };
    if let (Some(reviewed), Some(next)) = (document.reviewed, document.next_review)
        && next <= reviewed
    {
        let span = table.get("next-review").map_or(0..0, |n| n.span());
        reader.mistake(span, "`next-review` must come after `reviewed`");
    }
    Some(document)
}

pub(crate) fn contacts(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Vec<Contact>> {
    let list = reader.array(node, "contacts")?;
    if list.len() > MOST_CONTACTS {
        reader.mistake(
            node.span(),
            format!("a pack has at most {MOST_CONTACTS} contacts"),
        );
    }
    Some(
        list.iter()
            .take(MOST_CONTACTS)
            .filter_map(|entry| {
                let table = reader.table(entry, "contacts")?;
                reader.only(table, &["role", "reach"]);
                Some(Contact {
                    role: needed(reader, entry, table, "role")?,
                    reach: needed(reader, entry, table, "reach")?,
                })
            })
            .collect(),
    )
}

fn needed(
    reader: &mut Reader<'_>,
    entry: &Node<'_>,
    table: &DeTable<'_>,
    key: &str,
) -> Option<String> {
    let Some(node) = table.get(key) else {
        reader.mistake(entry.span(), format!("a contact needs a `{key}`"));
        return None;
    };
    reader.line(node, key, MOST_LONG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_review_is_remembered_a_month_before() {
        let policy = PolicyDocument {
            title: "Acceptable use of ICT".into(),
            next_review: Some(date(2026, 9, 1)),
            ..PolicyDocument::default()
        };
        let said = |y, m, d| policy.reminder(date(y, m, d)).unwrap_or_default();
        assert_eq!(said(2026, 8, 1), "");
        assert_eq!(
            said(2026, 8, 2),
            "Acceptable use of ICT is due for review on 1 September 2026."
        );
        assert_eq!(
            said(2026, 9, 1),
            "Acceptable use of ICT is due for review on 1 September 2026."
        );
        assert_eq!(
            said(2027, 10, 5),
            "Acceptable use of ICT was due for review on 1 September 2026."
        );
        let on = |y, m, d| policy.reminds_on(date(y, m, d));
        assert!(on(2026, 8, 2) && on(2026, 8, 25) && on(2026, 9, 1) && on(2026, 9, 29));
        assert!(!on(2026, 8, 3) && !on(2026, 9, 2) && !on(2026, 9, 28));
        assert_eq!(
            PolicyDocument::default().review(date(2026, 9, 1)),
            Review::Unstated
        );
    }
}
