//! `schoolgate check`: the verdict for messages in files, always as if enforcing.
//!
//! Nothing is sent, and neither data folder, keys nor store are touched. The messages
//! go through the same caged workers and the same judgement as in `serve`.

mod envelope;
mod files;
mod report;

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use schoolgate_detectors::Inspection;
use schoolgate_policies::exceptions::Entry;
use schoolgate_policies::{Envelope, Pack, Stance, Verdict, decide};
use tokio::io::AsyncReadExt;

use self::envelope::Envelopes;
use self::files::Message;
use self::report::{Report, Tally};
use super::options::DEFAULT_CONFIG;
use crate::clock::{self, Clock, Micros};
use crate::config::{self, Settings};
use crate::inspect::{self, InspectError, Need, Ocr, Pool, Program, aborted, second_pass};
use crate::judge::{Judged, SchoolContext, judge, load_pack};
use crate::registers::{self, RegisterError};

/// Usage or configuration is wrong.
const USAGE: u8 = 2;

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The configuration: schools, packs, rosters
    #[arg(
        long,
        value_name = "FILE",
        default_value = DEFAULT_CONFIG,
        env = "SCHOOLGATE_CONFIG"
    )]
    config: PathBuf,
    /// A folder with the roster's files, taken as fresh; DIR/SCHOOL-ID where it exists
    /// [default: the configured one]
    #[arg(long, value_name = "DIR")]
    roster: Option<PathBuf>,
    /// A folder with the registers' files (permissions.csv, trusted_recipients.csv, …);
    /// DIR/SCHOOL-ID where it exists [default: nothing is registered]
    #[arg(long, value_name = "DIR")]
    registers: Option<PathBuf>,
    /// Judge as on this day, 2027-07-21 for instance [default: today]
    #[arg(long, value_name = "DATE")]
    on: Option<jiff::civil::Date>,
    /// The reverse-path [default: from Return-Path, Sender or From]
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// A forward-path, as often as needed [default: from To, Cc and Bcc]
    #[arg(long, value_name = "ADDRESS")]
    rcpt_to: Vec<String>,
    /// A file with a line of JSON for each message:
    /// {"file": "a.eml", "envelope_from": "…", "envelope_to": ["…"]}
    #[arg(long, value_name = "FILE")]
    envelopes: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Messages, or folders of .eml files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// What all messages are judged with.
struct Bench {
    settings: Settings,
    /// In the order of the configuration; never empty.
    schools: Vec<SchoolContext>,
    /// The packs in force by their schools' ids, when another one is tried.
    in_force: HashMap<String, Pack>,
    envelopes: Envelopes,
    pool: Pool,
    ocr: Ocr,
    now: Micros,
}

/// Runs it. 0: every message was judged; 2: usage or configuration.
pub fn run(args: &CheckArgs) -> ExitCode {
    judged_with(args, &Packs::InForce)
}

/// The same with another pack than the schools' own: a file, or the name of one that ships.
pub fn run_with_pack(args: &CheckArgs, pack: &Path) -> ExitCode {
    judged_with(args, &Packs::Given(pack))
}

/// Which packs judge.
enum Packs<'a> {
    /// Each school's own.
    InForce,
    /// One for all, that need not be in force.
    Given(&'a Path),
}

fn judged_with(args: &CheckArgs, packs: &Packs<'_>) -> ExitCode {
    let prepared = prepare(args, packs).and_then(|(bench, messages)| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start: {error}"))?;
        Ok((bench, messages, runtime))
    });
    let (bench, messages, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(text) => {
            eprintln!("schoolgate check: {text}");
            return ExitCode::from(USAGE);
        }
    };
    match runtime.block_on(judge_all(Arc::new(bench), messages, args.json)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("schoolgate check: cannot write the verdicts: {error}");
            ExitCode::FAILURE
        }
    }
}

