//! Rich Text: control words, groups and escaped characters (RTF 1.9.1).

use encoding_rs::{Encoding, WINDOWS_1252};

use super::{File, Reader, ole_package, text_passage};
use crate::inspection::UnreadReason;
use crate::text::{Passage, Role};

/// Reads a Rich Text file.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let left = reader.budget.text_left();
    let bytes = reader.within_text(file, left);
    let text = Parser::new(bytes).run();
    reader.document(&file.path, file.disposition, text.passages);
    objects(reader, file, &text.objects);
}

/// Reads the objects of a Rich Text document.
pub(super) fn objects(reader: &mut Reader<'_>, file: &File<'_>, objects: &[Vec<u8>]) {
    for bytes in objects {
        reader.budget.charge_unpacked(bytes.len() as u64);
        match ole_package::object(bytes) {
            Some((name, content)) => reader.member(file, &name, content),
            None => {
                let noun = "an object inside a Rich Text document";
                reader.unread(&file.path, UnreadReason::UnknownFormat, noun);
            }
        }
    }
}

/// The text of a Rich Text document that is part of something else, and the objects in it.
pub(super) fn passages(bytes: &[u8]) -> (Vec<Passage>, Vec<Vec<u8>>) {
    let text = Parser::new(bytes).run();
    (text.passages, text.objects)
}

struct Output {
    passages: Vec<Passage>,
    objects: Vec<Vec<u8>>,
}

/// What a group passes on to the groups inside it.
#[derive(Clone, Copy)]
struct Group {
    role: Option<Role>,
    /// Characters that stand in for one `\u` character.
    fallback: usize,
    hidden: bool,
    /// Its text is an object in hexadecimal digits.
    object: bool,
}

struct Parser<'b> {
    rest: &'b [u8],
    groups: Vec<Group>,
    group: Group,
    encoding: &'static Encoding,
    /// Octets that are not decoded yet: a character may have two of them.
    octets: Vec<u8>,
    text: String,
    text_role: Role,
    skip: usize,
    high_digit: Option<u8>,
    passages: Vec<Passage>,
    objects: Vec<Vec<u8>>,
}

/// Groups nested deeper than this are read as if they were not there.
const GROUPS: usize = 1024;

/// Objects of one document that are read.
const OBJECTS: usize = 500;

