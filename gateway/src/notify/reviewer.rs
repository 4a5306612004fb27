//! Notices to the person who decides.

use super::document::{Block, heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};
use super::stop::Stop;

/// A quarantined message waits for a decision. `console` is the page to open, when there
/// is one; the command line always works.
pub fn quarantine_notice_to_reviewer(
    sending: &Sending,
    stop: &Stop,
    reviewer: &str,
    console: Option<&str>,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A message from {} was stopped before it left the school. It waits for you to \
             decide. {}",
            stop.sender_in_words(),
            stop.who_has_it()
        )),
    ];
    blocks.extend(stop.for_reviewer());
    decide(stop, reviewer, console, &mut blocks);
    blocks.push(paragraph(
        "The sender knows that the message is being checked. Please decide soon: the message \
         may be about a child who needs help.",
    ));
    let subject = match stop.confidential {
        true => "A message waits for your decision".to_owned(),
        false => format!("A message waits for your decision (case {})", stop.case),
    };
    letter(sending, reviewer, subject, blocks)
}

/// A stopped message has no sender who could be told: it came with the null reverse-path
/// or from a machine.
pub fn null_sender_to_reviewer(
    sending: &Sending,
    stop: &Stop,
    reviewer: &str,
    console: Option<&str>,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "An automatic message, such as an out-of-office reply, was stopped before it left \
             the school. There is nobody whom we could ask to put it right, so we tell you.",
        ),
    ];
    blocks.extend(stop.for_reviewer());
    decide(stop, reviewer, console, &mut blocks);
    if let Some(date) = &stop.goes_back_on {
        blocks.push(paragraph(format!(
            "If you do nothing until {date}, it will not be sent."
        )));
    }
    let subject = format!("An automatic message was stopped (case {})", stop.case);
    letter(sending, reviewer, subject, blocks)
}

pub(super) fn decide(stop: &Stop, reviewer: &str, console: Option<&str>, blocks: &mut Vec<Block>) {
    blocks.push(heading("What you can do"));
    blocks.push(Block::List(vec![
        "Release it: it goes out as it is.".to_owned(),
        "Refuse it: it is not sent, and the sender is told.".to_owned(),
        "Return it: the sender gets it back to change it.".to_owned(),
    ]));
    if let Some(page) = console {
        blocks.push(Block::Labelled("Decide here:", page.to_owned()));
    }
    blocks.push(paragraph(
        "Your technician can also enter your decision at the gateway, without reading the \
         message:",
    ));
    let by = match stop.confidential {
        true => format!(" --by {reviewer}"),
        false => String::new(),
    };
    let command = |verb: &str| format!("schoolgate quarantine {verb} {}{by}", stop.case);
    blocks.push(Block::List(
        ["release", "refuse", "return"].map(command).to_vec(),
    ));
    if stop.confidential {
        blocks.push(paragraph(
            "This message stands in no list, and nobody but you and its sender is told of it. \
             Only this whole number finds it, so keep the number to yourself until you decide.",
        ));
        if let Some(date) = &stop.goes_back_on {
            blocks.push(paragraph(format!(
                "If you do not decide until {date}, it goes back to its sender."
            )));
        }
    }
    blocks.push(Block::Labelled("Case:", stop.case.clone()));
}

pub(super) fn letter(
    sending: &Sending,
    reviewer: &str,
    subject: String,
    mut blocks: Vec<Block>,
) -> Result<Notice, NoticeError> {
    blocks.push(paragraph(format!(
        "This is an automatic message from the mail check at {}. It shows nothing of what the \
         message says. Please do not reply to it.",
        sending.school_name
    )));
    Letter {
        to: reviewer,
        reply_to: None,
        subject,
        blocks,
        attached: None,
    }
    .write(sending)
}
