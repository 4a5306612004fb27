//! A made-up school, small enough to see at once, and a way to write one message to it.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use schoolgate_detectors::roster::{
    Agency, Contact, CourtFlag, Parental, Pupil, PupilId, Roster, Staff,
};
use schoolgate_detectors::{
    Category, Confidence, Disposition, Encryption, Finding, Identification, Inspection, Kind,
    Mailbox, Marking, MarkingLevel, MarkingPlace, Masked, Mention, Part, PartPath, Sensitivity,
    Subject, Unread, UnreadReason,
};
use schoolgate_policies::exceptions::{Entry, What};
use schoolgate_policies::{
    Decision, Directory, Envelope, Facts, Pack, Registers, Relation, RosterState, SchoolFacts,
    Stance, Verdict, decide, relate_with, route,
};

/// Ann and Ben are siblings; Cal and his namesake Cal are not related.
pub const ANN: PupilId = PupilId(1);
pub const BEN: PupilId = PupilId(2);
pub const CAL: PupilId = PupilId(3);
pub const OTHER_CAL: PupilId = PupilId(4);
/// A child of a teacher.
pub const DOT: PupilId = PupilId(5);

pub const TEACHER: &str = "t.teacher@oak.example";
pub const HEAD: &str = "head@oak.example";
/// Mother of Ann and Ben.
pub const MOTHER: &str = "mother.ash@gmail.com";
/// Their stepfather, without parental responsibility.
pub const STEPFATHER: &str = "stepfather@gmail.com";
/// Their father, whom a court keeps away.
pub const FATHER: &str = "father.elm@hotmail.com";
/// Mother of Cal.
pub const CALS_MOTHER: &str = "cals.mother@gmail.com";
/// Father of the other Cal.
pub const OTHER_CALS_FATHER: &str = "dad@outlook.com";
/// The teacher's private address, also Dot's contact.
pub const TEACHERS_OWN: &str = "tess@icloud.com";
pub const COUNCIL: &str = "duty@oakshire.gov.uk";
pub const STRANGER: &str = "somebody.else@yahoo.com";
/// The day of every message.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 24);
pub const BUSINESS: &str = "orders@printer.example";

/// What stands for a pupil's UPN.
pub fn upn(pupil: PupilId) -> String {
    format!("UPN{}", pupil.0)
}

pub fn roster() -> Roster {
    let pupil = |id, forename: &str, surname: &str, email: Option<&str>| Pupil {
        upn: Some(upn(id)),
        year_group: Some("4".into()),
        class: Some("4B".into()),
        email: email.map(Into::into),
        ..Pupil::named(id, forename, surname)
    };
    let contact = |pupil, email: &str, parental_responsibility, court| Contact {
        pupil,
        name: "Somebody".into(),
        relationship: "Parent".into(),
        parental_responsibility,
        email: Some(email.into()),
        phone: None,
        court,
    };
    let staff = |name: &str, email: &str, role: &str, personal: Option<&str>| Staff {
        name: name.into(),
        email: email.into(),
        role: role.into(),
        personal_email: personal.map(Into::into),
        personal_phone: None,
        home_address: None,
    };
    use CourtFlag as Court;
    Roster {
        pupils: vec![
            pupil(ANN, "Ann", "Ash", Some("ann@pupils.oak.example")),
            pupil(BEN, "Ben", "Ash", None),
            pupil(CAL, "Cal", "Cedar", None),
            pupil(OTHER_CAL, "Cal", "Cedar", None),
            pupil(DOT, "Dot", "Teasel", None),
        ],
        contacts: vec![
            contact(ANN, MOTHER, Parental::Yes, Court::Unknown),
            contact(BEN, "Mother.Ash@Gmail.com", Parental::Unknown, Court::None),
            contact(ANN, STEPFATHER, Parental::No, Court::None),
            contact(ANN, FATHER, Parental::Yes, Court::NoContact),
            contact(BEN, FATHER, Parental::Yes, Court::None),
            contact(CAL, CALS_MOTHER, Parental::Yes, Court::None),
            contact(OTHER_CAL, OTHER_CALS_FATHER, Parental::Yes, Court::None),
            contact(DOT, TEACHERS_OWN, Parental::Yes, Court::None),
        ],
        staff: vec![
            staff("Tess Teasel", TEACHER, "Teacher", Some(TEACHERS_OWN)),
            staff(
                "Hal Holm",
                HEAD,
                "Headteacher",
                Some("hal.private@btinternet.com"),
            ),
            staff(
                "Gus Governor",
                "gus@oak.example",
                "Chair of Governors",
                None,
            ),
        ],
        agencies: vec![
            Agency {
                domain: "*.gov.uk".into(),
                kind: "local-authority".into(),
            },
            Agency {
                domain: "nhs.net".into(),
                kind: "health".into(),
            },
            Agency {
                domain: "elm.example".into(),
                kind: "sister-school".into(),
            },
        ],
    }
}

