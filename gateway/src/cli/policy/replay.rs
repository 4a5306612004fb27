//! `schoolgate policy replay`: which verdicts of the past would another pack change?
//!
//! Messages are named by time and id alone: no address, no subject.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use schoolgate_policies::replay::{Answer, Lack};
use schoolgate_policies::{Pack, Stance, Verdict};
use serde::Serialize;

use super::load;
use crate::cli::failure::Failure;
use crate::cli::options::Common;
use crate::cli::print::print_json;
use crate::clock::{DAY, Micros, local, show};
use crate::ids::SchoolId;
use crate::installation::Installation;
use crate::replay::{Changed, Note, Replayed, Tally, replay_journal};
use crate::schools::School;

/// What `policy replay` takes.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The pack: a file, or `baseline`
    pack: PathBuf,
    /// From when on: a day (2026-11-01), a time (2026-11-01T09:00) or how long ago (30d, 2w, 12h)
    #[arg(long, value_name = "WHEN")]
    since: String,
    /// The school by its id in the configuration [default: every school]
    #[arg(long, value_name = "ID")]
    school: Option<String>,
    /// Only the sums, not each message
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &ReplayArgs) -> ExitCode {
    args.common
        .run(async |common, installation| replay(args, common, &installation).await)
}

async fn replay(
    args: &ReplayArgs,
    common: &Common,
    installation: &Installation,
) -> Result<(), Failure> {
    let pack = load(&args.pack)?;
    let until = installation.clock.now();
    let since = moment(&args.since, until).ok_or_else(|| {
        Failure::usage(format!(
            "`{}` is no time in the past; write a day (2026-11-01), a time (2026-11-01T09:00) \
             or how long ago (30d, 2w, 12h)",
            args.since
        ))
    })?;
    warn_of_retention(installation, since, until);
    for (row, school) in schools(args, installation)? {
        let id = &school.settings.id;
        if !common.json {
            say!(
                "{id}: the journal since {}, judged by the pack `{}` ({})",
                show(since),
                pack.name,
                pack.digest.get(..12).unwrap_or(&pack.digest)
            );
        }
        let each = |replayed: &Replayed| {
            if args.summary || !replayed.is_remarkable() {
                return;
            }
            let line = Line::of(id, replayed);
            match common.json {
                true => print_json(&line),
                false => say!("{}", line.in_words()),
            }
        };
        let span = (since, until);
        let tally = replay_journal(installation, row, &school, &pack, span, each).await?;
        match common.json {
            true => print_json(&Summary::of(id, &pack, span, &tally)),
            false => in_words(&tally),
        }
    }
    Ok(())
}

/// A moment in the past, in the time zone of UK schools.
fn moment(text: &str, now: Micros) -> Option<Micros> {
    let here = local(now);
    let zone = here.time_zone().clone();
    let date_time = || {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil.to_zoned(zone).ok()
    };
    let ago = || {
        let span: jiff::Span = text.parse().ok()?;
        here.checked_sub(span.abs()).ok()
    };
    let at = date_time().or_else(ago)?.timestamp().as_microsecond();
    (at < now).then_some(at)
}

fn warn_of_retention(installation: &Installation, since: Micros, until: Micros) {
    let kept = installation.settings.journal.as_micros();
    let kept = Micros::try_from(kept).unwrap_or(Micros::MAX);
    if kept == 0 {
        eprintln!("note: the configuration says that no journal is kept");
    } else if since < until.saturating_sub(kept) {
        let days = kept / DAY;
        eprintln!("note: the journal is kept for {days} days; what came before is gone");
    }
}

fn schools(
    args: &ReplayArgs,
    installation: &Installation,
) -> Result<Vec<(SchoolId, Arc<School>)>, Failure> {
    let settings = &installation.settings;
    let wanted: Vec<&str> = match &args.school {
        Some(id) => vec![id.as_str()],
        None => settings.schools.iter().map(|s| s.id.as_str()).collect(),
    };
    let found = |id: &str| {
        let row = installation.vault.school(id)?;
        Some((row, installation.schools.of_row(row)?))
    };
    wanted
        .into_iter()
        .map(|id| {
            found(id).ok_or_else(|| {
                let known: Vec<&str> = settings.schools.iter().map(|s| s.id.as_str()).collect();
                Failure::usage(format!(
                    "there is no school `{id}`; there is: {}",
                    known.join(", ")
                ))
            })
        })
        .collect()
}

/// One message, as a program reads it.
#[derive(Serialize)]
struct Line<'a> {
    school: &'a str,
    message: String,
    received_at: String,
    /// It was judged by an installation that only observed.
    observed: bool,
    before: Verdict,
    /// The rules that stopped it then, the governing one first.
    before_rules: &'a [String],
    /// `null`: it cannot be told.
    after: Option<Verdict>,
    after_rules: &'a [String],
    /// How many recipients would get another verdict.
    recipients_changed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<Open<'a>>,
    /// By today's roster; left out where that says the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<Option<Verdict>>,
    notes: &'a BTreeSet<Note>,
}

#[derive(Serialize)]
struct Open<'a> {
    possible: &'a BTreeSet<Verdict>,
    lacks: &'a BTreeSet<Lack>,
}

fn verdict_of(answer: &Answer) -> Option<Verdict> {
    match answer {
        Answer::Known(said) => Some(said.verdict),
        Answer::Open { .. } => None,
    }
}

