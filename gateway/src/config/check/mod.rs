//! From the file as written to the settings as used: every mistake is reported.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

mod clients;
mod next_hops;
mod ocr;
mod schools;

use super::error::{ConfigError, Problem};
use super::file::File;
use super::settings::{Delivery, InspectionSettings, Limits, ListenerTls, Settings};

/// Reads and checks a configuration file.
///
/// # Errors
/// The file cannot be read, or has mistakes: all of them, each with its line and remedy.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    let base = path.parent().unwrap_or(Path::new("."));
    parse(&text, base).map_err(|problems| ConfigError::Problems {
        path: path.to_owned(),
        problems,
    })
}

/// Checks the text of a configuration; relative paths are taken from `base`.
///
/// # Errors
/// Every mistake found.
pub fn parse(text: &str, base: &Path) -> Result<Settings, Vec<Problem>> {
    let file: File = toml::from_str(text).map_err(|error| vec![syntax(text, &error)])?;
    let mut check = Check {
        text,
        base,
        problems: Vec::new(),
    };
    let settings = check.settings(file);
    if check.problems.is_empty() {
        Ok(settings)
    } else {
        Err(check.problems)
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    if span.end == 0 {
        return 0;
    }
    text.as_bytes()
        .iter()
        .take(span.start)
        .filter(|b| **b == b'\n')
        .count()
        + 1
}

/// Says a syntax error or an unknown key in our own words, with the nearest valid word.
fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let message = error.message();
    let line = error
        .span()
        .map_or(0, |span| line_of(text, &(span.start..span.end.max(1))));
    let mut quoted = message.split('`').skip(1).step_by(2);
    let remedy = match (message.starts_with("unknown "), quoted.next()) {
        (true, Some(wrong)) => {
            let valid: Vec<&str> = quoted.collect();
            valid
                .iter()
                .map(|word| (strsim::jaro_winkler(wrong, word), *word))
                .filter(|(likeness, _)| *likeness > 0.75)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map_or_else(
                    || format!("The words allowed here are: {}.", valid.join(", ")),
                    |(_, word)| format!("Did you mean `{word}`?"),
                )
        }
        _ => String::new(),
    };
    let what = message.split(", expected").next().unwrap_or(message);
    Problem {
        line,
        what: what.to_owned(),
        remedy,
    }
}

