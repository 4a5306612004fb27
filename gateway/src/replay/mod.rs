//! What another pack would have said of the mail that has passed: read from the journal a
//! page at a time, and judged again from what was seen then.
//!
//! The journal holds no content. What it cannot answer is said with each message and
//! counted, never guessed.

mod kept;
mod packs;
mod tally;

use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::VERSION;
use schoolgate_policies::replay::{Answer, Change, Kept, Past, Replay, replay};
use schoolgate_policies::{Facts, Pack, Recipient, RosterState, Sender, Stance, relate_with};
use serde::Serialize;

use crate::clock::Micros;
use crate::dispatch::JournalBody;
use crate::ids::{SchoolId, SpoolId};
use crate::installation::Installation;
use crate::keys::SchoolKeys;
use crate::schools::School;
use crate::store::journal::{self, StoredLine};
use packs::Packs;
pub use tally::{Changed, Stops, Tally};

/// Lines read at once; so many are in memory.
const PAGE: usize = 200;
/// Sealed octets read at once: a page ends early when its messages were large.
const PAGE_OCTETS: usize = 8 << 20;

/// Why the journal could not be judged again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
}

/// What the stored inspection of a message leaves out, though its pack had an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// It was looked at by detectors of another version.
    OtherDetectors,
    /// The roster was another one: pupils who came since were not known.
    OtherRoster,
    /// There was no roster, so no pupil was known by name.
    NoRoster,
    /// With which roster it was looked at was not kept then.
    RosterNotKept,
    /// It speaks of pupils who were not on the roster.
    UnknownPupils,
    /// By the roster and configuration of today, sender or recipients are something else.
    OtherRelations,
}

impl Note {
    /// In words, after the number of messages.
    pub fn label(self) -> &'static str {
        match self {
            Self::OtherDetectors => {
                "were looked at by other detectors than today\u{2019}s, which may see more or less"
            }
            Self::OtherRoster => {
                "were looked at with another roster: pupils who came since were not known"
            }
            Self::NoRoster => "were looked at without a roster: no pupil was known by name",
            Self::RosterNotKept => {
                "do not say with which roster they were looked at: pupils may have come since"
            }
            Self::UnknownPupils => "speak of pupils who were not on the roster then",
            Self::OtherRelations => {
                "have a sender or recipients who are something else by today\u{2019}s roster; \
                 they count as what they were"
            }
        }
    }
}

/// One message, judged again.
#[derive(Debug, Clone)]
pub struct Replayed {
    pub message: SpoolId,
    pub received_at: Micros,
    /// The stance in which it was judged.
    pub stance: Stance,
    pub replay: Replay,
    /// What the pack says with the sender and the recipients of today, when that differs.
    pub today: Option<Answer>,
    pub notes: BTreeSet<Note>,
}

impl Replayed {
    /// Whether there is anything to tell of it.
    pub fn is_remarkable(&self) -> bool {
        self.today.is_some() || self.replay.change() != Some(Change::None)
    }
}

/// Judges again what a school's journal holds of the time between `since` and `until`,
/// the oldest first, and gives each message to `each` as it comes.
///
/// # Errors
/// The store's. A single line that cannot be read is counted.
pub async fn replay_journal(
    installation: &Installation,
    row: SchoolId,
    school: &School,
    pack: &Pack,
    (since, until): (Micros, Micros),
    mut each: impl FnMut(&Replayed),
) -> Result<Tally, ReplayError> {
    let keys = installation.vault.of(row)?;
    let mut packs = Packs::new(&installation.store, row, school, pack);
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let page = installation
            .store
            .read(move |tx| journal::lines(tx, row, (since, until), after, (PAGE, PAGE_OCTETS)))
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        for line in &page {
            let Some((body, kept)) = open(keys, line) else {
                tally.unreadable += 1;
                continue;
            };
            // Of protected correspondence nobody learns here, not even a count.
            if body.decision.route.is_protected() {
                continue;
            }
            let before = packs.of(&body.decision.pack_digest).await?;
            let past = Past {
                facts: &body.facts,
                inspection: &body.inspection,
                decision: &body.decision,
                pack: before.as_deref(),
                kept,
            };
            let replayed = judge_again(line, &body, &past, school, pack);
            tally.add(&replayed);
            each(&replayed);
        }
    }
    Ok(tally)
}

