//! The configuration as a technician writes it. Each field says its default;
//! `deploy/schoolgate.toml` shows them all.

use std::net::SocketAddr;
use std::path::PathBuf;

use schoolgate_policies::Stance;
use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The gateway's own name, as its mail server peers know it.
    pub hostname: Spanned<String>,
    /// The mail domain of the gateway itself: notices come from it, and mail to it is taken
    /// in and never sent on. A subdomain that is no domain of a school. Default: the hostname.
    pub mail_domain: Option<Spanned<String>>,
    /// Where the store, the large contents and the keys lie.
    #[serde(default = "default_data_dir")]
    pub data_dir: PathBuf,
    /// Where SMTP is listened for. Default: `["0.0.0.0:25"]`.
    #[serde(default = "default_listen")]
    pub listen: Vec<SocketAddr>,
    /// Where metrics and health are served; loopback only. Default: `127.0.0.1:9025`.
    #[serde(default = "default_ops")]
    pub ops_listen: Spanned<SocketAddr>,
    /// `observe` (the default) or `enforce`.
    #[serde(default)]
    pub stance: Stance,
    /// Senders who are enforced while the stance is `observe`.
    #[serde(default)]
    pub pilot_senders: Vec<String>,
    /// Adds `X-Schoolgate-Verdict` to what is delivered. Default: false.
    #[serde(default)]
    pub verdict_header: bool,
    /// A header field for mail that a rule lets out only over TLS, such as
    /// `"X-Require-TLS: yes"`, which a rule of the mail service maps to a connector that
    /// demands TLS. Default: none; REQUIRETLS (RFC 8689) is used where the next hop has it.
    pub tls_required_header: Option<Spanned<String>>,
    /// Certificate for STARTTLS. Without it, no TLS and no AUTH is offered.
    pub tls: Option<Tls>,
    #[serde(default)]
    pub limits: LimitsFile,
    #[serde(default)]
    pub inspection: InspectionFile,
    #[serde(default)]
    pub ocr: OcrFile,
    #[serde(default)]
    pub delivery: DeliveryFile,
    #[serde(default)]
    pub retention: RetentionFile,
    #[serde(default, rename = "school")]
    pub schools: Vec<SchoolFile>,
    #[serde(default, rename = "client")]
    pub clients: Vec<ClientFile>,
    #[serde(default, rename = "next_hop")]
    pub next_hops: Vec<NextHopFile>,
}

/// Certificate and key of the listener, PEM files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Certificate authorities that may issue client certificates, PEM.
    pub client_ca: Option<PathBuf>,
}

/// Bounds of the SMTP listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsFile {
    /// Largest message, octets. Default: 67108864 (64 MiB).
    pub message_size: Spanned<u64>,
    /// Largest message header, octets. Default: 262144.
    pub header_size: usize,
    /// Longest line of content, octets. Real systems exceed the 998 of RFC 5322. Default: 1048576.
    pub line_length: usize,
    /// Recipients of one message. Default: 1000.
    pub recipients: usize,
    /// Recipients of one session. Default: 5000.
    pub recipients_per_session: usize,
    /// Sessions in all. Default: 500.
    pub sessions: usize,
    /// Sessions of one client address. Default: 100.
    pub sessions_per_client: usize,
    /// Errors after which a session ends. Default: 20.
    pub errors: u32,
    /// Received fields after which a message is in a loop. Default: 30.
    pub received: u32,
    /// Free space, octets, below which nothing is accepted. Default: 268435456.
    pub free_space: u64,
}

impl Default for LimitsFile {
    fn default() -> Self {
        Self {
            message_size: Spanned::new(0..0, 64 << 20),
            header_size: 256 << 10,
            line_length: 1 << 20,
            recipients: 1000,
            recipients_per_session: 5000,
            sessions: 500,
            sessions_per_client: 100,
            errors: 20,
            received: 30,
            free_space: 256 << 20,
        }
    }
}

/// The worker processes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InspectionFile {
    /// Worker processes. Default: one for each processor.
    pub workers: usize,
    /// Seconds within which a message must be inspected. Default: 10.
    pub deadline_seconds: u64,
    /// Memory of one worker, MiB. Default: 256.
    pub memory_mib: u64,
    /// Messages after which a worker is replaced. Default: 500.
    pub messages_per_worker: u32,
}

