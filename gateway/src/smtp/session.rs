//! A session: reads command lines and gives each to its verb, which stands in a file of
//! its own. What a verb may look at and change is here.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use metrics::counter;
use rustls::ServerConfig;
use tokio::sync::watch;
use tracing::{debug, info};

use super::admission::{self, Peer};
use super::command::{Command, CommandError};
use super::content::{Complete, Content};
use super::error::Refusal;
use super::header::HeaderFacts;
use super::intake::Intake;
use super::listener::Service;
use super::reply::{Reply, Then};
use super::trace::Trace;
use super::transaction::{Chunks, Transaction};
use super::wire::{Transport, Wire, WireError};
use crate::config::Settings;
use crate::spool::{Arrival, ClientFacts};

/// Why a session cannot go on.
#[derive(Debug)]
pub(super) enum Ended {
    /// Nobody is there to be told.
    Gone,
    /// The client is told, then the connection closes.
    Told(Reply),
}

/// How the client introduced itself.
#[derive(Debug, Clone)]
pub(super) struct Helo {
    pub name: String,
    /// EHLO rather than HELO.
    pub extended: bool,
}

/// One session.
pub(super) struct Session<I: Intake> {
    pub service: Arc<Service<I>>,
    /// As they were when the session began: a reload concerns the next one.
    pub settings: Arc<Settings>,
    pub tls_config: Option<Arc<ServerConfig>>,
    pub shutdown: watch::Receiver<bool>,
    pub wire: Wire,
    pub peer: Peer,
    /// The version of TLS, once it is spoken.
    pub tls: Option<&'static str>,
    pub helo: Option<Helo>,
    pub transaction: Option<Transaction<I::Incoming>>,
    /// Recipients accepted in all transactions.
    pub recipients: usize,
    errors: u32,
}

impl<I: Intake> Session<I> {
    pub(super) fn new(
        service: Arc<Service<I>>,
        stream: Box<dyn Transport>,
        address: IpAddr,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        Self {
            settings: service.settings(),
            tls_config: service.tls(),
            service,
            shutdown,
            wire: Wire::new(stream),
            peer: Peer {
                address: address.to_canonical(),
                certificate_names: Vec::new(),
                login: None,
            },
            tls: None,
            helo: None,
            transaction: None,
            recipients: 0,
            errors: 0,
        }
    }

    /// Runs it to its end.
    pub(super) async fn run(mut self) {
        counter!("schoolgate_smtp_sessions").increment(1);
        match self.talk().await {
            Ok(()) => self.wire.close().await,
            Err(Ended::Told(reply)) => {
                debug!(code = reply.code(), "session ended by us");
                // A message under way is dropped before the client learns of it.
                self.transaction = None;
                if self.wire.say(&reply).await.is_ok() {
                    self.wire.close().await;
                }
            }
            Err(Ended::Gone) => debug!("the client went away"),
        }
    }

    async fn talk(&mut self) -> Result<(), Ended> {
        let greeting = Reply::greeting(&self.settings.hostname);
        self.wire.say(&greeting).await.map_err(|e| self.ended(&e))?;
        loop {
            let idle = self.transaction.is_none();
            let line = tokio::select! {
                biased;
                () = stopping(&mut self.shutdown), if idle => {
                    return Err(Ended::Told(Reply::shutting_down(&self.settings.hostname)));
                }
                line = self.wire.read_line() => line.map_err(|e| self.ended(&e))?,
            };
            let Some(reply) = self.obey(&line).await? else {
                continue;
            };
            self.wire.say(&reply).await.map_err(|e| self.ended(&e))?;
            if reply.then() == Then::Close {
                return Ok(());
            }
            if reply.is_permanent() {
                self.errors += 1;
                if self.errors >= self.settings.limits.errors {
                    counter!("schoolgate_smtp_refused", "reason" => "too-many-errors").increment(1);
                    return Err(Ended::Told(Reply::too_many_errors()));
                }
            }
        }
    }

    /// Does what a line asks. `None` when there is nothing (more) to say.
    async fn obey(&mut self, line: &[u8]) -> Result<Option<Reply>, Ended> {
        let command = match Command::parse(line) {
            Ok(command) => command,
            Err(CommandError::Unknown) => return Ok(Some(Reply::unknown_command())),
            Err(CommandError::TooLong) => return Ok(Some(Reply::line_too_long())),
        };
        Ok(Some(match command {
            Command::Ehlo(name) => self.ehlo(name),
            Command::Helo(name) => self.helo(name),
            Command::StartTls(text) => return self.starttls(text).await,
            Command::Auth(text) => self.auth(text).await?,
            Command::Mail(text) => self.mail(text),
            Command::Rcpt(text) => self.rcpt(text),
            Command::Data(text) => self.data(text).await?,
            Command::Bdat(text) => self.bdat(text).await?,
            Command::Rset(text) | Command::Quit(text) if !text.is_empty() => {
                Reply::syntax("This command takes no argument")
            }
            Command::Rset(_) => {
                self.transaction = None;
                Reply::ok()
            }
            Command::Quit(_) => Reply::bye(&self.settings.hostname),
            Command::Noop => Reply::ok(),
            Command::Vrfy => Reply::vrfy(),
            Command::Expn => Reply::expn(),
            Command::Help => Reply::help(),
        }))
    }

