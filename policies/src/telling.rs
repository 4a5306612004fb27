//! What is told of a rule that applied: to whom, on what evidence, in which words.
//!
//! Many rules apply to the same people on the same evidence; what is worked out for one is
//! kept for the next.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::{Category, Inspection, Kind, MarkingLevel, Sensitivity};

use crate::acts::{AddedMarking, MarkAt};
use crate::condition::{Condition, Leaf};
use crate::decide::Group;
use crate::decision::{Addresses, FiredRule, Mode};
use crate::exceptions::ExceptionKind;
use crate::explain::wording::{self, Blanks};
use crate::facts::{Facts, Relation};
use crate::kinds::Kinds;
use crate::matter::{Message, hints_at_pupils};
use crate::pack::{Pack, Rule};

pub(crate) struct Telling<'a> {
    facts: &'a Facts,
    message: &'a Message<'a>,
    inspection: &'a Inspection,
    pack: &'a Pack,
    groups: &'a [Group<'a>],
    /// By the groups of recipients.
    people: Vec<People>,
    known_people: BTreeMap<Vec<usize>, usize>,
    evidence: Vec<Evidence>,
    known_evidence: BTreeMap<Question, usize>,
    files: OnceCell<String>,
}

/// The recipients to whom a rule applies, taken together.
struct People {
    addresses: Addresses,
    /// What they are, in words.
    relations: String,
    /// A first name identifies somebody's child to one of them.
    mentioned: bool,
    sensitivity: Sensitivity,
    categories: BTreeSet<Category>,
}

/// The findings that rules rest on, by index.
struct Evidence {
    findings: Vec<usize>,
    /// In words, by people: what is said of pupils differs with who reads it.
    said: BTreeMap<usize, String>,
}

/// What tells two rules' evidence apart.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Question {
    about_pupils: bool,
    mentioned: bool,
    kinds: Kinds,
}

impl<'a> Telling<'a> {
    pub fn new(
        facts: &'a Facts,
        message: &'a Message<'a>,
        pack: &'a Pack,
        groups: &'a [Group<'a>],
    ) -> Self {
        Self {
            facts,
            message,
            inspection: message.inspection,
            pack,
            groups,
            people: Vec::new(),
            known_people: BTreeMap::new(),
            evidence: Vec::new(),
            known_evidence: BTreeMap::new(),
            files: OnceCell::new(),
        }
    }

    /// A rule that applied to the recipients of these groups.
    pub fn fired(&mut self, rule: &Rule, mode: Mode, groups: Vec<usize>) -> FiredRule {
        let who = self.people(groups);
        let about = self.evidence(&rule.when, who);
        let (Some(people), Some(evidence)) = (self.people.get(who), self.evidence.get_mut(about))
        else {
            return bare(rule, mode);
        };
        let (inspection, pack) = (self.inspection, self.pack);
        let Evidence { findings, said } = evidence;
        let asks = |text: &str| text.contains("{found}");
        let texts = [Some(&rule.why), Some(&rule.remedy), rule.acts.tip.as_ref()];
        let mut texts = texts
            .into_iter()
            .chain([rule.reviewer.as_ref(), rule.line.as_ref()]);
        if (texts.any(|text| text.is_some_and(|text| asks(text))) || asks(rule.one_line()))
            && !said.contains_key(&who)
        {
            said.insert(
                who,
                wording::found(findings, &people.categories, inspection),
            );
        }
        let blanks = Blanks {
            relation: &people.relations,
            found: said.get(&who).map_or("", String::as_str),
            files: self.files.get_or_init(|| wording::files(inspection)),
            sensitivity: people.sensitivity,
            pack,
            clauses: &rule.clauses,
        };
        let why = wording::sentence(&rule.why, &blanks);
        let mut acts = rule.acts.due(rule.mode, mode);
        if let Some(tip) = &mut acts.tip {
            *tip = wording::sentence(tip, &blanks);
        }
        FiredRule {
            id: rule.id.clone(),
            concern: rule.concern,
            verdict: rule.then,
            mode,
            clauses: rule.clauses.clone(),
            recipients: people.addresses.clone(),
            remedy: wording::sentence(&rule.remedy, &blanks),
            reviewer: match &rule.reviewer {
                Some(own) => wording::sentence(own, &blanks),
                None => why.clone(),
            },
            why,
            line: wording::sentence(rule.one_line(), &blanks),
            findings: findings.clone(),
            adds: acts
                .mark
                .and_then(|at| marking(at, people.sensitivity, self.message, pack)),
            acts,
        }
    }

    fn people(&mut self, groups: Vec<usize>) -> usize {
        if let Some(known) = self.known_people.get(&groups) {
            return *known;
        }
        let chosen: Vec<&Group<'_>> = groups.iter().filter_map(|i| self.groups.get(*i)).collect();
        let mut members: Vec<usize> = chosen.iter().flat_map(|g| &g.members).copied().collect();
        members.sort_unstable();
        let relations: BTreeSet<Relation> = chosen.iter().map(|g| g.example.relation).collect();
        let words = wording::joined(relations.iter().map(|r| r.label().to_owned()), "and");
        let of = |i: &usize| self.facts.recipients.get(*i).map(|r| r.address.clone());
        self.people.push(People {
            addresses: members.iter().filter_map(of).collect(),
            relations: words,
            mentioned: chosen.iter().any(|g| !g.example.mentioned.is_empty()),
            sensitivity: chosen
                .iter()
                .map(|g| g.matter.sensitivity)
                .max()
                .unwrap_or_default(),
            categories: chosen
                .iter()
                .flat_map(|g| &g.matter.categories)
                .copied()
                .collect(),
        });
        let place = self.people.len() - 1;
        self.known_people.insert(groups, place);
        place
    }

    fn evidence(&mut self, when: &Condition, who: usize) -> usize {
        let mut leaves = Vec::new();
        when.positive_leaves(&mut leaves);
        let question = Question {
            about_pupils: leaves.iter().any(|leaf| is_about_pupils(leaf)),
            mentioned: self.people.get(who).is_some_and(|p| p.mentioned),
            kinds: leaves
                .iter()
                .fold(Kinds::default(), |all, leaf| all.with(shown_by(leaf))),
        };
        if let Some(known) = self.known_evidence.get(&question) {
            return *known;
        }
        let findings = self
            .inspection
            .findings
            .iter()
            .enumerate()
            .filter(|(_, f)| {
                let of_pupils = question.about_pupils
                    && match f.kind {
                        Kind::RosterForename => question.mentioned,
                        Kind::StaffDetails | Kind::Credential => false,
                        kind => !f.subjects.is_empty() || hints_at_pupils(kind),
                    };
                of_pupils || Kinds::of(f.kind).meets(question.kinds)
            })
            .map(|(i, _)| i)
            .collect();
        self.evidence.push(Evidence {
            findings,
            said: BTreeMap::new(),
        });
        let place = self.evidence.len() - 1;
        self.known_evidence.insert(question, place);
        place
    }
}

