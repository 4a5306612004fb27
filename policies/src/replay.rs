//! Judging again what has passed, from what was kept of it.
//!
//! No content is kept, so what was seen then is all that there is. Where the answer of
//! another pack depends on something that was not kept, every state that it can have had
//! is tried: if all give one answer, that is the answer; if not, it stays open, and says
//! what is lacking. Nothing is guessed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schoolgate_detectors::{
    Confidence, Finding, Inspection, Kind, Marking, MarkingLevel, Masked, PartPath, Sensitivity,
};
use serde::Serialize;

use crate::condition::Leaf;
use crate::decide::decide;
use crate::decision::{Decision, Mode, Verdict};
use crate::facts::{Facts, RosterState, SenderGroup, Stance};
use crate::pack::Pack;

/// What was kept of a message that has passed.
#[derive(Clone, Copy)]
pub struct Past<'a> {
    pub facts: &'a Facts,
    pub inspection: &'a Inspection,
    pub decision: &'a Decision,
    /// The pack that decided; `None` when its text is no longer at hand.
    pub pack: Option<&'a Pack>,
    pub kept: Kept,
}

/// What facts are kept that were not always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Whether matter is special-category or safeguarding matter.
    pub special_matter: bool,
    /// To what service an address belongs, whom a message greets, whose name an address
    /// bears.
    pub addresses: bool,
    /// How often the subject says that the message was forwarded.
    pub forwards: bool,
}

/// What a stored inspection lacks to answer for another pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// Other words were markings then, or may have been.
    MarkingWords,
    /// How old the roster was.
    RosterAge,
    /// See [`Kept::special_matter`].
    SpecialMatter,
    /// See [`Kept::addresses`].
    Addresses,
    /// See [`Kept::forwards`].
    Forwards,
    /// All groups of the sender, not only the one that says the most.
    SenderGroups,
    /// Which category the words speak of that are about nobody known.
    SpokenOf,
}

impl Lack {
    /// Every one.
    pub const ALL: [Lack; 7] = [
        Self::MarkingWords,
        Self::RosterAge,
        Self::SpecialMatter,
        Self::Addresses,
        Self::Forwards,
        Self::SenderGroups,
        Self::SpokenOf,
    ];

    /// In words, after "it is not known".
    pub fn label(self) -> &'static str {
        match self {
            Self::MarkingWords => "which words of the message this pack would take for a marking",
            Self::RosterAge => "whether the roster was too old for this pack",
            Self::SpecialMatter => "whether the matter was special-category matter",
            Self::Addresses => "what is asked about addresses or greeting",
            Self::Forwards => "how often the message was forwarded",
            Self::SenderGroups => "which groups the sender belonged to",
            Self::SpokenOf => "what the words spoke of that were about nobody known",
        }
    }
}

/// What a pack says of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The strictest verdict; while an installation observes, what enforcing would say.
    pub verdict: Verdict,
    /// The verdict of each recipient, in the order of the forward-paths.
    pub recipients: Vec<Verdict>,
    /// The rules that stop, the governing one first.
    pub rules: Vec<String>,
    /// Rules of which it is not known whether they stop too; the verdict is the same.
    pub perhaps: BTreeSet<String>,
}

/// What the other pack says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Known(Said),
    Open {
        /// The verdicts that it can be; empty when it can be any.
        possible: BTreeSet<Verdict>,
        lacks: BTreeSet<Lack>,
    },
}

/// The two answers for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// What was said then.
    pub before: Said,
    pub after: Answer,
}

/// How two answers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    None,
    /// The strictest verdict is the same, but some recipients have another one.
    Recipients(usize),
    Verdict,
}

impl Replay {
    /// What is different; `None` while it is open.
    pub fn change(&self) -> Option<Change> {
        let Answer::Known(after) = &self.after else {
            return None;
        };
        if after.verdict != self.before.verdict {
            return Some(Change::Verdict);
        }
        Some(match self.recipients_changed() {
            0 => Change::None,
            others => Change::Recipients(others),
        })
    }

    /// How many recipients would get another verdict; 0 while it is open.
    pub fn recipients_changed(&self) -> usize {
        match &self.after {
            Answer::Known(after) => {
                let pairs = after.recipients.iter().zip(&self.before.recipients);
                pairs.filter(|(after, before)| after != before).count()
            }
            Answer::Open { .. } => 0,
        }
    }
}

/// Judges a message of the past by another pack. Pure, as [`decide`] is.
///
/// Sender, recipients, stance and time are those of then: only the pack is another.
pub fn replay(past: &Past<'_>, pack: &Pack) -> Replay {
    Replay {
        before: said(past.decision, past.facts, past.pack),
        after: answer(past, pack),
    }
}

