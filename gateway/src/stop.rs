//! A stop as people see it: sealed in the case, told in notices, shown to reviewers.

use schoolgate_detectors::Sensitivity;
use schoolgate_policies::{Concern, Route, Verdict};
use serde::{Deserialize, Serialize};

use crate::audit::{Actor, Entry};
use crate::clock::Micros;
use crate::ids::CaseId;
use crate::keys::{KeyError, Purpose, SchoolKeys};
use crate::spool::KeepReason;
use crate::store::cases::CaseRow;

/// What was stopped and why. Excerpts in it are masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    pub sender: String,
    /// By the staff list; empty when unknown.
    pub sender_name: String,
    pub subject: String,
    pub recipients: Vec<StopRecipient>,
    /// The rules that stop, the governing one first.
    pub reasons: Vec<StopReason>,
    pub sensitivity: Sensitivity,
    /// Kept without judging.
    pub kept: Option<KeepReason>,
    /// Who may decide, by address.
    pub reviewers: Vec<String>,
    /// Safeguarding matter: for the DSL and the headteacher only.
    pub safeguarding: bool,
    /// A pupil's words that may mean a child at risk: for the DSL, and nobody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_dsl: bool,
    pub answer: Option<Answer>,
    /// How often further people were asked, for a referral that waits.
    #[serde(default)]
    pub escalated: u32,
    /// Who may know of it.
    #[serde(default)]
    pub route: Route,
}

/// A recipient of a stopped message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRecipient {
    pub address: String,
    /// What they are, in words.
    pub relation: String,
    pub verdict: Verdict,
}

/// Why, in the words of the pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopReason {
    pub rule: String,
    pub concern: Concern,
    pub sentence: String,
    /// Clause and its words.
    pub clauses: Vec<(String, String)>,
    /// What was found and where.
    pub found: Vec<String>,
    pub remedy: String,
    /// Why, in one sentence to the reviewer; empty in cases of before it was kept.
    #[serde(default)]
    pub reviewer: String,
    /// Why, in a few words; empty in cases of before it was kept.
    #[serde(default)]
    pub line: String,
    /// One sentence that teaches; mostly empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tip: String,
    /// What the gateway does about it by itself, in a sentence; mostly empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub done: String,
}

/// What was decided, by whom, when, and the note to the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub by: Actor,
    pub at: Micros,
    pub note: String,
}

impl Stop {
    /// Seals it for its case.
    ///
    /// # Errors
    /// The cipher's.
    pub fn seal(&self, keys: &SchoolKeys, case: CaseId) -> Result<Vec<u8>, KeyError> {
        keys.seal_json(Purpose::Long, &place(case), self)
    }

    /// Opens that of a case.
    ///
    /// # Errors
    /// It does not verify.
    pub fn open(keys: &SchoolKeys, case: &CaseRow) -> Result<Self, KeyError> {
        keys.open_json(&place(case.id), &case.body)
    }

    /// What the audit log may say of an act on this message. Whoever reads the log need not
    /// be one of those who may know of protected correspondence: who acted on that, and in
    /// what words, stands in its case alone.
    pub fn audit_entry(&self, case: CaseId, actor: &Actor, detail: String) -> Entry {
        let (actor, detail) = match self.route.is_protected() {
            false => (actor.clone(), detail),
            true => (Actor::withheld(), String::new()),
        };
        Entry {
            actor,
            object: case.to_string(),
            detail,
        }
    }

    /// Why in a few words, for lists.
    pub fn in_few_words(&self) -> String {
        match self.reasons.first().map(|reason| reason.line.as_str()) {
            None | Some("") => self.why(),
            Some(line) => line.to_owned(),
        }
    }

    /// Why in one sentence.
    pub fn why(&self) -> String {
        match (self.reasons.first(), self.kept) {
            (Some(reason), _) => reason.sentence.clone(),
            (None, Some(KeepReason::Loop)) => {
                "The message had passed through schoolgate before and came back: a mail loop."
                    .into()
            }
            (None, Some(KeepReason::ForeignReversePath)) => {
                "The envelope sender is not an address of the school.".into()
            }
            (None, Some(KeepReason::NoSchool)) => {
                "It could not be told which school sends the message.".into()
            }
            (None, None) => "It was stopped.".into(),
        }
    }
}

fn place(case: CaseId) -> String {
    format!("cases.body:{case}")
}
