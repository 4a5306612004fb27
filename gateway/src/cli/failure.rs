//! What went wrong at the command line, and the exit status that says so.

use std::process::ExitCode;

/// The command was used wrongly, or the configuration has mistakes.
pub const USAGE: u8 = 2;
/// The command was right and could not be done.
pub const FAILED: u8 = 1;

/// What went wrong, and with which exit status.
pub struct Failure {
    message: String,
    status: u8,
}

impl Failure {
    /// The command was used wrongly.
    pub fn usage(message: impl ToString) -> Self {
        Self {
            message: message.to_string(),
            status: USAGE,
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let status = match std::any::type_name::<E>() {
            name if name.ends_with("ConfigError") => USAGE,
            _ => FAILED,
        };
        Self {
            message: error.to_string(),
            status,
        }
    }
}

/// Says what went wrong and gives the exit status.
pub fn finish(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("schoolgate: {}", failure.message);
            ExitCode::from(failure.status)
        }
    }
}
