//! The text in pictures: between the two passes of an inspection.
//!
//! Each picture goes to a process of its own, in a cage of its own ([`cage`]): the same
//! program, started again, decodes it ([`decode`]) and turns itself into Tesseract, which
//! only ever sees plain grey pixels ([`child`]). At most so many run at once; a message may
//! take so long in all, a picture so long ([`crate::config::OcrSettings`]). What was read is
//! remembered by digest, in memory only ([`cache`]), so that a school's letterhead is read
//! once. Mail without pictures never comes here.

mod cache;
mod cage;
pub mod child;
mod decode;
mod orientation;
mod process;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use schoolgate_detectors::pictures::{Digest, NotRead, PictureText, PictureTexts};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::cache::Cache;
use self::process::{Outcome, Question};
use super::cage::Cage;
use super::error::InspectError;
use super::pool::Pool;
use super::process::Program;
use super::school::School;
use crate::config::OcrSettings;

/// Text of all pictures of one message together, octets: more is no mail.
const TEXTS: usize = 6 << 20;

/// Reads pictures. Made once, also where it is switched off.
pub struct Ocr {
    program: Program,
    settings: Mutex<Arc<OcrSettings>>,
    /// One permit for each message whose pictures may be read at once.
    turns: Arc<Semaphore>,
    at_once: usize,
    waiting: AtomicUsize,
    cache: Mutex<Cache>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    trouble: Option<String>,
    cage: Option<Cage>,
}

/// The right to read the pictures of one message.
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// What health and `doctor` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcrHealth {
    pub enabled: bool,
    /// Messages whose pictures are being read.
    pub busy: usize,
    /// Messages that wait for their turn.
    pub waiting: usize,
    /// Why pictures cannot be read, if so.
    pub trouble: Option<String>,
    /// The fences around the reading; `None` before the first picture.
    pub cage: Option<Cage>,
}

impl OcrHealth {
    /// What is wrong, in words for the technician.
    pub fn problems(&self) -> Vec<String> {
        if !self.enabled {
            return Vec::new();
        }
        let trouble = self
            .trouble
            .as_ref()
            .map(|why| format!("The text in pictures is not read: {why}."));
        let lacks = self.cage.map(Cage::lacks).unwrap_or_default();
        let lacks = lacks.iter().map(|lack| format!("Reading pictures: {lack}"));
        trouble.into_iter().chain(lacks).collect()
    }
}

/// The smallest picture: white paper. Reading it shows that everything is in place.
const BLANK: &[u8] = b"P5\n8 8\n255\n\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

impl Ocr {
    /// `program` is this very program, which is started again for each picture.
    pub fn new(program: &Program, settings: &OcrSettings) -> Self {
        let at_once = settings.at_once.max(1);
        Self {
            program: Program {
                path: program.path.clone(),
                arguments: vec!["ocr".into()],
            },
            turns: Arc::new(Semaphore::new(at_once)),
            at_once,
            waiting: AtomicUsize::new(0),
            cache: Mutex::new(Cache::new(settings.cache)),
            state: Mutex::new(State::default()),
            settings: Mutex::new(Arc::new(settings.clone())),
        }
    }

    /// Takes over changed settings, all but how many are read at once.
    pub fn replace(&self, settings: &OcrSettings) {
        *lock(&self.settings) = Arc::new(settings.clone());
    }

    /// Whether pictures are read at all.
    pub fn is_enabled(&self) -> bool {
        lock(&self.settings).enabled
    }

    /// Tries it on white paper: the cage, the program, its languages.
    ///
    /// # Errors
    /// Why no picture can be read, in words for the technician.
    pub async fn probe(&self) -> Result<Cage, String> {
        let settings = Arc::clone(&lock(&self.settings));
        let question = Question::UPRIGHT;
        let reading =
            process::read(&self.program, &settings, BLANK, question, settings.picture).await;
        self.note(&reading);
        match (reading.outcome, reading.cage) {
            (Outcome::Text(_), Some(cage)) => Ok(cage),
            (Outcome::Trouble(why), _) => Err(why),
            (Outcome::NotRead(NotRead::Time), _) => {
                self.trouble("the OCR program did not finish on an empty page")
            }
            _ => self.trouble(&format!(
                "the OCR program fails on an empty page; perhaps it lacks a language of {:?}",
                settings.languages
            )),
        }
    }

    fn trouble(&self, why: &str) -> Result<Cage, String> {
        lock(&self.state).trouble = Some(why.to_owned());
        Err(why.to_owned())
    }

    /// How it is.
    pub fn health(&self) -> OcrHealth {
        let state = lock(&self.state);
        OcrHealth {
            enabled: self.is_enabled(),
            busy: self.at_once.saturating_sub(self.turns.available_permits()),
            waiting: self.waiting.load(Ordering::Relaxed),
            trouble: state.trouble.clone(),
            cage: state.cage,
        }
    }

    /// The texts, when every one of these pictures is known: then nobody has to wait.
    pub fn known(&self, wanted: &[Digest]) -> Option<PictureTexts> {
        let mut cache = lock(&self.cache);
        let texts: PictureTexts = wanted
            .iter()
            .map(|digest| Some((*digest, cache.get(digest)?)))
            .collect::<Option<_>>()?;
        texts.iter().for_each(|_| count("remembered"));
        Some(texts)
    }

