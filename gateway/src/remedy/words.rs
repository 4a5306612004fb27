//! Answers in words to mail that changes nothing.

use super::act::Prospects;
use super::mailbox::{OwnMail, RemedyError, Reply, how_it_ended, sender, take_in};
use super::offer::Grounds;
use crate::audit::{Entry, Line};
use crate::clock::{HOUR, Micros};
use crate::ids::RecipientId;
use crate::notify::{Notice, Remedied};
use crate::schools::School;
use crate::spool::Loaded;
use crate::store::cases::{self, CaseRow};
use crate::store::remedies::{self, Asked};

/// Answers in words to one sender within [`WORDS_WITHIN`]: beyond that, silence.
const WORDS: i64 = 10;
const WORDS_WITHIN: Micros = HOUR;

impl OwnMail {
    /// Answers a reply in words; nothing else changes.
    pub(super) async fn answer(
        &self,
        reply: &Reply<'_>,
        what: Remedied,
        grounds: Option<&Grounds<'_>>,
    ) -> Result<(), RemedyError> {
        let now = self.clock.now();
        let offer = grounds.map(|grounds| grounds.offer(&reply.token));
        let (school, case) = (reply.loaded.row.school, reply.case.id);
        let letter = self
            .notices
            .remedied(school, case, &reply.stop, &what, offer, now)?;
        self.say(reply.loaded, reply.recipient, Some(letter), None)
            .await
    }

    /// Answers that nothing was done and the message waits on, with what can be done now.
    /// If another reply was faster than the look at the message, that is said instead.
    pub(super) async fn say_it_waits(
        &self,
        reply: &Reply<'_>,
        what: Remedied,
        prospects: &Prospects,
    ) -> Result<(), RemedyError> {
        let case = reply.case.id;
        let now = self.store.read(move |tx| cases::get(tx, case)).await?;
        if let Some(how) = now.and_then(|case| how_it_ended(case.state)) {
            return self.answer(reply, Remedied::Late { how }, None).await;
        }
        self.answer(reply, what, Some(&prospects.grounds(reply)))
            .await
    }

    /// Mail to an address that nobody reads, or to a token that is none.
    pub(super) async fn say_nobody_reads(
        &self,
        school: &School,
        loaded: &Loaded,
        recipient: RecipientId,
    ) -> Result<(), RemedyError> {
        let letter = self.nobody_reads(school, loaded)?;
        self.say(loaded, recipient, letter, None).await
    }

    /// A good token in the wrong hands: the answer is that to any bad one, and the log
    /// says what happened.
    pub(super) async fn refuse_stranger(
        &self,
        school: &School,
        loaded: &Loaded,
        recipient: RecipientId,
        case: &CaseRow,
    ) -> Result<(), RemedyError> {
        let entry = Entry {
            actor: sender(&loaded.arrival.reverse_path),
            object: case.id.to_string(),
            detail: "a reply to the hold notice of somebody else was ignored".into(),
        };
        let keys = self.vault.of(loaded.row.school)?;
        let line = Line::seal(keys, self.clock.now(), "remedy.refuse", &entry)?;
        let letter = self.nobody_reads(school, loaded)?;
        tracing::warn!(case = %case.id, "a reply to a hold notice came from another address");
        self.say(loaded, recipient, letter, Some(line)).await
    }

    /// The one answer to all that leads nowhere; pupils get none.
    fn nobody_reads(
        &self,
        school: &School,
        loaded: &Loaded,
    ) -> Result<Option<Notice>, RemedyError> {
        let to = &loaded.arrival.reverse_path;
        let directory = &school.context.directory;
        if directory.is_pupil_mailbox(&to.to_lowercase()) {
            return Ok(None);
        }
        let row = loaded.row.school;
        Ok(Some(self.notices.nobody_reads(
            row,
            to,
            self.clock.now(),
        )?))
    }

    /// Takes one forward-path in, with a letter to its sender if they had not too many.
    async fn say(
        &self,
        loaded: &Loaded,
        recipient: RecipientId,
        letter: Option<Notice>,
        line: Option<Line>,
    ) -> Result<(), RemedyError> {
        let now = self.clock.now();
        let (message, school) = (loaded.row.id, loaded.row.school);
        let sender_index = self.sender_index(school, &loaded.arrival.reverse_path)?;
        let letter = match letter {
            Some(letter) => Some(self.spool.prepare_notice(school, letter).await?),
            None => None,
        };
        let file = self
            .store
            .write(move |tx| {
                let Some(file) = take_in(tx, message, &[recipient], now)? else {
                    return Ok(false);
                };
                if let Some(line) = &line {
                    line.append(tx)?;
                }
                let since = now - WORDS_WITHIN;
                let asked = remedies::count(tx, school, &sender_index, Asked::Words, since)?;
                if let Some(letter) = letter.filter(|_| asked < WORDS) {
                    remedies::note(tx, school, &sender_index, Asked::Words, None, now)?;
                    letter.insert(tx, now)?;
                }
                Ok(file)
            })
            .await?;
        metrics::counter!("schoolgate_own_mail", "what" => "answered").increment(1);
        self.discard(message, file).await;
        Ok(())
    }
}
