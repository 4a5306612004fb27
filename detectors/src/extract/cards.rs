//! Calendars and visiting cards (RFC 5545, RFC 6350, and vCard 2.1 before them).
//!
//! Each event or person becomes one passage, so that a name stands beside what is said
//! about it; files that are kept inside become members.

use super::{File, Reader, charset, html, text_passage, transfer};
use crate::text::Passage;

/// Files of one calendar or card file that are read.
const FILES: usize = 500;

/// What such a file is called; None when it is neither.
pub(super) fn noun(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let start = start.trim_ascii_start().to_ascii_uppercase();
    if start.starts_with(b"BEGIN:VCALENDAR") {
        Some("calendar")
    } else if start.starts_with(b"BEGIN:VCARD") {
        Some("visiting card")
    } else {
        None
    }
}

/// Reads a calendar or a file of visiting cards.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let left = reader.budget.text_left();
    let bytes = reader.within_text(file, left);
    let text = charset::decode(bytes, file.charset.as_deref());
    let mut cards = Cards::new(file);
    for line in content_lines(&text) {
        if let Some(property) = Property::parse(&line) {
            cards.property(&property);
        }
    }
    cards.end();
    reader.document(&file.path, file.disposition, cards.passages);
    for (i, (name, declared, bytes)) in cards.files.into_iter().enumerate() {
        reader.budget.charge_unpacked(bytes.len() as u64);
        reader.file(File {
            path: file
                .path
                .child(name.as_deref().unwrap_or(&format!("inline {}", i + 1))),
            name,
            declared,
            charset: None,
            disposition: crate::inspection::Disposition::Member,
            role: crate::text::Role::Document,
            depth: file.depth + 1,
            bytes: &bytes,
        });
    }
}

/// The logical lines: folded ones put together (RFC 5545 §3.1), and those of vCard 2.1 that
/// end with the soft break of quoted-printable.
fn content_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut soft = false;
    for line in text.lines() {
        match (lines.last_mut(), line.strip_prefix([' ', '\t'])) {
            (Some(last), _) if soft => {
                last.pop();
                last.push_str(line);
            }
            (Some(last), Some(rest)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
        soft = lines.last().is_some_and(|last| {
            last.ends_with('=')
                && last
                    .split(':')
                    .next()
                    .is_some_and(|head| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"))
        });
    }
    lines
}

/// A property with its parameters and its value, decoded.
#[derive(Debug, PartialEq, Eq)]
struct Property {
    /// Upper case, without the group before the dot.
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Property {
    fn parse(line: &str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.char_indices().find_map(|(i, c)| {
            quoted ^= c == '"';
            (c == ':' && !quoted).then_some(i)
        })?;
        let (head, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        let mut fields = outside_quotes(head, ';').into_iter();
        let name = fields.next()?.to_ascii_uppercase();
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        let parameters = fields
            .map(|field| match field.split_once('=') {
                Some((key, value)) => {
                    (key.to_ascii_uppercase(), value.trim_matches('"').to_owned())
                }
                // vCard 2.1 writes the value alone.
                None => ("ENCODING".to_owned(), field.to_owned()),
            })
            .collect();
        let mut property = Self {
            name,
            parameters,
            value: value.to_owned(),
        };
        if property.is("ENCODING", "QUOTED-PRINTABLE") {
            let octets = transfer::quoted_printable(value.as_bytes());
            let label = property.parameter("CHARSET").map(str::to_owned);
            property.value = charset::decode(&octets, label.as_deref()).into_owned();
        }
        Some(property)
    }

    fn parameter(&self, key: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(k, _)| k == key);
        found.map(|(_, value)| value.as_str())
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.parameters
            .iter()
            .any(|(k, v)| k == key && v.eq_ignore_ascii_case(value))
    }

    /// The file in the value, with its name and declared type.
    fn file(&self) -> Option<(Option<String>, String, Vec<u8>)> {
        let name = [
            "X-FILENAME",
            "FILENAME",
            "X-ORACLE-FILENAME",
            "X-APPLE-FILENAME",
        ]
        .iter()
        .find_map(|key| self.parameter(key))
        .map(str::to_owned);
        if let Some(embedded) = html::data_address(self.value.trim()) {
            return Some((name, embedded.declared, embedded.bytes));
        }
        if self.is("ENCODING", "BASE64") || self.is("ENCODING", "B") {
            let declared = self.parameter("FMTTYPE").unwrap_or_default();
            let bytes = transfer::base64(self.value.as_bytes());
            return Some((name, declared.to_ascii_lowercase(), bytes));
        }
        None
    }

    /// The value as a person reads it.
    fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                // The parts of a name or an address.
                ';' if matches!(self.name.as_str(), "N" | "ADR" | "ORG") => text.push_str(", "),
                other => text.push(other),
            }
        }
        let text = text.trim().trim_matches([',', ' ']);
        let address = ["mailto:", "MAILTO:", "Mailto:", "tel:", "TEL:"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let mut shown = String::new();
        for key in ["CN", "X-CN", "SENT-BY", "X-ADDRESSBOOKSERVER-NAME"] {
            if let Some(name) = self.parameter(key) {
                shown.push_str(name);
                shown.push(' ');
            }
        }
        shown.push_str(address.unwrap_or(text));
        shown.trim().to_owned()
    }
}

fn outside_quotes(text: &str, at: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == at && !quoted
    })
    .collect()
}

