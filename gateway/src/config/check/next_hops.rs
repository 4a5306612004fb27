//! Where mail goes.

use secrecy::SecretString;

use super::{Check, is_domain};
use crate::config::file::{File, NextHopFile, TlsFile};
use crate::config::settings::{Login, NextHop};

impl Check<'_> {
    pub(super) fn next_hops(&mut self, file: &File) -> Vec<NextHop> {
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
            if login.is_some() && hop.tls != TlsFile::Required {
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
                final_for: self.final_for(hop),
                name: hop.name.clone().unwrap_or_else(|| host.clone()),
                host: host.clone(),
                port: hop.port.unwrap_or(25),
                tls: hop.tls,
                ca: hop.ca.as_ref().map(|ca| self.path(ca)),
                client_certificate,
                login,
            });
        }
        if !hops.is_empty() && hops.iter().all(|hop| !hop.final_for.is_empty()) {
            self.problem(
                &(0..0),
                "every [[next_hop]] is there for some domains only",
                "Give one without `final_for`, for all other mail.",
            );
        }
        hops
    }

    fn final_for(&mut self, hop: &NextHopFile) -> Vec<String> {
        let domains: Vec<String> = hop
            .final_for
            .get_ref()
            .iter()
            .map(|domain| domain.to_lowercase())
            .collect();
        for domain in domains.iter().filter(|domain| !is_domain(domain)) {
            self.problem(
                &hop.final_for.span(),
                format!("`{domain}` is not a mail domain"),
                "Write it without @, such as socialcare.example.",
            );
        }
        if !domains.is_empty() && hop.tls != TlsFile::Required {
            self.problem(
                &hop.final_for.span(),
                "without a checked certificate nobody knows whose server this is",
                "Write tls = \"required\" beside `final_for`.",
            );
        }
        domains
    }
}
