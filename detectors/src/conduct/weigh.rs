//! What the patterns of a message come to, with all that stands around them.

use std::collections::{BTreeMap, BTreeSet};

use super::lexicon::{Hit, Lexicon, Says};
use super::words::{self, Word};
use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Headers, PartPath};
use crate::text::{Body, Document, Role};

/// The weight at which a word, or what speaks for one private use, is strong.
const STRONG: i32 = 10;
/// The weight at which private use is worth a note.
const MILD: i32 = 5;
/// An attachment with more words than this is a book, a policy or a play: a single word in
/// it is not the writer's.
const LONG: usize = 1500;
/// Words of own text up to which a forwarded message speaks for its sender.
const SHORT: usize = 40;

/// A pattern somewhere in the message.
struct Seen<'a> {
    says: Says,
    weight: i32,
    aimed: bool,
    pattern: u32,
    role: Role,
    part: &'a PartPath,
    place: &'a str,
    quoted: bool,
    told: bool,
    /// Words of the part that it stands in.
    length: usize,
}

/// Everything seen in one message.
#[derive(Default)]
struct Message<'a> {
    seen: Vec<Seen<'a>>,
    /// Distinct cues of each kind: in the writer's own text or an attachment.
    cues: BTreeMap<Says, BTreeSet<u32>>,
    /// Words of the writer's own.
    own: usize,
    lengths: BTreeMap<&'a PartPath, usize>,
    is_forward: bool,
}

/// The conduct findings of a message.
pub(super) fn findings(
    documents: &[Document],
    headers: &Headers,
    lexicon: &Lexicon,
) -> Vec<Finding> {
    let subject = headers.subject.trim_start().to_ascii_lowercase();
    let mut message = Message {
        is_forward: subject.starts_with("fw:") || subject.starts_with("fwd:"),
        ..Message::default()
    };
    for document in documents {
        for passage in &document.passages {
            if matches!(passage.role, Role::HeaderField | Role::Classification) {
                continue;
            }
            let words = match &passage.body {
                Body::Text(text) => words::read(text, lexicon),
                Body::Row { cells, .. } => words::read(&cells.join("\n\n"), lexicon),
            };
            if matches!(passage.role, Role::Body) {
                message.own += words.len();
            }
            *message.lengths.entry(&document.part).or_default() += words.len();
            let place = (&document.part, passage.place.as_str());
            message.look(&words, passage.role, place, lexicon);
        }
    }
    for seen in &mut message.seen {
        seen.length = message.lengths.get(seen.part).copied().unwrap_or_default();
    }
    message.is_forward |= message.own == 0;
    let mut findings = message.language();
    findings.extend(message.private_use());
    findings.extend(message.at_risk());
    findings
}

impl<'a> Message<'a> {
    fn look(
        &mut self,
        words: &[Word],
        role: Role,
        (part, place): (&'a PartPath, &'a str),
        lexicon: &Lexicon,
    ) {
        let hits = lexicon.hits(words);
        let of = |says: Says| {
            hits.iter()
                .filter(move |hit| lexicon.pattern(hit.pattern).is_some_and(|p| p.says == says))
        };
        let harmless: Vec<Hit> = of(Says::Harmless).copied().collect();
        let is_free = |hit: &Hit| !harmless.iter().any(|h| h.from < hit.to && hit.from < h.to);
        let sentence = |at: usize| words.get(at).map_or(0, |word| word.sentence);
        let told: Vec<(usize, u32)> = of(Says::Told)
            .filter(|hit| is_free(hit))
            .map(|hit| (hit.from, sentence(hit.from)))
            .collect();
        for hit in hits.iter().filter(|hit| is_free(hit)) {
            let Some(pattern) = lexicon.pattern(hit.pattern) else {
                continue;
            };
            match pattern.says {
                Says::Harmless | Says::Told => {}
                Says::Record | Says::Taught | Says::Joking => {
                    // What is told of somebody who laughed is no laugh of the writer's.
                    let quoted = words.get(hit.from).is_some_and(|word| word.quoted);
                    if !quoted && (role != Role::Quoted || pattern.says == Says::Joking) {
                        self.cues
                            .entry(pattern.says)
                            .or_default()
                            .insert(hit.pattern);
                    }
                }
                says => {
                    // The last word is the one that matters: quoted or not.
                    let last = words.get(hit.to.saturating_sub(1));
                    let quoted = last.is_some_and(|word| word.quoted);
                    let own = sentence(hit.from);
                    self.seen.push(Seen {
                        says,
                        weight: pattern.weight,
                        aimed: pattern.aimed,
                        pattern: hit.pattern,
                        role,
                        part,
                        place,
                        quoted,
                        told: told.iter().any(|&(from, other)| {
                            (other == own && from < hit.from)
                                || (quoted && own <= other + 2 && other <= own + 1)
                        }),
                        length: 0,
                    });
                }
            }
        }
    }

    fn distinct(&self, says: Says) -> usize {
        self.cues.get(&says).map_or(0, BTreeSet::len)
    }

    fn is_taught(&self) -> bool {
        self.distinct(Says::Taught) >= 2
    }

    /// Whether what is quoted from an older message was sent on for its own sake, and not
    /// answered or reported.
    fn sends_on(&self) -> bool {
        self.is_forward && self.own <= SHORT
    }

