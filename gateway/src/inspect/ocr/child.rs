//! The process that reads one picture: `schoolgate ocr`, started by the gateway.
//!
//! It takes the picture from standard input, locks itself in, says how well on the first
//! line of its output, decodes the picture into memory and becomes Tesseract, whose output
//! follows. It never has a second thread.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use rustix::fs::{MemfdFlags, memfd_create};

use super::cage;
use super::decode::{self, NoPixels, Paper};

/// What stands before the cage on the first line of the output.
pub(super) const GREETING: &str = "schoolgate-ocr ";

/// The OCR program cannot be started.
pub(super) const NO_PROGRAM: u8 = 64;
/// The picture cannot be decoded.
pub(super) const DAMAGED: u8 = 65;
/// The picture is larger than may be.
pub(super) const TOO_LARGE: u8 = 66;
/// No cage, or no memory to put the picture into.
pub(super) const NO_CAGE: u8 = 67;

/// Octets of a picture's file.
const MOST: u64 = 64 << 20;

/// What the gateway says about the reading.
#[derive(Debug, Args)]
pub struct OcrArgs {
    /// The OCR program
    #[arg(long)]
    program: PathBuf,
    /// Its languages, joined by `+`
    #[arg(long)]
    languages: String,
    /// Where its language data lie
    #[arg(long)]
    data: Option<PathBuf>,
    /// Address space, octets
    #[arg(long)]
    memory: u64,
    /// Processor time, seconds
    #[arg(long)]
    cpu_seconds: u64,
    /// The most pixels
    #[arg(long)]
    pixels: u64,
    /// What is wanted of the picture
    #[arg(long, value_enum)]
    task: Task,
    /// By how many degrees to turn it clockwise first
    #[arg(long, default_value_t = 0)]
    turn: u16,
}

/// What is wanted of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Task {
    /// Its text.
    Text,
    /// Which way up its text stands, if it has any.
    Orientation,
}

impl Task {
    /// As the command line has it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Orientation => "orientation",
        }
    }
}

/// Reads the picture on standard input. Call it before any thread or runtime is started.
pub fn run(args: &OcrArgs) -> ExitCode {
    // What a decoder says when it panics may be content.
    std::panic::set_hook(Box::new(|_| {}));
    let mut picture = Vec::new();
    if io::stdin()
        .lock()
        .take(MOST)
        .read_to_end(&mut picture)
        .is_err()
    {
        return ExitCode::from(NO_CAGE);
    }
    let data = args.data.as_deref();
    let Ok(cage) = cage::lock(&args.program, data, args.memory, args.cpu_seconds) else {
        return ExitCode::from(NO_CAGE);
    };
    let said = serde_json::to_string(&cage)
        .map_err(io::Error::other)
        .and_then(|cage| writeln!(io::stdout(), "{GREETING}{cage}"));
    if said.is_err() {
        return ExitCode::from(NO_CAGE);
    }
    let decoded = std::panic::catch_unwind(|| {
        decode::decode(&picture, args.pixels, args.memory).map(|paper| paper.turned(args.turn))
    });
    let paper = match decoded.unwrap_or(Err(NoPixels::Damaged)) {
        Ok(paper) => paper,
        Err(NoPixels::Damaged) => return ExitCode::from(DAMAGED),
        Err(NoPixels::TooLarge) => return ExitCode::from(TOO_LARGE),
    };
    match in_memory(&paper, &picture) {
        Ok(file) => {
            drop((paper, picture));
            // Only comes back when it fails.
            let _ = tesseract(args, file).exec();
            ExitCode::from(NO_PROGRAM)
        }
        Err(_) => ExitCode::from(NO_CAGE),
    }
}

/// A file in memory that holds what Tesseract is to read: a portable grey map.
fn in_memory(paper: &Paper, picture: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("schoolgate-picture", MemfdFlags::CLOEXEC)?);
    match paper {
        Paper::Grey(grey) => {
            write!(file, "P5\n{} {}\n255\n", grey.width(), grey.height())?;
            file.write_all(grey.as_raw())?;
        }
        Paper::Pages => file.write_all(picture)?,
    }
    file.rewind()?;
    Ok(file)
}

/// Page segmentation 4: a column of text of different sizes. The default takes the columns
/// of a table apart; this keeps the lines of a register together, and gaps show columns.
fn tesseract(args: &OcrArgs, file: File) -> Command {
    let mut command = Command::new(&args.program);
    command
        .args(["stdin", "stdout"])
        .args(match args.task {
            Task::Text => ["-l", &args.languages, "--psm", "4"],
            Task::Orientation => ["-l", "osd", "--psm", "0"],
        })
        .args(["-c", "preserve_interword_spaces=1"])
        .env_clear()
        .env("OMP_THREAD_LIMIT", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::from(file));
    if let Some(data) = &args.data {
        command.env("TESSDATA_PREFIX", data);
    }
    command
}