    /// What the end of the wire means for the session.
    pub(super) fn ended(&self, error: &WireError) -> Ended {
        match error {
            WireError::Gone => Ended::Gone,
            WireError::Idle => Ended::Told(Reply::idle(&self.settings.hostname)),
            WireError::LongLine => Ended::Told(Reply::line_too_long()),
            WireError::BadLine => Ended::Told(Reply::bad_line_end()),
        }
    }

    /// Begins the content of the open transaction; `None` without one.
    pub(super) fn begin_content(&self) -> Option<Content<I::Incoming>> {
        let transaction = self.transaction.as_ref()?;
        let helo = self.helo.as_ref()?;
        let only_recipient = match transaction.recipients.as_slice() {
            [only] => Some(only.path.as_str()),
            _ => None,
        };
        Some(Content::begin(
            self.service.intake(),
            Arc::clone(&self.settings),
            |id| {
                Trace {
                    helo: &helo.name,
                    peer: self.peer.address,
                    hostname: &self.settings.hostname,
                    extended: helo.extended,
                    tls: self.tls,
                    authenticated: self.peer.login.is_some(),
                    smtputf8: transaction.smtputf8,
                    id,
                    only_recipient,
                    at: Timestamp::now(),
                }
                .field()
            },
        ))
    }

    /// The content of the open transaction is whole: has it kept, and only then says 250.
    /// The transaction is over either way.
    pub(super) async fn keep(&mut self, content: Content<I::Incoming>) -> Reply {
        let Some(transaction) = self.transaction.take() else {
            return Reply::sequence("There is no transaction");
        };
        let service = Arc::clone(&self.service);
        let intake = service.intake();
        let client = transaction.client;
        let outcome = match content.finish(intake).await {
            Err(refusal) => Err(refusal),
            Ok(Complete {
                incoming,
                facts,
                octets,
            }) => match self.arrival(transaction, facts) {
                Err(refusal) => Err(refusal),
                Ok(arrival) => {
                    let client = self.client_name(client);
                    let recipients = arrival.recipients.len();
                    intake
                        .accept(incoming, arrival)
                        .await
                        .inspect(|id| {
                            info!(client, spool = %id, recipients, octets, "message accepted");
                        })
                        .map_err(Refusal::from)
                }
            },
        };
        match outcome {
            Ok(id) => {
                counter!("schoolgate_smtp_messages_accepted").increment(1);
                Reply::accepted(id)
            }
            Err(refusal) => self.refused(refusal, client),
        }
    }

    fn client_name(&self, client: usize) -> &str {
        self.settings.clients.get(client).map_or("", |c| &c.name)
    }

    /// Counts and logs a refusal of a client's message, and puts it into words.
    pub(super) fn refused(&self, refusal: Refusal, client: usize) -> Reply {
        counter!("schoolgate_smtp_refused", "reason" => refusal.reason()).increment(1);
        let reply = refusal.reply(&self.settings.limits);
        info!(
            client = self.client_name(client),
            code = reply.code(),
            reason = refusal.reason(),
            "message refused"
        );
        reply
    }

    /// What the spool is told, once the header says whose message it is.
    fn arrival(
        &self,
        transaction: Transaction<I::Incoming>,
        facts: HeaderFacts,
    ) -> Result<Arrival, Refusal> {
        let client = self
            .settings
            .clients
            .get(transaction.client)
            .ok_or(Refusal::StoreFailed)?;
        let settled = admission::settle(
            &self.settings,
            client,
            transaction.reverse_path.domain(),
            &facts,
        )?;
        Ok(Arrival {
            school: settled.school,
            reverse_path: transaction.reverse_path.as_str().to_owned(),
            recipients: transaction.recipients,
            ret: transaction.ret,
            envid: transaction.envid,
            smtputf8: transaction.smtputf8,
            eight_bit: transaction.eight_bit,
            client: ClientFacts {
                name: client.name.clone(),
                address: self.peer.address,
                helo: self
                    .helo
                    .as_ref()
                    .map(|h| h.name.clone())
                    .unwrap_or_default(),
                tls: self.tls.map(str::to_owned),
                user: self.peer.login.as_ref().map(|l| l.user.clone()),
            },
            markers: facts.markers,
            keep: settled.keep,
            handling: crate::spool::Handling::default(),
        })
    }

    /// Whether BDAT has begun, after which only BDAT and RSET have a place (RFC 3030 §2).
    pub(super) fn in_chunks(&self) -> bool {
        self.transaction
            .as_ref()
            .is_some_and(|t| !matches!(t.chunks, Chunks::None))
    }
}

/// Waits until the gateway is told to stop, or nobody is left to tell it.
pub(super) async fn stopping(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}
