//! `schoolgate roster import` and `roster show`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use schoolgate_policies::RosterState;
use serde::Serialize;

use super::failure::Failure;
use super::options::{Common, tell};
use super::print::print_json;
use crate::clock::show;
use crate::control::Word;
use crate::installation::{Installation, at_the_command_line};
use crate::roster;

/// What can be done with rosters.
#[derive(Debug, Subcommand)]
pub enum RosterCommand {
    /// Replace a school's roster by the files of a folder
    Import {
        /// The folder with pupils.csv, contacts.csv, staff.csv, agencies.csv, or a CTF file
        folder: PathBuf,
        /// The school's id [default: the only one]
        #[arg(long)]
        school: Option<String>,
        /// Import even if many pupils vanish
        #[arg(long)]
        confirm: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Say how many people each roster holds and how old it is
    Show {
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it.
pub fn run(command: RosterCommand) -> ExitCode {
    match command {
        RosterCommand::Import {
            folder,
            school,
            confirm,
            common,
        } => common.run(async |common, installation| {
            import(common, installation, &folder, school.as_deref(), confirm).await
        }),
        RosterCommand::Show { common } => common.run(show_all),
    }
}

async fn import(
    common: &Common,
    installation: Installation,
    folder: &std::path::Path,
    school: Option<&str>,
    confirm: bool,
) -> Result<(), Failure> {
    let id = only_school(&installation, school)?;
    let row = installation
        .vault
        .school(&id)
        .ok_or_else(|| Failure::usage(format!("there is no school `{id}` in the configuration")))?;
    let files = roster::read_folder(folder)?;
    let imported = roster::import_files(
        &installation.store,
        &installation.vault,
        row,
        &files,
        confirm,
        &at_the_command_line(None),
        installation.clock.now(),
    )
    .await?;
    if common.json {
        print_json(&imported);
    } else {
        for problem in &imported.problems {
            say!("{problem}");
        }
        say!(
            "{}: {} pupils, {} contacts, {} staff, {} agencies; {} row(s) were not used.{}",
            id,
            imported.pupils,
            imported.contacts,
            imported.staff,
            imported.agencies,
            imported.problems.len(),
            match imported.unchanged {
                true => " The files are the same as before; their date is renewed.",
                false => "",
            }
        );
    }
    tell(&installation, Word::Reload).await;
    Ok(())
}

/// The named school, or the only one there is.
pub fn only_school(installation: &Installation, named: Option<&str>) -> Result<String, Failure> {
    let schools = &installation.settings.schools;
    match (named, schools.as_slice()) {
        (Some(id), _) if schools.iter().any(|s| s.id == id) => Ok(id.to_owned()),
        (Some(id), _) => Err(Failure::usage(format!(
            "there is no school `{id}`; the configuration has: {}",
            schools
                .iter()
                .map(|s| s.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ))),
        (None, [only]) => Ok(only.id.clone()),
        (None, _) => Err(Failure::usage("say which school: --school ID")),
    }
}

#[derive(Serialize)]
struct Shown {
    school: String,
    state: RosterState,
    pupils: i64,
    contacts: i64,
    staff: i64,
    imported_at: Option<String>,
    digest: Option<String>,
}

async fn show_all(common: &Common, installation: Installation) -> Result<(), Failure> {
    let now = installation.clock.now();
    let mut shown = Vec::new();
    for school in &installation.settings.schools {
        let Some(row) = installation.vault.school(&school.id) else {
            continue;
        };
        let active = installation
            .store
            .read(move |tx| crate::store::rosters::active(tx, row))
            .await?;
        let state = installation
            .schools
            .of_row(row)
            .map_or(RosterState::Missing, |s| s.context.roster_state(now));
        shown.push(Shown {
            school: school.id.clone(),
            state,
            pupils: active.as_ref().map_or(0, |a| a.pupils),
            contacts: active.as_ref().map_or(0, |a| a.contacts),
            staff: active.as_ref().map_or(0, |a| a.staff),
            imported_at: active.as_ref().map(|a| show(a.imported_at)),
            digest: active.map(|a| a.digest),
        });
    }
    common.print_list(
        &shown,
        &["school", "state", "pupils", "contacts", "staff", "imported"],
        |s| {
            vec![
                s.school.clone(),
                match s.state {
                    RosterState::Fresh => "fresh",
                    RosterState::Stale => "stale: rules on relations only monitor",
                    RosterState::Missing => "missing: rules on relations only monitor",
                }
                .into(),
                s.pupils.to_string(),
                s.contacts.to_string(),
                s.staff.to_string(),
                s.imported_at.clone().unwrap_or_default(),
            ]
        },
        "There is no school.",
    );
    Ok(())
}
