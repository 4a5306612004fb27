//! The command line of schoolgate.

use std::process::ExitCode;

fn main() -> ExitCode {
    schoolgate::cli::run()
}
