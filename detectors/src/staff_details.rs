//! What a member of staff gives away of themselves, and matters of a colleague's employment.
//!
//! What: "my own mobile is …", "I live at …", "my personal email is …", though the staff
//! list does not hold it; a colleague's name with sickness, discipline, pay or appraisal.
//!
//! Why: clauses 001-26, 003-18 and 004-15 keep private details from parents and pupils, and
//! what HR holds of somebody is their own.
//!
//! How checked: the words right before a number, an address or a house; a school's own,
//! a duty or a trip telephone is nobody's. For a colleague's matter the name must be on the
//! staff list and no pupil's, and a word of the matter must stand in the same paragraph.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::addresses;
use crate::finding::Kind;
use crate::identifiers::Sighting;
use crate::roster::home;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, single};
use crate::words::Token;

/// How far before a detail the words reach that call it one's own, in octets.
const REACH: usize = 48;

/// Words that make a number or an address the writer's own.
const MINE: [&str; 19] = [
    "my mobile",
    "my own",
    "my personal",
    "my private",
    "my home",
    "my phone",
    "my cell",
    "my number",
    "my landline",
    "my other email",
    "my gmail",
    "my hotmail",
    "my yahoo",
    "my icloud",
    "my outlook",
    "me at home",
    "home number is",
    "my address",
    "my whatsapp",
];
/// Words that hand over a mobile number as the writer's.
const REACH_ME: [&str; 14] = [
    "ring me on",
    "call me on",
    "text me on",
    "phone me on",
    "whatsapp me on",
    "message me on",
    "reach me on",
    "catch me on",
    "get me on",
    "contact me on",
    "me a text on",
    "me a ring on",
    "me a call on",
    "me a bell on",
];
/// Telephones that belong to the school.
const SCHOOLS: [&str; 12] = [
    "school mobile",
    "school phone",
    "school's",
    "work mobile",
    "work phone",
    "trip mobile",
    "trip phone",
    "duty",
    "office",
    "direct line",
    "extension",
    "reception",
];
const HOME: [&str; 7] = [
    "i live at",
    "my home address",
    "my address is",
    "my house at",
    "come to mine at",
    "my flat at",
    "me at home",
];

/// Where the writer's own private details stand.
pub(crate) fn own(text: &str, tokens: &[Token], sightings: &[Sighting]) -> Vec<(usize, usize)> {
    if !text.contains(['m', 'M', 'i', 'I']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for sighting in sightings {
        let (start, end) = (sighting.start, sighting.end);
        let is_theirs = match sighting.kind {
            Kind::Phone if sighting.confidence >= 0.5 => {
                let before = before(text, start);
                let mobile = sighting.value.starts_with("07");
                !says(&around(text, start, end), &SCHOOLS)
                    && (says(&before, &MINE) || (mobile && says(&before, &REACH_ME)))
            }
            Kind::Email => {
                let private = addresses::domain(&sighting.value)
                    .is_some_and(|domain| addresses::is_webmail(&domain));
                private && says(&before(text, start), &MINE)
            }
            _ => false,
        };
        if is_theirs {
            found.push((start, end));
        }
    }
    let houses = home::houses(tokens);
    found.extend(
        houses
            .iter()
            .filter(|house| says(&before(text, house.start), &HOME))
            .map(|house| (house.start, house.end)),
    );
    found
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The words right before a place, in lower case.
fn before(text: &str, at: usize) -> String {
    let mut from = at.saturating_sub(REACH);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text.get(from..at).unwrap_or_default().to_lowercase();
    // What an earlier sentence says is of something else.
    before.rsplit(". ").next().unwrap_or_default().to_owned()
}

fn around(text: &str, start: usize, end: usize) -> String {
    let mut to = end.saturating_add(REACH / 2).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let after = text.get(end..to).unwrap_or_default().to_lowercase();
    format!("{} {after}", before(text, start))
}

/// Matters of somebody's employment.
const MATTERS: &[&str] = &[
    "signed off",
    "off with stress",
    "work related stress",
    "fit note",
    "sick note",
    "sick leave",
    "sick pay",
    "long-term sick",
    "long term sick",
    "sickness absence",
    "sickness record",
    "occupational health",
    "return to work interview",
    "disciplinary",
    "capability",
    "grievance",
    "gross misconduct",
    "written warning",
    "verbal warning",
    "suspended from work",
    "suspended on full pay",
    "suspended from duty",
    "under investigation",
    "allegation against",
    "allegations against",
    "payslip",
    "salary is",
    "salary of",
    "on a salary",
    "pay grade",
    "pay scale point",
    "appraisal",
    "performance management",
    "support plan for underperformance",
    "redundancy",
    "settlement agreement",
    "dismissed",
    "miscarriage",
    "chemotherapy",
    "nervous breakdown",
    "radiotherapy",
    "starts chemo",
    "having chemo",
    "found a lump",
    "found the lump",
    "biopsy",
    "lose her hair",
    "lose his hair",
    "breast cancer",
    "cancer treatment",
    "told to stay at home while",
    "told to stay away while",
    "asked to stay at home while",
    "asked to stay away while",
    "sent home while they",
    "suspended while",
    "suspended pending",
    "HR have",
    "HR are",
    "HR is looking",
    "gardening leave",
    "been sacked",
    "losing her job",
    "losing his job",
];
/// What turns a matter into a paper about everybody.
const PAPERS: [&str; 9] = [
    "policy",
    "policies",
    "procedure",
    "training",
    "form",
    "template",
    "week",
    "cycle",
    "window",
];

static MATTER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(MATTERS)
        .ok()
});

