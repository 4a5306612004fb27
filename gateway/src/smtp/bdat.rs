//! BDAT: content in counted chunks (RFC 3030).
//!
//! A chunk follows its command at once, wanted or not, so whatever is wrong with the
//! command its octets must be read away. When their number cannot be known the
//! connection closes: read as commands they would be a way in.

use tokio::time::Instant;

use super::content::Content;
use super::intake::Intake;
use super::reply::Reply;
use super::session::{Ended, Session};
use super::timeouts;
use super::transaction::Chunks;

/// What a BDAT command says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    octets: u32,
    last: bool,
}

impl Chunk {
    /// Reads `12` or `12 LAST`.
    fn parse(text: &str) -> Option<Self> {
        let (size, last) = match text.split_once(' ') {
            Some((size, word)) if word.trim_matches(' ').eq_ignore_ascii_case("LAST") => {
                (size, true)
            }
            Some(_) => return None,
            None => (text, false),
        };
        // `parse` alone would take a sign.
        let digits = !size.is_empty() && size.bytes().all(|o| o.is_ascii_digit());
        let octets = digits.then(|| size.parse().ok()).flatten()?;
        Some(Self { octets, last })
    }
}

impl<I: Intake> Session<I> {
    /// RFC 3030 §2.
    pub(super) async fn bdat(&mut self, text: &str) -> Result<Reply, Ended> {
        let Some(chunk) = Chunk::parse(text) else {
            return Err(Ended::Told(Reply::syntax(
                "BDAT needs a size, then perhaps LAST",
            )));
        };
        let mut content = match self.chunks_so_far() {
            Ok(content) => content,
            Err(reply) => {
                self.read_chunk(chunk, None).await?;
                return Ok(reply);
            }
        };
        self.read_chunk(chunk, Some(&mut content)).await?;
        if chunk.last {
            return Ok(self.keep(*content).await);
        }
        let Some(transaction) = &mut self.transaction else {
            return Ok(Reply::sequence("MAIL first"));
        };
        Ok(match content.refusal() {
            Some(refusal) => {
                transaction.chunks = Chunks::Failed;
                let client = transaction.client;
                self.refused(refusal, client)
            }
            None => {
                transaction.chunks = Chunks::Receiving(content);
                Reply::chunk_taken(u64::from(chunk.octets))
            }
        })
    }

    /// The content that a chunk adds to, or why it can add to none.
    fn chunks_so_far(&mut self) -> Result<Box<Content<I::Incoming>>, Reply> {
        let Some(transaction) = &mut self.transaction else {
            return Err(Reply::sequence("MAIL first"));
        };
        match std::mem::replace(&mut transaction.chunks, Chunks::Failed) {
            Chunks::Receiving(content) => Ok(content),
            Chunks::Failed => Err(Reply::sequence("An earlier chunk was refused, RSET first")),
            Chunks::None => self.first_chunk(),
        }
    }

    /// Begins the content; a refusal leaves the transaction failed.
    fn first_chunk(&mut self) -> Result<Box<Content<I::Incoming>>, Reply> {
        let Some(transaction) = &mut self.transaction else {
            return Err(Reply::sequence("MAIL first"));
        };
        if transaction.recipients.is_empty() {
            transaction.chunks = Chunks::None;
            return Err(Reply::no_recipients());
        }
        let client = transaction.client;
        if let Err(error) = self.service.intake().check_room() {
            return Err(self.refused(error.into(), client));
        }
        self.begin_content()
            .map(Box::new)
            .ok_or_else(|| Reply::sequence("EHLO first"))
    }

    /// Reads a chunk's octets into `content`, or away.
    async fn read_chunk(
        &mut self,
        chunk: Chunk,
        mut content: Option<&mut Content<I::Incoming>>,
    ) -> Result<(), Ended> {
        let service = std::sync::Arc::clone(&self.service);
        let mut left = usize::try_from(chunk.octets).unwrap_or(usize::MAX);
        let mut taken: u64 = 0;
        let began = Instant::now();
        while left > 0 {
            let buffered = self.wire.buffered();
            let piece = buffered.get(..left.min(buffered.len())).unwrap_or_default();
            if let Some(content) = &mut content {
                content.push(service.intake(), piece).await;
            }
            let used = piece.len();
            self.wire.consume(used);
            left -= used;
            taken += used as u64;
            if left == 0 {
                break;
            }
            if timeouts::is_too_slow(taken, began.elapsed()) {
                return Err(Ended::Told(Reply::too_slow(&self.settings.hostname)));
            }
            self.wire
                .fill(Instant::now() + timeouts::CONTENT)
                .await
                .map_err(|e| self.ended(&e))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chunks_are_read_strictly() {
        let chunk = |octets, last| Some(Chunk { octets, last });
        assert_eq!(Chunk::parse("0"), chunk(0, false));
        assert_eq!(Chunk::parse("12 last"), chunk(12, true));
        assert_eq!(Chunk::parse("4294967295"), chunk(u32::MAX, false));
        for bad in [
            "",
            "+1",
            "-1",
            "1 FIRST",
            "1 LAST LAST",
            "LAST",
            "4294967296",
            "0x1",
            "99999999999999999999999",
        ] {
            assert_eq!(Chunk::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_size_is_decimal_digits_and_nothing_else(text in "[0-9+ -]{0,12}( LAST| last)?|\\PC{0,12}") {
            if let Some(chunk) = Chunk::parse(&text) {
                let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
                prop_assert_eq!(digits.parse().ok(), Some(chunk.octets));
                prop_assert_eq!(text.len() > digits.len(), chunk.last);
            }
        }
    }
}
