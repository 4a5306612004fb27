//! The worker's side: one school, one socket, one message after another.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;

use jiff::civil::Date;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use schoolgate_detectors::pictures::{self, Digest, PictureTexts};
use schoolgate_detectors::{Settings, VERSION};
use serde::{Deserialize, Serialize};

use super::cage::{self, Cage};
use super::frame::{FrameHead, FrameKind, HEAD, payload_blocking, receive_blocking, send_blocking};
use super::picture_files;

/// What the gateway tells a new worker, besides the index.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    pub settings: Settings,
    /// Octets in the memfd.
    pub index_length: u64,
    /// Octets that may be mapped beyond program and index.
    pub memory: u64,
    /// Processor time in all.
    pub cpu_seconds: u64,
}

/// What a worker says when it is locked in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    pub detectors: String,
    pub cage: Cage,
}

/// Where the last panic was, for the gateway's log. Its message may hold content and is dropped.
static PANICKED_AT: Mutex<String> = Mutex::new(String::new());

/// Octets of the day in front of a request's content (`YYYY-MM-DD`).
pub const DAY: usize = 10;

/// Octets of pictures that are handed out at once. One picture may be larger.
const PICTURES: usize = 40 << 20;

/// What a worker is asked to do with a message.
pub(super) enum Task<'c> {
    /// The first pass.
    Inspect(&'c [u8]),
    /// The second pass, with what was read in the pictures.
    Second(&'c [u8], PictureTexts),
    /// To hand out pictures.
    Fetch(&'c [u8], Vec<Digest>),
    /// To read the first line that its sender wrote.
    Opening(&'c [u8]),
}

/// Runs `schoolgate worker`: serves requests on standard input until the gateway closes it.
///
/// Call it before any thread or runtime is started.
pub fn run() -> ExitCode {
    serve(|index, settings: &Settings| {
        let index = schoolgate_detectors::roster::index::RosterIndex::from_bytes(index)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a roster index"))?;
        // Tables and automata are built before the cage closes and the clock runs.
        schoolgate_detectors::inspect(WARM_UP, &index, settings);
        Ok(move |task: Task<'_>, settings: &Settings| {
            Ok(match task {
                Task::Inspect(content) => {
                    serde_json::to_vec(&schoolgate_detectors::inspect(content, &index, settings))?
                }
                Task::Second(content, texts) => serde_json::to_vec(
                    &schoolgate_detectors::inspect_with_texts(content, &index, settings, &texts),
                )?,
                Task::Fetch(content, wanted) => {
                    picture_files::write(&pictures::files(content, settings, &wanted, PICTURES))
                }
                Task::Opening(content) => {
                    serde_json::to_vec(&schoolgate_detectors::opening(content, settings))?
                }
            })
        })
    })
}

/// A message that touches the detectors' lazily built tables.
const WARM_UP: &[u8] = b"From: Ready <ready@schoolgate.example>\r\n\
    Subject: Ready\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
    <p>Ready, 5 January 2015, 01632 960001</p>\r\n";

/// The loop around `prepare`, which takes the index and returns what turns a content
/// into an answer.
pub(super) fn serve<P, L>(prepare: P) -> ExitCode
where
    P: FnOnce(Vec<u8>, &Settings) -> io::Result<L>,
    L: FnMut(Task<'_>, &Settings) -> io::Result<Vec<u8>>,
{
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |location| {
            format!("{}:{}", location.file(), location.line())
        });
        if let Ok(mut at) = PANICKED_AT.lock() {
            *at = place;
        }
    }));
    match panic::catch_unwind(AssertUnwindSafe(|| converse(prepare))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) => ExitCode::from(3),
        Err(_) => ExitCode::from(101),
    }
}

fn converse<P, L>(prepare: P) -> io::Result<()>
where
    P: FnOnce(Vec<u8>, &Settings) -> io::Result<L>,
    L: FnMut(Task<'_>, &Settings) -> io::Result<Vec<u8>>,
{
    // If the gateway dies, so do we, whatever we are at.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let socket = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (hello, index) = greet(&socket)?;
    let mut settings = hello.settings;
    let mut look = prepare(index, &settings)?;
    let cage = cage::lock(hello.memory, hello.cpu_seconds)?;
    let ready = Ready {
        detectors: VERSION.into(),
        cage,
    };
    send_blocking(&socket, FrameKind::Ready, &serde_json::to_vec(&ready)?)?;
    while let Some((kind, request)) = receive_blocking(&socket)? {
        let (day, rest) = request
            .split_at_checked(DAY)
            .ok_or(io::ErrorKind::InvalidData)?;
        settings.today = parse_day(day)?;
        let task = Task::read(kind, rest)?;
        let answers = task.answers();
        match panic::catch_unwind(AssertUnwindSafe(|| look(task, &settings))) {
            Ok(answer) => send_blocking(&socket, answers, &answer?)?,
            Err(_) => {
                let place = PANICKED_AT.lock().map(|at| at.clone()).unwrap_or_default();
                send_blocking(&socket, FrameKind::Panicked, place.as_bytes())?;
                return Err(io::ErrorKind::Other.into());
            }
        }
    }
    Ok(())
}

impl<'c> Task<'c> {
    /// What a request asks, from its kind and what follows the day.
    fn read(kind: FrameKind, rest: &'c [u8]) -> io::Result<Self> {
        match kind {
            FrameKind::Request => Ok(Self::Inspect(rest)),
            FrameKind::Opening => Ok(Self::Opening(rest)),
            FrameKind::Second => {
                let (extra, content) = split_extra(rest)?;
                Ok(Self::Second(content, serde_json::from_slice(extra)?))
            }
            FrameKind::Fetch => {
                let (extra, content) = split_extra(rest)?;
                Ok(Self::Fetch(content, serde_json::from_slice(extra)?))
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// The kind of frame that answers it.
    fn answers(&self) -> FrameKind {
        match self {
            Self::Inspect(_) | Self::Second(..) | Self::Opening(_) => FrameKind::Answer,
            Self::Fetch(..) => FrameKind::Pictures,
        }
    }
}

/// What stands before the content: a length and that many octets.
fn split_extra(rest: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let split = rest.split_first_chunk::<4>().and_then(|(length, rest)| {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        rest.split_at_checked(length)
    });
    split.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse_day(day: &[u8]) -> io::Result<Date> {
    std::str::from_utf8(day)
        .ok()
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Takes the hello and, with its head, the descriptor of the index. The index is copied
/// to memory of our own: mapping a file is not possible in safe Rust. It does not count
/// against the memory limit, which is set after.
fn greet(socket: &File) -> io::Result<(Hello, Vec<u8>)> {
    let mut head = [0; HEAD];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let taken = recvmsg(
        socket,
        &mut [io::IoSliceMut::new(&mut head)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC | RecvFlags::WAITALL,
    )?;
    let index: OwnedFd = control
        .drain()
        .find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        })
        .ok_or(io::ErrorKind::InvalidData)?;
    let head = FrameHead::from_bytes(head)?;
    if taken.bytes != HEAD || head.kind != FrameKind::Hello {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let hello: Hello = serde_json::from_slice(&payload_blocking(socket, head)?)?;
    let mut bytes = Vec::new();
    let length = usize::try_from(hello.index_length).map_err(io::Error::other)?;
    bytes.try_reserve_exact(length)?;
    bytes.resize(length, 0);
    // Other workers share the descriptor's offset, so it is left alone.
    File::from(index).read_exact_at(&mut bytes, 0)?;
    Ok((hello, bytes))
}