pub fn facts_of_school() -> SchoolFacts {
    SchoolFacts {
        domains: vec!["oak.example".into(), "pupils.oak.example".into()],
        sister_domains: vec!["beech.example".into()],
        pupil_mailboxes: vec!["*@pupils.oak.example".into(), "##.*@oak.example".into()],
        staff_mailboxes: vec!["99.office@oak.example".into()],
        ..SchoolFacts::default()
    }
}

/// A message under construction.
#[derive(Clone)]
pub struct Letter {
    pub envelope: Envelope,
    pub inspection: Inspection,
    pub stance: Stance,
    pub roster: RosterState,
    pub known: Roster,
    /// What is registered.
    pub registered: Vec<Entry>,
}

/// A message from the teacher to these people, each in a Bcc.
pub fn letter(to: &[&str]) -> Letter {
    let mut inspection = Inspection::default();
    inspection.headers.from.push(Mailbox {
        name: "Tess Teasel".into(),
        address: TEACHER.into(),
    });
    Letter {
        envelope: Envelope {
            reverse_path: TEACHER.into(),
            forward_paths: to.iter().map(|a| (*a).to_owned()).collect(),
        },
        inspection,
        stance: Stance::Enforce,
        roster: RosterState::Fresh,
        known: roster(),
        registered: Vec::new(),
    }
}

pub fn mailbox(address: &str) -> Mailbox {
    Mailbox {
        name: String::new(),
        address: address.into(),
    }
}

