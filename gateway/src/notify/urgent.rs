//! Notices of a referral that was stopped, which may mean that a child waits.

use super::document::{heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};
use super::reviewer::{decide, letter};
use super::stop::Stop;

/// To those who may decide at once.
pub fn referral_waits(
    sending: &Sending,
    stop: &Stop,
    reviewer: &str,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A message from {} looks like a safeguarding referral, but it goes to an address \
             that is not on the school\u{2019}s list of agencies. It was stopped, and a child \
             may be waiting. Please decide now.",
            stop.sender_in_words(),
        )),
    ];
    blocks.extend(stop.for_reviewer());
    decide(stop, reviewer, None, &mut blocks);
    let subject = "URGENT: a referral waits for your decision".to_owned();
    letter(sending, reviewer, subject, blocks)
}

/// To whoever sent it: there are quicker ways than to wait.
pub fn referral_stopped(sending: &Sending, stop: &Stop) -> Result<Notice, NoticeError> {
    let asked = match stop.asked.as_str() {
        "" => String::new(),
        asked => format!(" We have asked {asked} to decide at once."),
    };
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "Your message looks like a safeguarding referral, but it has not gone out: the \
             address is not on the school\u{2019}s list of agencies.{asked}"
        )),
        paragraph(
            "Do not wait for it. If a child may be in danger, phone the agency or 999 now. Check \
             the address: sent to the right one, it goes out without waiting.",
        ),
    ];
    blocks.extend(stop.for_sender("Why it was stopped"));
    blocks.push(heading("What happens next"));
    blocks.push(paragraph(
        "More people are asked after half an hour. If nobody decides within two hours, it comes \
         back to you.",
    ));
    blocks.push(paragraph(format!(
        "This is an automatic message from the mail check at {}.",
        sending.school_name
    )));
    Letter {
        to: &stop.sender,
        reply_to: Some(stop.ask.as_str()).filter(|address| !address.is_empty()),
        subject: "URGENT: your referral has not gone out".to_owned(),
        blocks,
        attached: None,
    }
    .write(sending)
}

/// To those who look at a referral after it went out without waiting.
pub fn referral_to_review(
    sending: &Sending,
    stop: &Stop,
    reviewer: &str,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A safeguarding referral from {} to a verified agency went out without waiting. \
             Please look at it with the sender when you can. Nothing has to be done at once.",
            stop.sender_in_words(),
        )),
    ];
    blocks.extend(stop.for_reviewer());
    blocks.push(paragraph(
        "When you have looked at it, your technician can close it, without reading it:",
    ));
    blocks.push(super::document::Block::List(vec![format!(
        "schoolgate quarantine release {} --by {reviewer}",
        stop.case
    )]));
    let subject = "A referral to look at".to_owned();
    letter(sending, reviewer, subject, blocks)
}
