//! MAIL: a transaction begins, if this client may send for this reverse-path.

use metrics::counter;
use tracing::info;

use super::admission::{self, MailRefusal};
use super::command::after_keyword;
use super::error::Refusal;
use super::intake::Intake;
use super::parameter;
use super::path::ReversePath;
use super::reply::Reply;
use super::session::Session;
use super::transaction::{Chunks, Transaction};

/// The parameters of MAIL.
#[derive(Debug, Default)]
struct Parameters {
    size: Option<u64>,
    eight_bit: bool,
    smtputf8: bool,
    ret: Option<String>,
    envid: Option<String>,
}

impl<I: Intake> Session<I> {
    /// RFC 5321 §4.1.1.2.
    pub(super) fn mail(&mut self, text: &str) -> Reply {
        if self.helo.is_none() {
            return Reply::sequence("EHLO first");
        }
        if self.transaction.is_some() {
            return Reply::sequence("A transaction is open already");
        }
        let Some((reverse_path, rest)) = after_keyword(text, "FROM:").and_then(ReversePath::parse)
        else {
            return Reply::bad_reverse_path();
        };
        let parameters = match Parameters::read(rest) {
            Ok(parameters) => parameters,
            Err(reply) => return reply,
        };
        if !parameters.smtputf8 && !reverse_path.as_str().is_ascii() {
            return Reply::needs_smtputf8();
        }
        let client = match admission::admit(&self.settings, &self.peer, reverse_path.domain()) {
            Ok(client) => client,
            Err(refusal) => return self.not_admitted(refusal),
        };
        let limits = &self.settings.limits;
        // Its envelope could take nobody: a new session can.
        if self.recipients >= limits.recipients_per_session {
            return Reply::session_is_full();
        }
        if parameters.size.is_some_and(|s| s > limits.message_size) {
            return self.refused(Refusal::TooBig, client);
        }
        if let Err(error) = self.service.intake().check_room() {
            return self.refused(error.into(), client);
        }
        self.transaction = Some(Transaction {
            reverse_path,
            client,
            ret: parameters.ret,
            envid: parameters.envid,
            smtputf8: parameters.smtputf8,
            eight_bit: parameters.eight_bit,
            recipients: Vec::new(),
            chunks: Chunks::None,
        });
        Reply::reverse_path_ok()
    }

    fn not_admitted(&self, refusal: MailRefusal) -> Reply {
        let (reason, reply) = match refusal {
            MailRefusal::NotPermitted => ("not-permitted", Reply::may_not_relay(self.peer.address)),
            MailRefusal::ForeignReversePath => {
                ("foreign-reverse-path", Reply::foreign_reverse_path())
            }
        };
        counter!("schoolgate_smtp_refused", "reason" => reason).increment(1);
        info!(code = reply.code(), reason, "transaction refused");
        reply
    }
}

impl Parameters {
    fn read(rest: &str) -> Result<Self, Reply> {
        let mut read = Self::default();
        for (keyword, value) in parameter::split(rest)? {
            match keyword.as_str() {
                // RFC 1870 §6.
                "SIZE" => {
                    let size = parameter::size(value);
                    read.size = Some(size.ok_or_else(|| Reply::syntax("SIZE needs a number"))?);
                }
                // RFC 6152 §2, RFC 3030 §3.
                "BODY" => match value.map(str::to_ascii_uppercase).as_deref() {
                    Some("7BIT") => {}
                    Some("8BITMIME") => read.eight_bit = true,
                    Some("BINARYMIME") => return Err(Reply::binarymime()),
                    _ => return Err(Reply::syntax("BODY is 7BIT or 8BITMIME")),
                },
                // RFC 6531 §3.4.
                "SMTPUTF8" if value.is_none() => read.smtputf8 = true,
                "SMTPUTF8" => return Err(Reply::syntax("SMTPUTF8 takes no value")),
                // RFC 4954 §5: who submitted it is not our matter.
                "AUTH" => {
                    value
                        .and_then(parameter::xtext)
                        .ok_or_else(|| Reply::syntax("AUTH needs an address in xtext"))?;
                }
                // RFC 3461 §4.3.
                "RET" => {
                    let ret = parameter::ret(value);
                    read.ret = Some(ret.ok_or_else(|| Reply::syntax("RET is FULL or HDRS"))?);
                }
                // RFC 3461 §4.4.
                "ENVID" => {
                    let envid = parameter::envid(value);
                    read.envid =
                        Some(envid.ok_or_else(|| Reply::syntax("ENVID needs printable xtext"))?);
                }
                _ => return Err(Reply::unknown_parameter()),
            }
        }
        Ok(read)
    }
}
