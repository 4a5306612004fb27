//! A verdict as `check` prints it: a line of JSON for programs, some lines for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use schoolgate_detectors::{Confidence, Inspection, Sensitivity, UnreadReason};
use schoolgate_policies::explain::{self, Explanation};
use schoolgate_policies::{AppliedException, Concern, Decision, Mode, Pack, Verdict};
use serde::Serialize;

/// What is said about one file.
pub struct Report {
    file: String,
    verdict: Verdict,
    concerns: Vec<Concern>,
    sensitivity: Sensitivity,
    rules: Vec<RuleLine>,
    inspection: Inspection,
    explanation: Option<Explanation>,
    exceptions: Vec<AppliedException>,
    error: Option<String>,
    elapsed: Duration,
    /// What the pack in force says, when another one is tried.
    in_force: Option<Verdict>,
}

/// The stable form (design, "Interfaces that others rely on").
#[derive(Serialize)]
pub struct JsonLine<'a> {
    file: &'a str,
    verdict: Verdict,
    concerns: &'a [Concern],
    sensitivity: &'static str,
    /// What is said about pupils, `send` for instance.
    categories: BTreeSet<&'static str>,
    rules: &'a [RuleLine],
    findings: Vec<FindingLine<'a>>,
    unread: Vec<UnreadLine<'a>>,
    /// Registered exceptions that lifted a rule, and lapsed ones that would have.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exceptions: &'a [AppliedException],
    elapsed_ms: f64,
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<Verdict>,
}

/// A rule that was enforced.
#[derive(Serialize)]
struct RuleLine {
    id: String,
    clauses: Vec<String>,
    recipients: Vec<String>,
    verdict: Verdict,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    kind: &'static str,
    part: &'a str,
    #[serde(rename = "where")]
    place: &'a str,
    confidence: Confidence,
    count: u32,
}

#[derive(Serialize)]
struct UnreadLine<'a> {
    part: &'a str,
    reason: UnreadReason,
    detail: &'a str,
}

impl Report {
    /// For a message that was judged; `error` when it could not be inspected to its end
    /// or something had to be assumed.
    pub fn judged(
        file: String,
        decision: &Decision,
        inspection: Inspection,
        pack: &Pack,
        error: Option<String>,
        elapsed: Duration,
    ) -> Self {
        let mut report = Self {
            file,
            verdict: decision.verdict(),
            concerns: decision.concerns(),
            sensitivity: decision.sensitivity,
            rules: decision
                .rules
                .iter()
                .filter(|rule| rule.mode == Mode::Enforce)
                .map(|rule| RuleLine {
                    id: rule.id.clone(),
                    clauses: rule.clauses.clone(),
                    recipients: rule.recipients.to_vec(),
                    verdict: rule.verdict,
                })
                .collect(),
            explanation: Some(explain::decision(decision, &inspection, pack)),
            exceptions: decision.exceptions.clone(),
            inspection,
            error,
            elapsed,
            in_force: None,
        };
        let unfinished = |reason| reason == UnreadReason::Aborted;
        if report
            .inspection
            .unread
            .iter()
            .any(|u| unfinished(u.reason))
        {
            report.stop_at_least();
        }
        report
    }

    /// For a file that no judgement was possible on: it would wait.
    pub fn unjudged(file: String, error: String, elapsed: Duration) -> Self {
        let mut report = Self {
            file,
            verdict: Verdict::Hold,
            concerns: Vec::new(),
            sensitivity: Sensitivity::None,
            rules: Vec::new(),
            inspection: Inspection::default(),
            explanation: None,
            exceptions: Vec::new(),
            error: Some(error),
            elapsed,
            in_force: None,
        };
        report.stop_at_least();
        report
    }

    /// Beside the verdict of the pack in force, when another one is tried.
    pub fn beside(mut self, in_force: Option<Verdict>) -> Self {
        self.in_force = in_force;
        self
    }

    /// What was not inspected does not leave, whatever a pack says.
    fn stop_at_least(&mut self) {
        self.verdict = self.verdict.max(Verdict::Hold);
        if !self.concerns.contains(&Concern::Uninspectable) {
            self.concerns.push(Concern::Uninspectable);
            self.concerns.sort();
        }
    }

