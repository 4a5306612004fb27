//! A made-up school's gateway in this process, with a next hop that keeps what it gets.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Tokio1Executor};
use schoolgate::clock::Clock;
use schoolgate::config;
use schoolgate::gateway::Gateway;
use schoolgate::ids::SpoolId;
use schoolgate::inspect::Program;
use schoolgate::smtp::{self, Intake, IntakeError, Service};
use schoolgate::spool::Arrival;
use schoolgate::store::recipients::Standing;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

/// Longest wait for anything; only a failure takes that long.
const WAIT: Duration = Duration::from_secs(60);

/// A message as the next hop got it.
#[derive(Clone)]
pub struct Received {
    pub reverse_path: String,
    pub to: Vec<String>,
    pub content: String,
}

/// Keeps every message.
#[derive(Clone, Default)]
pub struct Recorder {
    received: Arc<Mutex<Vec<Received>>>,
    more: Arc<Notify>,
}

impl Intake for Recorder {
    type Incoming = (SpoolId, Vec<u8>);

    fn check_room(&self) -> Result<(), IntakeError> {
        Ok(())
    }

    fn begin(&self) -> Self::Incoming {
        (SpoolId::new(), Vec::new())
    }

    fn id(incoming: &Self::Incoming) -> SpoolId {
        incoming.0
    }

    async fn write(&self, incoming: &mut Self::Incoming, bytes: &[u8]) -> Result<(), IntakeError> {
        incoming.1.extend_from_slice(bytes);
        Ok(())
    }

    async fn accept(
        &self,
        incoming: Self::Incoming,
        arrival: Arrival,
    ) -> Result<SpoolId, IntakeError> {
        self.received.lock().unwrap().push(Received {
            reverse_path: arrival.reverse_path,
            to: arrival.recipients.into_iter().map(|r| r.path).collect(),
            content: String::from_utf8_lossy(&incoming.1).into_owned(),
        });
        self.more.notify_waiters();
        Ok(incoming.0)
    }
}

/// The whole set-up.
pub struct Desk {
    pub gateway: Arc<Gateway>,
    pub clock: Clock,
    pub next_hop: Recorder,
    pub folder: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// A golden message.
pub fn golden(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("messages").join(name)).unwrap()
}

impl Desk {
    /// Starts it; `extra` stands at the top of the configuration.
    pub async fn start(extra: &str) -> Self {
        Self::start_with_pack(extra, None).await
    }

    /// The same with a pack of the school's own.
    pub async fn start_with_pack(extra: &str, pack: Option<&str>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        if let Some(pack) = pack {
            std::fs::write(folder.path().join("own.toml"), pack).unwrap();
        }
        let text = configuration(extra, port, pack.is_some());
        let path = folder.path().join("schoolgate.toml");
        std::fs::write(&path, &text).unwrap();
        let settings = config::parse(&text, folder.path()).unwrap();

        let next_hop = Recorder::default();
        let (stop, stopped) = watch::channel(false);
        let (_, hop_settings) = watch::channel(Arc::new(settings.clone()));
        let (_, no_tls) = watch::channel(None);
        let service = Service::new(next_hop.clone(), hop_settings, no_tls);
        tokio::spawn(smtp::serve(vec![listener], Arc::new(service), stopped));

        let clock = Clock::default();
        let program = Program::worker(env!("CARGO_BIN_EXE_schoolgate").into());
        let gateway = Gateway::start(settings, Some(path), clock.clone(), program)
            .await
            .unwrap();
        Self {
            gateway,
            clock,
            next_hop,
            folder,
            _stop: stop,
        }
    }

    pub fn smtp(&self) -> SocketAddr {
        self.gateway.smtp[0]
    }

    /// Sends a message over SMTP; the id under which it lies.
    pub async fn send(&self, from: &str, to: &[&str], content: &[u8]) -> SpoolId {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(self.smtp().port())
            .build();
        let from = (!from.is_empty()).then(|| from.parse().unwrap());
        let to = to.iter().map(|t| t.parse().unwrap()).collect();
        let envelope = Envelope::new(from, to).unwrap();
        // lettre adds a line end of its own.
        let content = content.strip_suffix(b"\r\n").unwrap_or(content);
        let reply = transport.send_raw(&envelope, content).await.unwrap();
        reply
            .message()
            .flat_map(str::split_whitespace)
            .find_map(SpoolId::parse)
            .unwrap()
    }

    /// Waits until no recipient of a message waits for a verdict or for delivery.
    pub async fn settled(&self, id: SpoolId) -> Vec<Standing> {
        self.standings_when(id, |standings| {
            standings
                .iter()
                .all(|s| !matches!(s, Standing::Unjudged | Standing::Queued | Standing::InDoubt))
        })
        .await
    }

    /// The standings of a message as soon as they fit.
    pub async fn standings_when(
        &self,
        id: SpoolId,
        fit: impl Fn(&[Standing]) -> bool,
    ) -> Vec<Standing> {
        let spool = &self.gateway.installation.spool;
        let looked = async {
            loop {
                let loaded = spool.load(id).await.unwrap().unwrap();
                let standings: Vec<Standing> =
                    loaded.recipients.iter().map(|r| r.row.standing).collect();
                if fit(&standings) {
                    return standings;
                }
                // The store has no event for this; the wait is bounded.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(WAIT, looked).await.unwrap()
    }

    /// Waits until the next hop has a message that fits.
    pub async fn received(&self, fit: impl Fn(&Received) -> bool) -> Received {
        let looked = async {
            loop {
                let more = self.next_hop.more.notified();
                let found = self.all_received().into_iter().find(|r| fit(r));
                if let Some(found) = found {
                    return found;
                }
                more.await;
            }
        };
        tokio::time::timeout(WAIT, looked).await.unwrap()
    }

    pub fn all_received(&self) -> Vec<Received> {
        self.next_hop.received.lock().unwrap().clone()
    }
}

fn configuration(extra: &str, port: u16, own_pack: bool) -> String {
    let fixture = std::fs::read_to_string(fixtures().join("schoolgate.toml")).unwrap();
    let school = &fixture[fixture.find("[[school]]").unwrap()..fixture.find("[[client]]").unwrap()];
    // Pupils send too.
    let school = school.replacen(
        "\"oaklane.example\"]",
        "\"oaklane.example\", \"pupils.oaklane.example\"]",
        1,
    );
    let roster = fixtures().join("school");
    let pack = if own_pack {
        "pack = \"own.toml\"\n"
    } else {
        ""
    };
    format!(
        "hostname = \"gate.oaklane.example\"\ndata_dir = \"data\"\nlisten = [\"127.0.0.1:0\"]\n\
         ops_listen = \"127.0.0.1:0\"\n{extra}\n{school}\nroster = \"{}\"\n{pack}\
         [[client]]\nname = \"mail server\"\nnetworks = [\"127.0.0.1\"]\n\
         [[next_hop]]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n",
        roster.display()
    )
}
