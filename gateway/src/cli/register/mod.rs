//! `schoolgate register`: what is permitted, trusted and agreed to.

mod add;
mod shown;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use schoolgate_policies::ExceptionKind;

use self::add::AddCommand;
use self::shown::Shown;
use super::failure::Failure;
use super::options::{Common, tell};
use super::print::print_json;
use super::roster::only_school;
use crate::control::Word;
use crate::ids::SchoolId;
use crate::installation::{Installation, at_the_command_line};
use crate::registers::{self, FILES, Record, Register, Sheets};

/// Which school, and how to answer.
#[derive(Debug, Args)]
pub struct Where {
    /// The school's id [default: the only one]
    #[arg(long)]
    school: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// What can be done with registers.
#[derive(Debug, Subcommand)]
pub enum RegisterCommand {
    /// List what is registered and counts, or will
    List {
        /// Only this kind: permission, trusted-recipient, dual-role, family-exception, image-consent, image-opt-out
        #[arg(long, value_parser = kind)]
        kind: Option<ExceptionKind>,
        /// Only what is about this address, @domain or UPN
        #[arg(long, value_name = "WHOM")]
        about: Option<String>,
        /// What has lapsed or was ended too
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        at: Where,
    },
    /// Show an entry with its grounds, and who entered and ended it
    Show {
        /// Its id, or the last six or more characters of it
        id: String,
        #[command(flatten)]
        at: Where,
    },
    /// Enter something
    Add {
        #[command(subcommand)]
        what: AddCommand,
    },
    /// End an entry from now on
    End {
        /// Its id, or the last six or more characters of it
        id: String,
        /// Why it ends
        #[arg(long, value_name = "REASON")]
        why: String,
        #[command(flatten)]
        at: Where,
    },
    /// Enter the same again until another day
    Renew {
        /// Its id, or the last six or more characters of it
        id: String,
        /// The new last day
        #[arg(long, value_name = "DATE")]
        until: Date,
        /// The reason now [default: the same]
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Take over a CSV file, or a folder of them
    Import {
        /// permissions.csv, trusted_recipients.csv, dual_roles.csv, family_exceptions.csv,
        /// image_consents.csv, image_opt_outs.csv, or a folder with some of them
        path: PathBuf,
        /// What the file holds, when its name does not tell
        #[arg(long, value_parser = kind)]
        kind: Option<ExceptionKind>,
        /// End what the file no longer has
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        at: Where,
    },
    /// Write what counts as CSV files, which can be imported again
    Export {
        /// The folder; with --kind and without it, the file goes to standard output
        folder: Option<PathBuf>,
        /// Only this kind
        #[arg(long, value_parser = kind)]
        kind: Option<ExceptionKind>,
        /// What has lapsed or was ended too
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        at: Where,
    },
}

fn kind(word: &str) -> Result<ExceptionKind, String> {
    ExceptionKind::parse(word).ok_or_else(|| {
        let known: Vec<&str> = ExceptionKind::ALL.iter().map(|k| k.as_str()).collect();
        format!("there are {}", known.join(", "))
    })
}

/// Runs it.
pub fn run(command: RegisterCommand) -> ExitCode {
    match command {
        RegisterCommand::List {
            kind,
            about,
            all,
            at,
        } => at.run(async |desk| desk.list(kind, about.as_deref(), all).await),
        RegisterCommand::Show { id, at } => at.run(async |desk| desk.show(&id).await),
        RegisterCommand::Add { what } => what.at().run(async |desk| {
            let draft = what.draft(desk.today)?;
            let id = desk.register()?.enter(draft).await?;
            desk.changed(&id, "entered").await
        }),
        RegisterCommand::End { id, why, at } => at.run(async |desk| {
            let record = desk.register()?.find(&id).await?;
            desk.register()?.end(&record, &why).await?;
            desk.changed(&record.entry.id, "ended").await
        }),
        RegisterCommand::Renew {
            id,
            until,
            reason,
            at,
        } => at.run(async |desk| {
            let register = desk.register()?;
            let record = register.find(&id).await?;
            let id = register.renew(&record, until, reason.as_deref()).await?;
            desk.changed(&id, "renewed").await
        }),
        RegisterCommand::Import {
            path,
            kind,
            replace,
            at,
        } => at.run(async |desk| desk.import(&path, kind, replace).await),
        RegisterCommand::Export {
            folder,
            kind,
            all,
            at,
        } => at.run(async |desk| desk.export(folder.as_deref(), kind, all).await),
    }
}

/// One school's registers at the command line.
struct Desk<'a> {
    common: &'a Common,
    installation: Installation,
    school: String,
    row: SchoolId,
    today: Date,
}

impl Where {
    fn run<F>(&self, work: F) -> ExitCode
    where
        F: AsyncFnOnce(Desk<'_>) -> Result<(), Failure>,
    {
        self.common.run(async |common, installation| {
            let school = only_school(&installation, self.school.as_deref())?;
            let row = installation.vault.school(&school).ok_or_else(|| {
                Failure::usage(format!(
                    "there is no school `{school}` in the configuration"
                ))
            })?;
            let today = installation.clock.today();
            work(Desk {
                common,
                installation,
                school,
                row,
                today,
            })
            .await
        })
    }
}

impl Desk<'_> {
    fn register(&self) -> Result<Register<'_>, Failure> {
        Ok(Register::of(
            &self.installation.store,
            &self.installation.vault,
            self.row,
            at_the_command_line(None),
            self.installation.clock.now(),
        )?)
    }