fn answer(past: &Past<'_>, pack: &Pack) -> Answer {
    let lacks = not_kept(past, pack);
    if !lacks.is_empty() {
        return Answer::Open {
            possible: BTreeSet::new(),
            lacks,
        };
    }
    let inspections = inspections(past, pack);
    // For each age of the roster, what is said under each marking.
    let grid: Vec<Vec<Said>> = roster_states(past, pack)
        .into_iter()
        .map(|roster| {
            let facts = Facts {
                roster,
                ..past.facts.clone()
            };
            let of = |inspection: &Cow<'_, Inspection>| {
                said(&decide(&facts, inspection, pack), &facts, Some(pack))
            };
            inspections.iter().map(of).collect()
        })
        .collect();
    settle(&grid)
}

/// One answer if all worlds agree.
fn settle(grid: &[Vec<Said>]) -> Answer {
    let all: Vec<&Said> = grid.iter().flatten().collect();
    let agree = |a: &Said, b: &Said| (a.verdict, &a.recipients) == (b.verdict, &b.recipients);
    let one = |list: &[&Said]| list.windows(2).all(|w| matches!(w, [a, b] if agree(a, b)));
    if let Some((first, rest)) = all.split_first()
        && one(&all)
    {
        let mut said = (*first).clone();
        said.rules
            .retain(|rule| rest.iter().all(|other| other.rules.contains(rule)));
        let certain = |rule: &&String| said.rules.contains(rule);
        said.perhaps = all
            .iter()
            .flat_map(|said| &said.rules)
            .filter(|rule| !certain(rule))
            .cloned()
            .collect();
        return Answer::Known(said);
    }
    let mut lacks = BTreeSet::new();
    if !grid.iter().all(|row| one(&row.iter().collect::<Vec<_>>())) {
        lacks.insert(Lack::MarkingWords);
    }
    let columns = grid.first().map_or(0, Vec::len);
    let column = |i: usize| grid.iter().filter_map(|row| row.get(i)).collect::<Vec<_>>();
    if !(0..columns).all(|i| one(&column(i))) {
        lacks.insert(Lack::RosterAge);
    }
    Answer::Open {
        possible: all.iter().map(|said| said.verdict).collect(),
        lacks,
    }
}

/// What a decision says, whether it was acted upon or only recorded.
fn said(decision: &Decision, facts: &Facts, pack: Option<&Pack>) -> Said {
    let observed = facts.stance == Stance::Observe;
    let verdict = match observed {
        true => decision.would_be,
        false => decision.verdict(),
    };
    // Who observes has every rule lowered: the pack knows which would have stopped.
    let would_stop =
        |id: &str| pack.is_none_or(|pack| pack.rule(id).is_some_and(|r| r.mode == Mode::Enforce));
    Said {
        verdict,
        recipients: decision.recipients.iter().map(|r| r.verdict).collect(),
        rules: decision
            .rules
            .iter()
            .filter(|rule| rule.verdict > Verdict::Deliver && rule.verdict <= verdict)
            .filter(|rule| match observed {
                true => would_stop(&rule.id),
                false => rule.mode == Mode::Enforce,
            })
            .map(|rule| rule.id.clone())
            .collect(),
        perhaps: BTreeSet::new(),
    }
}

/// What the pack asks for and the past does not hold.
fn not_kept(past: &Past<'_>, pack: &Pack) -> BTreeSet<Lack> {
    let mut asked = BTreeSet::new();
    for rule in pack.rules.iter().filter(|rule| rule.mode == Mode::Enforce) {
        let mut leaves = Vec::new();
        rule.when.leaves(&mut leaves);
        asked.extend(leaves.into_iter().filter_map(rests_on));
    }
    asked.retain(|lack| past.lacks(*lack, pack));
    asked
}