impl Default for InspectionFile {
    fn default() -> Self {
        Self {
            workers: 0,
            deadline_seconds: 10,
            memory_mib: 256,
            messages_per_worker: 500,
        }
    }
}

/// The text in pictures, read by Tesseract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OcrFile {
    /// Reads pictures. Default: false.
    pub enabled: bool,
    /// Tesseract. Default: `/usr/bin/tesseract`.
    pub program: Spanned<PathBuf>,
    /// Languages, joined by `+`; each needs its data (`tesseract-ocr-eng` …). Default: `eng`.
    pub languages: Spanned<String>,
    /// A folder with language data, when they do not lie where Tesseract looks. Default: none.
    pub data: Option<PathBuf>,
    /// Messages whose pictures are read at once; 0 is half as many as processors. Default: 0.
    pub at_once: usize,
    /// Seconds for all pictures of one message. Default: 60.
    pub message_seconds: u64,
    /// Seconds for one picture. Default: 30.
    pub picture_seconds: u64,
    /// Memory for reading one picture, MiB. Default: 1024.
    pub memory_mib: u64,
    /// Pictures with more millions of pixels are not decoded. Default: 50.
    pub megapixels: u64,
    /// Memory for what was read, so that a letterhead is read once, MiB. Default: 16.
    pub cache_mib: usize,
}

impl Default for OcrFile {
    fn default() -> Self {
        Self {
            enabled: false,
            program: Spanned::new(0..0, "/usr/bin/tesseract".into()),
            languages: Spanned::new(0..0, "eng".into()),
            data: None,
            at_once: 0,
            message_seconds: 60,
            picture_seconds: 30,
            memory_mib: 1024,
            megapixels: 50,
            cache_mib: 16,
        }
    }
}

/// How mail goes out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveryFile {
    /// Recipients in one transaction. Default: 50.
    pub batch: usize,
    /// Deliveries under way at once. Default: 16.
    pub concurrency: usize,
    /// Seconds between verdict and first attempt. Default: 0.
    pub cooling_off_seconds: u64,
    /// Minutes before the second, third … attempt; the last repeats. Default: 1, 5, 15, 30, 60, 120, 240.
    pub retry_minutes: Spanned<Vec<u64>>,
    /// Hours after which an undeliverable message goes back. Default: 96.
    pub expire_hours: u64,
    /// Seconds for one reply of the next hop. Default: 300.
    pub reply_seconds: u64,
}

impl Default for DeliveryFile {
    fn default() -> Self {
        Self {
            batch: 50,
            concurrency: 16,
            cooling_off_seconds: 0,
            retry_minutes: Spanned::new(0..0, vec![1, 5, 15, 30, 60, 120, 240]),
            expire_hours: 96,
            reply_seconds: 300,
        }
    }
}

/// How long records are kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionFile {
    /// Days for which the journal is kept: envelope, Message-ID, digest, verdict and what
    /// was seen, without content. 0 keeps none. Default: 90.
    pub journal_days: u32,
}

impl Default for RetentionFile {
    fn default() -> Self {
        Self { journal_days: 90 }
    }
}

