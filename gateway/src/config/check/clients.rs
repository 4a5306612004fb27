//! Who may relay.

use super::Check;
use crate::config::file::File;
use crate::config::settings::{AuthUser, Client, Network, School};

impl Check<'_> {
    pub(super) fn clients(&mut self, file: &File, schools: &[School]) -> Vec<Client> {
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
