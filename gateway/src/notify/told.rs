//! To people whom a rule names: that it applied. No content, and to nobody but the
//! designated safeguarding lead who wrote the message.

use super::document::{Block, heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};
use super::stop::Stop;

/// What became of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is on its way.
    Sent,
    /// It waits under the case's number.
    Waits,
    /// It went back to its sender.
    Returned,
}

impl Became {
    fn sentence(self) -> &'static str {
        match self {
            Self::Sent => "It is on its way to the people it was written to.",
            Self::Waits => "It waits at the gateway and has not left.",
            Self::Returned => "It went back to its sender and has not left.",
        }
    }
}

/// Tells somebody that rules applied. The reasons of `stop` are those rules'.
///
/// # Errors
/// `to` is no e-mail address.
pub fn rule_applied(
    sending: &Sending,
    stop: &Stop,
    to: &str,
    became: Became,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "The school\u{2019}s policy says that you are to know when an email like this one \
             is written. {}",
            became.sentence()
        )),
        heading("Which rules applied"),
        Block::List(stop.in_few_words()),
        Block::Labelled("Case:", stop.case.clone()),
        paragraph("You need not do anything, unless you want to look into it."),
    ];
    end(sending, &mut blocks);
    Letter {
        to,
        reply_to: None,
        subject: format!(
            "A rule of the school\u{2019}s policy applied (case {})",
            stop.case
        ),
        blocks,
        attached: None,
    }
    .write(sending)
}

/// Alerts the designated safeguarding lead: a child may be at risk. It names who wrote,
/// so that somebody can speak to them, and nothing that they wrote.
///
/// # Errors
/// `to` is no e-mail address.
pub fn child_at_risk(
    sending: &Sending,
    stop: &Stop,
    to: &str,
    became: Became,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "An email from {} ({}) has words in it that may mean that a child is at risk. A \
             machine found them, so they may be harmless. {}",
            stop.sender_in_words(),
            stop.sender,
            became.sentence()
        )),
    ];
    for reason in &stop.reasons {
        blocks.push(paragraph(reason.for_reviewer()));
        if !reason.remedy.is_empty() {
            blocks.push(Block::Labelled("What to do:", reason.remedy.clone()));
        }
    }
    if became == Became::Waits {
        blocks.push(paragraph(
            "You decide about the email too: you find it among the stopped messages under its \
             number.",
        ));
    }
    blocks.push(Block::Labelled("Case:", stop.case.clone()));
    end(sending, &mut blocks);
    Letter {
        to,
        reply_to: None,
        subject: format!(
            "Please look at this now: a child may be at risk (case {})",
            stop.case
        ),
        blocks,
        attached: None,
    }
    .write(sending)
}

fn end(sending: &Sending, blocks: &mut Vec<Block>) {
    blocks.push(paragraph(format!(
        "This is an automatic message from the mail check at {}. It shows nothing of what the \
         email says. Please do not reply to it.",
        sending.school_name
    )));
}
