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

/// Matters of somebody's employment, of an illness that keeps somebody from work, or of
/// what is said against a colleague. What parents are told of a teacher (off today, on
/// maternity leave, leaving at Easter) is none of them.
const MATTERS: &[&str] = &[
    "signed off",
    "signed her off",
    "signed him off",
    "off with stress",
    "off with her nerves",
    "off with anxiety",
    "off with depression",
    "work related stress",
    "work-related stress",
    "stress leave",
    "burnt out",
    "burnout",
    "fit note",
    "sick note",
    "sick line",
    "sick leave",
    "sick pay",
    "half pay",
    "long-term sick",
    "long term sick",
    "sickness absence",
    "sickness record",
    "sickness trigger",
    "sickness meeting",
    "absence trigger",
    "absence meeting",
    "trigger point",
    "bradford score",
    "bradford factor",
    "occupational health",
    "oh referral",
    "oh report",
    "ill health retirement",
    "ill-health retirement",
    "return to work interview",
    "return to work meeting",
    "phased return",
    "disciplinary",
    "capability",
    "grievance",
    "misconduct",
    "written warning",
    "verbal warning",
    "final warning",
    "formal warning",
    "improvement plan",
    "performance plan",
    "failed probation",
    "failed her probation",
    "failed his probation",
    "extend her probation",
    "extend his probation",
    "probation extended",
    "suspended from work",
    "suspended on full pay",
    "suspended from duty",
    "suspended while",
    "suspended pending",
    "suspended her",
    "suspended him",
    "under investigation",
    "being investigated",
    "investigating officer",
    "investigation meeting",
    "investigation into her",
    "investigation into his",
    "allegation",
    "complaint against",
    "formal complaint about",
    "referred to the lado",
    "referred to lado",
    "teaching regulation",
    "prohibition order",
    "dbs came back",
    "dbs has come back",
    "conviction",
    "police caution",
    "was arrested",
    "been arrested",
    "payslip",
    "salary is",
    "salary of",
    "on a salary",
    "pay grade",
    "pay scale point",
    "pay progression",
    "pay award for",
    "overpaid",
    "overpayment",
    "attachment of earnings",
    "appraisal",
    "performance management",
    "support plan for underperformance",
    "underperform",
    "inadequate lesson",
    "lesson observation was",
    "redundancy",
    "made redundant",
    "settlement agreement",
    "dismissed",
    "dismissal",
    "sacked",
    "sacking",
    "let her go",
    "let him go",
    "get rid of her",
    "get rid of him",
    "contract will not be renewed",
    "contract won't be renewed",
    "not renewing her contract",
    "not renewing his contract",
    "employment tribunal",
    "union rep",
    "gardening leave",
    "losing her job",
    "losing his job",
    "lose her job",
    "lose his job",
    "miscarriage",
    "miscarried",
    "ivf",
    "chemo",
    "radiotherapy",
    "mastectomy",
    "hysterectomy",
    "tumour",
    "biopsy",
    "a lump",
    "the lump",
    "her lump",
    "cancer",
    "heart attack",
    "nervous breakdown",
    "had a breakdown",
    "having a breakdown",
    "mental health",
    "antidepressants",
    "anti-depressants",
    "on medication for",
    "lose her hair",
    "lose his hair",
    "overdose",
    "suicidal",
    "drinking problem",
    "drink problem",
    "alcoholic",
    "alcoholics anonymous",
    "in rehab",
    "told to stay at home while",
    "told to stay away while",
    "asked to stay at home while",
    "asked to stay away while",
    "sent home while they",
    "hr have",
    "hr are",
    "hr is looking",
    "hr will",
    "hr meeting",
    "spoken to hr",
    "gone to hr",
    "with hr ",
];
/// Octets between the name and the matter.
const NEAR: usize = 220;
/// What turns a matter into a paper about everybody.
const PAPERS: [&str; 13] = [
    "policy",
    "policies",
    "procedure",
    "training",
    "form",
    "template",
    "week",
    "cycle",
    "window",
    "research",
    "charity",
    "awareness",
    "course",
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
    // The names first: few paragraphs name a colleague, and only theirs are searched for
    // matters.
    let named: Vec<(usize, usize)> = tokens
        .windows(2)
        .filter_map(|pair| {
            let [first, last] = pair else { return None };
            if !last.capital || !(first.title || first.capital) {
                return None;
            }
            let titled = first.title
                && roster.knows(single(Tag::StaffSurname, last.word))
                && !roster.knows(single(Tag::Surname, last.word));
            let named = first.capital && roster.is_staff(first.word, last.word);
            (titled || named).then_some((first.start, last.end))
        })
        .filter(|&(start, _)| !is_asked(text, start))
        .collect();
    if named.is_empty() {
        return None;
    }
    let matters: Vec<(usize, usize)> = MATTER
        .as_ref()?
        .find_iter(text)
        .map(|hit| (hit.start(), hit.end()))
        .filter(|&(start, end)| begins_word(text, start) && !is_paper(text, end))
        .collect();
    named.into_iter().find(|&(start, end)| {
        matters.iter().any(|&(from, to)| {
            let (left, right) = if from >= end {
                (end, from)
            } else {
                (to, start)
            };
            right.saturating_sub(left) <= NEAR && is_of(text.get(left..right).unwrap_or_default())
        })
    })
}

/// Whether what stands between a name and a matter leaves the matter to the name: the same
/// sentence, or one that goes on about the same person.
fn is_of(between: &str) -> bool {
    let mut sentences = between
        .split(". ")
        .flat_map(|part| part.split(['!', '?', '\n']));
    sentences.next();
    let on = [
        "she", "he", "her", "his", "him", "they", "their", "she's", "he's", "hr",
    ];
    sentences.all(|sentence| {
        sentence.trim().is_empty()
            || sentence
                .split(|c: char| !c.is_alphabetic() && c != '\'')
                .any(|word| on.contains(&word.to_lowercase().as_str()))
    })
}

fn begins_word(text: &str, start: usize) -> bool {
    !text
        .get(..start)
        .unwrap_or_default()
        .ends_with(char::is_alphanumeric)
}

/// Whether the word after a matter makes it a paper about everybody.
fn is_paper(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default().trim_start();
    let next: String = rest
        .chars()
        .take_while(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    PAPERS.contains(&next.as_str())
}

/// Whether a name is greeted or asked: "ask Miss Kestrel for the form".
fn is_asked(text: &str, start: usize) -> bool {
    let before = before(text, start);
    [
        "ask", "dear", "hi", "hello", "thanks", "regards", "from", "contact", "speak to", "email",
    ]
    .iter()
    .any(|word| before.trim_end().ends_with(word))
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
        assert!(!speaks(
            "Miss Kestrel takes choir on Monday. The disciplinary panel of the league meets then."
        ));
        assert!(speaks(
            "Miss Kestrel will not be back before Easter. She has been signed off by the doctor."
        ));
    }
}
