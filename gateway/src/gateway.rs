//! The running gateway: SMTP in, dispatch, queue, housekeeping, in one process tree.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::{self, ConfigError, Settings};
use crate::control::{Ear, Word};
use crate::delivery::{NextHopError, NextHops};
use crate::dispatch::Dispatcher;
use crate::housekeeping::Housekeeping;
use crate::inspect::{Ocr, Pool, Program};
use crate::installation::{Installation, OpenError};
use crate::ops::{self, health::Probe};
use crate::queue::Queue;
use crate::remedy::OwnMail;
use crate::schools::SchoolError;
use crate::smtp::{self, Service, TlsError};

/// Why the gateway does not start, or a reload keeps the old.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    School(#[from] SchoolError),
    #[error(transparent)]
    NextHop(#[from] NextHopError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("another schoolgate runs on the data folder {0}")]
    Running(PathBuf),
    #[error(
        "cannot listen on {address}: {source}. Is another server there, or may this user not use the port?"
    )]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot use the data folder: {0}")]
    DataDir(#[source] std::io::Error),
    #[error("the configuration changed {0}, which needs a restart; all else was kept as it was")]
    NeedsRestart(&'static str),
}

/// A gateway that runs.
pub struct Gateway {
    pub installation: Installation,
    /// Where it listens for SMTP.
    pub smtp: Vec<SocketAddr>,
    /// Where it serves health and metrics.
    pub ops: SocketAddr,
    pub queue: Arc<Queue>,
    dispatcher: Arc<Dispatcher>,
    config: Option<PathBuf>,
    pool: Arc<Pool>,
    ocr: Arc<Ocr>,
    hops: watch::Sender<Arc<NextHops>>,
    settings: watch::Sender<Arc<Settings>>,
    tls: watch::Sender<Option<Arc<rustls::ServerConfig>>>,
    shutdown: watch::Sender<bool>,
    tasks: Mutex<JoinSet<()>>,
    /// Held while the gateway runs: one to a data folder.
    _lock: std::fs::File,
}

impl Gateway {
    /// Starts everything. `config` is read again on reload; `workers` is the program that
    /// inspects, [`Program::this`] unless this is not schoolgate itself. Needs no DNS, next hop, log
    /// or identity provider.
    ///
    /// # Errors
    /// Something of the installation cannot be used, or an address is taken.
    pub async fn start(
        settings: Settings,
        config: Option<PathBuf>,
        clock: Clock,
        workers: Program,
    ) -> Result<Arc<Self>, StartError> {
        let (installation, arrived) = Installation::open(settings, clock).await?;
        let settings = Arc::clone(&installation.settings);
        let lock = lock(&settings)?;
        installation.keep_roles().await?;
        let swept = installation
            .spool
            .sweep_files()
            .await
            .map_err(OpenError::from)?;
        if swept > 0 {
            tracing::info!(swept, "removed content that was never accepted");
        }
        let hops = NextHops::new(&settings.next_hops, &settings.hostname, &settings.delivery)?;
        let tls = settings.tls.as_ref().map(smtp::server_config).transpose()?;
        let listeners = listen_all(&settings.listen).await?;
        let ops_listener = listen(settings.ops_listen).await?;
        let ear = Ear::open(&settings.data_dir).map_err(StartError::DataDir)?;

        let (hops, hops_seen) = watch::channel(Arc::new(hops));
        let (settings_sent, settings_seen) = watch::channel(Arc::clone(&settings));
        let (tls_sent, tls_seen) = watch::channel(tls.map(Arc::new));
        let (shutdown, stop) = watch::channel(false);
        let ocr = Arc::new(Ocr::new(&workers, &settings.ocr));
        let pool = Arc::new(Pool::with_program(workers, &settings.inspection));
        prepare_workers(&pool, &installation).await;
        prepare_ocr(&ocr).await;
        let (queue, handed) = Queue::new(&installation, settings_seen.clone(), hops_seen);
        let dispatcher = Arc::new(Dispatcher {
            look: Notify::new(),
            store: installation.store.clone(),
            vault: Arc::clone(&installation.vault),
            spool: installation.spool.clone(),
            schools: Arc::clone(&installation.schools),
            pool: Arc::clone(&pool),
            ocr: Arc::clone(&ocr),
            queue: Arc::clone(&queue),
            notices: installation.notices.clone(),
            own_mail: OwnMail {
                store: installation.store.clone(),
                vault: Arc::clone(&installation.vault),
                spool: installation.spool.clone(),
                notices: installation.notices.clone(),
                pool: Arc::clone(&pool),
                clock: installation.clock.clone(),
                settings: settings_seen.clone(),
            },
            clock: installation.clock.clone(),
            settings: settings_seen.clone(),
        });
        let service = Arc::new(Service::new(
            installation.spool.clone(),
            settings_seen,
            tls_seen,
        ));
        let probe = Probe {
            store: installation.store.clone(),
            spool: installation.spool.clone(),
            queue: Arc::clone(&queue),
            pool: Arc::clone(&pool),
            ocr: Arc::clone(&ocr),
            schools: Arc::clone(&installation.schools),
            clock: installation.clock.clone(),
        };

        let smtp = listeners
            .iter()
            .filter_map(|l| l.local_addr().ok())
            .collect();
        let ops = ops_listener.local_addr().map_err(StartError::DataDir)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(smtp::serve(listeners, service, stop.clone()));
        tasks.spawn(Arc::clone(&dispatcher).run(arrived, stop.clone()));
        tasks.spawn(Arc::clone(&queue).run(handed, stop.clone()));
        tasks.spawn({
            let stop = stop.clone();
            async move {
                if let Err(error) = ops::serve(ops_listener, probe, ops::metrics(), stop).await {
                    tracing::error!(%error, "the health endpoint ended");
                }
            }
        });
        let gateway = Arc::new(Self {
            smtp,
            ops,
            queue,
            dispatcher,
            config,
            pool,
            ocr,
            hops,
            settings: settings_sent,
            tls: tls_sent,
            shutdown,
            tasks: Mutex::new(tasks),
            _lock: lock,
            installation,
        });
        gateway.start_listening_to_words(ear, stop.clone()).await;
        let housekeeping = Housekeeping::new(
            gateway.installation.clone(),
            Arc::clone(&gateway.queue),
            gateway.hops.subscribe(),
            gateway.settings.subscribe(),
        );
        gateway.tasks.lock().await.spawn(housekeeping.run(stop));
        Ok(gateway)
    }

    async fn start_listening_to_words(self: &Arc<Self>, ear: Ear, mut stop: watch::Receiver<bool>) {
        // A weak hold: the gateway ends although this task waits.
        let gateway = Arc::downgrade(self);
        self.tasks.lock().await.spawn(async move {
            loop {
                let word = tokio::select! {
                    word = ear.hear() => word,
                    _ = stop.wait_for(|stop| *stop) => return,
                };
                let Some(gateway) = gateway.upgrade() else {
                    return;
                };
                match word {
                    Word::Wake => gateway.wake().await,
                    Word::Retry => {
                        gateway.wake().await;
                        gateway.queue.unpause();
                    }
                    Word::Reload => gateway.reload().await,
                }
            }
        });
    }

    /// Another process changed the store: its keys are learnt and the queue looks.
    async fn wake(&self) {
        let installation = &self.installation;
        if let Err(error) = installation.vault.turn(installation.clock.now()).await {
            tracing::error!(%error, "cannot read the keys again");
        }
        self.dispatcher.look.notify_one();
        self.queue.wake();
    }

    /// The settings that hold now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Reads configuration, packs, rosters and certificates again. Sessions go on; a bad
    /// reload keeps the old and says why.
    pub async fn reload(&self) {
        match self.try_reload().await {
            Ok(()) => tracing::info!("reloaded"),
            Err(error) => {
                metrics::counter!("schoolgate_reload_failures").increment(1);
                tracing::error!(%error, "not reloaded; what ran before goes on");
            }
        }
    }

    async fn try_reload(&self) -> Result<(), StartError> {
        let old = self.settings();
        let new = match &self.config {
            Some(path) => Arc::new(config::load(path)?),
            None => Arc::clone(&old),
        };
        let ids = |settings: &Settings| -> Vec<String> {
            settings.schools.iter().map(|s| s.id.clone()).collect()
        };
        if new.data_dir != old.data_dir
            || new.listen != old.listen
            || new.ops_listen != old.ops_listen
        {
            return Err(StartError::NeedsRestart(
                "where it listens or keeps its data",
            ));
        }
        if new.ocr.at_once != old.ocr.at_once || new.ocr.cache != old.ocr.cache {
            return Err(StartError::NeedsRestart(
                "how many pictures are read at once, or how much of them is remembered",
            ));
        }
        if ids(&new) != ids(&old) {
            return Err(StartError::NeedsRestart("the list of schools"));
        }
        let installation = &self.installation;
        let now = installation.clock.now();
        // All that can fail comes before anything is replaced.
        let tls = new.tls.as_ref().map(smtp::server_config).transpose()?;
        let hops = NextHops::new(&new.next_hops, &new.hostname, &new.delivery)?;
        installation
            .vault
            .turn(now)
            .await
            .map_err(OpenError::from)?;
        installation
            .schools
            .load(&new, &installation.store, &installation.vault, now)
            .await?;
        installation.notices.replace(&new);
        self.ocr.replace(&new.ocr);
        let old_hops = self.hops.send_replace(Arc::new(hops));
        old_hops.close_idle();
        self.tls.send_replace(tls.map(Arc::new));
        self.settings.send_replace(new);
        self.queue.wake();
        Ok(())
    }

    /// Ends in good order: no new mail, what is under way is finished, the store is closed.
    pub async fn stop(&self) {
        self.shutdown.send_replace(true);
        self.ocr.close();
        let mut tasks = self.tasks.lock().await;
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(45), all)
            .await
            .is_err()
        {
            tracing::warn!("some work did not end in time; it is found at the next start");
        }
        tasks.shutdown().await;
        self.pool.shutdown().await;
        self.hops.borrow().close_all();
        self.installation.store.close().await;
    }
}

/// Where pictures cannot be read, mail flows: they are noted as unread.
async fn prepare_ocr(ocr: &Ocr) {
    if ocr.is_enabled() && ocr.probe().await.is_err() {
        tracing::warn!("the text in pictures is not read until this is put right");
    }
}

/// A worker that cannot start is no reason not to take mail: it waits in the spool.
async fn prepare_workers(pool: &Pool, installation: &Installation) {
    for school in installation.schools.all() {
        match pool.prepare(&school.context.inspection).await {
            Ok(cage) => {
                for lack in cage.lacks() {
                    tracing::warn!(school = %school.settings.id, "{lack}");
                }
            }
            Err(error) => tracing::error!(school = %school.settings.id, %error, "mail waits"),
        }
    }
}

fn lock(settings: &Settings) -> Result<std::fs::File, StartError> {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(settings.data_dir.join("serve.lock"))
        .map_err(StartError::DataDir)?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| StartError::Running(settings.data_dir.clone()))?;
    Ok(file)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

async fn listen_all(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners = Vec::new();
    for address in addresses {
        listeners.push(listen(*address).await?);
    }
    Ok(listeners)
}
