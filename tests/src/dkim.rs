//! DKIM by an implementation that is not ours: dkimpy, in the tests' Python environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::program::repository;

/// Signs a message with a key made for it (simple/simple); returns the signed message and
/// the TXT record that verifies it.
pub fn signed(content: &[u8]) -> (Vec<u8>, String) {
    let out = python("sign", &[], content);
    let (record, message) = out.split_at(out.iter().position(|b| *b == b'\n').unwrap() + 1);
    (
        message.to_vec(),
        String::from_utf8(record.to_vec())
            .unwrap()
            .trim()
            .to_owned(),
    )
}

/// Whether the signature of a message holds under this TXT record.
pub fn verifies(content: &[u8], record: &str) -> bool {
    match python("verify", &[record], content).as_slice() {
        b"valid\n" => true,
        b"invalid\n" => false,
        other => panic!("signature.py said {:?}", String::from_utf8_lossy(other)),
    }
}

fn python(task: &str, more: &[&str], input: &[u8]) -> Vec<u8> {
    let python: PathBuf = repository().join("target/venv/bin/python");
    assert!(
        python.exists(),
        "the tests' Python packages are missing: run `make setup-test` once"
    );
    let mut child = Command::new(python)
        .arg(repository().join("tests/signature.py"))
        .arg(task)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "signature.py {task} failed");
    out.stdout
}
