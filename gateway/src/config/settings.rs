//! The configuration as the program uses it: checked, resolved, with every default filled in.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use schoolgate_policies::Stance;
use secrecy::SecretString;

pub use super::file::ForeignReversePath;

/// Everything.
#[derive(Debug, Clone)]
pub struct Settings {
    pub hostname: String,
    /// The gateway's own mail domain, lower case; no school's.
    pub mail_domain: String,
    pub data_dir: PathBuf,
    pub listen: Vec<SocketAddr>,
    pub ops_listen: SocketAddr,
    pub stance: Stance,
    /// Lower case.
    pub pilot_senders: Vec<String>,
    pub verdict_header: bool,
    /// Whole, without its line end.
    pub tls_required_header: Option<String>,
    pub tls: Option<ListenerTls>,
    pub limits: Limits,
    pub inspection: InspectionSettings,
    pub ocr: OcrSettings,
    pub delivery: Delivery,
    /// How long the journal is kept; zero keeps none.
    pub journal: Duration,
    pub schools: Vec<School>,
    pub clients: Vec<Client>,
    pub next_hops: Vec<NextHop>,
}

impl Settings {
    /// The school with this id.
    pub fn school(&self, id: &str) -> Option<&School> {
        self.schools.iter().find(|s| s.id == id)
    }

    /// The school to which a mail domain belongs.
    pub fn school_of_domain(&self, domain: &str) -> Option<&School> {
        self.schools
            .iter()
            .find(|s| s.domains.iter().any(|d| d.eq_ignore_ascii_case(domain)))
    }

    /// The stance for a sender.
    pub fn stance_for(&self, sender: &str) -> Stance {
        let sender = sender.to_lowercase();
        if self.stance == Stance::Enforce || self.pilot_senders.contains(&sender) {
            Stance::Enforce
        } else {
            Stance::Observe
        }
    }
}

/// PEM files of the listener's certificate.
#[derive(Debug, Clone)]
pub struct ListenerTls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub client_ca: Option<PathBuf>,
}

/// Bounds of the SMTP listener; see the file's fields of the same names.
#[derive(Debug, Clone)]
pub struct Limits {
    pub message_size: u64,
    pub header_size: usize,
    pub line_length: usize,
    pub recipients: usize,
    pub recipients_per_session: usize,
    pub sessions: usize,
    pub sessions_per_client: usize,
    pub errors: u32,
    pub received: u32,
    pub free_space: u64,
}

/// The worker processes.
#[derive(Debug, Clone)]
pub struct InspectionSettings {
    pub workers: usize,
    pub deadline: Duration,
    pub memory_mib: u64,
    pub messages_per_worker: u32,
}

/// The text in pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcrSettings {
    pub enabled: bool,
    pub program: PathBuf,
    pub languages: String,
    pub data: Option<PathBuf>,
    /// Messages whose pictures are read at once; at least one.
    pub at_once: usize,
    /// For all pictures of one message.
    pub message: Duration,
    /// For one picture.
    pub picture: Duration,
    /// Octets for reading one picture.
    pub memory: u64,
    /// The most pixels of one picture.
    pub pixels: u64,
    /// Octets for what was read.
    pub cache: usize,
}

/// How mail goes out.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub batch: usize,
    pub concurrency: usize,
    pub cooling_off: Duration,
    /// Never empty.
    pub retry: Vec<Duration>,
    pub expire: Duration,
    pub reply: Duration,
}

/// A school.
#[derive(Debug, Clone)]
pub struct School {
    pub id: String,
    pub name: String,
    pub controller: String,
    /// Lower case.
    pub domains: Vec<String>,
    pub headteacher: String,
    pub technician: String,
    pub dsl: String,
    pub dpo: String,
    pub deputy_head: Option<String>,
    pub deputy_dsl: Option<String>,
    pub chair: Option<String>,
    pub trust_lead: Option<String>,
    pub pack: Option<PathBuf>,
    pub roster: Option<PathBuf>,
    pub pupil_mailboxes: Vec<String>,
    pub staff_mailboxes: Vec<String>,
    pub phones: Vec<String>,
    pub postcodes: Vec<String>,
    pub secret_header: Option<SecretHeader>,
    /// Indexes into [`Settings::next_hops`], in order; never empty.
    pub next_hops: Vec<usize>,
    pub foreign_reverse_path: ForeignReversePath,
    pub master_key: PathBuf,
}

/// The header field that proves whose mail it is. Compare in constant time, strip before delivery.
#[derive(Debug, Clone)]
pub struct SecretHeader {
    pub name: String,
    pub value: SecretString,
}

/// Who may relay; all that is given must hold.
#[derive(Debug, Clone)]
pub struct Client {
    pub name: String,
    pub networks: Vec<Network>,
    /// Lower case.
    pub certificate_names: Vec<String>,
    pub logins: Vec<AuthUser>,
    pub shared: bool,
    /// Ids of the schools for which it may speak.
    pub schools: Vec<String>,
}

/// A user of SMTP AUTH.
#[derive(Debug, Clone)]
pub struct AuthUser {
    pub user: String,
    /// PHC string of an argon2 hash.
    pub password_hash: String,
}

/// An address block in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or a single address.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let widest = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let prefix = prefix.unwrap_or(widest);
        (prefix <= widest).then_some(Network { address, prefix })
    }

    /// Whether an address lies in it. An IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match (self.address.to_canonical(), address) {
            (IpAddr::V4(net), IpAddr::V4(host)) => {
                let prefix = u32::from(self.prefix.min(32));
                let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
                u32::from(net) & mask == u32::from(host) & mask
            }
            (IpAddr::V6(net), IpAddr::V6(host)) => {
                let prefix = u32::from(self.prefix.min(128));
                let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
                u128::from(net) & mask == u128::from(host) & mask
            }
            _ => false,
        }
    }

    /// How many bits are fixed.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// The first address.
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub struct NextHop {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub tls: TlsLevel,
    /// Mail domains whose own server it is, lower case.
    pub final_for: Vec<String>,
    pub ca: Option<PathBuf>,
    /// Certificate and key.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    pub login: Option<Login>,
}

/// How a next hop is spoken to.
pub use super::file::TlsFile as TlsLevel;

/// Our name and password at a next hop.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: SecretString,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(network: &str, address: &str) -> bool {
        Network::parse(network)
            .unwrap()
            .contains(address.parse().unwrap())
    }

    #[test]
    fn networks_hold_their_addresses() {
        assert!(inside("192.0.2.0/24", "192.0.2.77"));
        assert!(!inside("192.0.2.0/24", "192.0.3.1"));
        assert!(inside("0.0.0.0/0", "203.0.113.9"));
        assert!(inside("192.0.2.1", "192.0.2.1"));
        assert!(inside("192.0.2.0/24", "::ffff:192.0.2.1"));
        assert!(inside("2001:db8::/32", "2001:db8:1::1"));
        assert!(!inside("2001:db8::/32", "192.0.2.1"));
        assert!(Network::parse("192.0.2.0/33").is_none());
        assert!(Network::parse("here").is_none());
    }
}
