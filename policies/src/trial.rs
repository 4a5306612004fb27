//! Runs the examples of a pack: whether its rules do what their author thinks.
//!
//! An example is facts, or a subject and a text, or both. Text goes through the real
//! detectors with a made-up roster of two pupils, so that a word that they do not know is
//! noticed before it is relied upon.

use jiff::civil::date;
use schoolgate_detectors::{
    Confidence, Disposition, Encryption, Finding, Identification, Inspection, Kind, Marking,
    Masked, Part, PartPath, PupilId, Roster, RosterIndex, Settings as DetectorSettings, Subject,
    Unread, inspect,
};

use schoolgate_detectors::roster::Pupil;

use crate::decide;
use crate::decision::{Decision, Verdict};
use crate::exceptions::{Consent, Exception, ExceptionKind, Grant};
use crate::facts::{Envelope, Facts, Recipient, Relation, RosterState, Sender, Stance};
use crate::filetype::FileType;
use crate::pack::hours::moment;
use crate::pack::{Example, Lock, Pack};
use crate::route::Route;

/// The pupil whom `{pupil}` stands for.
const PUPIL: (PupilId, &str, &str) = (PupilId(1), "Isla", "Fenwick");
/// Another pupil, for `{other-pupil}`.
const OTHER: (PupilId, &str, &str) = (PupilId(2), "Jonah", "Treadgold");
/// The pupils of facts are numbered from here.
const FIRST_OF_FACTS: u64 = 1_000;
/// The part that findings stand in.
const BODY: &str = "1";

/// What became of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    /// The rules that applied, the strictest first.
    pub rules: Vec<String>,
    /// What is not as the example says; empty when it holds.
    pub wrong: Vec<String>,
}

/// Runs examples, also those of another pack than the one under trial.
pub struct Trial<'p> {
    pack: &'p Pack,
    roster: RosterIndex,
    settings: DetectorSettings,
}

impl<'p> Trial<'p> {
    /// A trial of this pack's rules.
    pub fn of(pack: &'p Pack) -> Self {
        let pupil = |(id, forename, surname): (PupilId, &str, &str)| Pupil {
            year_group: Some("4".into()),
            ..Pupil::named(id, forename, surname)
        };
        let roster = Roster {
            pupils: vec![pupil(PUPIL), pupil(OTHER)],
            ..Roster::default()
        };
        Self {
            pack,
            roster: RosterIndex::build(&roster),
            settings: DetectorSettings {
                marking: pack.marking_terms(),
                // Ages are no matter here; the same day gives the same answer.
                ..DetectorSettings::on(date(2026, 1, 5))
            },
        }
    }

    /// Runs one.
    pub fn run(&self, example: &Example) -> Outcome {
        let decision = self.decide(example);
        let verdict = decision.verdict();
        let rules: Vec<String> = decision.rules.iter().map(|r| r.id.clone()).collect();
        let mut wrong = Vec::new();
        if verdict != example.expect {
            let by = decision
                .governing()
                .map(|rule| format!(" by `{}`", rule.id))
                .unwrap_or_default();
            wrong.push(format!(
                "the verdict is {}{by}, not {}",
                verdict.as_str(),
                example.expect.as_str()
            ));
        }
        for id in example.rules.iter().filter(|id| !rules.contains(id)) {
            wrong.push(format!("the rule `{id}` does not apply"));
        }
        for id in example.not_rules.iter().filter(|id| rules.contains(id)) {
            wrong.push(format!("the rule `{id}` applies"));
        }
        let due: Vec<&str> = decision.rules.iter().flat_map(|r| r.acts.names()).collect();
        for act in example.acts.iter().filter(|act| !due.contains(act)) {
            wrong.push(format!("`{act}` does not follow"));
        }
        Outcome {
            verdict,
            rules,
            wrong,
        }
    }

    /// The whole decision on an example, as if enforcing with a fresh roster.
    pub fn decide(&self, example: &Example) -> Decision {
        let inspection = self.inspection(example);
        let facts = facts(example, &inspection);
        decide(&facts, &inspection, self.pack)
    }

