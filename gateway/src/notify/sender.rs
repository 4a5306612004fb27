//! Notices to the person who sent the message.

use super::document::{Block, heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};
use super::stop::Stop;

/// Why a message comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return<'a> {
    /// Nobody put it right in time.
    Unanswered,
    /// A reviewer sent it back, perhaps with a note.
    Reviewer { note: Option<&'a str> },
}

/// A message waits for its sender to put it right.
pub fn held_notice(sending: &Sending, stop: &Stop) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A message that you sent is waiting. It is safe with us. {} It only needs \
             something from you.",
            stop.who_has_it()
        )),
    ];
    blocks.extend(stop.for_sender("Why it waits"));
    match &stop.offer {
        Some(offer) => blocks.extend(offer.blocks()),
        None => {
            blocks.push(heading("What happens next"));
            blocks.push(paragraph(
                "Put it right and send it again as a new message. The message that waits here \
                 will not go out.",
            ));
        }
    }
    if let Some(date) = &stop.goes_back_on {
        blocks.push(paragraph(format!(
            "If you do nothing, it comes back to you on {date}. It will not be sent."
        )));
    }
    ask(stop, &mut blocks);
    letter(
        sending,
        stop,
        "Your message is waiting for you",
        blocks,
        None,
    )
}

/// A message waits for a reviewer.
pub fn quarantine_notice_to_sender(sending: &Sending, stop: &Stop) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A message that you sent is waiting. It may have information in it that the person \
             you wrote to should not have. {}",
            who_looks(stop)
        )),
        paragraph(format!(
            "This can happen to anybody, and often the message is fine. {}",
            stop.who_has_it()
        )),
    ];
    blocks.extend(stop.for_sender("Why it was stopped"));
    blocks.push(heading("What happens next"));
    blocks.push(paragraph(
        "You will hear from us when it has been looked at. Please do not send it again, or \
         another way, until then.",
    ));
    blocks.push(paragraph(
        "If a child may be in danger, do not wait: speak to your designated safeguarding lead \
         now.",
    ));
    ask(stop, &mut blocks);
    letter(sending, stop, "Your message is being checked", blocks, None)
}

/// A message comes back to its sender, who gets it as an attachment.
///
/// `original` goes to nobody else: the notice is addressed to `stop.sender`.
pub fn returned_to_sender(
    sending: &Sending,
    stop: &Stop,
    why: Return,
    original: &[u8],
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![paragraph("Hello,")];
    match why {
        Return::Unanswered => blocks.push(paragraph(
            "A message that you sent has been waiting for you, and the time is up. It was not \
             sent to the people named below. You find it attached, so that nothing is lost.",
        )),
        Return::Reviewer { note } => {
            blocks.push(paragraph(
                "A message that you sent was looked at and comes back to you. It was not sent \
                 to the people named below. You find it attached, so that you can change it.",
            ));
            add_note(note, &mut blocks);
        }
    }
    blocks.extend(stop.for_sender("Why it was stopped"));
    blocks.push(heading("What happens next"));
    blocks.push(paragraph(
        "If it should still go out, put it right and send it again as a new message.",
    ));
    ask(stop, &mut blocks);
    let subject = "Your message has come back to you";
    letter(sending, stop, subject, blocks, Some(original))
}

/// A reviewer refused a message: it will not be sent.
pub fn refused(sending: &Sending, stop: &Stop, note: Option<&str>) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A message that you sent was looked at and will not be sent. {} No harm was done.",
            stop.who_has_it()
        )),
    ];
    add_note(note, &mut blocks);
    blocks.extend(stop.for_sender("Why it was stopped"));
    blocks.push(heading("What happens next"));
    blocks.push(paragraph(
        "You need not do anything. Please do not send the same message another way.",
    ));
    ask(stop, &mut blocks);
    letter(sending, stop, "Your message was not sent", blocks, None)
}

/// A reviewer released a message: it is on its way.
pub fn released(sending: &Sending, stop: &Stop, note: Option<&str>) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "Good news: a message that you sent was looked at and is now on its way. You need \
             not do anything.",
        ),
    ];
    add_note(note, &mut blocks);
    blocks.push(Block::Labelled("Case:", stop.case.clone()));
    ask(stop, &mut blocks);
    letter(sending, stop, "Your message is on its way", blocks, None)
}

/// A message was sent, and something is worth knowing for the next one.
pub fn nudge(sending: &Sending, stop: &Stop) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "A message that you sent is on its way. You need not do anything now. There is \
             something to think of next time.",
        ),
    ];
    blocks.extend(stop.for_sender("What we noticed"));
    ask(stop, &mut blocks);
    letter(
        sending,
        stop,
        "A tip about a message that you sent",
        blocks,
        None,
    )
}

fn add_note(note: Option<&str>, blocks: &mut Vec<Block>) {
    if let Some(note) = note.map(str::trim).filter(|n| !n.is_empty()) {
        blocks.push(paragraph("The person who looked at it wrote:"));
        blocks.push(Block::Quote(note.to_owned()));
    }
}

/// Who decides, and that nobody else is told where that is so.
fn who_looks(stop: &Stop) -> String {
    let date = stop.goes_back_on.as_deref().unwrap_or("the day it is due");
    match (stop.asked.as_str(), stop.confidential) {
        ("", _) => format!(
            "Nobody who could decide about it may see it, so it comes back to you on {date}."
        ),
        (_, false) if stop.for_dsl => "A member of staff whose job it is to keep children safe \
                                       has been asked to look at it first."
            .to_owned(),
        ("the headteacher", false) => {
            "Your headteacher has been asked to look at it first.".to_owned()
        }
        (asked, false) => format!("We have asked {asked} to look at it first."),
        (asked, true) => format!(
            "We have asked {asked} to look at it first, and told nobody else. If there is no \
             decision by {date}, it comes back to you."
        ),
    }
}

fn ask(stop: &Stop, blocks: &mut Vec<Block>) {
    if stop.ask.is_empty() {
        blocks.push(paragraph(format!(
            "Nobody else at the school is told of this message or can see it. The number of the \
             case is {}.",
            stop.case
        )));
        return;
    }
    blocks.push(paragraph(format!(
        "If you think that this is a mistake, or if you are not sure, ask {}. Say that it is \
         about case {}.",
        stop.ask, stop.case
    )));
}

fn letter(
    sending: &Sending,
    stop: &Stop,
    subject: &str,
    mut blocks: Vec<Block>,
    attached: Option<&[u8]>,
) -> Result<Notice, NoticeError> {
    blocks.push(paragraph(format!(
        "This is an automatic message from the mail check at {}.",
        sending.school_name
    )));
    Letter {
        to: &stop.sender,
        // While the message waits, an answer goes to the gateway and says what to do.
        reply_to: Some(
            stop.offer
                .as_ref()
                .map_or(stop.ask.as_str(), |offer| offer.reply_to.as_str()),
        )
        .filter(|address| !address.is_empty()),
        subject: format!("{subject} (case {})", stop.case),
        blocks,
        attached,
    }
    .write(sending)
}