/// What a condition rests on that may not be there. Whoever adds a condition says here
/// whether a stored inspection can answer it.
fn rests_on(leaf: &Leaf) -> Option<Lack> {
    match leaf {
        // How often and how surely a marking is nearly right has too many states to try.
        Leaf::Found { kinds, .. } if kinds.contains(&Kind::MarkingNearMiss) => {
            Some(Lack::MarkingWords)
        }
        Leaf::SpecialCategory => Some(Lack::SpecialMatter),
        Leaf::Destination(_)
        | Leaf::GreetsAnother
        | Leaf::BearsContactsName
        | Leaf::AiNotAgreed => Some(Lack::Addresses),
        Leaf::Forwarded(_) => Some(Lack::Forwards),
        Leaf::Sender(_) => Some(Lack::SenderGroups),
        Leaf::SpeaksOf(_) => Some(Lack::SpokenOf),
        // These are tried in every state, see `inspections`.
        Leaf::Unmarked | Leaf::MarkingTooLow | Leaf::MarkingNearMiss => None,
        // The facts hold what was registered; before there were registers, nothing was.
        Leaf::Permitted(_) | Leaf::Registered(_) | Leaf::PhotoConsent(_) => None,
        // These rest on what every line holds, or on the pack itself.
        Leaf::Relation(_)
        | Leaf::Outside
        | Leaf::PupilData
        | Leaf::AboutOthers
        | Leaf::SpeaksOfPupils
        | Leaf::Sensitivity(_)
        | Leaf::Category(_)
        | Leaf::Found { .. }
        | Leaf::Pupils(_)
        | Leaf::UnprotectedAttachment(_)
        | Leaf::EncryptedAttachment
        | Leaf::PasswordBeside
        | Leaf::Unread(_)
        | Leaf::PersonalSender
        | Leaf::VisibleFamilies(_)
        | Leaf::MimeAmbiguous
        | Leaf::AgencyKind(_)
        | Leaf::Switch(_)
        | Leaf::LawfulDisclosure
        | Leaf::FileType(_)
        | Leaf::Recipients(_)
        | Leaf::Hours { .. } => None,
    }
}

impl Past<'_> {
    /// Whether this is not there.
    fn lacks(&self, lack: Lack, pack: &Pack) -> bool {
        let (facts, inspection) = (self.facts, self.inspection);
        match lack {
            Lack::MarkingWords => !knows_markings(self, pack),
            Lack::SpecialMatter => {
                let about = |sensitivity| sensitivity > Sensitivity::None;
                let says_something = !inspection.mentions.is_empty()
                    || inspection.subjects.iter().any(|s| about(s.sensitivity));
                !self.kept.special_matter && says_something
            }
            Lack::Addresses => !self.kept.addresses,
            Lack::Forwards => !self.kept.forwards,
            // Whoever is on the staff list has at least the one.
            Lack::SenderGroups => {
                let listed = !matches!(
                    facts.sender.group,
                    SenderGroup::Pupil | SenderGroup::Unlisted | SenderGroup::Foreign
                );
                listed && facts.sender.groups.is_empty()
            }
            Lack::SpokenOf => inspection
                .of_kind(Kind::CategoryPhrase)
                .any(|finding| finding.category.is_none()),
            // See `roster_states`.
            Lack::RosterAge => false,
        }
    }
}

/// Whether the same words were markings then.
fn knows_markings(past: &Past<'_>, pack: &Pack) -> bool {
    past.pack
        .is_some_and(|before| before.markings == pack.markings)
}

/// The ages that the roster can have had for the pack, that of then first.
fn roster_states(past: &Past<'_>, pack: &Pack) -> Vec<RosterState> {
    let then = past.facts.roster;
    let days = pack.settings.roster_stale_days;
    let before = past.pack.map(|pack| pack.settings.roster_stale_days);
    let other = match (then, before) {
        (RosterState::Missing, _) => return vec![then],
        (RosterState::Fresh, Some(before)) if days >= before => return vec![then],
        (RosterState::Stale, Some(before)) if days <= before => return vec![then],
        (RosterState::Fresh, _) => RosterState::Stale,
        (RosterState::Stale, _) => RosterState::Fresh,
    };
    vec![then, other]
}

/// The inspection, or what it can have been where other words are markings.
fn inspections<'a>(past: &Past<'a>, pack: &Pack) -> Vec<Cow<'a, Inspection>> {
    if knows_markings(past, pack) {
        return vec![Cow::Borrowed(past.inspection)];
    }
    let mut bare = past.inspection.clone();
    bare.markings.clear();
    bare.findings.retain(|f| f.kind != Kind::MarkingNearMiss);
    let place = pack.settings.marking_places.first().copied();
    let marking = |level| {
        place.map(|place| Marking {
            level,
            place,
            part: PartPath::header(),
        })
    };
    let near_miss = Finding {
        kind: Kind::MarkingNearMiss,
        part: PartPath::header(),
        place: String::new(),
        confidence: Confidence::new(1.0),
        count: 1,
        subjects: Vec::new(),
        excerpt: Masked::default(),
        category: None,
    };
    let levels = [
        None,
        marking(MarkingLevel::Sensitive),
        marking(MarkingLevel::HighlySensitive),
    ];
    let mut possible = Vec::new();
    for marking in levels {
        for finding in [None, Some(near_miss.clone())] {
            let mut inspection = bare.clone();
            inspection.markings.extend(marking.clone());
            inspection.findings.extend(finding);
            possible.push(Cow::Owned(inspection));
        }
    }
    possible
}
