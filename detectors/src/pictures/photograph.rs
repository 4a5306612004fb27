//! Photographs of pupils: with a name, with a place, from a private telephone.
//!
//! Why it matters in a school: pictures of children leave only with permission, never with
//! their names, and never from a private telephone (clauses 000-7, 001-53, 002-18, 002-20,
//! 004-13). How it is told: a camera's data, or the size and shape of a photograph without
//! text in it; the name in its file name, its description or the text beside it; words
//! around it that speak of children (`lexicon/photographs.toml`).
//!
//! Members of staff who are named at one are told too, since some do not want to be in
//! pictures (clause 002-21).
//!
//! Near misses: a logo, a scanned letter, a picture of a broken fence by telephone.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Format, Picture};
use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Disposition, Mention, PartPath, Subject};
use crate::normalise::clean;
use crate::roster::key::{Tag, key, single};
use crate::roster::{PupilId, RosterIndex};
use crate::text::{self, Body, Document, Role};
use crate::words::tokens;

/// The shorter side of a photograph without camera data, pixels: less is a logo.
const SIDE: u32 = 240;
/// Letters in a picture from which on it is a document, whatever took it.
const LETTERS: u32 = 120;
/// Octets of a text that are searched for words about children.
const SEARCHED: usize = 20_000;

/// What is found about the photographs of a message. `children` are those of the one family
/// that is written to.
pub(crate) fn findings(
    pictures: &[Picture],
    documents: &[Document],
    subjects: &[Subject],
    mentions: &[Mention],
    children: &[PupilId],
) -> Vec<Finding> {
    let photographs: Vec<&Picture> = pictures.iter().filter(|p| is_photograph(p)).collect();
    let mut findings = Vec::new();
    if photographs.is_empty() {
        return findings;
    }
    let own_words = text::own_words(documents);
    // "He climbed it by himself" to a boy's mother is of that boy.
    let of_theirs = !children.is_empty() && speaks_of_one(&own_words);
    let told = words_of_children(&own_words);
    for photograph in photographs {
        let part = &photograph.part;
        let mut add = |kind, confidence, pupils: BTreeSet<PupilId>, note: &str| {
            findings.push(Finding {
                kind,
                part: part.clone(),
                place: photograph.place.clone(),
                confidence: Confidence::new(confidence),
                count: 1,
                subjects: pupils.into_iter().collect(),
                excerpt: Masked::plain(note),
                category: None,
            });
        };
        add(
            Kind::Photograph,
            0.8,
            BTreeSet::new(),
            photograph.format.noun(),
        );
        let camera = photograph.camera.as_ref();
        if camera.is_some_and(|camera| camera.phone) {
            add(
                Kind::PicturePhone,
                0.95,
                BTreeSet::new(),
                "camera of a telephone",
            );
        }
        if camera.is_some_and(|camera| camera.place) {
            add(Kind::PicturePlace, 1.0, BTreeSet::new(), "place data");
        }
        let words = words_at(documents, part);
        let of_children = of_theirs || told + words_of_children(&words) >= LEXICON.enough;
        if of_children {
            add(
                Kind::PictureOfChildren,
                0.8,
                BTreeSet::new(),
                "speaks of children",
            );
        }
        let beside =
            |path: &PartPath| path == part || holds(path, part) || is_message(documents, path);
        let named: BTreeSet<PupilId> = subjects
            .iter()
            .filter(|subject| subject.parts.iter().any(beside))
            .flat_map(|subject| subject.pupils.iter().copied())
            .collect();
        let unknown = subjects
            .iter()
            .any(|subject| subject.pupils.is_empty() && subject.parts.iter().any(beside));
        // A first name counts on the picture itself, and in a text that speaks of children:
        // "Dear Mark" above a picture of the boiler names nobody; to Mark's mother it is he.
        let first_name = mentions.iter().any(|mention| {
            let theirs = mention.candidates.iter().any(|id| children.contains(id));
            &mention.part == part || ((of_children || theirs) && beside(&mention.part))
        });
        if !named.is_empty() || unknown || first_name {
            add(Kind::PictureNamed, 0.8, named, "a name beside the picture");
        }
    }
    findings
}