    /// What is said about the pupils whom the message identifies or may mean.
    fn categories(&self) -> BTreeSet<&'static str> {
        let subjects = self.inspection.subjects.iter().map(|s| &s.categories);
        let mentions = self.inspection.mentions.iter().map(|m| &m.categories);
        subjects
            .chain(mentions)
            .flatten()
            .map(|category| category.as_str())
            .collect()
    }

    /// The stable form.
    pub fn as_json(&self) -> JsonLine<'_> {
        JsonLine {
            file: &self.file,
            verdict: self.verdict,
            concerns: &self.concerns,
            sensitivity: self.sensitivity.as_str(),
            categories: self.categories(),
            rules: &self.rules,
            findings: self
                .inspection
                .findings
                .iter()
                .map(|finding| FindingLine {
                    kind: finding.kind.as_str(),
                    part: finding.part.as_str(),
                    place: &finding.place,
                    confidence: finding.confidence,
                    count: finding.count,
                })
                .collect(),
            unread: self
                .inspection
                .unread
                .iter()
                .map(|unread| UnreadLine {
                    part: unread.part.as_str(),
                    reason: unread.reason,
                    detail: &unread.detail,
                })
                .collect(),
            exceptions: &self.exceptions,
            elapsed_ms: (self.elapsed.as_secs_f64() * 10_000.0).round() / 10.0,
            error: self.error.as_deref(),
            in_force: self.in_force,
        }
    }

    /// For people: the verdict, why, the clauses, what was found, what to do.
    pub fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        let line = |text: &str| text.replace(char::is_control, " ");
        write!(out, "{}: {}", line(&self.file), self.verdict.as_str())?;
        match self.in_force {
            Some(now) if now != self.verdict => {
                writeln!(out, " (the pack in force says {})", now.as_str())?;
            }
            _ => writeln!(out)?,
        }
        for reason in self.explanation.iter().flat_map(|e| &e.reasons) {
            let clauses: Vec<&str> = reason.clauses.iter().map(|c| c.id.as_str()).collect();
            let cited = match (clauses.is_empty(), reason.mode) {
                (true, Mode::Enforce) => String::new(),
                (false, Mode::Enforce) => format!(" [{}]", clauses.join(", ")),
                (_, Mode::Monitor) => " (recorded only)".to_owned(),
                (_, Mode::Nudge) => " (the sender is told after)".to_owned(),
                (_, Mode::Off) => continue,
            };
            writeln!(out, "  {}{cited}", line(&reason.sentence))?;
            for found in &reason.found {
                writeln!(out, "    {}", line(found))?;
            }
            if reason.mode == Mode::Enforce && !reason.remedy.is_empty() {
                writeln!(out, "    {}", line(&reason.remedy))?;
            }
        }
        for exception in self.exceptions.iter().filter(|e| !e.lapsed) {
            writeln!(
                out,
                "  {} ({} would have stopped it; {} {})",
                exception.sentence(),
                exception.rules.join(", "),
                exception.kind.as_str(),
                line(&exception.id)
            )?;
        }
        for unread in &self.inspection.unread {
            writeln!(
                out,
                "  not read: {}, {}",
                line(unread.part.as_str()),
                unread.reason.label()
            )?;
        }
        if let Some(error) = &self.error {
            writeln!(out, "  {}", line(error))?;
        }
        Ok(())
    }
}

/// How often each verdict was given.
#[derive(Default)]
pub struct Tally(BTreeMap<Verdict, usize>);

impl Tally {
    /// Counts one.
    pub fn count(&mut self, report: &Report) {
        *self.0.entry(report.verdict).or_default() += 1;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: usize = self.0.values().sum();
        write!(f, "{all} {}", if all == 1 { "message" } else { "messages" })?;
        for (i, (verdict, count)) in self.0.iter().enumerate() {
            let before = if i == 0 { ": " } else { ", " };
            write!(f, "{before}{count} {}", verdict.as_str())?;
        }
        Ok(())
    }
}
