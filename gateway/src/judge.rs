//! From an inspection to a decision: the one function that `serve` and `check` share.
//!
//! A [`SchoolContext`] holds what a school's messages are judged with (pack, roster
//! look-ups, the workers' view); it is built anew when pack or roster change.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schoolgate_detectors::roster::index::RosterIndex;
use schoolgate_detectors::{
    Inspection, OwnIdentity, PictureSettings, Roster, Settings as DetectorSettings,
};
use schoolgate_policies::exceptions::Entry;
use schoolgate_policies::{
    Decider, Decision, Directory, Envelope, Facts, Office, Pack, PackErrors, Registers,
    RosterState, SchoolFacts, Stance, decide, pack, relate_with, route,
};

use serde::{Deserialize, Serialize};

use crate::clock::{self, DAY, Micros};
use crate::config::{School, Settings};
use crate::inspect;
use crate::roster::{self, RosterError};

/// What cannot be used of a school's pack or roster.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    #[error(
        "cannot read the {what} {path}: {source}. Check the path and that this user may read it"
    )]
    Read {
        what: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the pack {path} has mistakes:\n{errors}")]
    Pack { path: PathBuf, errors: PackErrors },
    #[error("a pack that ships with this build has mistakes:\n{0}")]
    Shipped(PackErrors),
    #[error(transparent)]
    Roster(#[from] RosterError),
    #[error("cannot hand the roster to the workers: {0}")]
    Workers(std::io::Error),
}

/// A roster with the time of its import.
pub struct DatedRoster {
    pub roster: Roster,
    pub imported_at: Micros,
}

/// What a school's messages are judged with.
pub struct SchoolContext {
    pub school: School,
    pub facts: SchoolFacts,
    pub pack: Pack,
    pub directory: Directory,
    /// The exceptions that the school has registered.
    pub registers: Registers,
    /// `None`: there is no roster.
    pub roster_imported_at: Option<Micros>,
    /// Whether what is judged came over a connection that was admitted. Of a file nobody
    /// knows who wrote it, so it gets into no fast lane.
    pub admitted: bool,
    /// What the workers are bound to.
    pub inspection: Arc<inspect::School>,
}

/// The answer, and the facts that it rests on, so that it can be replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub facts: Facts,
    pub decision: Decision,
}

/// The grounds of a verdict, kept with the message.
#[derive(Serialize, Deserialize)]
pub struct Judgement {
    pub facts: Facts,
    pub inspection: Inspection,
    pub decision: Decision,
    pub roster: Option<String>,
}

/// The place of a judgement, for its seal.
pub fn judgement_place(message: &str) -> String {
    format!("judgements.body:{message}")
}

impl SchoolContext {
    /// Puts together a school's configuration, pack, roster and registered exceptions.
    ///
    /// # Errors
    /// The system has no memory or descriptors for the workers' index.
    pub fn new(
        settings: &Settings,
        school: &School,
        pack: Pack,
        roster: Option<&DatedRoster>,
        exceptions: Vec<Entry>,
    ) -> Result<Self, ContextError> {
        let facts = school_facts(settings, school);
        let empty = Roster::default();
        let people = roster.map_or(&empty, |dated| &dated.roster);
        let directory = Directory::new(people, &facts);
        let index = RosterIndex::build(people);
        let inspection = inspect::School::new(
            school.id.clone(),
            index.as_bytes(),
            DetectorSettings {
                offices: directory.office_holders(),
                ..detector_settings(settings, school, &pack)
            },
        )
        .map_err(ContextError::Workers)?;
        Ok(Self {
            directory,
            admitted: true,
            registers: Registers::new(exceptions, people),
            facts,
            school: school.clone(),
            pack,
            roster_imported_at: roster.map(|dated| dated.imported_at),
            inspection: Arc::new(inspection),
        })
    }