/// The members of staff who are named at a photograph: on it, or by the writer of the
/// message. The sign-off names nobody who is in the picture.
pub(crate) fn staff(
    pictures: &[Picture],
    documents: &[Document],
    roster: &RosterIndex,
) -> Vec<u64> {
    let mut named = BTreeSet::new();
    let photographs: Vec<&Picture> = pictures.iter().filter(|p| is_photograph(p)).collect();
    if photographs.is_empty() {
        return Vec::new();
    }
    named.extend(staff_in(
        &text::own_words(documents),
        Capitals::Needed,
        roster,
    ));
    for photograph in photographs {
        let words = words_at(documents, &photograph.part);
        named.extend(staff_in(&words, Capitals::Idle, roster));
    }
    named.into_iter().collect()
}

/// Whether a name must have its capitals: in prose, not in the name of a file.
#[derive(Clone, Copy, PartialEq)]
enum Capitals {
    Needed,
    Idle,
}

/// The keys of members of staff in a text: forename and surname, or a title and a surname
/// that no pupil has.
fn staff_in(text: &str, capitals: Capitals, roster: &RosterIndex) -> Vec<u64> {
    let tokens = tokens(text);
    let pairs = tokens.windows(2).filter_map(|pair| {
        let [first, last] = pair else { return None };
        let fits = |capital: bool| capital || capitals == Capitals::Idle;
        let surname = single(Tag::StaffSurname, last.word);
        if fits(first.capital && last.capital) && roster.is_staff(first.word, last.word) {
            return Some(key(Tag::StaffName, first.word, last.word));
        }
        (first.title
            && fits(last.capital)
            && roster.knows(surname)
            && !roster.knows(single(Tag::Surname, last.word)))
        .then_some(surname)
    });
    pairs.collect()
}

/// Whether a picture is a photograph: a lens took it, or it looks like one.
fn is_photograph(picture: &Picture) -> bool {
    let (short, long) = (
        picture.width.min(picture.height),
        picture.width.max(picture.height),
    );
    if short < SIDE || picture.letters >= LETTERS {
        return false;
    }
    if picture
        .camera
        .as_ref()
        .is_some_and(|camera| camera.exposed || camera.place)
    {
        return true;
    }
    // Pages of a PDF are scans; screenshots and drawings are PNG and GIF.
    let like = matches!(
        picture.format,
        Format::Jpeg | Format::Heic | Format::WebP | Format::Avif
    ) && picture.place.is_empty();
    // Sheets of paper are 1 to 1.414 (ISO 216) or 1 to 1.294 (letter).
    let ratio = f64::from(long) / f64::from(short);
    let paper = [1.414, 1.294]
        .iter()
        .any(|paper| (ratio - paper).abs() < 0.012);
    like && ratio < 2.2 && (!paper || picture.letters > 0)
}

/// Whether a text has a word for one child in it.
fn speaks_of_one(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        ["he", "she", "him", "her", "his", "himself", "herself"]
            .contains(&word.to_lowercase().as_str())
    })
}

