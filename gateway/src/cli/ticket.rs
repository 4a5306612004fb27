//! `schoolgate ticket list` and `ticket show`.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::failure::Failure;
use super::options::Common;
use super::print::print_json;
use crate::breach::{self, TicketBody};
use crate::clock::show;
use crate::installation::Installation;
use crate::store::tickets::{self, TicketRow, TicketState};

/// What can be seen of breach tickets.
#[derive(Debug, Subcommand)]
pub enum TicketCommand {
    /// List the tickets, newest first
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show one ticket
    Show {
        /// The ticket, or some of its digits
        ticket: String,
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it.
pub fn run(command: TicketCommand) -> ExitCode {
    match command {
        TicketCommand::List { common } => common.run(list),
        TicketCommand::Show { ticket, common } => {
            common.run(async |common, installation| show_one(common, &installation, &ticket).await)
        }
    }
}

#[derive(Serialize)]
struct Shown {
    ticket: String,
    school: String,
    case: Option<String>,
    state: TicketState,
    opened_at: String,
    /// Provisional until somebody says when the school became aware.
    deadline_at: String,
    provisional: bool,
    closed_at: Option<String>,
    #[serde(flatten)]
    body: TicketBody,
}

fn shown(installation: &Installation, row: &TicketRow) -> Result<Shown, Failure> {
    let keys = installation.vault.of(row.school)?;
    Ok(Shown {
        ticket: row.id.to_string(),
        school: installation
            .vault
            .slug(row.school)
            .unwrap_or_default()
            .to_owned(),
        case: row.case.map(|c| c.to_string()),
        state: row.state,
        opened_at: show(row.opened_at),
        deadline_at: show(row.deadline_at),
        provisional: row.aware_at.is_none(),
        closed_at: row.closed_at.map(show),
        body: breach::open(keys, row)?,
    })
}

async fn list(common: &Common, installation: Installation) -> Result<(), Failure> {
    let rows = installation
        .store
        .read(|tx| tickets::list(tx, None, 1000))
        .await?;
    let mut list = rows
        .iter()
        .map(|row| shown(&installation, row))
        .collect::<Result<Vec<_>, _>>()?;
    // Of protected correspondence there is no trace here, not even a number of tickets.
    list.retain(|ticket| !ticket.body.protected);
    common.print_list(
        &list,
        &[
            "ticket",
            "opened",
            "state",
            "72 hours end",
            "people",
            "what",
        ],
        |s| {
            vec![
                s.ticket
                    .get(s.ticket.len().saturating_sub(8)..)
                    .unwrap_or_default()
                    .to_owned(),
                s.opened_at.clone(),
                s.state.label().to_owned(),
                match s.state {
                    TicketState::Suspected | TicketState::Breach => s.deadline_at.clone(),
                    _ => String::new(),
                },
                s.body.people.to_string(),
                s.body.what.clone(),
            ]
        },
        "There is no ticket.",
    );
    Ok(())
}

async fn show_one(
    common: &Common,
    installation: &Installation,
    digits: &str,
) -> Result<(), Failure> {
    let wanted: String = digits.chars().filter(char::is_ascii_hexdigit).collect();
    let rows = installation
        .store
        .read(move |tx| tickets::with_digits(tx, &wanted))
        .await?;
    let mut tickets = rows
        .iter()
        .map(|row| shown(installation, row))
        .collect::<Result<Vec<_>, _>>()?;
    tickets.retain(|ticket| !ticket.body.protected);
    let [ticket] = tickets.as_slice() else {
        return Err(Failure::usage(format!(
            "{} tickets fit {digits}; see: schoolgate ticket list",
            tickets.len()
        )));
    };
    if common.json {
        print_json(ticket);
        return Ok(());
    }
    say!("Ticket      {} ({})", ticket.ticket, ticket.school);
    say!("State       {}", ticket.state.label());
    say!("Opened      {}", ticket.opened_at);
    say!(
        "72 hours    end {}{}",
        ticket.deadline_at,
        match ticket.provisional {
            true => " (provisional: counted from the detection)",
            false => "",
        }
    );
    if let Some(case) = &ticket.case {
        say!("Case        {case}");
    }
    say!("What        {}", ticket.body.what);
    say!("Sensitivity {}", ticket.body.sensitivity);
    if let Some(severity) = &ticket.body.severity {
        say!("Severity    {severity}, by the pack; nobody has looked yet");
    }
    say!(
        "About       {} people; {}",
        ticket.body.people,
        ticket.body.categories.join(", ")
    );
    for (relation, count) in &ticket.body.recipients {
        say!("Meant for   {count} x {relation}");
    }
    for (rule, clauses) in &ticket.body.rules {
        say!("Rule        {rule} ({})", clauses.join(", "));
    }
    Ok(())
}
