//! RCPT: one forward-path more.

use super::command::after_keyword;
use super::intake::Intake;
use super::parameter;
use super::path::Path;
use super::reply::Reply;
use super::session::Session;
use super::transaction::Chunks;
use crate::spool::ArrivalRecipient;

impl<I: Intake> Session<I> {
    /// RFC 5321 §4.1.1.3.
    pub(super) fn rcpt(&mut self, text: &str) -> Reply {
        let limits = &self.settings.limits;
        let Some(transaction) = &mut self.transaction else {
            return Reply::sequence("MAIL first");
        };
        if !matches!(transaction.chunks, Chunks::None) {
            return Reply::sequence("Content has begun");
        }
        let Some((path, rest)) = after_keyword(text, "TO:").and_then(Path::parse) else {
            return Reply::bad_forward_path();
        };
        if !transaction.smtputf8 && !path.is_ascii() {
            return Reply::needs_smtputf8();
        }
        let mut recipient = ArrivalRecipient {
            path: path.as_str().to_owned(),
            notify: None,
            orcpt: None,
        };
        if let Err(reply) = read_parameters(rest, &mut recipient) {
            return reply;
        }
        // RFC 5321 §4.5.3.1.10: the client sends the others the rest in another transaction.
        if transaction.recipients.len() >= limits.recipients {
            return Reply::too_many_recipients();
        }
        if self.recipients >= limits.recipients_per_session {
            return Reply::too_many_in_session();
        }
        transaction.recipients.push(recipient);
        self.recipients += 1;
        Reply::forward_path_ok()
    }
}

fn read_parameters(rest: &str, recipient: &mut ArrivalRecipient) -> Result<(), Reply> {
    for (keyword, value) in parameter::split(rest)? {
        match keyword.as_str() {
            // RFC 3461 §4.1.
            "NOTIFY" => {
                let notify = parameter::notify(value);
                recipient.notify = Some(notify.ok_or_else(|| {
                    Reply::syntax("NOTIFY is NEVER or a list of SUCCESS, FAILURE, DELAY")
                })?);
            }
            // RFC 3461 §4.2.
            "ORCPT" => {
                let orcpt = parameter::orcpt(value);
                recipient.orcpt =
                    Some(orcpt.ok_or_else(|| Reply::syntax("ORCPT needs a type and an address"))?);
            }
            _ => return Err(Reply::unknown_parameter()),
        }
    }
    Ok(())
}
