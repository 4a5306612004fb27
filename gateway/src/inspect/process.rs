//! One worker process, from the gateway's side.

use std::ffi::OsString;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as BlockingStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::civil::Date;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use schoolgate_detectors::pictures::{Digest, PictureTexts};
use schoolgate_detectors::{Inspection, VERSION};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::answer;
use super::cage::Cage;
use super::error::{Abort, InspectError};
use super::frame::{self, FrameHead, FrameKind};
use super::picture_files;
use super::school::School;
use super::worker::{Hello, Ready};
use crate::config::InspectionSettings;

/// How long a worker may take to get ready. It reads the roster's index in this time;
/// generous, since a slow start harms nobody and a start given up stops all mail.
const START: Duration = Duration::from_secs(60);

/// How long a worker that has answered its last may take to end by itself.
const END: Duration = Duration::from_secs(2);

/// What is started: the gateway's own program as `worker`.
#[derive(Debug, Clone)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
}

impl Program {
    /// This very program, even after the file on disk was replaced by an update.
    pub fn this() -> Self {
        Self::worker("/proc/self/exe".into())
    }

    /// `PATH worker`.
    pub fn worker(path: PathBuf) -> Self {
        Self {
            path,
            arguments: vec!["worker".into()],
        }
    }
}

/// A worker that is locked in and waits for a message.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    socket: UnixStream,
    school: String,
    digest: [u8; 32],
    served: u32,
    cage: Cage,
}

/// What a worker is asked about a message.
pub enum Question<'q> {
    /// The first pass, on a day.
    Inspect(Date),
    /// The second pass, with what was read in the pictures.
    Second(Date, &'q PictureTexts),
    /// The pictures with these digests.
    Pictures(&'q [Digest]),
    /// The first line that its sender wrote, on a day.
    Opening(Date),
}

/// What it answers.
pub enum Answer {
    Inspection(Box<Inspection>),
    Pictures(Vec<(Digest, Vec<u8>)>),
    Opening(Option<String>),
}

impl Question<'_> {
    /// The kind of frame, and what stands in it before the content.
    fn written(&self) -> io::Result<(FrameKind, Vec<u8>)> {
        let (kind, day, extra) = match self {
            Self::Inspect(day) => return Ok((FrameKind::Request, day.to_string().into_bytes())),
            Self::Opening(day) => return Ok((FrameKind::Opening, day.to_string().into_bytes())),
            Self::Second(day, texts) => (FrameKind::Second, *day, serde_json::to_vec(texts)?),
            // Which pictures there are depends on no day.
            Self::Pictures(wanted) => (FrameKind::Fetch, Date::ZERO, serde_json::to_vec(wanted)?),
        };
        let length = u32::try_from(extra.len()).map_err(io::Error::other)?;
        let mut head = day.to_string().into_bytes();
        head.extend_from_slice(&length.to_be_bytes());
        head.extend_from_slice(&extra);
        Ok((kind, head))
    }
}