    /// The same from files: the school's pack or the baseline, and a roster folder
    /// (`roster`, else the configured one), taken as imported `now`, with these exceptions.
    /// The second value says what of the roster was not understood.
    ///
    /// # Errors
    /// A file cannot be read, or the pack has mistakes.
    pub fn load(
        settings: &Settings,
        school: &School,
        roster: Option<&Path>,
        exceptions: Vec<Entry>,
        now: Micros,
    ) -> Result<(Self, Vec<String>), ContextError> {
        let pack = load_pack(school.pack.as_deref())?;
        let mut problems = Vec::new();
        let roster = match roster.or(school.roster.as_deref()) {
            None => None,
            Some(folder) => {
                // A pupil's id only has to be the same for the life of this context.
                let imported =
                    roster::read_files(&roster::read_folder(folder)?, school.id.as_bytes());
                problems.extend(imported.problems.iter().map(ToString::to_string));
                if !imported.is_usable() {
                    return Err(RosterError::Unusable(problems).into());
                }
                Some(DatedRoster {
                    roster: imported.roster,
                    imported_at: now,
                })
            }
        };
        let context = Self {
            admitted: false,
            ..Self::new(settings, school, pack, roster.as_ref(), exceptions)?
        };
        Ok((context, problems))
    }

    /// Whether the roster can be relied upon on this day.
    pub fn roster_state(&self, now: Micros) -> RosterState {
        let most = i64::from(self.pack.settings.roster_stale_days).saturating_mul(DAY);
        match self.roster_imported_at {
            None => RosterState::Missing,
            Some(at) if now.saturating_sub(at) > most => RosterState::Stale,
            Some(_) => RosterState::Fresh,
        }
    }
}

/// Judges a message: what each recipient is to the pupils concerned, then the pack.
/// Pure: the same arguments give the same answer.
pub fn judge(
    context: &SchoolContext,
    envelope: &Envelope,
    inspection: &Inspection,
    stance: Stance,
    now: Micros,
) -> Judged {
    let (sender, recipients, exceptions) = relate_with(
        envelope,
        inspection,
        &context.directory,
        &context.facts,
        (&context.registers, clock::date(now)),
    );
    let related = (&sender, recipients.as_slice());
    let mut route = route(envelope, inspection, &context.directory, related);
    route.fast_lane = route.fast_lane.filter(|_| context.admitted);
    let facts = Facts {
        envelope: envelope.clone(),
        sender,
        recipients,
        stance,
        roster: context.roster_state(now),
        now,
        route,
        exceptions,
    };
    let decision = decide(&facts, inspection, &context.pack);
    Judged { facts, decision }
}

/// The pack that ships under this name, when the path is nothing but such a name.
pub fn shipped_pack(path: &Path) -> Option<&'static str> {
    Pack::shipped_names().find(|name| path == Path::new(name))
}

/// A school's pack, or the baseline. A pack may extend files beside it (`NAME.toml`); a
/// name without an ending is that of a pack that ships.
///
/// # Errors
/// It cannot be read, or has mistakes: all of them are reported.
pub fn load_pack(path: Option<&Path>) -> Result<Pack, ContextError> {
    load_pack_with_text(path).map(|(pack, _)| pack)
}

/// The same with the text of its file, of which it was made.
///
/// # Errors
/// As of [`load_pack`].
pub fn load_pack_with_text(path: Option<&Path>) -> Result<(Pack, String), ContextError> {
    let Some(path) = path else {
        let pack = Pack::baseline().map_err(ContextError::Shipped)?;
        return Ok((pack, Pack::baseline_text().to_owned()));
    };
    if let Some(name) = shipped_pack(path)
        && let (Some(pack), Some(text)) = (Pack::shipped(name), Pack::shipped_text(name))
    {
        return Ok((pack.map_err(ContextError::Shipped)?, text.to_owned()));
    }
    let text = pack_text(path).map_err(|source| ContextError::Read {
        what: "pack",
        path: path.to_owned(),
        source,
    })?;
    match Pack::load(&text, &|name| beside(path, name)) {
        Ok(pack) => Ok((pack, text)),
        Err(errors) => Err(ContextError::Pack {
            path: path.to_owned(),
            errors,
        }),
    }
}

/// A pack by the text that was kept of it, where the school's pack lies at `path`; `None`
/// when the packs that it extends are no longer those of then.
pub fn kept_pack(text: &str, path: Option<&Path>, digest: &str) -> Option<Pack> {
    let pack = Pack::load(text, &|name| path.and_then(|path| beside(path, name))).ok()?;
    (pack.digest == digest).then_some(pack)
}

