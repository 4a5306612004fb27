//! One reading, from the gateway's side: a process, its time, and what it says.

use std::process::Stdio;
use std::time::Duration;

use schoolgate_detectors::pictures::NotRead;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::child::{DAMAGED, GREETING, NO_CAGE, NO_PROGRAM, TOO_LARGE, Task};
use crate::config::OcrSettings;
use crate::inspect::cage::Cage;
use crate::inspect::process::Program;

/// The longest text that is taken from one picture, octets.
const TEXT: u64 = 512 << 10;

/// What is asked of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub task: Task,
    /// Degrees by which it is turned clockwise first.
    pub turn: u16,
}

impl Question {
    /// Its text, as it stands.
    pub(super) const UPRIGHT: Self = Self {
        task: Task::Text,
        turn: 0,
    };
}

/// What became of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Text(String),
    NotRead(NotRead),
    /// No picture can be read on this machine, and why.
    Trouble(String),
}

/// An outcome, and the cage it was reached in, if the process came so far.
#[derive(Debug)]
pub(super) struct Reading {
    pub outcome: Outcome,
    pub cage: Option<Cage>,
}

/// Reads one picture within `limit`. Never fails: why not is an outcome.
///
/// The process is killed when this is given up. It holds no secret, and limits of its own
/// end it even if the gateway is gone.
pub(super) async fn read(
    program: &Program,
    settings: &OcrSettings,
    picture: &[u8],
    question: Question,
    limit: Duration,
) -> Reading {
    let trouble = |why: String| Reading {
        outcome: Outcome::Trouble(why),
        cage: None,
    };
    // Asked here, because inside the cage a missing program and a forbidden one look alike.
    if !settings.program.is_file() {
        return trouble(format!(
            "{} is not there; install tesseract-ocr, or set ocr.program",
            settings.program.display()
        ));
    }
    let mut command = command(program, settings, question, limit);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return trouble(format!("its process cannot be started: {error}")),
    };
    let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
        return trouble("its process has no pipes".into());
    };
    let exchange = async {
        let write = async {
            // It may well end before it took everything; then its status says why.
            let _ = to.write_all(picture).await;
            drop(to);
        };
        let mut output = Vec::new();
        let read = async {
            let _ = from.take(TEXT).read_to_end(&mut output).await;
        };
        tokio::join!(write, read);
        (child.wait().await, output)
    };
    let Ok((status, output)) = timeout(limit, exchange).await else {
        return Reading {
            outcome: Outcome::NotRead(NotRead::Time),
            cage: None,
        };
    };
    let (cage, text) = split(&output);
    let outcome = match status.ok().map(|status| status.code()) {
        Some(Some(0)) => Outcome::Text(text),
        Some(Some(code)) if code == i32::from(NO_PROGRAM) => {
            Outcome::Trouble(format!("{} does not start", settings.program.display()))
        }
        Some(Some(code)) if code == i32::from(NO_CAGE) => {
            Outcome::Trouble("its cage cannot be closed".into())
        }
        Some(Some(code)) if code == i32::from(TOO_LARGE) => Outcome::NotRead(NotRead::Large),
        Some(Some(code)) if code == i32::from(DAMAGED) => Outcome::NotRead(NotRead::Damaged),
        // Its time on the processor, its memory, or a picture that broke it.
        _ => Outcome::NotRead(NotRead::Damaged),
    };
    Reading { outcome, cage }
}

fn command(
    program: &Program,
    settings: &OcrSettings,
    question: Question,
    limit: Duration,
) -> Command {
    let mut command = Command::new(&program.path);
    command
        .args(&program.arguments)
        .arg("--program")
        .arg(&settings.program)
        .args(["--languages", &settings.languages])
        .args(["--memory", &settings.memory.to_string()])
        .args(["--cpu-seconds", &(limit.as_secs() + 2).to_string()])
        .args(["--pixels", &settings.pixels.to_string()])
        .args(["--task", question.task.word()])
        .args(["--turn", &question.turn.to_string()]);
    if let Some(data) = &settings.data {
        command.arg("--data").arg(data);
    }
    command
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // What a decoder or Tesseract says there may be content.
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// The cage on the first line, and the text after it.
fn split(output: &[u8]) -> (Option<Cage>, String) {
    let output = String::from_utf8_lossy(output);
    let (first, rest) = output.split_once('\n').unwrap_or((&output, ""));
    match first.strip_prefix(GREETING) {
        Some(cage) => (serde_json::from_str(cage).ok(), rest.to_owned()),
        None => (None, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::cage::Enforcement;

    #[test]
    fn the_first_line_is_the_cage_and_only_what_follows_is_text() {
        let (cage, text) =
            split(b"schoolgate-ocr {\"seccomp\":\"full\",\"landlock\":\"none\"}\nIsla\n4M\n");
        assert_eq!(cage.map(|cage| cage.seccomp), Some(Enforcement::Full));
        assert_eq!(text, "Isla\n4M\n");
        assert_eq!(split(b"Isla\n4M\n"), (None, String::new()));
        assert_eq!(split(b""), (None, String::new()));
    }
}