// The roster prints nothing of itself, so the derived form would not do.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter")
            .field("envelope", &self.envelope)
            .field("inspection", &self.inspection)
            .field("stance", &self.stance)
            .field("roster", &self.roster)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// Concerns this pupil, or one of these namesakes; nobody for one not on the roster.
    pub fn about(
        mut self,
        pupils: &[PupilId],
        categories: &[Category],
        level: Sensitivity,
    ) -> Self {
        self.inspection.subjects.push(Subject {
            pupils: pupils.to_vec(),
            identified_by: vec![Identification::FullName],
            confidence: Confidence::new(0.95),
            categories: categories.to_vec(),
            special: categories.iter().any(|c| c.is_special()),
            sensitivity: level,
            parts: vec![PartPath("1".into())],
            count: 1,
        });
        self
    }

    /// Ordinary matter about a pupil.
    pub fn ordinary(self, pupil: PupilId) -> Self {
        self.about(&[pupil], &[Category::Attendance], Sensitivity::Personal)
    }

    /// Special-category matter about a pupil.
    pub fn special(self, pupil: PupilId) -> Self {
        self.about(&[pupil], &[Category::Health], Sensitivity::HighlySensitive)
    }

    /// A first name that fits these pupils.
    pub fn mentions(mut self, pupils: &[PupilId], categories: &[Category]) -> Self {
        self.inspection.mentions.push(Mention {
            candidates: pupils.to_vec(),
            categories: categories.to_vec(),
            special: categories.iter().any(|c| c.is_special()),
            sensitivity: if categories.iter().any(|c| c.is_special()) {
                Sensitivity::Sensitive
            } else {
                Sensitivity::Personal
            },
            part: PartPath("1".into()),
        });
        self
    }

    pub fn marked(mut self, level: MarkingLevel, place: MarkingPlace) -> Self {
        self.inspection.markings.push(Marking {
            level,
            place,
            part: PartPath::header(),
        });
        self
    }

    pub fn sensitive(self) -> Self {
        self.marked(MarkingLevel::Sensitive, MarkingPlace::Subject)
    }

    pub fn attached(mut self, name: &str, level: Sensitivity, encryption: Encryption) -> Self {
        let number = self.inspection.parts.len() + 2;
        self.inspection.parts.push(Part {
            path: PartPath(format!("{number}/{name}")),
            name: Some(name.into()),
            disposition: Disposition::Attachment,
            declared_type: "application/octet-stream".into(),
            actual_type: "Excel workbook".into(),
            bytes: 1000,
            encryption,
            sensitivity: level,
            text_bytes: 1000,
        });
        self
    }

    pub fn member(mut self, path: &str, level: Sensitivity) -> Self {
        self = self.attached("x", level, Encryption::None);
        if let Some(part) = self.inspection.parts.last_mut() {
            part.path = PartPath(path.into());
            part.disposition = Disposition::Member;
        }
        self
    }

    pub fn unread(mut self, part: &str, reason: UnreadReason) -> Self {
        self.inspection.unread.push(Unread {
            part: PartPath(part.into()),
            reason,
            detail: String::new(),
        });
        self
    }

    pub fn found(self, kind: Kind) -> Self {
        self.found_in(kind, "1", "paragraph 1", 1, &[])
    }

    pub fn found_in(
        mut self,
        kind: Kind,
        part: &str,
        place: &str,
        count: u32,
        subjects: &[PupilId],
    ) -> Self {
        self.inspection.findings.push(Finding {
            category: None,
            kind,
            part: PartPath(part.into()),
            place: place.into(),
            confidence: Confidence::new(0.9),
            count,
            subjects: subjects.to_vec(),
            excerpt: Masked::words("Ann Ash"),
        });
        self
    }

    pub fn in_to(mut self) -> Self {
        let all = self.envelope.forward_paths.iter();
        self.inspection.headers.to.extend(all.map(|a| mailbox(a)));
        self
    }

    /// With this on file, until the end of the year.
    pub fn registered(mut self, what: What) -> Self {
        let id = format!("e{}", self.registered.len());
        self.registered.push(Entry {
            id,
            from: jiff::civil::date(2026, 9, 1),
            until: Some(jiff::civil::date(2026, 12, 31)),
            ended: None,
            what,
        });
        self
    }

    /// The same, lapsed on 3 July.
    pub fn lapsed(mut self, what: What) -> Self {
        self = self.registered(what);
        if let Some(entry) = self.registered.last_mut() {
            entry.from = jiff::civil::date(2026, 1, 1);
            entry.until = Some(jiff::civil::date(2026, 7, 3));
        }
        self
    }

    pub fn facts(&self) -> Facts {
        let school = facts_of_school();
        let directory = Directory::new(&self.known, &school);
        let registers = Registers::new(self.registered.clone(), &self.known);
        let (sender, recipients, exceptions) = relate_with(
            &self.envelope,
            &self.inspection,
            &directory,
            &school,
            (&registers, TODAY),
        );
        let related = (&sender, recipients.as_slice());
        let route = route(&self.envelope, &self.inspection, &directory, related);
        Facts {
            envelope: self.envelope.clone(),
            sender,
            recipients,
            stance: self.stance,
            roster: self.roster,
            now: 0,
            route,
            exceptions,
        }
    }

    pub fn relations(&self) -> Vec<Relation> {
        self.facts().recipients.iter().map(|r| r.relation).collect()
    }

    pub fn decision(&self) -> Decision {
        decide(&self.facts(), &self.inspection, shared_baseline())
    }

    /// The verdict and the concerns that decided.
    pub fn answer(&self) -> (Verdict, Vec<&'static str>) {
        let decision = self.decision();
        let concerns = decision.concerns().iter().map(|c| c.as_str()).collect();
        (decision.verdict(), concerns)
    }

    #[track_caller]
    pub fn passes(&self) {
        assert_eq!(self.answer(), (Verdict::Deliver, vec![]));
    }

    #[track_caller]
    pub fn stops(&self, verdict: Verdict, concerns: &[&str]) {
        assert_eq!(self.answer(), (verdict, concerns.to_vec()));
    }
}

/// The baseline, read once: it is asked for thousands of times.
fn shared_baseline() -> &'static Pack {
    static BASELINE: std::sync::OnceLock<Pack> = std::sync::OnceLock::new();
    BASELINE.get_or_init(baseline)
}

pub fn baseline() -> Pack {
    Pack::baseline().unwrap_or_else(|e| panic!("{e}"))
}
