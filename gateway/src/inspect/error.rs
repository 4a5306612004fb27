//! Why a message could not be inspected.

/// Why a worker did not get to the end of a message.
///
/// The texts are for the technician and hold nothing of the message: of a panic only
/// the place in our own source is taken, of a nonsensical answer only which check it failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Abort {
    #[error("the inspection did not finish within {seconds} s")]
    Deadline { seconds: u64 },
    #[error("a detector failed at {place}")]
    Panicked { place: String },
    #[error("the worker was ended by signal {number} ({})", signal_meaning(*number))]
    Signalled { number: i32 },
    #[error("the worker ended by itself with status {status}")]
    Exited { status: i32 },
    #[error("the worker's answer cannot be right: {what}")]
    Nonsense { what: &'static str },
    #[error("the connection to the worker broke")]
    Disconnected,
    #[error("its stored content does not verify")]
    Damaged,
}

/// Why there is no inspection.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Two workers failed on this message. It is judged as [`super::aborted`].
    #[error("{why}")]
    Aborted { why: Abort },
    /// No worker could be started: the machine's trouble, not the message's. Try again later.
    #[error("no inspection worker could be started while {doing}: {source}")]
    NoWorker {
        doing: &'static str,
        source: std::io::Error,
    },
    /// The pool is shutting down. The message stays undecided.
    #[error("the inspection is shutting down")]
    Closed,
}

impl InspectError {
    /// Whether the same message may well be inspected later.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Aborted { .. })
    }
}

/// What a worker does to be ended by a signal.
fn signal_meaning(number: i32) -> &'static str {
    match number {
        libc::SIGABRT => "memory limit reached, or gave up",
        libc::SIGSEGV | libc::SIGBUS => "nesting too deep for its stack, or memory misused",
        libc::SIGSYS => "tried what a worker may not: files, network, processes",
        libc::SIGXCPU => "processor time used up",
        libc::SIGKILL => "killed from outside, such as by the system for want of memory",
        _ => "unexpected",
    }
}