fn prepare(args: &CheckArgs, packs: &Packs<'_>) -> Result<(Bench, Vec<Message>), String> {
    let mut settings = config::load(&args.config).map_err(|error| error.to_string())?;
    let mut in_force = HashMap::new();
    if let Packs::Given(pack) = packs {
        for school in &mut settings.schools {
            // One that does not load is no reason not to try another.
            if let Ok(own) = load_pack(school.pack.as_deref()) {
                in_force.insert(school.id.clone(), own);
            }
            school.pack = Some(pack.to_path_buf());
        }
    }
    let messages = files::gather(&args.paths)?;
    let envelopes = Envelopes::new(
        args.mail_from.as_deref(),
        &args.rcpt_to,
        args.envelopes.as_deref(),
    )?;
    let now = args.on.map_or_else(|| Clock::default().now(), clock::noon);
    let mut schools = Vec::new();
    for school in &settings.schools {
        let roster = args
            .roster
            .as_deref()
            .map(|folder| own_folder(folder, &school.id));
        let exceptions = match args.registers.as_deref() {
            Some(folder) => exceptions_in(&own_folder(folder, &school.id), now)?,
            None => Vec::new(),
        };
        let (context, problems) =
            SchoolContext::load(&settings, school, roster.as_deref(), exceptions, now)
                .map_err(|error| format!("school {}: {error}", school.id))?;
        for problem in problems {
            eprintln!("schoolgate check: roster of {}: {problem}", school.id);
        }
        schools.push(context);
    }
    if schools.is_empty() {
        return Err("the configuration has no school".into());
    }
    let pool = Pool::with_program(Program::this(), &settings.inspection);
    let ocr = Ocr::new(&Program::this(), &settings.ocr);
    let bench = Bench {
        settings,
        schools,
        in_force,
        envelopes,
        pool,
        ocr,
        now,
    };
    Ok((bench, messages))
}

/// A school's own folder below the given one, or the given one for all.
fn own_folder(folder: &Path, school: &str) -> PathBuf {
    let own = folder.join(school);
    if own.is_dir() { own } else { folder.to_owned() }
}

/// The exceptions in the files of a folder, each named by file and row.
fn exceptions_in(folder: &Path, now: Micros) -> Result<Vec<Entry>, String> {
    let sheets = registers::read_folder(folder, clock::date(now))
        .map_err(|error| format!("the registers in {}: {error}", folder.display()))?;
    for note in &sheets.notes {
        eprintln!("schoolgate check: registers: {note}");
    }
    if !sheets.mistakes.is_empty() {
        return Err(RegisterError::Mistakes(sheets.mistakes).to_string());
    }
    let drafts = sheets.drafts.into_iter();
    Ok(drafts.map(|(place, draft)| draft.entry(place)).collect())
}

/// Reads a message that is no longer than the gateway would accept.
async fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = tokio::fs::File::open(path).await?;
    let mut content = Vec::new();
    file.take(most.saturating_add(1))
        .read_to_end(&mut content)
        .await?;
    if content.len() as u64 > most {
        return Err(io::Error::other(format!(
            "it is longer than `message_size` ({most} octets), so it would be refused"
        )));
    }
    Ok(content)
}

/// Judges many at a time and prints them in the order given.
async fn judge_all(bench: Arc<Bench>, messages: Vec<Message>, json: bool) -> io::Result<()> {
    let at_once = bench.settings.inspection.workers.max(1);
    // Workers that are ready keep their start out of `elapsed_ms`. If none can be
    // started, each verdict will say so.
    for _ in 0..at_once.min(messages.len()) {
        let first = bench.school_of(bench.envelopes.reverse_path_for_all());
        if bench.pool.prepare(&first.inspection).await.is_err() {
            break;
        }
    }
    if bench.ocr.is_enabled()
        && let Err(why) = bench.ocr.probe().await
    {
        eprintln!("schoolgate check: the text in pictures is not read: {why}");
    }
    let mut tally = Tally::default();
    let mut under_way = VecDeque::new();
    let mut messages = messages.into_iter();
    loop {
        while under_way.len() < at_once
            && let Some(message) = messages.next()
        {
            let bench = bench.clone();
            under_way.push_back(tokio::spawn(async move { bench.report(&message).await }));
        }
        let Some(next) = under_way.pop_front() else {
            break;
        };
        let report = next.await.map_err(io::Error::other)?;
        tally.count(&report);
        let mut out = io::stdout().lock();
        if json {
            serde_json::to_writer(&mut out, &report.as_json())?;
            writeln!(out)?;
        } else {
            report.write_text(&mut out)?;
        }
    }
    bench.pool.shutdown().await;
    if bench.pool.health().cage.is_some_and(|cage| !cage.holds()) {
        eprintln!(
            "schoolgate check: this kernel has neither seccomp nor Landlock; \
             the messages were not looked into behind a fence"
        );
    }
    if !json {
        writeln!(io::stdout(), "{tally}")?;
    }
    Ok(())
}