    fn inspection(&self, example: &Example) -> Inspection {
        let mut inspection = Inspection::default();
        if !example.subject.is_empty() || !example.text.is_empty() {
            inspection = inspect(&message(example), &self.roster, &self.settings);
            // The addresses of the made-up message say nothing about the example's.
            inspection.headers.to.clear();
        }
        for (number, about) in (FIRST_OF_FACTS..).zip(&example.about) {
            let pupil = PupilId(number);
            inspection.subjects.push(Subject {
                pupils: vec![pupil],
                identified_by: vec![Identification::FullName],
                confidence: Confidence::new(0.95),
                categories: about.categories.clone(),
                sensitivity: about.sensitivity,
                special: about
                    .categories
                    .iter()
                    .any(|category| category.is_special()),
                parts: vec![PartPath(BODY.into())],
                count: about.pupils,
            });
            let mut seen = |kind| {
                let mut finding = finding(kind, about.pupils, Confidence::new(0.95));
                finding.subjects.push(pupil);
                inspection.findings.push(finding);
            };
            seen(Kind::RosterName);
            if !about.categories.is_empty() {
                seen(Kind::CategoryPhrase);
            }
        }
        for found in &example.found {
            let mut seen = finding(found.kind, found.count, found.confidence);
            if found.kind == Kind::PictureNamed {
                seen.subjects.push(PUPIL.0);
            }
            inspection.findings.push(seen);
        }
        for category in &example.speaks_of {
            let mut seen = finding(Kind::CategoryPhrase, 1, Confidence::new(0.95));
            seen.category = Some(*category);
            inspection.findings.push(seen);
        }
        for depth in 1..=example.forwarded {
            inspection.parts.push(Part {
                path: PartPath(format!("1{}", "/message".repeat(depth as usize))),
                name: None,
                disposition: Disposition::Message,
                declared_type: "message/rfc822".into(),
                actual_type: "e-mail message".into(),
                bytes: 1,
                encryption: Encryption::None,
                sensitivity: schoolgate_detectors::Sensitivity::None,
                text_bytes: 1,
            });
        }
        if example.near_miss {
            let seen = finding(Kind::MarkingNearMiss, 1, Confidence::new(0.95));
            inspection.findings.push(seen);
        }
        if let Some((level, place)) = example.marking {
            inspection.markings.push(Marking {
                level,
                place,
                part: PartPath::header(),
            });
        }
        for (number, attachment) in (2_usize..).zip(&example.attachments) {
            let path = PartPath(format!("{number}/file"));
            let encryption = match attachment.lock {
                Lock::Open => Encryption::None,
                Lock::Weak => Encryption::Weak("an old kind".into()),
                Lock::PasswordBeside => Encryption::PasswordBeside("AES".into()),
                Lock::Strong => Encryption::Strong("AES".into()),
            };
            inspection.parts.push(Part {
                path,
                name: Some("file".into()),
                disposition: Disposition::Attachment,
                declared_type: "application/octet-stream".into(),
                actual_type: attachment.kind.map_or("file", FileType::noun).into(),
                bytes: 1,
                encryption,
                sensitivity: attachment.sensitivity,
                text_bytes: 1,
            });
        }
        for reason in &example.unread {
            inspection.unread.push(Unread {
                part: PartPath("2/file".into()),
                reason: *reason,
                detail: String::new(),
            });
        }
        inspection
    }
}

/// The example as a message from nobody to nobody (RFC 2606 §2).
fn message(example: &Example) -> Vec<u8> {
    let filled = |text: &str| {
        let name = |(_, forename, surname): (PupilId, &str, &str)| format!("{forename} {surname}");
        text.replace("{pupil}", &name(PUPIL))
            .replace("{other-pupil}", &name(OTHER))
    };
    let subject: String = filled(&example.subject)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!(
        "From: sender@school.invalid\r\nTo: recipient@outside.invalid\r\nSubject: {subject}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
        filled(&example.text)
    )
    .into_bytes()
}

fn finding(kind: Kind, count: u32, confidence: Confidence) -> Finding {
    Finding {
        kind,
        part: PartPath(BODY.into()),
        place: "paragraph 1".into(),
        confidence,
        count,
        subjects: Vec::new(),
        excerpt: Masked::default(),
        category: None,
    }
}

fn facts(example: &Example, inspection: &Inspection) -> Facts {
    let recipients = recipients(example, inspection);
    let exceptions = exceptions(example, inspection, &recipients);
    Facts {
        envelope: Envelope {
            reverse_path: "sender@school.invalid".into(),
            forward_paths: recipients.iter().map(|r| r.address.clone()).collect(),
        },
        sender: Sender {
            address: "sender@school.invalid".into(),
            group: example.sender.first().copied().unwrap_or_default(),
            groups: example.sender.iter().copied().collect(),
            name: String::new(),
            personal_address: example
                .personal_sender
                .then(|| "sender@home.invalid".to_owned()),
        },
        recipients,
        stance: Stance::Enforce,
        roster: RosterState::Fresh,
        now: moment(example.sent),
        route: Route::default(),
        exceptions,
    }
}