/// The marking to add, in the pack's own spelling; none where the message bears one that
/// covers the matter.
pub(crate) fn marking(
    at: MarkAt,
    sensitivity: Sensitivity,
    message: &Message<'_>,
    pack: &Pack,
) -> Option<AddedMarking> {
    if message.is_marked_for(sensitivity) {
        return None;
    }
    let (level, words) = if sensitivity >= Sensitivity::HighlySensitive {
        (
            MarkingLevel::HighlySensitive,
            &pack.markings.highly_sensitive,
        )
    } else {
        (MarkingLevel::Sensitive, &pack.markings.sensitive)
    };
    let word = words.first()?.clone();
    Some(AddedMarking { level, at, word })
}

/// A rule without evidence, which no rule that applied is.
fn bare(rule: &Rule, mode: Mode) -> FiredRule {
    FiredRule {
        id: rule.id.clone(),
        concern: rule.concern,
        verdict: rule.then,
        mode,
        clauses: rule.clauses.clone(),
        recipients: Addresses::default(),
        findings: Vec::new(),
        why: rule.why.clone(),
        remedy: rule.remedy.clone(),
        reviewer: rule.for_reviewer().to_owned(),
        line: rule.one_line().to_owned(),
        acts: rule.acts.due(rule.mode, mode),
        adds: None,
    }
}

fn is_about_pupils(leaf: &Leaf) -> bool {
    matches!(
        leaf,
        Leaf::PupilData
            | Leaf::AboutOthers
            | Leaf::SpeaksOfPupils
            | Leaf::Sensitivity(_)
            | Leaf::Category(_)
            | Leaf::SpecialCategory
            | Leaf::Pupils(_)
            | Leaf::UnprotectedAttachment(_)
    )
}

/// The kinds of finding that a leaf rests on, besides those about pupils.
fn shown_by(leaf: &Leaf) -> Kinds {
    let of = |kinds: &[Kind]| kinds.iter().copied().collect();
    match leaf {
        Leaf::Found { kinds, .. } => kinds.iter().copied().collect(),
        Leaf::SpeaksOf(_) => of(&[Kind::CategoryPhrase]),
        Leaf::PasswordBeside => of(&[Kind::PasswordBeside]),
        Leaf::EncryptedAttachment => of(&[Kind::EncryptionStrong]),
        Leaf::MarkingNearMiss | Leaf::Unmarked => of(&[Kind::MarkingNearMiss]),
        Leaf::Unread(_) => of(&[Kind::LimitReached, Kind::EncryptionWeak]),
        Leaf::UnprotectedAttachment(_) => of(&[Kind::EncryptionWeak]),
        Leaf::PersonalSender => of(&[Kind::PersonalSender]),
        Leaf::MimeAmbiguous => of(&[Kind::MimeAmbiguous]),
        Leaf::PhotoConsent(_) => of(&[Kind::PictureNamed]),
        Leaf::Registered(ExceptionKind::ImageOptOut) => of(&[Kind::Photograph]),
        _ => Kinds::default(),
    }
}