/// What became of looking into a message.
struct Looked<'a> {
    context: &'a SchoolContext,
    envelope: Envelope,
    inspection: Inspection,
    error: Option<String>,
}

impl Bench {
    async fn report(&self, message: &Message) -> Report {
        let start = Instant::now();
        let content = match read(&message.path, self.settings.limits.message_size).await {
            Ok(content) => content,
            Err(error) => {
                let text = format!("the file cannot be read: {error}");
                return Report::unjudged(message.shown.clone(), text, start.elapsed());
            }
        };
        match self.look(message, &content).await {
            Ok(looked) => {
                let judged = judge(
                    looked.context,
                    &looked.envelope,
                    &looked.inspection,
                    Stance::Enforce,
                    self.now,
                );
                let in_force = self.in_force(looked.context, &judged, &looked.inspection);
                Report::judged(
                    message.shown.clone(),
                    &judged.decision,
                    looked.inspection,
                    &looked.context.pack,
                    looked.error,
                    start.elapsed(),
                )
                .beside(in_force)
            }
            Err(error) => {
                Report::unjudged(message.shown.clone(), error.to_string(), start.elapsed())
            }
        }
    }

    /// What the pack in force says of a message, when another one is tried. Where the two
    /// name different markings, the inspection answers for the tried one only.
    fn in_force(
        &self,
        context: &SchoolContext,
        judged: &Judged,
        inspection: &Inspection,
    ) -> Option<Verdict> {
        let pack = self.in_force.get(&context.school.id)?;
        (pack.marking_terms() == context.pack.marking_terms())
            .then(|| decide(&judged.facts, inspection, pack).verdict())
    }

    /// Inspects a message for its school. Whose it is may only be known from its header,
    /// and that is read in a cage too: then a message of another school than the first
    /// is inspected twice.
    async fn look(&self, message: &Message, content: &[u8]) -> Result<Looked<'_>, InspectError> {
        let given = self.envelopes.reverse_path(message);
        let likely = self.school_of(given.as_deref().unwrap_or_default());
        let looked = self.look_as(likely, message, content).await?;
        let owner = self.school_of(&looked.envelope.reverse_path);
        if owner.school.id == looked.context.school.id {
            return Ok(looked);
        }
        self.look_as(owner, message, content).await
    }

    async fn look_as<'a>(
        &'a self,
        context: &'a SchoolContext,
        message: &Message,
        content: &[u8],
    ) -> Result<Looked<'a>, InspectError> {
        let (inspection, error) = self.inspect(context, content).await?;
        let (envelope, remark) = self.envelopes.envelope(message, &inspection.headers);
        Ok(Looked {
            context,
            envelope,
            inspection,
            error: error.or(remark),
        })
    }

    async fn inspect(
        &self,
        context: &SchoolContext,
        content: &[u8],
    ) -> Result<(Inspection, Option<String>), InspectError> {
        match self.both_passes(&context.inspection, content).await {
            Ok(inspection) => Ok((inspection, None)),
            Err(InspectError::Aborted { why }) => {
                Ok((aborted(&why, content.len() as u64), Some(why.to_string())))
            }
            Err(error) => Err(error),
        }
    }

    /// The first pass, the pictures, the second pass.
    async fn both_passes(
        &self,
        school: &inspect::School,
        content: &[u8],
    ) -> Result<Inspection, InspectError> {
        let (pool, ocr, today) = (&self.pool, &self.ocr, clock::date(self.now));
        let first = pool.inspect(school, today, content).await?;
        match Need::of(&first, ocr) {
            Need::Nothing => Ok(first),
            Need::Texts(texts) => {
                pool.inspect_with_texts(school, today, content, &texts)
                    .await
            }
            Need::Reading(wanted) => {
                let turn = ocr.turn().await?;
                second_pass(pool, ocr, turn, school, today, content, &wanted).await
            }
        }
    }

    /// The school of a reverse-path's domain, else the first.
    fn school_of(&self, reverse_path: &str) -> &SchoolContext {
        let domain = reverse_path
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain);
        let id = self
            .settings
            .school_of_domain(domain)
            .map(|s| s.id.as_str());
        let first = &self.schools[0];
        self.schools
            .iter()
            .find(|context| Some(context.school.id.as_str()) == id)
            .unwrap_or(first)
    }
}
