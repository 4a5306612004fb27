//! `schoolgate quarantine …`: what was stopped, and the answers.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use schoolgate_policies::address::fold;
use schoolgate_policies::counterpart;
use serde::Serialize;

use super::failure::Failure;
use super::options::{Common, tell};
use super::print::print_json;
use crate::clock::show;
use crate::control::Word;
use crate::installation::{Installation, at_the_command_line};
use crate::review::{Case, Decision, ReviewError, verdict};
use crate::stop::{StopReason, StopRecipient};
use crate::store::cases::{CaseKind, CaseState};

/// What can be done with stopped messages.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// List what is held or quarantined
    List {
        /// Answered cases too
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Show why a message was stopped
    Show {
        /// The case, or some of its digits
        case: String,
        /// Print the message's content; this is recorded
        #[arg(long, requires = "purpose")]
        reveal: bool,
        /// Why the content is looked at
        #[arg(long)]
        purpose: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Send a stopped message on to all its recipients
    Release(AnswerArgs),
    /// Stop a message for good; its sender is told
    Refuse(AnswerArgs),
    /// Give a message back to its sender with a note
    Return(AnswerArgs),
}

/// An answer to a case.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// The case, or some of its digits
    case: String,
    /// A word to the sender
    #[arg(long, default_value = "")]
    note: String,
    /// Who decides, if not the person at the keyboard
    #[arg(long, value_name = "ADDRESS")]
    by: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Runs it.
pub fn run(command: QuarantineCommand) -> ExitCode {
    match command {
        QuarantineCommand::List { all, common } => {
            common.run(async |common, installation| list(common, &installation, all).await)
        }
        QuarantineCommand::Show {
            case,
            reveal,
            purpose,
            common,
        } => common.run(async |common, installation| {
            let purpose = purpose.filter(|_| reveal);
            show_one(common, &installation, &case, purpose.as_deref()).await
        }),
        QuarantineCommand::Release(args) => answer(args, |_| Decision::Release),
        QuarantineCommand::Refuse(args) => answer(args, |note| Decision::Refuse { note }),
        QuarantineCommand::Return(args) => answer(args, |note| Decision::Return { note }),
    }
}

#[derive(Serialize)]
struct Shown {
    case: String,
    school: String,
    kind: CaseKind,
    state: CaseState,
    opened_at: String,
    expires_at: Option<String>,
    messages: Vec<String>,
    sender: String,
    subject: String,
    recipients: Vec<StopRecipient>,
    verdict: &'static str,
    sensitivity: &'static str,
    why: String,
    /// Why, in a few words.
    line: String,
    reasons: Vec<StopReason>,
    answered_by: Option<String>,
    note: Option<String>,
}

async fn shown(installation: &Installation, case: &Case) -> Result<Shown, Failure> {
    let id = case.row.id;
    let messages = installation
        .store
        .read(move |tx| crate::store::cases::messages(tx, id))
        .await?;
    let answer = case.stop.answer.as_ref();
    // What was kept without being judged has no route; its parties show nothing all the same.
    let hidden = is_confided(installation, case);
    let shown = |text: &str| match hidden {
        true => "(not shown)".to_owned(),
        false => text.to_owned(),
    };
    Ok(Shown {
        case: id.to_string(),
        school: installation
            .vault
            .slug(case.row.school)
            .unwrap_or_default()
            .to_owned(),
        kind: case.row.kind,
        state: case.row.state,
        opened_at: show(case.row.opened_at),
        expires_at: case.row.expires_at.map(show),
        messages: messages.iter().map(ToString::to_string).collect(),
        sender: shown(&case.stop.sender),
        subject: shown(&case.stop.subject),
        recipients: match hidden {
            true => Vec::new(),
            false => case.stop.recipients.clone(),
        },
        verdict: verdict(&case.stop).as_str(),
        sensitivity: case.stop.sensitivity.as_str(),
        why: case.stop.why(),
        line: case.stop.in_few_words(),
        reasons: case.stop.reasons.clone(),
        answered_by: answer.map(|a| format!("{} ({})", a.by.name, a.by.role)),
        note: answer.map(|a| a.note.clone()).filter(|n| !n.is_empty()),
    })
}

/// Whether a kept message goes to somebody to whom people write in confidence.
fn is_confided(installation: &Installation, case: &Case) -> bool {
    let school = installation.schools.of_row(case.row.school);
    let agency = |address: &str| {
        let school = school.as_ref()?;
        school.context.directory.agency(address).map(str::to_owned)
    };
    case.stop.kept.is_some()
        && case.stop.recipients.iter().any(|recipient| {
            let address = fold(&recipient.address);
            counterpart::of(&address, agency(&address).as_deref()).is_some()
        })
}

async fn list(common: &Common, installation: &Installation, all: bool) -> Result<(), Failure> {
    let mut list = Vec::new();
    for case in installation.desk().list_unprotected(None, all).await? {
        list.push(shown(installation, &case).await?);
    }
    common.print_list(
        &list,
        &["case", "since", "what", "from", "to", "why"],
        |s| {
            vec![
                short(&s.case),
                s.opened_at.clone(),
                match s.state {
                    CaseState::Open => s.verdict.to_owned(),
                    state => format!("{state:?}").to_lowercase(),
                },
                s.sender.clone(),
                s.recipients
                    .iter()
                    .map(|r| format!("{} ({})", r.address, r.relation))
                    .collect::<Vec<_>>()
                    .join(", "),
                s.line.clone(),
            ]
        },
        "Nothing waits.",
    );
    Ok(())
}

/// The last digits tell cases apart; the first are the time.
fn short(id: &str) -> String {
    id.get(id.len().saturating_sub(8)..)
        .unwrap_or(id)
        .to_owned()
}

async fn show_one(
    common: &Common,
    installation: &Installation,
    digits: &str,
    purpose: Option<&str>,
) -> Result<(), Failure> {
    let desk = installation.desk();
    let case = desk.find(digits).await?;
    let shown = shown(installation, &case).await?;
    if let Some(purpose) = purpose {
        if is_confided(installation, &case) {
            return Err(ReviewError::NotYours(case.row.id).into());
        }
        let content = desk
            .reveal(&case, &at_the_command_line(None), purpose)
            .await?;
        std::io::stdout().write_all(&content)?;
        return Ok(());
    }
    if case.stop.route.is_protected() {
        // Whoever has the whole number may know how it stands, and no more.
        match common.json {
            true => print_json(&serde_json::json!({"case": shown.case, "state": shown.state})),
            false => say!(
                "Case      {}\nState     {:?}. It is for its sender and those who were told of it; nothing more is shown here.",
                shown.case,
                shown.state
            ),
        }
        return Ok(());
    }
    if common.json {
        print_json(&shown);
        return Ok(());
    }
    say!("Case      {} ({})", shown.case, shown.school);
    say!("State     {:?}, since {}", shown.state, shown.opened_at);
    if let Some(expires_at) = &shown.expires_at {
        say!("          goes back to its sender on {expires_at}");
    }
    say!("From      {}", shown.sender);
    say!("Subject   {}", shown.subject);
    for recipient in &shown.recipients {
        say!("To        {} ({})", recipient.address, recipient.relation);
    }
    say!("Sensitive {}", shown.sensitivity);
    say!("Why       {}", shown.why);
    for reason in &shown.reasons {
        say!();
        say!("Rule      {} [{}]", reason.rule, reason.concern.as_str());
        say!("          {}", reason.sentence);
        for (id, quote) in &reason.clauses {
            say!("Clause    {id}: \"{quote}\"");
        }
        for found in &reason.found {
            say!("Found     {found}");
        }
        say!("Remedy    {}", reason.remedy);
    }
    if let Some(by) = &shown.answered_by {
        say!(
            "\nAnswered  by {by} {}",
            shown.note.as_deref().unwrap_or("")
        );
    }
    Ok(())
}

fn answer(args: AnswerArgs, decision: impl FnOnce(String) -> Decision) -> ExitCode {
    let decision = decision(args.note.clone());
    args.common.run(async |common, installation| {
        let desk = installation.desk();
        let case = desk.find(&args.case).await?;
        let actor = at_the_command_line(args.by.as_deref());
        desk.answer(&case, &decision, &actor).await?;
        tell(&installation, Word::Wake).await;
        let case = desk.get(case.row.id).await?;
        match common.json {
            true if case.stop.route.is_protected() => {
                print_json(
                    &serde_json::json!({"case": case.row.id.to_string(), "state": case.row.state}),
                );
            }
            true => print_json(&shown(&installation, &case).await?),
            false => say!(
                "Case {} is {}.",
                short(&case.row.id.to_string()),
                format!("{:?}", case.row.state).to_lowercase()
            ),
        }
        Ok(())
    })
}