    /// Waits for a turn; whoever waits longest is next.
    ///
    /// # Errors
    /// [`InspectError::Closed`] when the gateway ends.
    pub async fn turn(&self) -> Result<Turn, InspectError> {
        let waits = Waits::begin(&self.waiting);
        let permit = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| InspectError::Closed)?;
        drop(waits);
        Ok(Turn { _permit: permit })
    }

    /// Sends away whoever waits. Pictures under way are given up when their process ends.
    pub fn close(&self) {
        self.turns.close();
    }

    /// Reads the pictures of a message. Each has an entry in the answer: its text, or why not.
    ///
    /// # Errors
    /// The machine's trouble with a worker: the message stays undecided.
    pub async fn read(
        &self,
        _turn: Turn,
        pool: &Pool,
        school: &School,
        content: &[u8],
        wanted: &[Digest],
    ) -> Result<PictureTexts, InspectError> {
        let settings = Arc::clone(&lock(&self.settings));
        let begun = Instant::now();
        let mut texts = PictureTexts::new();
        let mut missing = Vec::new();
        for digest in wanted {
            match lock(&self.cache).get(digest) {
                Some(text) => {
                    count("remembered");
                    texts.insert(*digest, text);
                }
                None => missing.push(*digest),
            }
        }
        while !missing.is_empty() && settings.enabled && begun.elapsed() < settings.message {
            let files = match pool.pictures(school, content, &missing).await {
                Ok(files) if !files.is_empty() => files,
                // None of them unpacks, or a worker broke on them twice.
                Ok(_) | Err(InspectError::Aborted { .. }) => break,
                Err(error) => return Err(error),
            };
            for (digest, file) in files {
                missing.retain(|wanted| *wanted != digest);
                let left = settings.message.saturating_sub(begun.elapsed());
                let text = if left.is_zero() {
                    PictureText::NotRead(NotRead::Budget)
                } else {
                    self.read_one(&settings, digest, &file, left).await
                };
                texts.insert(digest, text);
            }
        }
        let why = match settings.enabled {
            // Switched off while the message was looked at.
            false => NotRead::NoProgram,
            true if begun.elapsed() < settings.message => NotRead::Damaged,
            true => NotRead::Budget,
        };
        texts.extend(missing.into_iter().map(|d| (d, PictureText::NotRead(why))));
        bound(&mut texts);
        for text in texts.values() {
            if let PictureText::NotRead(why) = text {
                count(outcome(*why));
            }
        }
        metrics::histogram!("schoolgate_ocr_seconds").record(begun.elapsed().as_secs_f64());
        Ok(texts)
    }

    async fn read_one(
        &self,
        settings: &OcrSettings,
        digest: Digest,
        file: &[u8],
        left: std::time::Duration,
    ) -> PictureText {
        let limit = settings.picture.min(left);
        let reading = orientation::read(&self.program, settings, file, limit).await;
        self.note(&reading);
        let (text, keep) = match reading.outcome {
            Outcome::Text(text) => {
                count("read");
                (PictureText::Text(text), true)
            }
            Outcome::NotRead(NotRead::Time) if limit < settings.picture => {
                (PictureText::NotRead(NotRead::Budget), false)
            }
            Outcome::NotRead(why) => (PictureText::NotRead(why), true),
            Outcome::Trouble(_) => (PictureText::NotRead(NotRead::NoProgram), false),
        };
        if keep {
            lock(&self.cache).put(digest, &text);
        }
        text
    }

    /// Remembers for health what a reading showed, and says once what changed.
    fn note(&self, reading: &process::Reading) {
        let mut state = lock(&self.state);
        if let Some(cage) = reading.cage
            && state.cage != Some(cage)
        {
            state.cage = Some(cage);
            for lack in cage.lacks() {
                tracing::warn!("reading pictures: {lack}");
            }
        }
        match &reading.outcome {
            Outcome::Trouble(why) if state.trouble.as_ref() != Some(why) => {
                tracing::error!(%why, "pictures cannot be read");
                state.trouble = Some(why.clone());
            }
            Outcome::Text(_) => state.trouble = None,
            _ => {}
        }
    }
}

/// Counts whoever waits, also when the waiting is given up.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Keeps the texts of one message within what a worker takes.
fn bound(texts: &mut BTreeMap<Digest, PictureText>) {
    let mut left = TEXTS;
    for text in texts.values_mut() {
        if let PictureText::Text(read) = text {
            match left.checked_sub(read.len()) {
                Some(rest) => left = rest,
                None => *text = PictureText::NotRead(NotRead::Large),
            }
        }
    }
}

fn outcome(why: NotRead) -> &'static str {
    match why {
        NotRead::Budget => "over-budget",
        NotRead::Time => "too-slow",
        NotRead::Large => "too-large",
        NotRead::Format | NotRead::Damaged => "damaged",
        NotRead::NoProgram => "no-program",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("schoolgate_ocr_pictures", "outcome" => outcome).increment(1);
}

/// Plain data; a panic elsewhere leaves it usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