/// A school.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchoolFile {
    /// A short name of letters, digits and hyphens; it must never change.
    pub id: Spanned<String>,
    /// The name that notices show.
    pub name: String,
    /// The trust or authority that owns it. Default: the school itself.
    pub controller: Option<String>,
    /// Its mail domains.
    pub domains: Spanned<Vec<String>>,
    /// Who decides on quarantined mail.
    pub headteacher: Spanned<String>,
    /// Who keeps the gateway.
    pub technician: Spanned<String>,
    /// Designated safeguarding lead. Default: the headteacher.
    pub dsl: Option<Spanned<String>>,
    /// Data protection officer. Default: the headteacher.
    pub dpo: Option<Spanned<String>>,
    /// Deputy headteacher, who decides about the headteacher's own mail. Default: by the staff list.
    pub deputy_head: Option<Spanned<String>>,
    /// Deputy safeguarding lead, who decides about the lead's mail. Default: by the staff list.
    pub deputy_dsl: Option<Spanned<String>>,
    /// Chair of governors, who decides about concerns about the headteacher. Default: by the staff list.
    pub chair: Option<Spanned<String>>,
    /// Who decides for the trust where the chair may not. Default: by the staff list.
    pub trust_lead: Option<Spanned<String>>,
    /// A file of the school's own pack, or the name of one that ships. Default: the baseline.
    pub pack: Option<Spanned<PathBuf>>,
    /// A folder with the roster's CSV files, imported at start and on reload when changed.
    pub roster: Option<PathBuf>,
    /// Patterns of pupils' own mailboxes: `*` any run, `?` one character, `#` one digit.
    #[serde(default)]
    pub pupil_mailboxes: Vec<String>,
    /// Staff and shared mailboxes that a pupil pattern would catch.
    #[serde(default)]
    pub staff_mailboxes: Vec<String>,
    /// The school's own telephone numbers.
    #[serde(default)]
    pub phones: Vec<String>,
    /// The school's own postcodes.
    #[serde(default)]
    pub postcodes: Vec<String>,
    /// A header field that the school's mail server sets, `Name: value`, to prove whose mail it is.
    pub secret_header: Option<Spanned<String>>,
    /// Names of next hops, in order. Default: all that are configured.
    pub next_hops: Option<Spanned<Vec<String>>>,
    /// What becomes of a reverse-path in a foreign domain: `refuse` (the default) or `hold`.
    #[serde(default)]
    pub foreign_reverse_path: ForeignReversePath,
    /// Where the master key lies. Default: `keys/ID.key` in the data folder.
    pub master_key: Option<PathBuf>,
}

/// What becomes of a reverse-path that is not the school's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignReversePath {
    #[default]
    Refuse,
    Hold,
}

/// Who may relay. All that is given must hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFile {
    /// For logs.
    pub name: Spanned<String>,
    /// Addresses or networks (`192.0.2.0/24`).
    #[serde(default = "no_names")]
    pub networks: Spanned<Vec<String>>,
    /// Names in the client's verified TLS certificate.
    #[serde(default)]
    pub certificate_names: Vec<String>,
    /// User names and argon2 hashes for SMTP AUTH (over TLS only).
    #[serde(default, rename = "login")]
    pub logins: Vec<LoginFile>,
    /// True when others share it (a cloud's ranges): then only with a school's secret header.
    #[serde(default)]
    pub shared: bool,
    /// The schools for which it may speak. Default: all.
    pub schools: Option<Spanned<Vec<String>>>,
}

/// A name and a password hash, as `schoolgate password` prints it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginFile {
    pub user: String,
    pub password_hash: Spanned<String>,
}

/// Where mail goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextHopFile {
    /// For logs and for `next_hops`. Default: the host.
    pub name: Option<String>,
    pub host: Spanned<String>,
    /// Default: 25.
    pub port: Option<u16>,
    /// `none`, `opportunistic` (the default) or `required` (certificate checked).
    #[serde(default)]
    pub tls: TlsFile,
    /// Mail domains whose own mail server this is. A referral to one of them goes here first;
    /// with `tls = "required"` its TLS counts as seen. Default: none, it passes mail on.
    #[serde(default = "no_names")]
    pub final_for: Spanned<Vec<String>>,
    /// Authorities that issued the next hop's certificate, PEM. Default: the system's.
    pub ca: Option<PathBuf>,
    /// Our own client certificate and key, PEM.
    pub client_certificate: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    pub user: Option<String>,
    /// A file that holds the password.
    pub password_file: Option<Spanned<PathBuf>>,
}

/// How a next hop is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsFile {
    None,
    #[default]
    Opportunistic,
    Required,
}

fn default_data_dir() -> PathBuf {
    "/var/lib/schoolgate".into()
}

fn default_listen() -> Vec<SocketAddr> {
    vec![SocketAddr::from(([0, 0, 0, 0], 25))]
}

fn default_ops() -> Spanned<SocketAddr> {
    Spanned::new(0..0, SocketAddr::from(([127, 0, 0, 1], 9025)))
}

fn no_names() -> Spanned<Vec<String>> {
    Spanned::new(0..0, Vec::new())
}
