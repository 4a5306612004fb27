//! The envelope of a message in a file: given, or taken from its header.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use schoolgate_detectors::{Headers, Mailbox};
use schoolgate_policies::Envelope;
use serde::Deserialize;

use super::files::Message;

/// Stands for the recipients of a message that names none. It is outside every school
/// (RFC 2606 §2), so that such a message is judged as going out.
const NOBODY_NAMED: &str = "undisclosed-recipients@recipients.invalid";

/// What the command line says about envelopes. What is said for one file goes before
/// what is said for all, and both before the header.
pub struct Envelopes {
    reverse_path: Option<String>,
    forward_paths: Vec<String>,
    by_file: HashMap<String, Given>,
}

/// A line of the envelopes file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    file: String,
    #[serde(default)]
    envelope_from: Option<String>,
    #[serde(default)]
    envelope_to: Vec<String>,
}

impl Envelopes {
    /// From the options and the envelopes file.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is no envelope.
    pub fn new(
        reverse_path: Option<&str>,
        forward_paths: &[String],
        file: Option<&Path>,
    ) -> Result<Self, String> {
        let text = match file {
            None => String::new(),
            Some(path) => {
                fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
            }
        };
        let shown = file
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let mut by_file = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let given: Given = serde_json::from_str(line)
                .map_err(|error| format!("{shown}:{}: no envelope: {error}", number + 1))?;
            by_file.insert(given.file.clone(), given);
        }
        Ok(Self {
            reverse_path: reverse_path.map(path_of),
            forward_paths: forward_paths.iter().map(|path| path_of(path)).collect(),
            by_file,
        })
    }

    /// The reverse-path that the command line says for all; empty when it does not.
    pub fn reverse_path_for_all(&self) -> &str {
        self.reverse_path.as_deref().unwrap_or_default()
    }

    /// The reverse-path, when the command line says it.
    pub fn reverse_path(&self, message: &Message) -> Option<String> {
        self.given(message)
            .and_then(|given| given.envelope_from.as_deref().map(path_of))
            .or_else(|| self.reverse_path.clone())
    }

    /// The envelope, and a remark when nobody said to whom the message goes.
    pub fn envelope(&self, message: &Message, headers: &Headers) -> (Envelope, Option<String>) {
        let reverse_path = self
            .reverse_path(message)
            .unwrap_or_else(|| sender_in(headers));
        let listed = self.given(message).map(|given| &given.envelope_to);
        let mut forward_paths: Vec<String> = match listed {
            Some(paths) if !paths.is_empty() => paths.iter().map(|path| path_of(path)).collect(),
            _ if !self.forward_paths.is_empty() => self.forward_paths.clone(),
            _ => recipients_in(headers),
        };
        let remark = forward_paths.is_empty().then(|| {
            forward_paths.push(NOBODY_NAMED.into());
            "the message names no recipient; judged as going to somebody outside".to_owned()
        });
        let envelope = Envelope {
            reverse_path,
            forward_paths,
        };
        (envelope, remark)
    }

    /// The line for a file: by its name in the verdict, its path, or its last name.
    fn given(&self, message: &Message) -> Option<&Given> {
        let last = message.path.file_name().map(|name| name.to_string_lossy());
        self.by_file
            .get(&message.shown)
            .or_else(|| self.by_file.get(message.path.to_string_lossy().as_ref()))
            .or_else(|| self.by_file.get(last?.as_ref()))
    }
}

/// A path without angle brackets; `<>` is the null reverse-path.
fn path_of(written: &str) -> String {
    let written = written.trim();
    written
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(written)
        .trim()
        .to_owned()
}

fn sender_in(headers: &Headers) -> String {
    if let Some(path) = &headers.return_path {
        return path_of(path);
    }
    let first = |mailboxes: &[Mailbox]| mailboxes.first().map(|mailbox| mailbox.address.clone());
    first(&headers.sender)
        .or_else(|| first(&headers.from))
        .unwrap_or_default()
}

fn recipients_in(headers: &Headers) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for mailbox in headers.to.iter().chain(&headers.cc).chain(&headers.bcc) {
        let address = &mailbox.address;
        if !address.is_empty() && !paths.iter().any(|path| path.eq_ignore_ascii_case(address)) {
            paths.push(address.clone());
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn message(shown: &str) -> Message {
        Message {
            path: format!("mail/{shown}").into(),
            shown: shown.into(),
        }
    }

    fn mailbox(address: &str) -> Mailbox {
        Mailbox {
            name: String::new(),
            address: address.into(),
        }
    }

    fn headers() -> Headers {
        Headers {
            from: vec![mailbox("teacher@oak.example")],
            sender: vec![mailbox("office@oak.example")],
            to: vec![
                mailbox("parent@home.example"),
                mailbox("Parent@home.example"),
            ],
            bcc: vec![mailbox("friend@home.example")],
            ..Headers::default()
        }
    }

    fn of(envelopes: &Envelopes, shown: &str, headers: &Headers) -> (String, Vec<String>) {
        let (envelope, _) = envelopes.envelope(&message(shown), headers);
        (envelope.reverse_path, envelope.forward_paths)
    }

    #[test]
    fn without_options_the_header_says_it() {
        let none = Envelopes::new(None, &[], None).unwrap();
        let (from, to) = of(&none, "a.eml", &headers());
        assert_eq!(from, "office@oak.example");
        assert_eq!(to, ["parent@home.example", "friend@home.example"]);
        let mut bounce = headers();
        bounce.return_path = Some(String::new());
        assert_eq!(of(&none, "a.eml", &bounce).0, "");
    }

    #[test]
    fn who_names_no_recipient_writes_to_the_outside() {
        let none = Envelopes::new(None, &[], None).unwrap();
        let (envelope, remark) = none.envelope(&message("a.eml"), &Headers::default());
        assert_eq!(envelope.forward_paths, [NOBODY_NAMED]);
        assert!(remark.is_some());
    }

    #[test]
    fn a_line_for_the_file_goes_before_options() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let lines = concat!(
            r#"{"file": "a.eml", "envelope_from": "<>", "envelope_to": ["<x@y.example>"]}"#,
            "\n\n",
            r#"{"file": "mail/b.eml", "envelope_to": ["z@y.example"]}"#,
        );
        file.write_all(lines.as_bytes()).unwrap();
        let to = ["all@y.example".to_owned()];
        let given = Envelopes::new(Some("me@oak.example"), &to, Some(file.path())).unwrap();
        assert_eq!(
            of(&given, "a.eml", &headers()),
            (String::new(), vec!["x@y.example".to_owned()])
        );
        assert_eq!(
            of(&given, "b.eml", &headers()),
            ("me@oak.example".to_owned(), vec!["z@y.example".to_owned()])
        );
        assert_eq!(
            of(&given, "c.eml", &headers()),
            ("me@oak.example".to_owned(), to.to_vec())
        );
        assert_eq!(of(&given, "sub/a.eml", &headers()).1, ["x@y.example"]);
    }

    #[test]
    fn a_line_that_is_no_envelope_is_told_with_its_number() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "{{\"file\": \"a.eml\"}}\n{{\"flie\": \"b.eml\"}}").unwrap();
        let error = Envelopes::new(None, &[], Some(file.path())).err().unwrap();
        assert!(error.contains(":2:"), "{error}");
    }
}
