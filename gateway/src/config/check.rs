//! From the file as written to the settings as used: every mistake is reported.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use super::error::{ConfigError, Problem};
use super::file::File;
use super::settings::{
    AuthUser, Client, Delivery, InspectionSettings, Limits, ListenerTls, Login, Network, NextHop,
    School, SecretHeader, Settings,
};

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
        let next_hops = self.next_hops(&file);
        let schools = self.schools(&file, &next_hops);
        let clients = self.clients(&file, &schools);
        Settings {
            hostname,
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
            schools,
            clients,
            next_hops,
        }
    }

    fn next_hops(&mut self, file: &File) -> Vec<NextHop> {
        if file.next_hops.is_empty() {
            self.problem(
                &(0..0),
                "there is no [[next_hop]]",
                "Say where mail goes: [[next_hop]] with host = \"…\".",
            );
        }
        let mut hops = Vec::new();
        for hop in &file.next_hops {
            let host = hop.host.get_ref();
            if !is_domain(host) && host.parse::<std::net::IpAddr>().is_err() {
                self.problem(
                    &hop.host.span(),
                    format!("`{host}` is neither a host name nor an address"),
                    "Write for example smtp.oak.example or 192.0.2.25.",
                );
            }
            let login = match (&hop.user, &hop.password_file) {
                (Some(user), Some(path)) => {
                    match std::fs::read_to_string(self.path(path.get_ref())) {
                        Ok(password) => Some(Login {
                            user: user.clone(),
                            password: SecretString::from(password.trim_end().to_owned()),
                        }),
                        Err(error) => {
                            self.problem(
                                &path.span(),
                                format!("cannot read the password file: {error}"),
                                "Check the path and that this user may read it.",
                            );
                            None
                        }
                    }
                }
                (None, None) => None,
                _ => {
                    self.problem(
                        &hop.host.span(),
                        "`user` and `password_file` belong together",
                        "Give both or neither.",
                    );
                    None
                }
            };
            if login.is_some() && hop.tls != super::file::TlsFile::Required {
                self.problem(
                    &hop.host.span(),
                    "a password is only sent to a next hop whose certificate is checked",
                    "Write tls = \"required\".",
                );
            }
            let client_certificate = match (&hop.client_certificate, &hop.client_key) {
                (Some(certificate), Some(key)) => Some((self.path(certificate), self.path(key))),
                (None, None) => None,
                _ => {
                    self.problem(
                        &hop.host.span(),
                        "`client_certificate` and `client_key` belong together",
                        "Give both or neither.",
                    );
                    None
                }
            };
            hops.push(NextHop {
                name: hop.name.clone().unwrap_or_else(|| host.clone()),
                host: host.clone(),
                port: hop.port.unwrap_or(25),
                tls: hop.tls,
                ca: hop.ca.as_ref().map(|ca| self.path(ca)),
                client_certificate,
                login,
            });
        }
        hops
    }

    fn schools(&mut self, file: &File, hops: &[NextHop]) -> Vec<School> {
        if file.schools.is_empty() {
            self.problem(&(0..0), "there is no [[school]]", "Describe at least one.");
        }
        let mut ids = HashSet::new();
        let mut domains = HashSet::new();
        let mut schools = Vec::new();
        for school in &file.schools {
            let id = school.id.get_ref();
            if id.is_empty()
                || id.len() > 40
                || !id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            {
                self.problem(
                    &school.id.span(),
                    format!("`{id}` cannot be a school's id"),
                    "Use small letters, digits and hyphens, such as oak-lane.",
                );
            }
            if !ids.insert(id.clone()) {
                self.problem(
                    &school.id.span(),
                    format!("two schools have the id `{id}`"),
                    "Rename one.",
                );
            }
            if school.domains.get_ref().is_empty() {
                self.problem(
                    &school.domains.span(),
                    "`domains` is empty",
                    "Name the school's mail domain.",
                );
            }
            for domain in school.domains.get_ref() {
                let domain = domain.to_lowercase();
                if !is_domain(&domain) {
                    self.problem(
                        &school.domains.span(),
                        format!("`{domain}` is not a mail domain"),
                        "Write it without @, such as oak.example.",
                    );
                }
                if !domains.insert(domain.clone()) {
                    self.problem(
                        &school.domains.span(),
                        format!("`{domain}` belongs to two schools"),
                        "A domain names one school; use a secret header where schools share one.",
                    );
                }
            }
            for person in [
                Some(&school.headteacher),
                Some(&school.technician),
                school.dsl.as_ref(),
                school.dpo.as_ref(),
            ]
            .into_iter()
            .flatten()
            {
                if person.get_ref().parse::<lettre::Address>().is_err() {
                    self.problem(
                        &person.span(),
                        format!("`{}` is not a mail address", person.get_ref()),
                        "Write it as name@domain.",
                    );
                }
            }
            let secret_header = school.secret_header.as_ref().and_then(|written| {
                match written.get_ref().split_once(':') {
                    Some((name, value)) if is_field_name(name) && value.trim().len() >= 16 => {
                        Some(SecretHeader {
                            name: name.to_owned(),
                            value: SecretString::from(value.trim().to_owned()),
                        })
                    }
                    _ => {
                        self.problem(
                            &written.span(),
                            "`secret_header` is not a header field with a long value",
                            "Write \"X-Name: value\", the value at least 16 characters that nobody can guess.",
                        );
                        None
                    }
                }
            });
            let next_hops = match &school.next_hops {
                None => (0..hops.len()).collect(),
                Some(names) => {
                    let mut order = Vec::new();
                    for name in names.get_ref() {
                        match hops.iter().position(|h| &h.name == name) {
                            Some(i) => order.push(i),
                            None => self.problem(
                                &names.span(),
                                format!("there is no next hop named `{name}`"),
                                "Use the `name` of a [[next_hop]].",
                            ),
                        }
                    }
                    if order.is_empty() {
                        self.problem(
                            &names.span(),
                            "`next_hops` is empty",
                            "Leave it out for all.",
                        );
                    }
                    order
                }
            };
            let headteacher = school.headteacher.get_ref().clone();
            let or_head = |person: &Option<toml::Spanned<String>>| {
                person
                    .as_ref()
                    .map_or_else(|| headteacher.clone(), |p| p.get_ref().clone())
            };
            let data_dir = self.path(&file.data_dir);
            schools.push(School {
                id: id.clone(),
                name: school.name.clone(),
                controller: school
                    .controller
                    .clone()
                    .unwrap_or_else(|| school.name.clone()),
                domains: school
                    .domains
                    .get_ref()
                    .iter()
                    .map(|d| d.to_lowercase())
                    .collect(),
                technician: school.technician.get_ref().clone(),
                dsl: or_head(&school.dsl),
                dpo: or_head(&school.dpo),
                headteacher,
                pack: school.pack.as_ref().map(|p| self.path(p.get_ref())),
                roster: school.roster.as_ref().map(|p| self.path(p)),
                pupil_mailboxes: school.pupil_mailboxes.clone(),
                staff_mailboxes: school.staff_mailboxes.clone(),
                phones: school.phones.clone(),
                postcodes: school.postcodes.clone(),
                secret_header,
                next_hops,
                foreign_reverse_path: school.foreign_reverse_path,
                master_key: school.master_key.as_ref().map_or_else(
                    || data_dir.join("keys").join(format!("{id}.key")),
                    |p| self.path(p),
                ),
            });
        }
        schools
    }

    fn clients(&mut self, file: &File, schools: &[School]) -> Vec<Client> {
        if file.clients.is_empty() {
            self.problem(
                &(0..0),
                "there is no [[client]]: nobody may relay",
                "Name the school's mail server: [[client]] with name and networks.",
            );
        }
        let mut clients = Vec::new();
        for client in &file.clients {
            let mut networks = Vec::new();
            for text in client.networks.get_ref() {
                match Network::parse(text) {
                    Some(network) => networks.push(network),
                    None => self.problem(
                        &client.networks.span(),
                        format!("`{text}` is not an address or network"),
                        "Write for example 192.0.2.10 or 192.0.2.0/24.",
                    ),
                }
            }
            if networks.is_empty()
                && client.certificate_names.is_empty()
                && client.logins.is_empty()
            {
                self.problem(
                    &client.name.span(),
                    format!("client `{}` is not told apart by anything", client.name.get_ref()),
                    "Give networks, certificate_names or [[client.login]]; otherwise anybody could relay.",
                );
            }
            if (!client.logins.is_empty() || !client.certificate_names.is_empty())
                && file.tls.is_none()
            {
                self.problem(
                    &client.name.span(),
                    format!(
                        "client `{}` needs TLS, and there is no [tls]",
                        client.name.get_ref()
                    ),
                    "Give [tls] a certificate and a key.",
                );
            }
            if !client.certificate_names.is_empty()
                && file.tls.as_ref().is_some_and(|tls| tls.client_ca.is_none())
            {
                self.problem(
                    &client.name.span(),
                    "client certificates cannot be checked without `client_ca` in [tls]",
                    "Name the file of the authorities that may issue them.",
                );
            }
            for login in &client.logins {
                if !login.password_hash.get_ref().starts_with("$argon2") {
                    self.problem(
                        &login.password_hash.span(),
                        "`password_hash` is not an argon2 hash",
                        "Make one with: schoolgate password.",
                    );
                }
            }
            let names: Vec<String> = match &client.schools {
                None => schools.iter().map(|s| s.id.clone()).collect(),
                Some(names) => {
                    for name in names.get_ref() {
                        if !schools.iter().any(|s| &s.id == name) {
                            self.problem(
                                &names.span(),
                                format!("there is no school with the id `{name}`"),
                                "Use the `id` of a [[school]].",
                            );
                        }
                    }
                    names.get_ref().clone()
                }
            };
            // A cloud's range admits every customer of that cloud (design, decision 10).
            let shared = client.shared || networks.iter().any(known_shared);
            if shared {
                for school in schools.iter().filter(|s| names.contains(&s.id)) {
                    if school.secret_header.is_none() {
                        self.problem(
                            &client.name.span(),
                            format!(
                                "client `{}` is shared with other customers, and school `{}` has no secret_header",
                                client.name.get_ref(), school.id
                            ),
                            "Let the school's mail rule add a header with a secret value and name it in secret_header.",
                        );
                    }
                }
            }
            clients.push(Client {
                name: client.name.get_ref().clone(),
                networks,
                certificate_names: client
                    .certificate_names
                    .iter()
                    .map(|n| n.to_lowercase())
                    .collect(),
                logins: client
                    .logins
                    .iter()
                    .map(|l| AuthUser {
                        user: l.user.clone(),
                        password_hash: l.password_hash.get_ref().clone(),
                    })
                    .collect(),
                shared,
                schools: names,
            });
        }
        clients
    }
}

