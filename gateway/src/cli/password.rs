//! `schoolgate password`: the hash of a password for `[[client.login]]`.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;

use super::failure::{Failure, finish};

/// Runs it.
pub fn run() -> ExitCode {
    finish(hash())
}

fn hash() -> Result<(), Failure> {
    eprint!("Password: ");
    std::io::stderr().flush()?;
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < 12 {
        return Err(Failure::usage(
            "use at least 12 characters: nobody has to remember it",
        ));
    }
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| Failure::usage(format!("cannot hash it: {e}")))?;
    say!("{hash}");
    Ok(())
}