/// Starts a process with one end of a socket as its standard input. Standard output and
/// error go nowhere: what a parser prints there may be content.
///
/// The kernel kills a worker when the thread that started it ends; so call this from a
/// thread that lives as long as the gateway, inside a tokio runtime's context.
pub fn start(program: &Program) -> io::Result<(Child, BlockingStream)> {
    let (ours, theirs) = BlockingStream::pair()?;
    let child = Command::new(&program.path)
        .args(&program.arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A Ctrl-C meant for the gateway must not end the message under way.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    Ok((child, ours))
}

impl Worker {
    /// Binds a process to a school and waits until it is locked in.
    pub async fn bind(
        child: Child,
        socket: BlockingStream,
        school: &School,
        settings: &InspectionSettings,
    ) -> Result<Self, InspectError> {
        let failed = |doing| move |source| InspectError::NoWorker { doing, source };
        let hello = Hello {
            settings: school.settings().clone(),
            index_length: school.index_length(),
            memory: settings.memory_mib.saturating_mul(1 << 20),
            // The deadline for each message is kept from outside. This one ends a worker
            // that was left behind.
            cpu_seconds: settings
                .deadline
                .as_secs()
                .saturating_add(1)
                .saturating_mul(u64::from(settings.messages_per_worker).saturating_add(1)),
        };
        let hello = serde_json::to_vec(&hello)
            .map_err(|error| failed("writing its settings")(error.into()))?;
        hand_over_index(&socket, school, hello.len()).map_err(failed("handing it the roster"))?;
        socket
            .set_nonblocking(true)
            .and_then(|()| UnixStream::from_std(socket))
            .map_err(failed("opening its socket"))
            .map(|socket| Self {
                child,
                socket,
                school: school.id().to_owned(),
                digest: *school.digest(),
                served: 0,
                cage: Cage::none(),
            })?
            .get_ready(&hello)
            .await
    }

    async fn get_ready(mut self, hello: &[u8]) -> Result<Self, InspectError> {
        let failed = |source| InspectError::NoWorker {
            doing: "waiting for it to get ready",
            source,
        };
        let exchange = async {
            // The head has gone ahead with the descriptor.
            tokio::io::AsyncWriteExt::write_all(&mut self.socket, hello).await?;
            frame::receive(&mut self.socket).await
        };
        let (kind, payload) = match timeout(START, exchange).await {
            Ok(Ok(received)) => received,
            Ok(Err(error)) => {
                let why = self.cause(error).await;
                return Err(failed(io::Error::other(why)));
            }
            Err(_) => return Err(failed(io::ErrorKind::TimedOut.into())),
        };
        let ready: Ready = serde_json::from_slice(&payload).map_err(|e| failed(e.into()))?;
        if kind != FrameKind::Ready || ready.detectors != VERSION {
            // The program on disk was replaced under the running gateway.
            return Err(failed(io::Error::other(
                "it is another version; restart the gateway",
            )));
        }
        self.cage = ready.cage;
        Ok(self)
    }

    /// Which fences stand around it.
    pub fn cage(&self) -> Cage {
        self.cage
    }

    /// Whether it serves this school, roster and settings.
    pub fn serves(&self, school: &School) -> bool {
        self.digest == *school.digest()
    }

    /// Whether it serves this school with another roster or other settings.
    pub fn is_outdated_for(&self, school: &School) -> bool {
        self.school == school.id() && !self.serves(school)
    }

    /// Whether it may serve another message.
    pub fn is_fresh(&self, messages: u32) -> bool {
        self.served < messages.max(1)
    }

    /// Whether it is still there: an idle worker may have been killed by the system.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Lets it look at one message. After an error the worker is of no use.
    pub async fn ask(
        &mut self,
        school: &School,
        question: &Question<'_>,
        content: &[u8],
        deadline: Duration,
    ) -> Result<Answer, Abort> {
        self.served = self.served.saturating_add(1);
        let (kind, head) = question.written().map_err(|_| Abort::Nonsense {
            what: "the question cannot be written",
        })?;
        let exchange = async {
            frame::send(&mut self.socket, kind, &[&head, content]).await?;
            frame::receive(&mut self.socket).await
        };
        let (kind, payload) = match timeout(deadline, exchange).await {
            Ok(Ok(received)) => received,
            Ok(Err(error)) => return Err(self.cause(error).await),
            Err(_) => {
                return Err(Abort::Deadline {
                    seconds: deadline.as_secs(),
                });
            }
        };
        match (kind, question) {
            (FrameKind::Answer, Question::Inspect(_) | Question::Second(..)) => {
                answer::read(&payload, content.len() as u64, &school.settings().limits)
                    .map(|inspection| Answer::Inspection(Box::new(inspection)))
            }
            (FrameKind::Pictures, Question::Pictures(wanted)) => {
                picture_files::read(&payload, wanted)
                    .map(Answer::Pictures)
                    .ok_or(Abort::Nonsense {
                        what: "the pictures do not add up",
                    })
            }
            (FrameKind::Answer, Question::Opening(_)) => {
                answer::read_opening(&payload).map(Answer::Opening)
            }
            (FrameKind::Panicked, _) => Err(Abort::Panicked {
                place: place(&payload),
            }),
            _ => Err(Abort::Nonsense {
                what: "it is no answer",
            }),
        }
    }

    /// Why the conversation broke: mostly because the worker ended, which says more.
    async fn cause(&mut self, error: io::Error) -> Abort {
        if error.kind() == io::ErrorKind::InvalidData {
            return Abort::Nonsense {
                what: "it is no frame",
            };
        }
        match timeout(END, self.child.wait()).await {
            Ok(Ok(status)) => match (status.signal(), status.code()) {
                (Some(number), _) => Abort::Signalled { number },
                (None, Some(status)) => Abort::Exited { status },
                (None, None) => Abort::Disconnected,
            },
            _ => Abort::Disconnected,
        }
    }

    /// Ends it: kills it and waits, so that no zombie stays.
    pub async fn end(mut self) {
        // An error means that it is gone already.
        let _ = self.child.kill().await;
    }
}

/// Sends the head of the hello with the index' descriptor beside it.
fn hand_over_index(socket: &BlockingStream, school: &School, hello: usize) -> io::Result<()> {
    let descriptors = [school.index()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let head = FrameHead::new(FrameKind::Hello, hello)?.to_bytes();
    sendmsg(
        socket,
        &[IoSlice::new(&head)],
        &mut control,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// The place of a panic, cut down to what a source path is made of: the worker may lie.
fn place(payload: &[u8]) -> String {
    let path: String = payload
        .iter()
        .map(|byte| char::from(*byte))
        .filter(|c| c.is_ascii_alphanumeric() || "/._-:".contains(*c))
        .collect();
    let start = path.len().saturating_sub(120);
    path.get(start..).unwrap_or_default().to_owned()
}