/// Published outbound ranges of Microsoft 365 and Google Workspace, and anything so wide
/// that it cannot be one school's: relaying by address alone would admit strangers.
fn known_shared(network: &Network) -> bool {
    const CLOUDS: &[&str] = &[
        "40.92.0.0/15",
        "40.107.0.0/16",
        "52.100.0.0/14",
        "104.47.0.0/17",
        "2a01:111:f400::/48",
        "2a01:111:f403::/48",
        "35.190.247.0/24",
        "64.233.160.0/19",
        "66.102.0.0/20",
        "66.249.80.0/20",
        "72.14.192.0/18",
        "74.125.0.0/16",
        "108.177.8.0/21",
        "172.217.0.0/19",
        "173.194.0.0/16",
        "209.85.128.0/17",
        "216.58.192.0/19",
        "216.239.32.0/19",
        "2001:4860:4000::/36",
        "2404:6800:4000::/36",
        "2607:f8b0:4000::/36",
        "2800:3f0:4000::/36",
        "2a00:1450:4000::/36",
        "2c0f:fb50:4000::/36",
    ];
    let too_wide = match network.address() {
        std::net::IpAddr::V4(a) => network.prefix() < 16 && !a.is_loopback() && !a.is_private(),
        std::net::IpAddr::V6(a) => network.prefix() < 32 && !a.is_loopback(),
    };
    too_wide
        || CLOUDS
            .iter()
            .filter_map(|c| Network::parse(c))
            .any(|cloud| cloud.contains(network.address()) || network.contains(cloud.address()))
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

fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"
hostname = "gate.oak.example"

[[school]]
id = "oak"
name = "Oak Primary School"
domains = ["oak.example"]
headteacher = "head@oak.example"
technician = "it@oak.example"

[[client]]
name = "mail server"
networks = ["192.0.2.10"]

[[next_hop]]
host = "smtp.oak.example"
"#;

    fn problems(text: &str) -> Vec<Problem> {
        parse(text, Path::new("/etc/schoolgate"))
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn the_smallest_file_is_enough() {
        let settings = parse(SMALLEST, Path::new("/etc/schoolgate")).unwrap();
        assert_eq!(settings.schools[0].dsl, "head@oak.example");
        assert_eq!(settings.schools[0].next_hops, vec![0]);
        assert_eq!(settings.limits.message_size, 64 << 20);
        let lines = SMALLEST.lines().filter(|l| !l.is_empty()).count();
        assert!(lines < 15, "the smallest file has {lines} lines");
    }

    #[test]
    fn an_unknown_key_is_named_with_line_and_nearest_word() {
        let found = problems(&SMALLEST.replace("headteacher", "headtacher"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 8);
        assert_eq!(found[0].remedy, "Did you mean `headteacher`?");
    }

    #[test]
    fn every_mistake_is_reported() {
        let text = SMALLEST
            .replace("192.0.2.10", "192.0.2.300")
            .replace("head@oak.example", "the head")
            .replace("id = \"oak\"", "id = \"Oak School\"");
        assert_eq!(problems(&text).len(), 4, "{:#?}", problems(&text));
    }

    #[test]
    fn a_cloud_range_needs_the_secret_header() {
        let shared = SMALLEST.replace("192.0.2.10", "40.107.0.0/16");
        let found = problems(&shared);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("secret_header"), "{found:?}");
        let with = shared.replace(
            "technician =",
            "secret_header = \"X-Oak: 0123456789abcdef0123\"\ntechnician =",
        );
        assert!(problems(&with).is_empty());
    }

    #[test]
    fn a_client_that_anybody_could_be_is_refused() {
        let text = SMALLEST.replace("networks = [\"192.0.2.10\"]", "networks = []");
        assert!(problems(&text)[0].what.contains("not told apart"));
    }
}
