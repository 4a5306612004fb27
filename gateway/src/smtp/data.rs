//! DATA: content up to the dot.

use tokio::time::Instant;

use super::dot::{DotReader, Dotted};
use super::intake::Intake;
use super::reply::Reply;
use super::session::{Ended, Session};
use super::timeouts;

impl<I: Intake> Session<I> {
    /// RFC 5321 §4.1.1.4.
    pub(super) async fn data(&mut self, text: &str) -> Result<Reply, Ended> {
        if !text.is_empty() {
            return Ok(Reply::syntax("DATA takes no argument"));
        }
        let Some(transaction) = &self.transaction else {
            return Ok(Reply::sequence("MAIL first"));
        };
        if self.in_chunks() {
            return Ok(Reply::sequence("BDAT has begun, DATA cannot end it"));
        }
        if transaction.recipients.is_empty() {
            return Ok(Reply::no_recipients());
        }
        if let Err(error) = self.service.intake().check_room() {
            let reply = self.refused(error.into(), transaction.client);
            self.transaction = None;
            return Ok(reply);
        }
        let Some(mut content) = self.begin_content() else {
            return Ok(Reply::sequence("EHLO first"));
        };
        self.wire
            .say(&Reply::send_content())
            .await
            .map_err(|e| self.ended(&e))?;

        let service = std::sync::Arc::clone(&self.service);
        let mut reader = DotReader::new();
        let mut piece = Vec::new();
        let began = Instant::now();
        loop {
            let buffered = self.wire.buffered();
            piece.clear();
            let dotted = reader.push(buffered, &mut piece);
            let used = match dotted {
                Dotted::More => buffered.len(),
                Dotted::End { used } => used,
            };
            self.wire.consume(used);
            content.push(service.intake(), &piece).await;
            if let Dotted::End { .. } = dotted {
                return Ok(self.keep(content).await);
            }
            if timeouts::is_too_slow(content.octets(), began.elapsed()) {
                return Err(Ended::Told(Reply::too_slow(&self.settings.hostname)));
            }
            self.wire
                .fill(Instant::now() + timeouts::CONTENT)
                .await
                .map_err(|e| self.ended(&e))?;
        }
    }
}