/// The text of a pack beside another.
fn beside(path: &Path, name: &str) -> Option<String> {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let file = path.with_file_name(format!("{name}.toml"));
    plain.then(|| pack_text(&file).ok()).flatten()
}

/// The text of a pack, or so much of it that loading refuses it as too long.
fn pack_text(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let most = pack::MOST_BYTES as u64 + 1;
    std::fs::File::open(path)?
        .take(most)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What the school says about itself, with the domains of the controller's other schools.
fn school_facts(settings: &Settings, school: &School) -> SchoolFacts {
    SchoolFacts {
        domains: school.domains.clone(),
        sister_domains: settings
            .schools
            .iter()
            .filter(|other| other.id != school.id && other.controller == school.controller)
            .flat_map(|other| other.domains.iter().cloned())
            .collect(),
        pupil_mailboxes: school.pupil_mailboxes.clone(),
        staff_mailboxes: school.staff_mailboxes.clone(),
        holders: holders(school),
    }
}

/// Who holds which office by the configuration. Where it names no safeguarding lead or data
/// protection officer, the headteacher stands in for the notices, but holds no further office.
fn holders(school: &School) -> Vec<Decider> {
    let not_head = |person: &String| Some(person.clone()).filter(|p| *p != school.headteacher);
    [
        (Office::Headteacher, Some(school.headteacher.clone())),
        (Office::DeputyHead, school.deputy_head.clone()),
        (Office::Dsl, not_head(&school.dsl)),
        (Office::DeputyDsl, school.deputy_dsl.clone()),
        (Office::Dpo, not_head(&school.dpo)),
        (Office::Chair, school.chair.clone()),
        (Office::TrustLead, school.trust_lead.clone()),
    ]
    .into_iter()
    .filter_map(|(office, person)| {
        Some(Decider {
            office,
            address: person?,
        })
    })
    .collect()
}

fn detector_settings(settings: &Settings, school: &School, pack: &Pack) -> DetectorSettings {
    DetectorSettings {
        own: OwnIdentity {
            domains: school.domains.clone(),
            phones: school.phones.iter().map(|p| national(p)).collect(),
            postcodes: school.postcodes.clone(),
        },
        marking: pack.marking_terms(),
        pictures: PictureSettings {
            read: settings.ocr.enabled,
            pixels: settings.ocr.pixels,
        },
        // The day comes with each message.
        ..DetectorSettings::on(clock::date(0))
    }
}

/// A telephone number as the detectors know it: digits only, in national form.
fn national(phone: &str) -> String {
    let digits: String = phone
        .replace("(0)", "")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let international = phone.trim_start().starts_with('+') || digits.starts_with("0044");
    let abroad = digits.strip_prefix("00").unwrap_or(&digits);
    match abroad.strip_prefix("44") {
        Some(rest) if international => format!("0{rest}"),
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_come_into_national_form() {
        for written in [
            "01632 960001",
            "+44 1632 960001",
            "0044 1632 960001",
            "+44 (0)1632 960001",
            "(01632) 960-001",
        ] {
            assert_eq!(national(written), "01632960001", "{written}");
        }
    }

    #[test]
    fn a_pack_extends_only_files_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("packs")).unwrap();
        std::fs::write(folder.path().join("secret.toml"), "").unwrap();
        let own = folder.path().join("packs/own.toml");
        std::fs::write(&own, Pack::baseline_text()).unwrap();
        assert!(load_pack(Some(&own)).is_ok());
        std::fs::write(&own, "name = \"own\"\nextends = \"../secret\"\n").unwrap();
        assert!(matches!(
            load_pack(Some(&own)),
            Err(ContextError::Pack { .. })
        ));
        std::fs::write(&own, "name = \"own\"\nextends = \"policy-001\"\n").unwrap();
        assert!(load_pack(Some(&own)).is_ok());
        assert!(load_pack(Some(Path::new("policy-001"))).is_ok());
        assert!(matches!(
            load_pack(Some(&folder.path().join("none.toml"))),
            Err(ContextError::Read { .. })
        ));
    }
}
