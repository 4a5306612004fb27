//! The DfE Common Transfer File (CTF 15 and later): pupils and their contacts as XML.
//!
//! Only what matching needs is read. Document types and entity declarations are
//! refused, nesting is bounded. A CTF says nothing of court orders.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Collector, Problem, RosterFile, email, national_phone, parse_date, sheet};
use crate::identifiers::upn;
use crate::normalise::squash;
use crate::roster::{Contact, CourtFlag, Parental, Pupil};

const DEPTH_LIMIT: usize = 40;

pub(super) fn read(file: &RosterFile<'_>, collector: &mut Collector<'_>) {
    let text = sheet::decode(file.bytes);
    if let Err(message) = parse(file.name, &text, collector) {
        collector.problems.push(Problem {
            file: file.name.into(),
            row: None,
            column: None,
            message: message.into(),
            fatal: true,
        });
    }
}

/// A pupil in the making.
#[derive(Default)]
struct Draft {
    line: u64,
    upn: Option<String>,
    surname: Option<String>,
    forename: Option<String>,
    preferred_surname: Option<String>,
    preferred_forename: Option<String>,
    dob: Option<String>,
    year: Option<String>,
    sen: Option<String>,
    lac: bool,
    postcode: Option<String>,
    address: Vec<String>,
    contacts: Vec<DraftContact>,
}

#[derive(Default)]
struct DraftContact {
    title: Option<String>,
    forename: Option<String>,
    surname: Option<String>,
    relationship: Option<String>,
    responsible: Parental,
    email: Option<String>,
    phone: Option<String>,
}

fn parse(name: &str, text: &str, collector: &mut Collector<'_>) -> Result<(), &'static str> {
    const BROKEN: &str = "this XML is damaged; export the file again";
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut draft: Option<Draft> = None;
    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    let mut is_ctf = false;
    loop {
        match reader.read_event().map_err(|_| BROKEN)? {
            Event::DocType(_) => {
                return Err(
                    "the file declares a document type, which no Common Transfer File does; it was not read",
                );
            }
            Event::Start(start) => {
                let tag = squash(start.local_name().as_ref());
                is_ctf |= path.is_empty() && tag == "ctfile";
                if tag == "pupil" && path.last().is_some_and(|parent| parent == "ctfpupildata") {
                    let line = lines.number(reader.buffer_position());
                    draft = Some(Draft {
                        line,
                        ..Draft::default()
                    });
                }
                if let (Some(draft), "contact") = (&mut draft, tag.as_str()) {
                    draft.contacts.push(DraftContact::default());
                }
                path.push(tag);
                value.clear();
                if path.len() > DEPTH_LIMIT {
                    return Err(
                        "the XML is nested deeper than any Common Transfer File; it was not read",
                    );
                }
            }
            Event::Text(text) => value.push_str(&text.xml10_content()),
            Event::CData(text) => value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match &*reference {
                "amp" => value.push('&'),
                "apos" => value.push('\''),
                "quot" => value.push('"'),
                "lt" => value.push('<'),
                "gt" => value.push('>'),
                _ => match reference.resolve_char_ref() {
                    Ok(Some(c)) => value.push(c),
                    _ => return Err("the XML uses entities of its own; it was not read"),
                },
            },
            Event::End(_) => {
                if path.last().is_some_and(|tag| tag == "ctfversion")
                    && value
                        .trim()
                        .split('.')
                        .next()
                        .and_then(|major| major.parse().ok())
                        .is_none_or(|major: u32| !(15..=40).contains(&major))
                {
                    collector.problem(
                        name,
                        None,
                        Some("CTFversion"),
                        "this version of the Common Transfer File is not known; check the import",
                    );
                }
                if let Some(draft) = &mut draft {
                    take(draft, &path, value.trim());
                }
                if path.pop().is_some_and(|tag| tag == "pupil")
                    && path.last().is_some_and(|parent| parent == "ctfpupildata")
                    && let Some(draft) = draft.take()
                {
                    finish(name, draft, collector);
                }
                value.clear();
            }
            Event::Eof if path.is_empty() && is_ctf => return Ok(()),
            Event::Eof if path.is_empty() => {
                return Err("this is no Common Transfer File: the outermost element is not CTfile");
            }
            Event::Eof => return Err(BROKEN),
            _ => {}
        }
    }
}

/// Line numbers for offsets that only grow.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn number(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        let passed = self
            .text
            .as_bytes()
            .get(self.at..offset)
            .unwrap_or_default();
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.at = offset.max(self.at);
        self.line
    }
}