/// The colleague of whose employment a paragraph speaks: where the name stands.
pub(crate) fn matter(text: &str, tokens: &[Token], roster: &RosterIndex) -> Option<(usize, usize)> {
    let found = MATTER.as_ref()?.find_iter(text).any(|hit| {
        let rest = text.get(hit.end()..).unwrap_or_default().trim_start();
        let next: String = rest
            .chars()
            .take_while(|c| c.is_alphabetic())
            .flat_map(char::to_lowercase)
            .collect();
        !PAPERS.contains(&next.as_str())
    });
    if !found {
        return None;
    }
    tokens.windows(2).find_map(|pair| {
        let [first, last] = pair else { return None };
        let titled = first.title
            && last.capital
            && roster.knows(single(Tag::StaffSurname, last.word))
            && !roster.knows(single(Tag::Surname, last.word));
        let named = first.capital && last.capital && roster.is_staff(first.word, last.word);
        (titled || named).then_some((first.start, last.end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::{self, Setting};
    use crate::roster::{Roster, Staff};
    use crate::words::tokens;

    fn own_details(text: &str) -> usize {
        own(
            text,
            &tokens(text),
            &identifiers::find(text, Setting::Prose),
        )
        .len()
    }

    #[test]
    fn what_is_called_ones_own_is_private() {
        for text in [
            "Ring me on my mobile 07700 900345 any time",
            "just text me on 07700 900345",
            "my home number is 01632 960345",
            "I live at 12 Beech Avenue, drop it in",
            "send it to my personal email, invented-jo@gmail.com",
        ] {
            assert_eq!(own_details(text), 1, "{text}");
        }
    }

    #[test]
    fn the_schools_and_other_peoples_are_not() {
        for text in [
            "Ring the office on 01632 960500",
            "The trip mobile is 07700 900345, call me on that",
            "Call me on 07700 900345, the school mobile",
            "Your number is 07700 900345, isn't it?",
            "Her mother can be rung on 07700 900345",
            "We meet at 12 Beech Avenue",
            "Write to invented-jo@gmail.com",
        ] {
            assert_eq!(own_details(text), 0, "{text}");
        }
    }

    #[test]
    fn a_colleagues_matter_needs_name_and_matter() {
        let roster = RosterIndex::build(&Roster {
            staff: vec![Staff {
                name: "Ruth Kestrel".into(),
                email: "r@oak.example".into(),
                role: "Teacher".into(),
                personal_email: None,
                personal_phone: None,
                home_address: None,
            }],
            ..Roster::default()
        });
        let speaks = |text: &str| matter(text, &tokens(text), &roster).is_some();
        assert!(speaks(
            "Miss Kestrel has been signed off with stress until June"
        ));
        assert!(speaks("Ruth Kestrel is facing a disciplinary hearing"));
        assert!(!speaks("Miss Kestrel teaches 2K and runs choir"));
        assert!(!speaks("Miss Harker has been signed off with stress"));
        assert!(!speaks("Ask Miss Kestrel for the grievance policy"));
    }
}