    /// Obscene, discriminatory, threatening and insulting words: the gravest decides.
    fn language(&self) -> Vec<Finding> {
        let mut strong: BTreeMap<(Says, &PartPath), Vec<&Seen<'a>>> = BTreeMap::new();
        let mut mild: Vec<&Seen<'a>> = Vec::new();
        for seen in self.seen.iter().filter(|seen| is_language(seen.says)) {
            match self.degree(seen) {
                Some(true) => strong.entry((seen.says, seen.part)).or_default().push(seen),
                Some(false) => mild.push(seen),
                None => {}
            }
        }
        let mut findings: Vec<Finding> = strong
            .into_iter()
            .filter(|(_, all)| {
                let few = all.len() < 3
                    || all
                        .first()
                        .is_some_and(|seen| all.len() * 400 < seen.length);
                !(few
                    && all
                        .first()
                        .is_some_and(|seen| !is_own(seen.role) && seen.length > LONG))
            })
            .filter_map(|((says, _), all)| finding(kind(says), &all, 0.9))
            .collect();
        if findings.is_empty() {
            findings.extend(finding(Kind::ConductTone, &mild, 0.6));
        }
        findings
    }

    /// Words by which a child says that it is in danger. Whose words they are, and whether
    /// anybody is to know, is for the rules; a lesson's text is nobody's cry.
    fn at_risk(&self) -> Option<Finding> {
        let own: Vec<&Seen<'_>> = self
            .seen
            .iter()
            .filter(|seen| seen.says == Says::AtRisk && is_own(seen.role))
            .collect();
        let weight = own.iter().map(|seen| seen.weight).sum::<i32>();
        let enough = if self.is_taught() { 2 * STRONG } else { STRONG };
        (weight >= enough)
            .then(|| finding(Kind::ChildAtRisk, &own, 0.8))
            .flatten()
    }

    /// Whether a word counts as strong or mild, or not at all.
    fn degree(&self, seen: &Seen<'_>) -> Option<bool> {
        let strong = seen.weight >= STRONG;
        // A joke is told in the words of a vicar and a nun; it is the teller's all the same.
        let is_joke = self.distinct(Says::Joking) > 0
            && self.distinct(Says::Record) == 0
            && matches!(seen.says, Says::Obscene | Says::Discriminatory);
        if is_joke && strong && is_own(seen.role) {
            return Some(true);
        }
        if seen.told {
            return None;
        }
        if seen.role == Role::Quoted {
            // Somebody else's words: only who sends them on for fun makes them their own.
            let joined_in = self.distinct(Says::Joking) > 0 || self.sum(Says::ChainLetter) >= MILD;
            return (strong && self.sends_on() && joined_in).then_some(true);
        }
        if seen.quoted && (!seen.aimed || self.distinct(Says::Record) > 0) {
            return None;
        }
        if self.is_taught() && !(seen.aimed && is_own(seen.role)) {
            return None;
        }
        let in_fun = self.distinct(Says::Joking) > 0
            && matches!(seen.says, Says::Insulting | Says::Threatening);
        Some(strong && !in_fun)
    }

    /// What speaks for one private use, everything together, less what speaks against it.
    fn sum(&self, says: Says) -> i32 {
        let distinct: BTreeMap<u32, i32> = self
            .uses(says)
            .map(|seen| (seen.pattern, seen.weight))
            .collect();
        let dampened = if self.is_taught() { 6 } else { 0 };
        distinct.values().sum::<i32>() - dampened
    }

    fn uses(&self, says: Says) -> impl Iterator<Item = &Seen<'a>> {
        self.seen.iter().filter(move |seen| {
            let theirs = match seen.role {
                Role::Quoted => self.sends_on(),
                role => is_own(role) || seen.length <= LONG / 2,
            };
            seen.says == says && theirs && !seen.told
        })
    }

    /// Chain letters, selling, gambling, campaigning: what speaks for each adds up.
    fn private_use(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut mild = Vec::new();
        for says in [
            Says::ChainLetter,
            Says::Selling,
            Says::Gambling,
            Says::Political,
        ] {
            let sum = self.sum(says);
            let all: Vec<&Seen<'_>> = self.uses(says).filter(|seen| seen.weight > 0).collect();
            if sum >= STRONG {
                findings.extend(finding(kind(says), &all, 0.8));
            } else if sum >= MILD {
                mild.extend(all);
            }
        }
        if findings.is_empty() {
            findings.extend(finding(Kind::ConductPrivateUse, &mild, 0.5));
        }
        findings
    }
}

/// Whether the role is the writer's own text.
fn is_own(role: Role) -> bool {
    matches!(role, Role::Body | Role::Subject)
}

fn is_language(says: Says) -> bool {
    matches!(
        says,
        Says::Obscene | Says::Discriminatory | Says::Threatening | Says::Insulting
    )
}

fn kind(says: Says) -> Kind {
    match says {
        Says::Obscene => Kind::ConductObscene,
        Says::Discriminatory => Kind::ConductDiscriminatory,
        Says::Threatening => Kind::ConductThreat,
        Says::Insulting => Kind::ConductInsult,
        Says::ChainLetter => Kind::ChainLetter,
        Says::Selling => Kind::ConductSelling,
        Says::Gambling => Kind::ConductGambling,
        Says::Political => Kind::ConductPolitical,
        Says::AtRisk => Kind::ChildAtRisk,
        Says::Told | Says::Record | Says::Taught | Says::Joking | Says::Harmless => {
            Kind::ConductTone
        }
    }
}

/// One finding for all that was seen of a kind. It keeps no word of the text.
fn finding(kind: Kind, all: &[&Seen<'_>], confidence: f32) -> Option<Finding> {
    let first = all.first()?;
    let distinct: BTreeSet<u32> = all.iter().map(|seen| seen.pattern).collect();
    Some(Finding {
        kind,
        part: first.part.clone(),
        place: first.place.to_owned(),
        confidence: Confidence::new(confidence),
        count: u32::try_from(distinct.len()).unwrap_or(u32::MAX),
        subjects: Vec::new(),
        excerpt: Masked::default(),
        category: None,
    })
}