/// Takes the value of the element at `path`, if it is one that matching needs.
fn take(draft: &mut Draft, path: &[String], value: &str) {
    if value.is_empty() {
        return;
    }
    let Some(pupil) = path.iter().position(|tag| tag == "pupil") else {
        return;
    };
    let inside: Vec<&str> = path.iter().skip(pupil + 1).map(String::as_str).collect();
    let text = Some(value.to_owned());
    match inside.as_slice() {
        ["upn"] => draft.upn = Some(value.to_uppercase()),
        ["surname"] => draft.surname = text,
        ["forename"] => draft.forename = text,
        ["dob"] => draft.dob = text,
        ["basicdetails", "preferredsurname"] => draft.preferred_surname = text,
        ["basicdetails", "preferredforename"] => draft.preferred_forename = text,
        ["basicdetails", "ncyearactual"] => draft.year = text,
        ["lookedafter", "incare"] => draft.lac = super::is_yes(value),
        ["senhistory", .., "senprovision"] => draft.sen = text,
        ["address", "postcode"] | ["address", _, "postcode"] => draft.postcode = text,
        ["address", ..] => draft.address.push(value.to_owned()),
        ["contacts", "contact", rest @ ..] => {
            let Some(contact) = draft.contacts.last_mut() else {
                return;
            };
            match rest {
                ["title"] => contact.title = text,
                ["forename"] => contact.forename = text,
                ["surname"] => contact.surname = text,
                ["relationship"] => contact.relationship = text,
                ["responsibility" | "responsible" | "parentalresponsibility"] => {
                    contact.responsible = if super::is_yes(value) {
                        Parental::Yes
                    } else {
                        Parental::No
                    };
                }
                ["email"] => contact.email = email(value),
                ["phones", "phone", "phoneno"] if contact.phone.is_none() => {
                    contact.phone = national_phone(value)
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn finish(name: &str, draft: Draft, collector: &mut Collector<'_>) {
    let (Some(surname), Some(forename)) = (draft.surname, draft.forename) else {
        collector.problem(
            name,
            Some(draft.line),
            None,
            "this pupil has no surname or forename and was left out; complete the record",
        );
        return;
    };
    let dob = draft
        .dob
        .as_deref()
        .and_then(|text| match parse_date(text) {
            Ok(date) => Some(date),
            Err(message) => {
                collector.problem(name, Some(draft.line), Some("DOB"), message);
                None
            }
        });
    let valid = draft.upn.clone().filter(|written| upn::is_valid(written));
    if draft.upn.is_some() && valid.is_none() {
        collector.problem(name, Some(draft.line), Some("UPN"), "the check letter or length of this UPN is wrong; the pupil was taken without it; correct the record");
    }
    let id = collector.id(valid.as_deref(), None, &surname, &forename, dob);
    for contact in draft.contacts {
        let parts: Vec<String> = [contact.title, contact.forename, contact.surname]
            .into_iter()
            .flatten()
            .collect();
        if parts.is_empty() && contact.email.is_none() {
            continue;
        }
        collector.roster.contacts.push(Contact {
            pupil: id,
            name: parts.join(" "),
            relationship: contact.relationship.unwrap_or_default(),
            parental_responsibility: contact.responsible,
            email: contact.email,
            phone: contact.phone,
            court: CourtFlag::Unknown,
        });
    }
    let pupil = Pupil {
        id,
        upn: valid,
        legal_surname: surname,
        legal_forename: forename,
        preferred_forename: draft.preferred_forename,
        preferred_surname: draft.preferred_surname,
        dob,
        year_group: draft.year,
        class: None,
        admission_number: None,
        address: (!draft.address.is_empty()).then(|| draft.address.join(", ")),
        postcode: draft.postcode,
        email: None,
        sen_status: draft.sen,
        fsm: false,
        lac: draft.lac,
    };
    collector.add(pupil, draft.upn.as_deref());
}