/// Properties for programs: when, how often, which version.
fn is_machine(name: &str) -> bool {
    const EXACT: [&str; 34] = [
        "BEGIN",
        "END",
        "VERSION",
        "PRODID",
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DUE",
        "DURATION",
        "CREATED",
        "LAST-MODIFIED",
        "SEQUENCE",
        "RRULE",
        "EXRULE",
        "RDATE",
        "EXDATE",
        "TRANSP",
        "STATUS",
        "METHOD",
        "CALSCALE",
        "REV",
        "TRIGGER",
        "ACTION",
        "REPEAT",
        "TZID",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "TZNAME",
        "PRIORITY",
        "RECURRENCE-ID",
        "CLASS",
        "PROFILE",
        "KIND",
    ];
    EXACT.contains(&name)
        || [
            "X-MICROSOFT-",
            "X-MS-",
            "X-MOZ-",
            "X-WR-TIMEZONE",
            "X-GOOGLE-CONFERENCE",
            "X-LIC-",
        ]
        .iter()
        .any(|start| name.starts_with(start))
}

/// A word for a property where its name is none.
fn label(name: &str) -> &str {
    match name {
        "N" | "FN" => "Name",
        "BDAY" => "Date of birth",
        "TEL" => "Telephone",
        "ADR" => "Address",
        "EMAIL" => "E-mail",
        "ORG" => "Organisation",
        "X-ALT-DESC" => "Description",
        other => other,
    }
}

struct Cards<'f, 'b> {
    file: &'f File<'b>,
    passages: Vec<Passage>,
    files: Vec<(Option<String>, String, Vec<u8>)>,
    noun: &'static str,
    number: u32,
    lines: Vec<String>,
    more: Vec<Passage>,
}

impl<'f, 'b> Cards<'f, 'b> {
    fn new(file: &'f File<'b>) -> Self {
        Self {
            file,
            passages: Vec::new(),
            files: Vec::new(),
            noun: "calendar",
            number: 0,
            lines: Vec::new(),
            more: Vec::new(),
        }
    }

    fn property(&mut self, property: &Property) {
        if property.name == "BEGIN" {
            let noun = match property.value.trim().to_ascii_uppercase().as_str() {
                "VEVENT" => "event",
                "VTODO" => "task",
                "VJOURNAL" => "journal entry",
                "VCARD" => "contact",
                _ => return,
            };
            self.end();
            self.noun = noun;
            self.number = self.number.saturating_add(1);
            return;
        }
        if is_machine(&property.name) {
            return;
        }
        if let Some(file) = property.file() {
            if self.files.len() < FILES {
                self.files.push(file);
            }
            return;
        }
        let text = property.text();
        if text.is_empty() {
            return;
        }
        let is_page = property.is("FMTTYPE", "text/html") || property.name == "X-ALT-DESC";
        if is_page {
            // The description once more, as a web page.
            for mut passage in html::read(&text, self.file.role).passages {
                passage.place = format!("{} {}, {}", self.noun, self.number, passage.place);
                self.more.push(passage);
            }
            return;
        }
        self.lines
            .push(format!("{}: {text}", label(&property.name)));
    }

    /// Ends the component that is open.
    fn end(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if !lines.is_empty() {
            let place = match self.number {
                0 => self.noun.to_owned(),
                n => format!("{} {n}", self.noun),
            };
            self.passages
                .push(text_passage(place, self.file.role, lines.join("\n")));
        }
        self.passages.append(&mut self.more);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn property(line: &str) -> (String, String) {
        let property = Property::parse(line).unwrap();
        (property.name.clone(), property.text())
    }

    #[test]
    fn properties_are_read_as_people_read_them() {
        for (line, name, text) in [
            (
                "SUMMARY:Meeting\\, room 2\\nbring notes",
                "SUMMARY",
                "Meeting, room 2\nbring notes",
            ),
            (
                "ATTENDEE;CN=\"Smith; Jamie\";ROLE=REQ:mailto:j@a.example",
                "ATTENDEE",
                "Smith; Jamie j@a.example",
            ),
            (
                "item1.TEL;TYPE=\"cell:x\":07700 900123",
                "TEL",
                "07700 900123",
            ),
            ("N:Smith;Jamie;;;", "N", "Smith, Jamie"),
            (
                "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=AB",
                "NOTE",
                "Zoë",
            ),
            ("NOTE;QUOTED-PRINTABLE:a=3Db", "NOTE", "a=b"),
        ] {
            assert_eq!(property(line), (name.into(), text.into()));
        }
        assert_eq!(Property::parse("no colon"), None);
    }

    #[test]
    fn long_lines_are_put_together() {
        assert_eq!(
            content_lines("A:x\r\n y\r\nNOTE;QUOTED-PRINTABLE:a=\r\nb\r\nC:z"),
            ["A:xy", "NOTE;QUOTED-PRINTABLE:ab", "C:z"]
        );
    }

    #[test]
    fn files_inside_are_kept() {
        let inline = Property::parse(
            "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.txt:SmFtaWU=",
        );
        assert_eq!(
            inline.unwrap().file(),
            Some((Some("a.txt".into()), "text/plain".into(), b"Jamie".to_vec()))
        );
        let card = Property::parse("PHOTO;ENCODING=b;TYPE=JPEG:/9j/").unwrap();
        assert_eq!(card.file().unwrap().2, [0xff, 0xd8, 0xff]);
    }

    proptest! {
        #[test]
        fn any_line_is_a_property_or_none(line in "[A-Z;:=\"\\\\a ,.-]{0,60}") {
            if let Some(property) = Property::parse(&line) {
                prop_assert!(property.text().len() <= 2 * line.len() + 8);
            }
        }
    }
}
