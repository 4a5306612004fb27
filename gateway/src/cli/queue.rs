//! `schoolgate queue list` and `queue retry`.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::failure::Failure;
use super::options::{Common, tell};
use super::print::print_json;
use crate::clock::show;
use crate::control::Word;
use crate::ids::SpoolId;
use crate::installation::Installation;
use crate::judge::{Judgement, judgement_place};
use crate::queue::reply_place;
use crate::spool::open_arrival;
use crate::store::messages::Origin;
use crate::store::{cases, recipients};

/// What can be done with the queue.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List what waits for its verdict or for delivery
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Try now what waits for a later attempt
    Retry {
        /// One message [default: all]
        id: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it.
pub fn run(command: QueueCommand) -> ExitCode {
    match command {
        QueueCommand::List { common } => common.run(list),
        QueueCommand::Retry { id, common } => {
            common.run(async |common, installation| retry(common, installation, id).await)
        }
    }
}

#[derive(Serialize)]
struct Shown {
    id: String,
    school: String,
    received_at: String,
    size: i64,
    sender: String,
    recipients: i64,
    in_doubt: i64,
    attempts: i64,
    next_attempt_at: String,
    last_reply: Option<String>,
}

async fn list(common: &Common, installation: Installation) -> Result<(), Failure> {
    let rows = installation
        .store
        .read(|tx| recipients::queue(tx, 5000))
        .await?;
    let mut shown = Vec::new();
    for row in rows {
        let keys = installation.vault.of(row.school)?;
        let id = row.message;
        let sealed = installation
            .store
            .read(move |tx| cases::judgement(tx, id))
            .await?;
        let judgement: Option<Judgement> = match sealed {
            None => None,
            Some(sealed) => Some(keys.open_json(&judgement_place(&id.to_string()), &sealed)?),
        };
        // Protected correspondence is absent. What is not judged yet may be such.
        if judgement
            .as_ref()
            .is_some_and(|j| j.decision.route.is_protected())
        {
            continue;
        }
        let unjudged = judgement.is_none() && row.origin == Origin::Relayed;
        let last_reply = row
            .last
            .as_ref()
            .and_then(|(id, sealed)| keys.open_sealed(&reply_place(*id), sealed).ok())
            .map(|reply| String::from_utf8_lossy(&reply).into_owned());
        shown.push(Shown {
            id: row.message.to_string(),
            school: installation
                .vault
                .slug(row.school)
                .unwrap_or_default()
                .to_owned(),
            received_at: show(row.received_at),
            size: row.size,
            sender: match open_arrival(keys, row.message, &row.arrival)?.reverse_path {
                _ if unjudged => "(not judged yet)".into(),
                path if path.is_empty() => "<>".into(),
                path => path,
            },
            recipients: row.waiting,
            in_doubt: row.in_doubt,
            attempts: row.attempts,
            next_attempt_at: show(row.next_attempt_at),
            last_reply,
        });
    }
    common.print_list(
        &shown,
        &[
            "id",
            "received",
            "octets",
            "sender",
            "waiting",
            "tries",
            "next",
            "last answer",
        ],
        |s| {
            vec![
                s.id.clone(),
                s.received_at.clone(),
                s.size.to_string(),
                s.sender.clone(),
                s.recipients.to_string(),
                s.attempts.to_string(),
                s.next_attempt_at.clone(),
                s.last_reply.clone().unwrap_or_default(),
            ]
        },
        "The queue is empty.",
    );
    Ok(())
}

async fn retry(
    common: &Common,
    installation: Installation,
    id: Option<String>,
) -> Result<(), Failure> {
    let id = match id {
        None => None,
        Some(text) => Some(SpoolId::parse(&text).ok_or_else(|| {
            Failure::usage(format!(
                "`{text}` is not a message's id; see: schoolgate queue list"
            ))
        })?),
    };
    let now = installation.clock.now();
    let hastened = installation
        .store
        .write(move |tx| recipients::hasten(tx, id, now))
        .await?;
    tell(&installation, Word::Retry).await;
    match common.json {
        true => print_json(&serde_json::json!({"hastened": hastened})),
        false => say!("{hastened} recipient(s) will be tried now."),
    }
    Ok(())
}
