//! An installation that observes reports each day what enforcing would have stopped, and
//! every installation is reminded when its policy is due for review.

use std::collections::HashMap;

use schoolgate_policies::{Stance, Verdict};

use crate::clock::{self, Micros};
use crate::dispatch::JournalBody;
use crate::ids::SchoolId;
use crate::installation::Installation;
use crate::notify::DailyReport;
use crate::schools::School;
use crate::store::journal;

/// Lines read at once.
const PAGE: usize = 500;
/// Sealed octets read at once: a page ends early when its messages were large.
const PAGE_OCTETS: usize = 8 << 20;
/// The hour of the day, in UK time, from which yesterday is reported.
const HOUR: i8 = 6;

/// Why a report could not be made; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error(transparent)]
    Spool(#[from] crate::spool::SpoolError),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    #[error(transparent)]
    Notice(#[from] crate::notify::NoticeError),
}

/// Sends the reports and reminders that are due, each once a day. Returns how many notices were written.
///
/// # Errors
/// The store's; what was reported stays reported.
pub async fn report_yesterday(
    installation: &Installation,
    stance: Stance,
) -> Result<usize, ReportError> {
    let now = installation.clock.now();
    let local = clock::local(now);
    if local.hour() < HOUR {
        return Ok(0);
    }
    let Some((from, to)) = yesterday(&local) else {
        return Ok(0);
    };
    let mut written = 0;
    for school in installation.schools.all() {
        let Some(row) = installation.vault.school(&school.settings.id) else {
            continue;
        };
        let until = installation
            .store
            .read(move |tx| journal::reported_until(tx, row))
            .await?;
        if until.is_some_and(|until| until >= to) {
            continue;
        }
        let mut letters = Vec::new();
        if stance == Stance::Observe {
            let report = tally(installation, &school, row, from, to).await?;
            // A day without mail, as in the holidays, needs no letter.
            if report.messages > 0 {
                letters.extend(installation.notices.report(row, &report, now)?);
            }
        }
        let policy = &school.context.pack.policy;
        if policy.reminds_on(local.date())
            && let Some(reminder) = policy.reminder(local.date())
        {
            letters.extend(installation.notices.review(row, &reminder, now)?);
        }
        let mut notices = Vec::new();
        for letter in letters {
            notices.push(installation.spool.prepare_notice(row, letter).await?);
        }
        written += notices.len();
        installation
            .store
            .write(move |tx| {
                for notice in &notices {
                    notice.insert(tx, now)?;
                }
                journal::set_reported_until(tx, row, to)
            })
            .await?;
    }
    Ok(written)
}

/// The bounds of the day before, in microseconds.
fn yesterday(local: &jiff::Zoned) -> Option<(Micros, Micros)> {
    let today = local.date();
    let start = |date: jiff::civil::Date| {
        let midnight = date.to_zoned(local.time_zone().clone()).ok()?;
        Some(midnight.timestamp().as_microsecond())
    };
    Some((start(today.yesterday().ok()?)?, start(today)?))
}

async fn tally(
    installation: &Installation,
    school: &School,
    row: SchoolId,
    from: Micros,
    to: Micros,
) -> Result<DailyReport, ReportError> {
    let keys = installation.vault.of(row)?;
    let mut report = DailyReport {
        day: clock::local(from).strftime("%A %-d %B %Y").to_string(),
        ..DailyReport::default()
    };
    let mut rules: HashMap<String, u32> = HashMap::new();
    let mut after = None;
    loop {
        let page = installation
            .store
            .read(move |tx| journal::lines(tx, row, (from, to), after, (PAGE, PAGE_OCTETS)))
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        for stored in &page {
            let place = format!("journal.body:{}", stored.id);
            let line: JournalBody = keys.open_json(&place, &stored.body)?;
            report.messages += 1;
            // A count of one would tell of it: protected correspondence is not counted apart.
            if line.decision.route.is_protected() {
                continue;
            }
            match line.decision.would_be {
                Verdict::Deliver => continue,
                Verdict::Hold => report.would_hold += 1,
                Verdict::Quarantine | Verdict::Reject => report.would_quarantine += 1,
            }
            for rule in line
                .decision
                .rules
                .iter()
                .filter(|r| r.verdict > Verdict::Deliver)
            {
                *rules.entry(rule.id.clone()).or_default() += 1;
            }
        }
    }
    let words = |id: &str| {
        let concern = school.context.pack.rule(id).map(|r| r.concern.as_str());
        format!("{id} ({})", concern.unwrap_or("rule of an earlier pack"))
    };
    report.rules = rules
        .into_iter()
        .map(|(id, count)| (words(&id), count))
        .collect();
    report
        .rules
        .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterday_is_a_british_day() {
        let at = "2026-03-30T09:00[Europe/London]".parse().unwrap();
        let (from, to) = yesterday(&at).unwrap();
        // The clocks went forward on Sunday 29 March 2026.
        assert_eq!(to - from, 23 * clock::HOUR);
    }
    const SCHOOL: &str = r#"
stance = "enforce"
hostname = "gate.oak.example"
data_dir = "DATA"

[[school]]
id = "oak"
name = "Oak Primary School"
domains = ["oak.example"]
headteacher = "head@oak.example"
technician = "it@oak.example"
pack = "PACK"

[[client]]
name = "mail server"
networks = ["192.0.2.10"]

[[next_hop]]
host = "smtp.oak.example"
"#;

    /// An installation whose policy is due for review on 1 September 2026, at a moment.
    async fn at(folder: &std::path::Path, moment: &str) -> Installation {
        let pack = folder.join("oak.toml");
        let text = "name = \"oak\"\nextends = \"baseline\"\n[policy]\nnext-review = 2026-09-01\n";
        std::fs::write(&pack, text).unwrap();
        let config = folder.join("schoolgate.toml");
        let text = SCHOOL
            .replace("DATA", &folder.join("data").display().to_string())
            .replace("PACK", &pack.display().to_string());
        std::fs::write(&config, text).unwrap();
        let settings = crate::config::load(&config).unwrap();
        let clock = clock::Clock::default();
        let wanted: jiff::Zoned = format!("{moment}[Europe/London]").parse().unwrap();
        clock.advance(wanted.timestamp().as_microsecond() - clock.now());
        Installation::open(settings, clock).await.unwrap().0
    }

    #[tokio::test]
    async fn head_and_technician_are_reminded_of_the_review_once_on_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let installation = at(folder.path(), "2026-09-01T09:00").await;
        let written = report_yesterday(&installation, Stance::Enforce).await;
        assert_eq!(written.unwrap(), 2);
        installation.clock.advance(2 * clock::HOUR);
        let again = report_yesterday(&installation, Stance::Enforce).await;
        assert_eq!(again.unwrap(), 0);
        // The next day is no day for reminders.
        installation.clock.advance(clock::DAY);
        let later = report_yesterday(&installation, Stance::Enforce).await;
        assert_eq!(later.unwrap(), 0);
    }

    #[tokio::test]
    async fn nobody_is_reminded_of_a_review_that_is_far_off() {
        let folder = tempfile::tempdir().unwrap();
        let installation = at(folder.path(), "2026-06-01T09:00").await;
        let written = report_yesterday(&installation, Stance::Enforce).await;
        assert_eq!(written.unwrap(), 0);
    }
}