/// Whether `outer` is a file around `inner`.
fn holds(outer: &PartPath, inner: &PartPath) -> bool {
    inner
        .as_str()
        .strip_prefix(outer.as_str())
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a part is text of a message itself: its header, what it shows.
fn is_message(documents: &[Document], path: &PartPath) -> bool {
    documents.iter().any(|document| {
        &document.part == path
            && matches!(
                document.disposition,
                Disposition::Header | Disposition::Body
            )
    })
}

/// The name and the description of a picture.
fn words_at(documents: &[Document], part: &PartPath) -> String {
    documents
        .iter()
        .filter(|document| &document.part == part)
        .flat_map(|document| &document.passages)
        .filter(|passage| matches!(passage.role, Role::FileName | Role::Metadata))
        .filter_map(|passage| match &passage.body {
            Body::Text(text) => Some(text.as_str()),
            Body::Row { .. } => None,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lexicon {
    enough: i32,
    phrases: Vec<Phrases>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    weight: i32,
    any: Vec<String>,
    /// Longer phrases that hold one of the words and mean something else.
    #[serde(default)]
    not: Vec<String>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    // A file of ours, read by a test: it cannot be wrong in a build that passed.
    toml::from_str(include_str!("../../lexicon/photographs.toml")).unwrap_or(Lexicon {
        enough: 1,
        phrases: Vec::new(),
    })
});

/// How much a text speaks of children: the weights of its distinct phrases.
fn words_of_children(text: &str) -> i32 {
    let mut end = text.len().min(SEARCHED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut padded = String::from(" ");
    for c in clean(text.get(..end).unwrap_or_default())
        .to_lowercase()
        .chars()
    {
        if c.is_alphanumeric() {
            padded.push(c);
        } else if !padded.ends_with(' ') {
            padded.push(' ');
        }
    }
    padded.push(' ');
    for phrase in LEXICON.phrases.iter().flat_map(|p| &p.not) {
        padded = padded.replace(&format!(" {phrase} "), " - ");
    }
    LEXICON
        .phrases
        .iter()
        .map(|group| {
            let hits = group
                .any
                .iter()
                .filter(|phrase| padded.contains(&format!(" {phrase} ")))
                .count();
            group.weight * i32::try_from(hits).unwrap_or(i32::MAX)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::{Camera, Digest, Reading};

    fn picture(format: Format, width: u32, height: u32) -> Picture {
        Picture {
            part: PartPath("2".into()),
            place: String::new(),
            digest: Digest::of(b"x"),
            format,
            width,
            height,
            bytes: 100_000,
            camera: None,
            letters: 0,
            reading: Reading::Off,
        }
    }

    #[test]
    fn photographs_are_told_from_logos_scans_and_screenshots() {
        assert!(is_photograph(&picture(Format::Jpeg, 1600, 1200)));
        assert!(is_photograph(&picture(Format::Heic, 4032, 3024)));
        assert!(!is_photograph(&picture(Format::Jpeg, 180, 180)), "a crest");
        assert!(
            !is_photograph(&picture(Format::Jpeg, 1200, 300)),
            "a banner"
        );
        assert!(!is_photograph(&picture(Format::Jpeg, 1654, 2339)), "a scan");
        assert!(
            !is_photograph(&picture(Format::Png, 1600, 900)),
            "a screenshot"
        );
        let mut text = picture(Format::Jpeg, 1600, 1200);
        text.letters = 400;
        assert!(!is_photograph(&text), "a form, photographed");
        let mut page = picture(Format::Jpeg, 1600, 1200);
        page.place = "page 1".into();
        assert!(!is_photograph(&page), "a page of a PDF");
        page.camera = Some(Camera {
            exposed: true,
            ..Camera::default()
        });
        assert!(is_photograph(&page));
    }

    #[test]
    fn staff_at_a_photograph_are_told_by_their_keys() {
        use crate::roster::{Roster, Staff, staff_name_keys};
        let member = |name: &str| Staff {
            name: name.into(),
            email: String::new(),
            role: "Teacher".into(),
            personal_email: None,
            personal_phone: None,
            home_address: None,
        };
        let roster = RosterIndex::build(&Roster {
            staff: vec![member("Miss Yasmin Thorpe"), member("Idris Webb")],
            ..Roster::default()
        });
        let own = staff_name_keys("Yasmin Thorpe");
        let named = |text: &str, capitals| {
            staff_in(text, capitals, &roster)
                .iter()
                .any(|key| own.contains(key))
        };
        for text in [
            "Here is Yasmin Thorpe at the fair",
            "with Miss Thorpe on the left",
        ] {
            assert!(named(text, Capitals::Needed), "{text}");
        }
        assert!(named("yasmin-thorpe.jpg", Capitals::Idle));
        for text in [
            "Idris Webb at the fair",
            "Yasmin at the fair",
            "a yasmin thorpe",
        ] {
            assert!(!named(text, Capitals::Needed), "{text}");
        }
    }

    #[test]
    fn words_about_children_are_weighed() {
        let speaks = |text: &str| words_of_children(text) >= LEXICON.enough;
        for text in [
            "Some photos of the children at the farm",
            "Year 4 trip",
            "sports-day.jpg",
            "My class at the museum, they had such fun",
            "Pictures from the residential",
            "Took these on the way round, the children loved the lambs! Here they are with the dog by the gate.",
        ] {
            assert!(speaks(text), "{text}");
        }
        for text in [
            "The roof over the Year 4 classroom leaks again, photo attached. Can you quote?",
            "The fence by the children's playground is broken; please fix it before the children are back.",
            "Delivery of the new chairs, one is damaged",
            "The door of the Year 2 cloakroom is broken, the children cannot use it. Can you quote for a repair?",
            "A trip hazard by the gate",
            "Our new sign at the entrance",
            "",
        ] {
            assert!(!speaks(text), "{text}");
        }
    }

    #[test]
    fn the_lexicon_is_in_order() {
        let lexicon: Lexicon =
            toml::from_str(include_str!("../../lexicon/photographs.toml")).unwrap();
        for phrase in lexicon
            .phrases
            .iter()
            .flat_map(|p| p.any.iter().chain(&p.not))
        {
            assert!(
                phrase
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' '),
                "{phrase}"
            );
        }
    }
}
