//! The listening sockets: takes connections, bounds them, and ends them in good order.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::{counter, gauge};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::admission;
use super::attempts::Attempts;
use super::intake::Intake;
use super::reply::Reply;
use super::session::{Session, stopping};
use super::timeouts;
use crate::config::Settings;

/// How long to wait when the system has no descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One in so many sessions may be of addresses where no client is.
const STRANGERS: usize = 10;

/// What all sessions share. Settings and certificate may change at any time: a session
/// goes on with those it began with.
pub struct Service<I> {
    intake: I,
    settings: watch::Receiver<Arc<Settings>>,
    tls: watch::Receiver<Option<Arc<ServerConfig>>>,
    attempts: Attempts,
    sessions: Arc<Mutex<Sessions>>,
}

impl<I: Intake> Service<I> {
    /// Over an intake; what is sent over the channels holds from the next session on.
    pub fn new(
        intake: I,
        settings: watch::Receiver<Arc<Settings>>,
        tls: watch::Receiver<Option<Arc<ServerConfig>>>,
    ) -> Self {
        Self {
            intake,
            settings,
            tls,
            attempts: Attempts::new(),
            sessions: Arc::default(),
        }
    }

    /// Where content goes.
    pub fn intake(&self) -> &I {
        &self.intake
    }

    /// Sessions that are open.
    pub fn open_sessions(&self) -> usize {
        lock(&self.sessions).all
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    pub(super) fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls.borrow().clone()
    }

    pub(super) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// A place among the sessions; `None` when all of them, or this client's, are taken.
    /// Strangers share a few among themselves, so that they cannot keep a school's mail out.
    fn admit(&self, address: IpAddr, settings: &Settings) -> Option<Place> {
        let limits = &settings.limits;
        let address = address.to_canonical();
        let stranger = admission::is_stranger(settings, address);
        let for_strangers = (limits.sessions / STRANGERS).max(1);
        let mut sessions = lock(&self.sessions);
        let of_client = sessions.by_client.get(&address).copied().unwrap_or(0);
        if sessions.all >= limits.sessions
            || of_client >= limits.sessions_per_client
            || (stranger && sessions.strangers >= for_strangers)
        {
            return None;
        }
        sessions.all += 1;
        sessions.strangers += usize::from(stranger);
        sessions.by_client.insert(address, of_client + 1);
        gauge!("schoolgate_smtp_open_sessions").increment(1.0);
        Some(Place {
            sessions: Arc::clone(&self.sessions),
            address,
            stranger,
        })
    }
}

/// Sessions that are open, in all and by client address.
#[derive(Debug, Default)]
struct Sessions {
    all: usize,
    strangers: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// One session's place; free again when dropped.
struct Place {
    sessions: Arc<Mutex<Sessions>>,
    address: IpAddr,
    stranger: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sessions = lock(&self.sessions);
        sessions.all = sessions.all.saturating_sub(1);
        sessions.strangers = sessions
            .strangers
            .saturating_sub(usize::from(self.stranger));
        if let Some(of_client) = sessions.by_client.get_mut(&self.address) {
            *of_client = of_client.saturating_sub(1);
            if *of_client == 0 {
                sessions.by_client.remove(&self.address);
            }
        }
        gauge!("schoolgate_smtp_open_sessions").decrement(1.0);
    }
}

fn lock(sessions: &Mutex<Sessions>) -> std::sync::MutexGuard<'_, Sessions> {
    // Counting cannot leave it half changed.
    sessions.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves SMTP until `shutdown` turns true (or its sender is gone), then stops accepting,
/// tells idle sessions 421, and gives open transactions half a minute to end.
pub async fn serve<I: Intake>(
    listeners: Vec<TcpListener>,
    service: Arc<Service<I>>,
    shutdown: watch::Receiver<bool>,
) {
    let mut all = JoinSet::new();
    for listener in listeners {
        all.spawn(listen(listener, Arc::clone(&service), shutdown.clone()));
    }
    while all.join_next().await.is_some() {}
}

async fn listen<I: Intake>(
    listener: TcpListener,
    service: Arc<Service<I>>,
    mut shutdown: watch::Receiver<bool>,
) {
    let for_sessions = shutdown.clone();
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stopping(&mut shutdown) => break,
            Some(ended) = sessions.join_next(), if !sessions.is_empty() => {
                if let Err(e) = ended && e.is_panic() {
                    counter!("schoolgate_smtp_session_panics").increment(1);
                    error!("a session panicked; the others go on");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    take(stream, peer.ip(), &service, &for_sessions, &mut sessions);
                }
                Err(error) => {
                    warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let open = sessions.len();
    let ended = timeout(timeouts::SHUTDOWN, async {
        while sessions.join_next().await.is_some() {}
    });
    if ended.await.is_err() {
        warn!(open = sessions.len(), "sessions were cut off at shutdown");
    } else {
        info!(open, "sessions ended at shutdown");
    }
}

fn take<I: Intake>(
    stream: TcpStream,
    address: IpAddr,
    service: &Arc<Service<I>>,
    shutdown: &watch::Receiver<bool>,
    sessions: &mut JoinSet<()>,
) {
    // Replies are small and waited for.
    let _ = stream.set_nodelay(true);
    match service.admit(address, &service.settings()) {
        Some(place) => {
            let session = Session::new(
                Arc::clone(service),
                Box::new(stream),
                address,
                shutdown.clone(),
            );
            sessions.spawn(async move {
                session.run().await;
                drop(place);
            });
        }
        None => {
            counter!("schoolgate_smtp_refused", "reason" => "too-many-sessions").increment(1);
            turn_away(stream);
        }
    }
}

/// Says 421 without waiting: a socket just opened has room for one line, and whoever
/// comes in great numbers gets no task of ours.
fn turn_away(stream: TcpStream) {
    let mut line = Vec::new();
    Reply::too_many_sessions().write_to(&mut line);
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(&line);
    }
}