    /// Says what was done, and to the running gateway that it was.
    async fn changed(&self, id: &str, how: &str) -> Result<(), Failure> {
        tell(&self.installation, Word::Reload).await;
        match self.common.json {
            true => print_json(&serde_json::json!({ "id": id, "done": how })),
            false => say!("{id} is {how}."),
        }
        Ok(())
    }

    async fn list(
        &self,
        kind: Option<ExceptionKind>,
        about: Option<&str>,
        all: bool,
    ) -> Result<(), Failure> {
        let register = self.register()?;
        let records = match about {
            Some(whom) => register.about(whom).await?,
            None => register.all().await?,
        };
        let shown: Vec<Shown> = records
            .into_iter()
            .filter(|record| all || record.counts_from(self.today))
            .map(|record| Shown::of(record, self.today))
            .filter(|shown| kind.is_none_or(|kind| shown.kind == kind))
            .collect();
        self.common.print_list(
            &shown,
            &["id", "kind", "what", "until", "reason"],
            |s| {
                vec![
                    s.id.clone(),
                    s.kind.as_str().into(),
                    s.words(),
                    s.until(),
                    s.reason.clone(),
                ]
            },
            "Nothing is registered.",
        );
        Ok(())
    }

    async fn show(&self, id: &str) -> Result<(), Failure> {
        let record = self.register()?.find(id).await?;
        let shown = Shown::of(record, self.today);
        if self.common.json {
            print_json(&shown);
            return Ok(());
        }
        say!("{} {}", shown.kind.as_str(), shown.id);
        say!("  {}", shown.words());
        say!(
            "  {}, {}; first day {}",
            shown.standing,
            shown.until(),
            shown.from
        );
        say!(
            "  granted by {}; reason: {}",
            shown.granted_by,
            shown.reason
        );
        if !shown.risk_assessment.is_empty() {
            say!("  risk assessment {}", shown.risk_assessment);
        }
        say!("  entered by {} on {}", shown.entered_by, shown.entered_at);
        if let (Some(by), Some(why)) = (&shown.ended_by, &shown.ended_why) {
            say!("  ended by {by}: {why}");
        }
        Ok(())
    }

    async fn import(
        &self,
        path: &Path,
        kind: Option<ExceptionKind>,
        replace: bool,
    ) -> Result<(), Failure> {
        let cannot = |source: std::io::Error| {
            Failure::usage(format!("cannot read {}: {source}", path.display()))
        };
        let sheets = if path.is_dir() {
            registers::read_folder(path, self.today).map_err(cannot)?
        } else {
            let bytes = std::fs::read(path).map_err(cannot)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let mut sheets = Sheets::default();
            let kind = kind.or_else(|| registers::kind_of(&name));
            registers::read(&name, &bytes, kind, self.today, &mut sheets);
            sheets
        };
        let imported = self.register()?.import(sheets, replace).await?;
        tell(&self.installation, Word::Reload).await;
        if self.common.json {
            print_json(&imported);
        } else {
            for note in &imported.notes {
                say!("{note}");
            }
            say!(
                "{}: {} entered, {} as before, {} ended.",
                self.school,
                imported.entered,
                imported.unchanged,
                imported.ended
            );
        }
        Ok(())
    }

    async fn export(
        &self,
        folder: Option<&Path>,
        kind: Option<ExceptionKind>,
        all: bool,
    ) -> Result<(), Failure> {
        let records = self.register()?.all().await?;
        let files = FILES
            .iter()
            .filter(|(of, _)| kind.is_none_or(|kind| kind == *of));
        match (folder, kind) {
            (None, None) => {
                return Err(Failure::usage(
                    "say where: a folder, or --kind for one file",
                ));
            }
            (Some(folder), _) => std::fs::create_dir_all(folder)?,
            (None, Some(_)) => {}
        }
        for (kind, name) in files {
            let wanted: Vec<&Record> = records
                .iter()
                .filter(|record| record.entry.what.kind() == *kind)
                .filter(|record| all || record.counts_from(self.today))
                .collect();
            let text = registers::write(*kind, &wanted)?;
            match folder {
                None => say!("{}", String::from_utf8_lossy(&text).trim_end()),
                Some(_) if wanted.is_empty() => {}
                Some(folder) => {
                    write_private(&folder.join(name), &text)?;
                    say!("{}: {} entries", folder.join(name).display(), wanted.len());
                }
            }
        }
        Ok(())
    }
}

/// Names and reasons are for nobody else on the machine.
fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(text)
}