impl<'a> Line<'a> {
    fn of(school: &'a str, replayed: &'a Replayed) -> Self {
        let before = &replayed.replay.before;
        let (after_rules, open): (&[String], _) = match &replayed.replay.after {
            Answer::Known(said) => (&said.rules, None),
            Answer::Open { possible, lacks } => (&[], Some(Open { possible, lacks })),
        };
        Self {
            school,
            message: replayed.message.to_string(),
            received_at: show(replayed.received_at),
            observed: replayed.stance == Stance::Observe,
            before: before.verdict,
            before_rules: &before.rules,
            after: verdict_of(&replayed.replay.after),
            after_rules,
            recipients_changed: replayed.replay.recipients_changed(),
            open,
            today: replayed.today.as_ref().map(verdict_of),
            notes: &replayed.notes,
        }
    }

    /// One line: when, which, what was and what would be, by which rule.
    fn in_words(&self) -> String {
        let after = match (&self.open, self.after) {
            (Some(open), _) => {
                let possible: Vec<&str> = open.possible.iter().map(|v| v.as_str()).collect();
                match possible.as_slice() {
                    [] => "cannot be told".to_owned(),
                    possible => possible.join(" or "),
                }
            }
            (None, after) => after.unwrap_or_default().as_str().to_owned(),
        };
        let mut line = format!(
            "{}  {}  {} \u{2192} {after}",
            self.received_at,
            self.message,
            self.before.as_str()
        );
        if self.after == Some(self.before) && self.recipients_changed > 0 {
            line.push_str(&format!(
                ", otherwise for {} recipient(s)",
                self.recipients_changed
            ));
        }
        // What stops it, else what no longer does.
        let rule = self.after_rules.first().or(self.before_rules.first());
        if let Some(rule) = rule {
            line.push_str(&format!("  {rule}"));
        }
        match self.today {
            Some(Some(today)) => {
                line.push_str(&format!("  (by today\u{2019}s roster: {})", today.as_str()));
            }
            Some(None) => line.push_str("  (by today\u{2019}s roster: cannot be told)"),
            None => {}
        }
        if self.observed {
            line.push_str("  (only observed)");
        }
        // What a pack says moves no cursor.
        line.replace(char::is_control, " ")
    }
}

/// The sums, as a program reads them.
#[derive(Serialize)]
struct Summary<'a> {
    summary: Sums<'a>,
}

#[derive(Serialize)]
struct Sums<'a> {
    school: &'a str,
    pack: &'a str,
    pack_digest: &'a str,
    since: String,
    until: String,
    #[serde(flatten)]
    tally: &'a Tally,
}

impl<'a> Summary<'a> {
    fn of(
        school: &'a str,
        pack: &'a Pack,
        (since, until): (Micros, Micros),
        tally: &'a Tally,
    ) -> Self {
        Self {
            summary: Sums {
                school,
                pack: &pack.name,
                pack_digest: &pack.digest,
                since: show(since),
                until: show(until),
                tally,
            },
        }
    }
}

fn in_words(tally: &Tally) {
    say!(
        "{} message(s): {} unchanged, {} with another verdict, {} with another one for some \
         recipients, {} that cannot be answered",
        tally.messages,
        tally.unchanged,
        tally.changed,
        tally.for_some_recipients,
        tally.open
    );
    for Changed {
        before,
        after,
        count,
    } in &tally.changes
    {
        say!(
            "  {count} x {} \u{2192} {}",
            before.as_str(),
            after.as_str()
        );
    }
    let mut moved = tally.rules.iter().filter(|(_, s)| s.is_moved()).peekable();
    if moved.peek().is_some() {
        say!("Rules that would stop more or fewer messages:");
    }
    for (rule, stops) in moved {
        let rule = rule.replace(char::is_control, " ");
        let perhaps = match stops.perhaps {
            0 => String::new(),
            perhaps => format!(" to {}", stops.after + perhaps),
        };
        say!(
            "  {rule}: {}{perhaps}, before {}",
            stops.after,
            stops.before
        );
    }
    if tally.lacks.is_empty() && tally.notes.is_empty() && tally.unreadable == 0 {
        return;
    }
    say!("What the journal cannot answer (it holds what was seen then, and no content):");
    for (lack, count) in &tally.lacks {
        say!(
            "  {count} message(s) are left open: it is not known {}",
            lack.label()
        );
    }
    for (note, count) in &tally.notes {
        say!("  {count} message(s) {}", note.label());
    }
    if tally.otherwise_today > 0 {
        say!(
            "  {} of them would get another verdict by today\u{2019}s roster",
            tally.otherwise_today
        );
    }
    if tally.unreadable > 0 {
        say!(
            "  {} line(s) of the journal cannot be read any more",
            tally.unreadable
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let now: jiff::Zoned = "2026-11-24T10:00[Europe/London]".parse().unwrap();
        let at = moment(text, now.timestamp().as_microsecond());
        assert_eq!(at.map(show).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_time_is_a_day_a_moment_or_how_long_ago() {
        check("2026-11-01", Some("2026-11-01 00:00"));
        check("2026-07-01T09:30", Some("2026-07-01 09:30"));
        check("2026-07-01 09:30", Some("2026-07-01 09:30"));
        check("30d", Some("2026-10-25 10:00"));
        check("2w", Some("2026-11-10 10:00"));
        check("12 hours", Some("2026-11-23 22:00"));
        for wrong in ["", "yesterday", "2026-13-01", "2027-01-01", "12"] {
            check(wrong, None);
        }
    }
}
