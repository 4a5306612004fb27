//! Who is written to about what: which notice goes to whom when a message is stopped,
//! answered or kept. The words are `notify`'s.
//!
//! Notices never loop: only to the school's own addresses, with the null reverse-path,
//! and never to the sender of automatic mail.

mod asked;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use schoolgate_policies::Verdict;

use crate::clock::{self, Micros};
use crate::config::{self, Settings};
use crate::ids::{CaseId, SchoolId, SpoolId};
use crate::keys::Vault;
use crate::notify::{self, DailyReport, Notice, NoticeError, Offer, Sending, school_days};
use crate::review::urgent;
use crate::spool::KeepReason;
use crate::stop::Stop;
use crate::store::cases::CaseKind;

pub use crate::notify::{Alarm, Became};

/// School days after which a hold that nobody answers goes back (design, "verdict").
const GOES_BACK: u32 = 5;

/// Writes the gateway's own mail; cheap to clone.
#[derive(Clone)]
pub struct Notices {
    vault: Arc<Vault>,
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    mail_domain: String,
    schools: HashMap<SchoolId, config::School>,
    /// Who is told of mail that belongs to no school.
    first: Option<config::School>,
}

/// How a stop is told.
#[derive(Clone)]
pub struct Telling {
    pub kind: CaseKind,
    /// Whether the sender may be written to; where not, a hold's reviewer is told instead.
    pub may_answer: bool,
    /// When a hold goes back.
    pub goes_back_at: Option<Micros>,
    /// What the sender of a hold may answer.
    pub offer: Option<Offer>,
}

/// Somebody who is told that rules applied.
pub struct Told {
    pub to: String,
    /// With the rules that name them.
    pub stop: Stop,
    /// A child may be at risk: they must know at once, and by whom.
    pub at_risk: bool,
}

/// What a sender is told of an answer.
pub enum Letter<'a> {
    Released,
    Refused {
        note: &'a str,
    },
    /// A reviewer gives the message back.
    Returned {
        note: &'a str,
        original: Option<&'a [u8]>,
    },
    /// Nobody answered in time.
    Expired {
        original: Option<&'a [u8]>,
    },
}

/// When a hold of `now` goes back to its sender: at the same time of day, five school days on.
pub fn goes_back_at(now: Micros) -> Micros {
    let local = clock::local(now);
    let day = school_days::add(local.date(), GOES_BACK);
    day.to_datetime(local.time())
        .to_zoned(local.time_zone().clone())
        .map_or(now + 7 * clock::DAY, |then| {
            then.timestamp().as_microsecond()
        })
}

impl Notices {
    /// For the schools of a configuration.
    pub fn new(settings: &Settings, vault: Arc<Vault>) -> Self {
        let notices = Self {
            vault,
            known: Arc::default(),
        };
        notices.replace(settings);
        notices
    }

    /// Takes the schools of a configuration that was read again.
    pub fn replace(&self, settings: &Settings) {
        let schools = settings
            .schools
            .iter()
            .filter_map(|school| Some((self.vault.school(&school.id)?, school.clone())))
            .collect();
        if let Ok(mut known) = self.known.write() {
            *known = Known {
                mail_domain: settings.mail_domain.clone(),
                schools,
                first: settings.schools.first().cloned(),
            };
        }
    }

    /// Whether an address is the school's own, so that notices may go there.
    pub fn may_write_to(&self, school: SchoolId, address: &str) -> bool {
        self.with(school, |_, school| {
            address.rsplit_once('@').is_some_and(|(_, domain)| {
                school
                    .domains
                    .iter()
                    .any(|d| d.eq_ignore_ascii_case(domain))
            })
        })
        .unwrap_or(false)
    }

    /// Whether the sender of this content may be answered by a notice.
    pub fn may_answer(&self, school: SchoolId, content: &[u8], reverse_path: &str) -> bool {
        self.with(school, |_, school| {
            notify::may_answer(content, reverse_path, &school.domains)
        })
        .unwrap_or(false)
    }

    fn with<T>(&self, school: SchoolId, f: impl FnOnce(&str, &config::School) -> T) -> Option<T> {
        let known = self.known.read().ok()?;
        let school = known.schools.get(&school).or(known.first.as_ref())?;
        Some(f(&known.mail_domain, school))
    }