impl<'b> Parser<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self {
            rest: bytes,
            groups: Vec::new(),
            group: Group {
                role: Some(Role::Document),
                fallback: 1,
                hidden: false,
                object: false,
            },
            encoding: WINDOWS_1252,
            octets: Vec::new(),
            text: String::new(),
            text_role: Role::Document,
            skip: 0,
            high_digit: None,
            passages: Vec::new(),
            objects: Vec::new(),
        }
    }

    fn run(mut self) -> Output {
        while let Some((&first, rest)) = self.rest.split_first() {
            self.rest = rest;
            match first {
                b'{' => {
                    self.skip = 0;
                    if self.groups.len() < GROUPS {
                        self.groups.push(self.group);
                    }
                }
                b'}' => {
                    self.skip = 0;
                    self.settle();
                    if self.group.role == Some(Role::Metadata) {
                        self.paragraph();
                    }
                    if let Some(group) = self.groups.pop() {
                        self.group = group;
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                octet if self.group.object => self.object_digit(octet),
                octet => self.octet(octet),
            }
        }
        self.paragraph();
        Output {
            passages: self.passages,
            objects: self.objects,
        }
    }

    fn control(&mut self) {
        let Some((&first, rest)) = self.rest.split_first() else {
            return;
        };
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            match first {
                b'\'' => {
                    let digit = |b: Option<&u8>| b.and_then(|b| (*b as char).to_digit(16));
                    if let (Some(high), Some(low)) = (digit(rest.first()), digit(rest.get(1))) {
                        self.rest = rest.get(2..).unwrap_or_default();
                        self.octet((high << 4 | low) as u8);
                    }
                }
                b'*' => self.group.role = None,
                b'~' => self.character('\u{a0}'),
                b'_' => self.character('-'),
                b'-' => {}
                b'\r' | b'\n' => self.paragraph(),
                octet => self.octet(octet),
            }
            return;
        }
        let end = self
            .rest
            .iter()
            .position(|b| !b.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        let sign = usize::from(after.first() == Some(&b'-'));
        let digits = after
            .iter()
            .skip(sign)
            .take(10)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number_end = if digits > 0 { sign + digits } else { 0 };
        let (number, after) = after.split_at(number_end.min(after.len()));
        let number: Option<i64> = std::str::from_utf8(number)
            .ok()
            .and_then(|n| n.parse().ok());
        self.rest = after.strip_prefix(b" ").unwrap_or(after);
        self.word(word, number);
    }

    fn word(&mut self, word: &[u8], number: Option<i64>) {
        match word {
            b"par" | b"sect" | b"page" | b"row" => self.paragraph(),
            b"line" => self.character('\n'),
            b"tab" | b"cell" | b"nestcell" => self.character('\t'),
            b"u" => {
                self.settle_octets();
                let value = number.unwrap_or(0);
                let value = if value < 0 { value + 65_536 } else { value };
                let c = u32::try_from(value).ok().and_then(char::from_u32);
                self.character(c.unwrap_or('\u{fffd}'));
                self.skip = self.group.fallback;
            }
            b"uc" => {
                self.group.fallback = number
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(1)
                    .min(16);
            }
            b"ansicpg" => {
                let label = format!("windows-{}", number.unwrap_or(1252));
                if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
                    self.encoding = encoding;
                }
            }
            b"bin" => {
                let length = number.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
                let (bytes, rest) = self.rest.split_at(length.min(self.rest.len()));
                self.rest = rest;
                if self.group.object
                    && let Some(object) = self.objects.last_mut()
                {
                    object.extend_from_slice(bytes);
                }
            }
            b"v" => {
                self.settle();
                self.group.hidden = number != Some(0);
            }
            b"deleted" => {
                self.settle();
                self.group.hidden = number != Some(0);
            }
            b"lquote" | b"rquote" => self.character('\''),
            b"ldblquote" | b"rdblquote" => self.character('"'),
            b"emdash" | b"endash" | b"bullet" => self.character('-'),
            b"fonttbl" | b"colortbl" | b"stylesheet" | b"pict" | b"themedata" | b"datastore"
            | b"listtable" | b"listoverridetable" | b"rsidtbl" | b"generator" | b"xmlnstbl"
            | b"latentstyles" | b"fldinst" => self.group.role = None,
            b"objdata" => {
                self.group.role = None;
                self.group.object = true;
                if self.objects.len() < OBJECTS {
                    self.objects.push(Vec::new());
                }
            }
            b"info" | b"annotation" | b"atnauthor" => {
                self.settle();
                self.group.role = Some(Role::Metadata);
            }
            b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl"
            | b"footerr" | b"footerf" => {
                self.settle();
                self.group.role = Some(Role::RunningHead);
            }
            b"shptxt" | b"footnote" => {
                self.settle();
                self.group.role = Some(Role::Document);
            }
            _ => {}
        }
    }

    /// Two digits are an octet; all else between them means nothing.
    fn object_digit(&mut self, octet: u8) {
        let Some(value) = (octet as char).to_digit(16) else {
            return;
        };
        match self.high_digit.take() {
            None => self.high_digit = Some(value as u8),
            Some(high) => {
                if let Some(object) = self.objects.last_mut() {
                    object.push(high << 4 | value as u8);
                }
            }
        }
    }

    fn octet(&mut self, octet: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.role().is_some() {
            self.prepare();
            self.octets.push(octet);
        }
    }

    fn character(&mut self, c: char) {
        if self.role().is_some() {
            self.prepare();
            self.settle_octets();
            self.text.push(c);
        }
    }

    fn role(&self) -> Option<Role> {
        match self.group.role {
            Some(_) if self.group.hidden => Some(Role::Hidden),
            role => role,
        }
    }

    /// Text of another role starts a passage of its own.
    fn prepare(&mut self) {
        if let Some(role) = self.role()
            && role != self.text_role
        {
            self.paragraph();
            self.text_role = role;
        }
    }

    fn settle_octets(&mut self) {
        if !self.octets.is_empty() {
            let (text, _, _) = self.encoding.decode(&self.octets);
            self.text.push_str(&text);
            self.octets.clear();
        }
    }

    fn settle(&mut self) {
        self.settle_octets();
    }

    fn paragraph(&mut self) {
        self.settle_octets();
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if !text.is_empty() {
            let place = format!("paragraph {}", self.passages.len() + 1);
            self.passages
                .push(text_passage(place, self.text_role, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::check_passages;

    fn check(rtf: &str, expected: &[(Role, &str)]) {
        check_passages(Parser::new(rtf.as_bytes()).run().passages, expected);
    }

    #[test]
    fn reads_paragraphs_and_escapes() {
        check(
            r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}Jam{\b ie} Zo\'eb\par R\u233?n\par}",
            &[(Role::Document, "Jamie Zoë"), (Role::Document, "Rén")],
        );
    }

    #[test]
    fn hidden_text_and_page_heads_have_their_roles() {
        check(
            r"{\rtf1{\header SENSITIVE\par}body {\v secret}\par}",
            &[
                (Role::RunningHead, "SENSITIVE"),
                (Role::Document, "body"),
                (Role::Hidden, "secret"),
            ],
        );
    }
}
