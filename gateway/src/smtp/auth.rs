//! AUTH PLAIN and LOGIN, over TLS only (RFC 4954, RFC 4616).

use argon2::Argon2;
use argon2::password_hash::{PasswordVerifier, phc::PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use metrics::counter;
use tracing::{info, warn};
use zeroize::Zeroizing;

use super::intake::Intake;
use super::line;
use super::reply::Reply;
use super::session::{Ended, Session};
use crate::config::AuthUser;

/// A name and the password that is said to be its.
struct Claim {
    user: String,
    password: Zeroizing<Vec<u8>>,
}

impl<I: Intake> Session<I> {
    /// Whether any client logs in.
    pub(super) fn offers_auth(&self) -> bool {
        self.settings.clients.iter().any(|c| !c.logins.is_empty())
    }

    /// RFC 4954 §4.
    pub(super) async fn auth(&mut self, text: &str) -> Result<Reply, Ended> {
        if !self.offers_auth() {
            return Ok(Reply::no_auth());
        }
        if self.tls.is_none() {
            return Ok(Reply::auth_needs_tls());
        }
        if self.helo.is_none() {
            return Ok(Reply::sequence("EHLO first"));
        }
        if self.peer.login.is_some() || self.transaction.is_some() {
            return Ok(Reply::sequence(
                "Not now: authenticated, or in a transaction",
            ));
        }
        let (mechanism, initial) = match text.split_once(' ') {
            Some((mechanism, initial)) => (mechanism, Some(initial)),
            None => (text, None),
        };
        let claim = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => self.plain(initial).await?,
            "LOGIN" => self.login(initial).await?,
            _ => return Ok(Reply::unknown_mechanism()),
        };
        match claim {
            Ok(claim) => Ok(self.check(claim).await),
            Err(reply) => Ok(reply),
        }
    }

    async fn plain(&mut self, initial: Option<&str>) -> Result<Result<Claim, Reply>, Ended> {
        let response = match initial {
            Some(initial) => decode(initial.as_bytes()),
            None => self.ask("").await?,
        };
        Ok(response.and_then(|response| {
            // authorization identity, NUL, user, NUL, password (RFC 4616 §2).
            let mut parts = response.splitn(3, |&o| o == 0);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(_), Some(user), Some(password)) => claim(user, password),
                _ => Err(Reply::bad_base64()),
            }
        }))
    }

    async fn login(&mut self, initial: Option<&str>) -> Result<Result<Claim, Reply>, Ended> {
        let user = match initial {
            Some(initial) => decode(initial.as_bytes()),
            None => self.ask("Username:").await?,
        };
        let user = match user {
            Ok(user) => user,
            Err(reply) => return Ok(Err(reply)),
        };
        let password = self.ask("Password:").await?;
        Ok(password.and_then(|password| claim(&user, &password)))
    }

    /// Sends a challenge and reads the response.
    async fn ask(&mut self, challenge: &str) -> Result<Result<Zeroizing<Vec<u8>>, Reply>, Ended> {
        let challenge = Reply::challenge(&STANDARD.encode(challenge));
        self.wire
            .say(&challenge)
            .await
            .map_err(|e| self.ended(&e))?;
        let response = self.wire.read_line().await.map_err(|e| self.ended(&e))?;
        if response.as_slice() == b"*" {
            return Ok(Err(Reply::auth_cancelled()));
        }
        if response.len() + 2 > line::LONGEST {
            return Ok(Err(Reply::auth_line_too_long()));
        }
        Ok(decode(&response))
    }

    /// Checks a claim. An unknown name costs what a known one does, so that time tells
    /// nobody which names there are.
    async fn check(&mut self, claim: Claim) -> Reply {
        let address = self.peer.address;
        let Some(_turn) = self.service.attempts().turn(address).await else {
            counter!("schoolgate_smtp_refused", "reason" => "auth-rate").increment(1);
            return Reply::auth_later();
        };
        let all = || self.settings.clients.iter().flat_map(|c| &c.logins);
        let mut candidates: Vec<AuthUser> = all()
            .filter(|login| login.user == claim.user)
            .cloned()
            .collect();
        let known = !candidates.is_empty();
        if !known {
            candidates.extend(all().next().cloned());
        }
        let password = claim.password;
        let work = move || {
            candidates
                .into_iter()
                .find(|login| verify(login, &password))
        };
        let found = match tokio::task::spawn_blocking(work).await {
            Ok(found) => found.filter(|_| known),
            Err(_) => return Reply::auth_broken(),
        };
        match found {
            Some(login) => {
                self.service.attempts().succeeded(address);
                self.peer.login = Some(login);
                Reply::authenticated()
            }
            None => {
                self.service.attempts().failed(address);
                counter!("schoolgate_smtp_refused", "reason" => "auth").increment(1);
                info!("authentication failed");
                Reply::bad_credentials()
            }
        }
    }
}

fn decode(base64: &[u8]) -> Result<Zeroizing<Vec<u8>>, Reply> {
    // RFC 4954 §4: `=` stands for an empty initial response.
    if base64 == b"=" {
        return Ok(Zeroizing::new(Vec::new()));
    }
    STANDARD
        .decode(base64)
        .map(Zeroizing::new)
        .map_err(|_| Reply::bad_base64())
}

fn claim(user: &[u8], password: &[u8]) -> Result<Claim, Reply> {
    let user = std::str::from_utf8(user).map_err(|_| Reply::bad_base64())?;
    Ok(Claim {
        user: user.to_owned(),
        password: Zeroizing::new(password.to_vec()),
    })
}

fn verify(login: &AuthUser, password: &[u8]) -> bool {
    match PasswordHash::new(&login.password_hash) {
        Ok(hash) => Argon2::default().verify_password(password, &hash).is_ok(),
        Err(error) => {
            warn!(%error, "a configured password_hash cannot be read");
            false
        }
    }
}