    fn write<F>(&self, school: SchoolId, now: Micros, compose: F) -> Result<Notice, NoticeError>
    where
        F: FnOnce(&Sending<'_>, &config::School) -> Result<Notice, NoticeError>,
    {
        let id = uuid::Uuid::now_v7().simple().to_string();
        self.with(school, |mail_domain, school| {
            let sending = Sending {
                mail_domain,
                school_name: &school.name,
                id: &id,
                at: now,
            };
            compose(&sending, school)
        })
        .unwrap_or(Err(NoticeError::Address("technician's")))
    }

    fn stop_of(
        &self,
        school: SchoolId,
        id: &str,
        stop: &Stop,
        goes_back_at: Option<Micros>,
    ) -> notify::Stop {
        let route = &stop.route;
        let usual = || {
            self.with(school, |_, s| match stop.for_dsl {
                true => s.dsl.clone(),
                false => s.headteacher.clone(),
            })
        };
        let first = route.deciders.first();
        let (ask, asked) = match route.is_protected() {
            true => (
                first.map(|decider| decider.address.clone()),
                first.map_or("", |decider| decider.office.label()),
            ),
            false => (usual(), "the headteacher"),
        };
        notify::Stop {
            case: match route.is_protected() {
                // Nobody finds it by trying digits.
                true => id.replace('-', ""),
                // The last digits tell ids apart; the first are the time.
                false => id
                    .get(id.len().saturating_sub(8)..)
                    .unwrap_or(id)
                    .to_owned(),
            },
            sender: stop.sender.clone(),
            sender_name: Some(stop.sender_name.clone()).filter(|n| !n.is_empty()),
            subject: stop.subject.clone(),
            reasons: match stop.reasons.as_slice() {
                [] => vec![notify::Reason {
                    sentence: stop.why(),
                    clauses: Vec::new(),
                    found: Vec::new(),
                    remedy: String::new(),
                    reviewer: String::new(),
                    line: String::new(),
                    tip: String::new(),
                    done: String::new(),
                }],
                reasons => reasons
                    .iter()
                    .map(|reason| notify::Reason {
                        sentence: reason.sentence.clone(),
                        clauses: reason
                            .clauses
                            .iter()
                            .map(|(id, quote)| notify::Clause {
                                id: id.clone(),
                                quote: quote.clone(),
                            })
                            .collect(),
                        found: reason.found.clone(),
                        remedy: reason.remedy.clone(),
                        reviewer: reason.reviewer.clone(),
                        line: reason.line.clone(),
                        tip: reason.tip.clone(),
                        done: reason.done.clone(),
                    })
                    .collect(),
            },
            recipients: stop
                .recipients
                .iter()
                .map(|r| notify::StoppedRecipient {
                    address: r.address.clone(),
                    relation: r.relation.clone(),
                })
                .collect(),
            goes_back_on: goes_back_at
                .map(|at| clock::local(at).strftime("%A %-d %B %Y").to_string()),
            others_got_it: stop
                .recipients
                .iter()
                .any(|r| r.verdict == Verdict::Deliver),
            ask: ask.unwrap_or_default(),
            asked: asked.to_owned(),
            confidential: route.is_protected(),
            offer: None,
            for_dsl: stop.for_dsl,
        }
    }

    /// The notices of a new stop.
    ///
    /// # Errors
    /// An address of the configuration is none.
    pub fn on_stop(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        telling: Telling,
        now: Micros,
    ) -> Result<Vec<Notice>, NoticeError> {
        let Telling {
            kind,
            may_answer,
            goes_back_at,
            offer,
        } = telling;
        let mut told = self.stop_of(school, &case.to_string(), stop, goes_back_at);
        told.offer = offer;
        let mut notices = Vec::new();
        match kind {
            CaseKind::Hold if may_answer => {
                notices.push(self.write(school, now, |sending, _| {
                    notify::held_notice(sending, &told)
                })?);
            }
            // Of what is its sender's alone nobody else is told; it goes back.
            CaseKind::Hold if stop.route.is_senders_alone() => {}
            CaseKind::Hold => {
                for reviewer in &stop.reviewers {
                    notices.push(self.write(school, now, |sending, _| {
                        notify::null_sender_to_reviewer(sending, &told, reviewer, None)
                    })?);
                }
            }
            CaseKind::Quarantine if stop.route.is_urgent() => {
                let expires_at = goes_back_at.unwrap_or(now);
                notices.extend(self.urgent(school, case, stop, expires_at, now)?);
                if may_answer {
                    notices.push(self.write(school, now, |sending, _| {
                        notify::referral_stopped(sending, &told)
                    })?);
                }
            }
            CaseKind::Quarantine | CaseKind::Kept => {
                for reviewer in &stop.reviewers {
                    notices.push(self.write(school, now, |sending, _| {
                        notify::quarantine_notice_to_reviewer(sending, &told, reviewer, None)
                    })?);
                }
                if may_answer {
                    notices.push(self.write(school, now, |sending, _| {
                        notify::quarantine_notice_to_sender(sending, &told)
                    })?);
                }
            }
            CaseKind::Reject | CaseKind::Review => {}
        }
        Ok(notices)
    }

    /// To those who are asked now about a referral that waits.
    ///
    /// # Errors
    /// An address is none.
    pub fn urgent(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        expires_at: Micros,
        now: Micros,
    ) -> Result<Vec<Notice>, NoticeError> {
        let mut told = self.stop_of(school, &case.to_string(), stop, None);
        told.goes_back_on = Some(clock::local(expires_at).strftime("%H:%M today").to_string());
        urgent::asked(stop)
            .into_iter()
            .map(|person| {
                self.write(school, now, |sending, _| {
                    notify::referral_waits(sending, &told, person)
                })
            })
            .collect()
    }

    /// To whoever looks at a referral after it has left.
    ///
    /// # Errors
    /// The reviewer's address is none.
    pub fn review_referral(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        reviewer: &str,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        let told = self.stop_of(school, &case.to_string(), stop, None);
        self.write(school, now, |sending, _| {
            notify::referral_to_review(sending, &told, reviewer)
        })
    }

    /// The notices of a message kept without being judged.
    ///
    /// # Errors
    /// An address of the configuration is none.
    pub fn on_kept(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        now: Micros,
    ) -> Result<Vec<Notice>, NoticeError> {
        match stop.kept {
            Some(KeepReason::Loop) => {
                let digits = case.to_string();
                Ok(vec![self.alarm(
                    school,
                    Alarm::Loop,
                    &format!("case {digits}"),
                    now,
                )?])
            }
            Some(KeepReason::NoSchool) => Ok(vec![self.alarm(
                school,
                Alarm::NoSchool,
                &format!("case {case}"),
                now,
            )?]),
            _ => {
                let telling = Telling {
                    kind: CaseKind::Kept,
                    may_answer: false,
                    goes_back_at: None,
                    offer: None,
                };
                self.on_stop(school, case, stop, telling, now)
            }
        }
    }

    /// A word to the sender of a delivered message.
    ///
    /// # Errors
    /// The sender's address is none.
    pub fn tip(
        &self,
        school: SchoolId,
        message: SpoolId,
        tip: &Stop,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        let told = self.stop_of(school, &message.to_string(), tip, None);
        self.write(school, now, |sending, _| notify::nudge(sending, &told))
    }

    /// Tells the people whom rules name, each of their own rules.
    ///
    /// # Errors
    /// An address of the configuration is none.
    pub fn rules_applied(
        &self,
        school: SchoolId,
        number: &str,
        people: &[Told],
        became: Became,
        now: Micros,
    ) -> Result<Vec<Notice>, NoticeError> {
        people
            .iter()
            .map(|told| {
                let stop = self.stop_of(school, number, &told.stop, None);
                self.write(school, now, |sending, _| match told.at_risk {
                    true => notify::child_at_risk(sending, &stop, &told.to, became),
                    false => notify::rule_applied(sending, &stop, &told.to, became),
                })
            })
            .collect()
    }

    /// What was delivered in a day, and what enforcing would have stopped.
    ///
    /// # Errors
    /// The recipient's address is none.
    pub fn report(
        &self,
        school: SchoolId,
        report: &DailyReport,
        now: Micros,
    ) -> Result<Vec<Notice>, NoticeError> {
        self.to_head_and_technician(school, now, |sending, to| {
            notify::observe_report(sending, to, report)
        })
    }

    /// That the policy is due for review.
    ///
    /// # Errors
    /// The recipient's address is none.
    pub fn review(
        &self,
        school: SchoolId,
        reminder: &str,
        now: Micros,
    ) -> Result<Vec<Notice>, NoticeError> {
        self.to_head_and_technician(school, now, |sending, to| {
            notify::review_reminder(sending, to, reminder)
        })
    }

    fn to_head_and_technician(
        &self,
        school: SchoolId,
        now: Micros,
        compose: impl Fn(&Sending<'_>, &str) -> Result<Notice, NoticeError>,
    ) -> Result<Vec<Notice>, NoticeError> {
        let people = self
            .with(school, |_, s| {
                let mut people = vec![s.headteacher.clone(), s.technician.clone()];
                people.dedup();
                people
            })
            .unwrap_or_default();
        people
            .iter()
            .map(|to| self.write(school, now, |sending, _| compose(sending, to)))
            .collect()
    }

    /// What a sender is told of an answer.
    ///
    /// # Errors
    /// The sender's address is none.
    pub fn letter(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        letter: &Letter<'_>,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        let told = self.stop_of(school, &case.to_string(), stop, None);
        let some = |note: &'_ str| (!note.trim().is_empty()).then(|| note.to_owned());
        self.write(school, now, |sending, _| match letter {
            Letter::Released => notify::released(sending, &told, None),
            Letter::Refused { note } => notify::refused(sending, &told, some(note).as_deref()),
            Letter::Returned { note, original } => {
                let note = some(note);
                let why = notify::Return::Reviewer {
                    note: note.as_deref(),
                };
                notify::returned_to_sender(sending, &told, why, original.unwrap_or_default())
            }
            Letter::Expired { original } => notify::returned_to_sender(
                sending,
                &told,
                notify::Return::Unanswered,
                original.unwrap_or_default(),
            ),
        })
    }

    /// An alarm to the technician.
    ///
    /// # Errors
    /// The technician's address is none.
    pub fn alarm(
        &self,
        school: SchoolId,
        alarm: Alarm,
        detail: &str,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        self.write(school, now, |sending, school| {
            notify::technician_alarm(sending, &school.technician, alarm, detail)
        })
    }
}