struct Check<'a> {
    text: &'a str,
    base: &'a Path,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn problem(&mut self, span: &Range<usize>, what: impl Into<String>, remedy: &str) {
        self.problems.push(Problem {
            line: line_of(self.text, span),
            what: what.into(),
            remedy: remedy.to_owned(),
        });
    }

    fn path(&self, path: &Path) -> std::path::PathBuf {
        self.base.join(path)
    }

    fn settings(&mut self, file: File) -> Settings {
        let hostname = file.hostname.get_ref().to_lowercase();
        if !is_domain(&hostname) {
            self.problem(
                &file.hostname.span(),
                format!("`{hostname}` is not a host name"),
                "Write the gateway's full name, for example gate.oak.example.",
            );
        }
        let mail_domain = self.mail_domain(&file, &hostname);
        let tls_required_header = self.tls_required_header(&file);
        if !file.ops_listen.get_ref().ip().is_loopback() {
            self.problem(
                &file.ops_listen.span(),
                "metrics and health may only be served on a loopback address",
                "Write 127.0.0.1:9025, and let a proxy carry it further if it must.",
            );
        }
        if file.listen.is_empty() {
            self.problem(
                &(0..0),
                "`listen` is empty",
                "Name at least one address, such as 0.0.0.0:25.",
            );
        }
        let size = *file.limits.message_size.get_ref();
        if !(65_536..=(1 << 30)).contains(&size) {
            self.problem(
                &file.limits.message_size.span(),
                format!("`message_size` is {size}"),
                "Choose between 65536 and 1073741824 octets.",
            );
        }
        if file.delivery.retry_minutes.get_ref().is_empty()
            || file.delivery.retry_minutes.get_ref().contains(&0)
        {
            self.problem(
                &file.delivery.retry_minutes.span(),
                "`retry_minutes` needs at least one pause, none of them 0",
                "Leave it out for the default.",
            );
        }
        let ocr = self.ocr(&file.ocr);
        let next_hops = self.next_hops(&file);
        let schools = self.schools(&file, &next_hops);
        let clients = self.clients(&file, &schools);
        Settings {
            hostname,
            mail_domain,
            data_dir: self.path(&file.data_dir),
            listen: file.listen,
            ops_listen: *file.ops_listen.get_ref(),
            stance: file.stance,
            pilot_senders: file
                .pilot_senders
                .iter()
                .map(|s| s.to_lowercase())
                .collect(),
            verdict_header: file.verdict_header,
            tls_required_header,
            tls: file.tls.map(|tls| ListenerTls {
                certificate: self.path(&tls.certificate),
                key: self.path(&tls.key),
                client_ca: tls.client_ca.map(|ca| self.path(&ca)),
            }),
            limits: Limits {
                message_size: size,
                header_size: file.limits.header_size,
                line_length: file.limits.line_length,
                recipients: file.limits.recipients,
                recipients_per_session: file.limits.recipients_per_session,
                sessions: file.limits.sessions,
                sessions_per_client: file.limits.sessions_per_client,
                errors: file.limits.errors,
                received: file.limits.received,
                free_space: file.limits.free_space,
            },
            inspection: InspectionSettings {
                workers: match file.inspection.workers {
                    0 => std::thread::available_parallelism().map_or(2, usize::from),
                    n => n,
                },
                deadline: Duration::from_secs(file.inspection.deadline_seconds.max(1)),
                memory_mib: file.inspection.memory_mib.max(64),
                messages_per_worker: file.inspection.messages_per_worker.max(1),
            },
            ocr,
            delivery: Delivery {
                batch: file.delivery.batch.max(1),
                concurrency: file.delivery.concurrency.max(1),
                cooling_off: Duration::from_secs(file.delivery.cooling_off_seconds),
                retry: file
                    .delivery
                    .retry_minutes
                    .get_ref()
                    .iter()
                    .map(|m| Duration::from_secs(m * 60))
                    .collect(),
                expire: Duration::from_secs(file.delivery.expire_hours * 3600),
                reply: Duration::from_secs(file.delivery.reply_seconds.max(1)),
            },
            journal: Duration::from_secs(u64::from(file.retention.journal_days) * 86_400),
            schools,
            clients,
            next_hops,
        }
    }
}

impl Check<'_> {
    /// Where the gateway itself gets mail: never in a domain in which people do, for all
    /// mail to it is taken in.
    fn mail_domain(&mut self, file: &File, hostname: &str) -> String {
        let (domain, span) = match &file.mail_domain {
            Some(written) => (written.get_ref().to_lowercase(), written.span()),
            None => (hostname.to_owned(), file.hostname.span()),
        };
        if file.mail_domain.is_some() && !is_domain(&domain) {
            self.problem(
                &span,
                format!("`{domain}` is not a mail domain"),
                "Write a subdomain for the gateway alone, for example gate.oak.example.",
            );
        }
        let is_a_schools = |school: &super::file::SchoolFile| {
            school
                .domains
                .get_ref()
                .iter()
                .any(|d| d.eq_ignore_ascii_case(&domain))
        };
        if file.schools.iter().any(is_a_schools) {
            self.problem(
                &span,
                format!("`{domain}` is the mail domain of a school, so its mail would all be taken in"),
                "Set `mail_domain` to a subdomain for the gateway alone, for example gate.oak.example.",
            );
        }
        domain
    }
}

impl Check<'_> {
    /// The field that asks the mail service for TLS: a name and a value (RFC 5322 §2.2).
    fn tls_required_header(&mut self, file: &File) -> Option<String> {
        let written = file.tls_required_header.as_ref()?;
        let text = written.get_ref().trim();
        let fits = text.split_once(':').is_some_and(|(name, value)| {
            let of_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let of_value = |c: char| c == ' ' || c.is_ascii_graphic();
            name.len() > 2
                && name.chars().all(of_name)
                && !value.trim().is_empty()
                && value.chars().all(of_value)
                && text.len() <= 200
        });
        if !fits {
            self.problem(
                &written.span(),
                format!("`{text}` is not a header field"),
                "Write a name and a value, for example \"X-Require-TLS: yes\".",
            );
        }
        fits.then(|| text.to_owned())
    }
}

fn is_domain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        })
}

#[cfg(test)]
mod tests;