/// What is registered: for every recipient the same.
fn exceptions(
    example: &Example,
    inspection: &Inspection,
    recipients: &[Recipient],
) -> Vec<Exception> {
    let given = &example.exceptions;
    let mut list = Vec::new();
    let mut add = |id: String, recipient, grant| {
        list.push(Exception {
            id,
            recipient,
            // A day before the one on which examples are read.
            until: given.lapsed.then(|| date(2026, 1, 4)),
            lapsed: given.lapsed,
            grant,
        });
    };
    for (place, recipient) in recipients.iter().enumerate() {
        let other = |relation| {
            Box::new(Recipient {
                relation,
                agency: (relation == Relation::Agency).then(|| "agency".to_owned()),
                ..recipient.clone()
            })
        };
        if let Some(permission) = &given.permission {
            let subjects = inspection.subjects.iter();
            add(
                "permission".into(),
                Some(place),
                Grant::Permission {
                    categories: permission.categories.clone(),
                    photos: permission.photos,
                    allows: permission.allows.clone(),
                    pupils: permission
                        .named_pupils
                        .then(|| subjects.flat_map(|s| s.pupils.iter().copied()).collect()),
                },
            );
        }
        for kind in &given.registered {
            let grant = match (kind, given.lapsed) {
                (ExceptionKind::TrustedRecipient, false) => Grant::TrustedRecipient {
                    otherwise: other(Relation::Other),
                },
                (ExceptionKind::TrustedRecipient, true) => Grant::TrustedRecipient {
                    otherwise: other(Relation::Agency),
                },
                (ExceptionKind::DualRole, false) => Grant::DualRole {
                    otherwise: other(Relation::OwnPersonal),
                },
                (ExceptionKind::DualRole, true) => Grant::DualRole {
                    otherwise: other(Relation::OwnContact),
                },
                (ExceptionKind::FamilyException, _) => Grant::FamilyException,
                (ExceptionKind::ImageOptOut, _) => Grant::ImageOptOut,
                (ExceptionKind::Permission | ExceptionKind::ImageConsent, _) => continue,
            };
            add(kind.as_str().into(), Some(place), grant);
        }
    }
    let pictured = inspection.of_kind(Kind::PictureNamed);
    let consent = given.photo_consent.filter(|c| *c != Consent::Missing);
    for pupil in pictured.flat_map(|finding| finding.subjects.iter().copied()) {
        if let Some(consent) = consent {
            let given = consent == Consent::Given;
            let grant = Grant::ImageConsent { pupil, given };
            add("image-consent".into(), None, grant);
        }
    }
    list
}

/// One recipient of each relation, or as many as make the number of families.
fn recipients(example: &Example, inspection: &Inspection) -> Vec<Recipient> {
    let concerned: Vec<PupilId> = inspection
        .subjects
        .iter()
        .flat_map(|s| s.pupils.iter().copied())
        .collect();
    let recipient = |number: usize, relation: Relation| {
        // A contact of one pupil; what else the message is about is not theirs.
        let others = matches!(
            relation,
            Relation::OtherPupilsContact | Relation::ContactUnderCourtFlag | Relation::Pupil
        );
        Recipient {
            address: format!(
                "recipient{number}@{}",
                example.domain.as_deref().unwrap_or("outside.invalid")
            ),
            relation,
            agency: (relation == Relation::Agency)
                .then(|| example.agency_kind.clone().unwrap_or("agency".to_owned())),
            looks_like: None,
            not_theirs: if others || !relation.has_family() {
                concerned.clone()
            } else {
                Vec::new()
            },
            mentioned: Vec::new(),
            visible: example.visible_families.is_some(),
            family: relation
                .has_family()
                .then(|| u32::try_from(number).unwrap_or(u32::MAX)),
            destination: example.destination.or_else(|| {
                let domain = example.domain.as_deref()?;
                crate::destination::of_domain(domain)
            }),
            greeted_as_another: example.greets_another,
            bears_contacts_name: example.bears_contacts_name,
        }
    };
    let mut list: Vec<Recipient> = Vec::new();
    let mut families = 0;
    let wanted = example.visible_families.unwrap_or(0);
    for (number, relation) in example.to.iter().cycle().enumerate() {
        if number >= example.to.len() && families >= wanted {
            break;
        }
        let counts = relation.has_family() || *relation == Relation::Webmail;
        if counts && families >= wanted && wanted > 0 {
            continue;
        }
        if number >= example.to.len() && !counts {
            continue;
        }
        families += u32::from(counts);
        list.push(recipient(number, *relation));
    }
    let many = example.recipients.map_or(0, |n| n as usize);
    for (number, relation) in (list.len()..many).zip(example.to.iter().cycle()) {
        list.push(recipient(number, *relation));
    }
    list
}