fn open(keys: &SchoolKeys, line: &StoredLine) -> Option<(JournalBody, Kept)> {
    let place = format!("journal.body:{}", line.id);
    let text = keys.open_sealed(&place, &line.body).ok()?;
    let body = serde_json::from_slice(&text).ok()?;
    Some((body, kept::kept(&text)?))
}

fn judge_again(
    line: &StoredLine,
    body: &JournalBody,
    past: &Past<'_>,
    school: &School,
    pack: &Pack,
) -> Replayed {
    let then = past.facts;
    let context = &school.context;
    // With the registers of today, on the day of the message.
    let (sender, recipients, exceptions) = relate_with(
        &then.envelope,
        past.inspection,
        &context.directory,
        &context.facts,
        (&context.registers, crate::clock::date(then.now)),
    );
    let today = Facts {
        sender,
        recipients,
        exceptions,
        ..then.clone()
    };
    let replayed = replay(past, pack);
    let mut notes = notes(body, past, school);
    let mut otherwise = None;
    if !stand_alike(then, &today, past.kept) {
        notes.insert(Note::OtherRelations);
        let kept = Kept {
            addresses: true,
            ..past.kept
        };
        let past = Past {
            facts: &today,
            kept,
            ..*past
        };
        let answer = replay(&past, pack).after;
        otherwise = Some(answer).filter(|answer| !says_alike(answer, &replayed.after));
    }
    Replayed {
        message: line.message,
        received_at: line.received_at,
        stance: then.stance,
        replay: replayed,
        today: otherwise,
        notes,
    }
}

fn notes(body: &JournalBody, past: &Past<'_>, school: &School) -> BTreeSet<Note> {
    let mut notes = BTreeSet::new();
    if past.inspection.detectors != VERSION {
        notes.insert(Note::OtherDetectors);
    }
    match (&body.roster, past.facts.roster) {
        (Some(roster), _) if school.roster_digest.as_ref() != Some(roster) => {
            notes.insert(Note::OtherRoster);
        }
        (Some(_), _) => {}
        (None, RosterState::Missing) => {
            notes.insert(Note::NoRoster);
        }
        (None, _) => {
            notes.insert(Note::RosterNotKept);
        }
    }
    if past.inspection.subjects.iter().any(|s| s.pupils.is_empty()) {
        notes.insert(Note::UnknownPupils);
    }
    notes
}

/// Whether sender and recipients are the same to the school as they were, as far as that
/// was kept.
fn stand_alike(then: &Facts, today: &Facts, kept: Kept) -> bool {
    let recipient = |a: &Recipient, b: &Recipient| {
        let mut a = Recipient {
            family: b.family,
            ..a.clone()
        };
        if !kept.addresses {
            a.destination = b.destination;
            a.greeted_as_another = b.greeted_as_another;
            a.bears_contacts_name = b.bears_contacts_name;
        }
        a == *b
    };
    let sender = |a: &Sender, b: &Sender| {
        a.group == b.group
            && (a.groups.is_empty() || a.groups == b.groups)
            && a.personal_address == b.personal_address
    };
    sender(&then.sender, &today.sender)
        && then.recipients.len() == today.recipients.len()
        && then
            .recipients
            .iter()
            .zip(&today.recipients)
            .all(|(a, b)| recipient(a, b))
        && families(then) == families(today)
}

/// Which recipients are of one family. Families have other numbers in each roster, so they
/// are numbered by their first recipient here.
fn families(facts: &Facts) -> Vec<Option<usize>> {
    let mut first = BTreeMap::new();
    let numbers = facts.recipients.iter().enumerate();
    numbers
        .map(|(at, recipient)| Some(*first.entry(recipient.family?).or_insert(at)))
        .collect()
}

fn says_alike(a: &Answer, b: &Answer) -> bool {
    let said = |answer: &Answer| match answer {
        Answer::Known(said) => Some((said.verdict, said.recipients.clone())),
        Answer::Open { .. } => None,
    };
    said(a) == said(b)
}
