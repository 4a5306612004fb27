//! STARTTLS: the rest of the session is encrypted, and begins anew (RFC 3207).

use std::sync::Arc;

use rustls::ProtocolVersion;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::info;

use super::intake::Intake;
use super::reply::Reply;
use super::session::{Ended, Session};
use super::timeouts;
use super::tls;
use super::wire::Wire;

impl<I: Intake> Session<I> {
    /// RFC 3207 §4.
    pub(super) async fn starttls(&mut self, text: &str) -> Result<Option<Reply>, Ended> {
        if !text.is_empty() {
            return Ok(Some(Reply::syntax("STARTTLS takes no argument")));
        }
        if self.tls.is_some() {
            return Ok(Some(Reply::sequence("TLS is spoken already")));
        }
        let Some(config) = self.tls_config.clone() else {
            return Ok(Some(Reply::no_tls()));
        };
        // Somebody in between may have put these octets there; after the handshake they
        // would count as the client's own.
        if !self.wire.buffered().is_empty() {
            return Err(Ended::Told(Reply::pipelined_starttls()));
        }
        self.wire
            .say(&Reply::start_tls())
            .await
            .map_err(|e| self.ended(&e))?;
        self.wire.flush().await.map_err(|e| self.ended(&e))?;

        let nothing = Wire::new(Box::new(tokio::io::empty()));
        let stream = std::mem::replace(&mut self.wire, nothing).into_stream();
        let handshake = TlsAcceptor::from(Arc::clone(&config)).accept(stream);
        let stream = match timeout(timeouts::HANDSHAKE, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                info!(%error, "TLS handshake failed");
                return Err(Ended::Gone);
            }
            Err(_) => {
                info!("TLS handshake took too long");
                return Err(Ended::Gone);
            }
        };
        let (_, connection) = stream.get_ref();
        self.tls = Some(match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "TLS",
        });
        self.peer.certificate_names = connection
            .peer_certificates()
            .and_then(|chain| chain.first())
            .map(|certificate| tls::names(certificate))
            .unwrap_or_default();
        // RFC 3207 §4.2: what was said in clear is forgotten.
        self.wire = Wire::new(Box::new(stream));
        self.helo = None;
        self.transaction = None;
        self.peer.login = None;
        Ok(None)
    }
}
