//! The gateway's own mails: to the sender, to the reviewer, to the technician.
//!
//! Each composer is a pure function: what it is told in, a message out. All of them say
//! that they are automatic and go out with the null reverse-path, so nothing answers
//! them. Who may see what: the sender sees what was found where, in their own message;
//! the reviewer sees who, why and to whom in words; the technician sees no person at all.
//! Nobody sees content by mail, but for a sender who gets the own message back.

mod answerable;
mod document;
mod letter;
mod offer;
mod remedies;
mod report;
mod reviewer;
pub mod school_days;
mod sender;
mod stop;
mod technician;
mod told;
mod urgent;

pub use answerable::may_answer;
pub use letter::{Notice, NoticeError, Sending};
pub use offer::Offer;
pub use remedies::{
    Remedied, check_for_whom, checked, nobody_reads, overridden, remedied, too_many_checks,
};
pub use report::{DailyReport, observe_report, review_reminder};
pub use reviewer::{null_sender_to_reviewer, quarantine_notice_to_reviewer};
pub use sender::{
    Return, held_notice, nudge, quarantine_notice_to_sender, refused, released, returned_to_sender,
};
pub use stop::{Clause, Reason, Stop, StoppedRecipient};
pub use technician::{Alarm, technician_alarm};
pub use told::{Became, child_at_risk, rule_applied};
pub use urgent::{referral_stopped, referral_to_review, referral_waits};

#[cfg(test)]
mod tests;
