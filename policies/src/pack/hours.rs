//! `[hours]`: times of the week that rules may name, in the school's own time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use super::reader::{Node, Reader};

/// The most names, and the most spans of one.
const MOST_OF_EACH: usize = 20;
/// The longest name, in characters.
const MOST_LONG: usize = 40;
/// The clock of UK schools: summer time from the last Sunday of March, 01:00 UTC, to that
/// of October (Summer Time Act 1972). Written out, since this crate reads no files.
const SCHOOL_CLOCK: &str = "GMT0BST,M3.5.0/1,M10.5.0/2";

/// The named times of a pack.
pub type Hours = BTreeMap<String, Vec<Span>>;

/// From one time to another, on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub days: Vec<Weekday>,
    pub from: Time,
    /// Not included.
    pub to: Time,
}

impl Span {
    fn holds(&self, at: DateTime) -> bool {
        self.days.contains(&at.weekday()) && self.from <= at.time() && at.time() < self.to
    }
}

/// Whether a moment lies in any of these spans. Microseconds since the epoch, UTC.
pub(crate) fn within(spans: &[Span], moment: i64) -> bool {
    let at = local(moment);
    spans.iter().any(|span| span.holds(at))
}

/// A moment by the clock on the school's wall.
pub(crate) fn local(moment: i64) -> DateTime {
    let zone = TimeZone::posix(SCHOOL_CLOCK).unwrap_or(TimeZone::UTC);
    Timestamp::from_microsecond(moment)
        .unwrap_or_default()
        .to_zoned(zone)
        .datetime()
}

/// The moment at which the school's clock shows this.
pub(crate) fn moment(at: DateTime) -> i64 {
    let zone = TimeZone::posix(SCHOOL_CLOCK).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone)
        .map_or(0, |zoned| zoned.timestamp().as_microsecond())
}

const DAYS: &[(Weekday, &str)] = &[
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

/// Times in words: "mon, tue 08:00 to 18:00".
pub(crate) fn said(spans: &[Span]) -> String {
    let one = |span: &Span| {
        let days: Vec<&str> = DAYS
            .iter()
            .filter(|(day, _)| span.days.contains(day))
            .map(|(_, word)| *word)
            .collect();
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        format!(
            "{} {} to {}",
            days.join(", "),
            clock(span.from),
            clock(span.to)
        )
    };
    spans.iter().map(one).collect::<Vec<_>>().join("; ")
}

pub(crate) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Hours {
    let mut hours = Hours::new();
    let Some(table) = reader.table(node, "hours") else {
        return hours;
    };
    if table.len() > MOST_OF_EACH {
        reader.mistake(
            node.span(),
            format!("a pack names at most {MOST_OF_EACH} hours"),
        );
    }
    for (name, node) in table.iter().take(MOST_OF_EACH) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let word: &str = name.get_ref();
        if word.is_empty() || word.len() > MOST_LONG || !word.chars().all(fits) {
            reader.mistake(
                name.span(),
                "a name of hours is made of small letters, digits and `-`, at most 40 of them",
            );
            continue;
        }
        let nodes: Vec<&Node<'_>> = match node.get_ref().as_array() {
            Some(list) => list.iter().take(MOST_OF_EACH).collect(),
            None => vec![node],
        };
        if nodes.is_empty() {
            reader.mistake(node.span(), format!("`{word}` names no time"));
        }
        let spans = nodes.into_iter().filter_map(|n| span(reader, n)).collect();
        hours.insert(word.to_owned(), spans);
    }
    hours
}

/// `{ days = ["mon", "fri"], from = "08:00", to = "18:00" }`; without days, Monday to Friday.
fn span(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Span> {
    let table = reader.table(node, "hours")?;
    reader.only(table, &["days", "from", "to"]);
    let days = match table.get("days") {
        Some(node) => {
            let texts = reader.strings(node, "days");
            if texts.is_empty() {
                reader.mistake(node.span(), "`days` names no day");
            }
            texts
                .iter()
                .filter_map(|text| reader.one_of(text, "day", DAYS))
                .collect()
        }
        None => DAYS.iter().take(5).map(|(day, _)| *day).collect(),
    };
    let mut clock = |key: &str| {
        let Some(node) = table.get(key) else {
            reader.mistake(node.span(), format!("hours need a `{key}`"));
            return None;
        };
        let text = reader.string(node, key)?;
        // The end of a day is the last moment that a clock can show.
        let read = match text.get_ref().as_str() {
            "24:00" => Some(Time::MAX),
            written => Time::strptime("%H:%M", written).ok(),
        };
        if read.is_none() {
            reader.mistake(
                text.span(),
                format!("`{key}` must be a time such as \"08:30\""),
            );
        }
        read
    };
    let (from, to) = (clock("from"), clock("to"));
    let (from, to) = (from?, to?);
    if to <= from {
        reader.mistake(
            node.span(),
            "`to` must come after `from`; name times over midnight as two",
        );
        return None;
    }
    Some(Span { days, from, to })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn the_schools_clock_knows_summer_time() {
        let at = |text: &str| local(text.parse::<Timestamp>().unwrap().as_microsecond());
        assert_eq!(
            at("2026-01-15T12:00:00Z"),
            datetime(2026, 1, 15, 12, 0, 0, 0)
        );
        assert_eq!(
            at("2026-07-15T12:00:00Z"),
            datetime(2026, 7, 15, 13, 0, 0, 0)
        );
        assert_eq!(at("2026-03-29T00:59:59Z").hour(), 0);
        assert_eq!(at("2026-03-29T01:00:00Z").hour(), 2);
        assert_eq!(at("2026-10-25T00:59:59Z").hour(), 1);
        assert_eq!(at("2026-10-25T01:00:00Z").hour(), 1);
        let noon = datetime(2026, 7, 15, 12, 0, 0, 0);
        assert_eq!(local(moment(noon)), noon);
    }
}
