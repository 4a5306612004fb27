//! Answers to what people write to the gateway: to a reply to a hold notice, to a draft
//! that is to be checked, to an address that nobody reads.

use schoolgate_policies::Verdict;

use super::document::{Block, heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};
use super::stop::{Reason, Stop};

/// What came of a reply to a hold notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedied {
    /// The message is not sent.
    Cancelled,
    /// It is on its way for the sender's reason, of which these are told.
    Sent { reason: String, told: String },
    /// The marking was added and it is checked again.
    Marked {
        marking: String,
        breaks_signature: bool,
    },
    /// The first line was none of the words.
    Unclear,
    /// SEND without a reason.
    NoReason,
    /// The word was understood, and cannot be done.
    NotDone { why: String },
    /// The message no longer waits; how it ended.
    Late { how: &'static str },
}

/// The answer to a reply.
pub fn remedied(sending: &Sending, stop: &Stop, what: &Remedied) -> Result<Notice, NoticeError> {
    let mut blocks = vec![paragraph("Hello,")];
    let mut say = |text: String| blocks.push(paragraph(text));
    let subject = match what {
        Remedied::Cancelled => {
            say(
                "As you asked, your message is not sent to anybody. You still have your own \
                 copy where you keep what you sent."
                    .to_owned(),
            );
            "Your message is cancelled"
        }
        Remedied::Sent { reason, told } => {
            say(format!(
                "As you asked, your message is now on its way as it was. We keep your reason and \
                 show it to {told}. Your reason:"
            ));
            blocks.push(Block::Quote(reason.clone()));
            blocks.push(paragraph(
                "If you did not ask for this, tell your technician at once: somebody else may be \
                 using your mailbox.",
            ));
            "Your message is on its way"
        }
        Remedied::Marked {
            marking,
            breaks_signature,
        } => {
            say(format!(
                "As you asked, we put {marking} at the start of the subject. The message is \
                 being checked again. You hear from us only if it still cannot go."
            ));
            if *breaks_signature {
                say("It had an electronic signature (DKIM), which no longer fits now.".to_owned());
            }
            "Your message has its marking"
        }
        Remedied::Unclear => {
            say(
                "We did not understand the first line of your reply, so nothing has happened. \
                 Your message still waits."
                    .to_owned(),
            );
            "We did not understand your reply"
        }
        Remedied::NoReason => {
            say(
                "To have the message sent as it is, we need your reason. Nothing has happened \
                 yet, and your message still waits. Type SEND because, and then the reason, all \
                 on the first line."
                    .to_owned(),
            );
            "We need your reason"
        }
        Remedied::NotDone { why } => {
            say(format!(
                "That cannot be done with this message: {why}. Nothing has happened, and your \
                 message still waits."
            ));
            "Your message still waits"
        }
        Remedied::Late { how } => {
            say(format!(
                "Your reply came when the message no longer waited: {how}. Your reply changed \
                 nothing."
            ));
            "Your message no longer waits"
        }
    };
    if let Some(offer) = &stop.offer {
        blocks.extend(offer.blocks());
    }
    if !stop.ask.is_empty() {
        blocks.push(paragraph(format!(
            "If you are not sure, ask {}. Say that it is about case {}.",
            stop.ask, stop.case
        )));
    }
    let reply_to = match &stop.offer {
        Some(offer) => offer.reply_to.as_str(),
        None => stop.ask.as_str(),
    };
    write(
        sending,
        &stop.sender,
        Some(reply_to).filter(|address| !address.is_empty()),
        format!("{subject} (case {})", stop.case),
        blocks,
    )
}

/// The answer to mail at an address that nobody reads, or no longer. It says the same
/// whatever stood in the address.
pub fn nobody_reads(sending: &Sending, to: &str, ask: &str) -> Result<Notice, NoticeError> {
    let blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "Nobody reads mail at the address that you wrote to, or the address has been used \
             up. Nothing has happened.",
        ),
        paragraph(
            "If you meant to answer a notice, answer the newest one that you have, from the \
             mailbox that got it.",
        ),
        paragraph(format!("If you need help, ask {ask}.")),
    ];
    let subject = "Nobody reads this address".to_owned();
    write(sending, to, Some(ask), subject, blocks)
}

/// Tells that a sender had a held message sent for a stated reason.
pub fn overridden(
    sending: &Sending,
    stop: &Stop,
    to: &str,
    reason: &str,
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "A message from {} was held. The sender has had it sent all the same, which the \
             school\u{2019}s policy allows for a good reason. The reason given:",
            stop.sender_in_words()
        )),
        Block::Quote(reason.to_owned()),
    ];
    blocks.extend(stop.for_reviewer());
    blocks.push(heading("What you can do"));
    blocks.push(paragraph(
        "You need not do anything. If the reason does not convince you, or if the sender does \
         not know of it, speak to the sender and to your technician.",
    ));
    blocks.push(Block::Labelled("Case:", stop.case.clone()));
    let subject = format!("A held message was sent for a reason (case {})", stop.case);
    write(sending, to, None, subject, blocks)
}

/// What enforcing would say to a draft.
pub fn checked(
    sending: &Sending,
    draft: &Stop,
    verdict: Verdict,
    tips: &[Reason],
) -> Result<Notice, NoticeError> {
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "You asked us to check a draft. It was not sent to anybody, and we keep no \
             copy.",
        ),
    ];
    let (subject, says) = match verdict {
        Verdict::Deliver => (
            "Your draft may go",
            "Nothing in it would stop it: sent like this, it goes out.",
        ),
        Verdict::Hold => (
            "Your draft would be held",
            "Sent like this, it would wait for you to put it right.",
        ),
        Verdict::Quarantine if draft.confidential => (
            "Your draft would be stopped",
            "Sent like this, it would be stopped. Your headteacher would not hear of it.",
        ),
        Verdict::Quarantine => (
            "Your draft would be stopped",
            "Sent like this, it would be stopped, and your headteacher would be asked to look \
             at it.",
        ),
        Verdict::Reject => (
            "Your draft would be stopped",
            "Sent like this, it would come back to you.",
        ),
    };
    blocks.push(paragraph(says));
    blocks.extend(draft.for_sender("Why"));
    if !tips.is_empty() {
        blocks.push(heading("Also worth a thought"));
        let tip = |reason: &Reason| format!("{} {}", reason.sentence, reason.remedy);
        blocks.push(Block::List(tips.iter().map(tip).collect()));
    }
    blocks.push(paragraph(
        "Take our check address out before you send it. We checked it for the people named in \
         To and Cc; copies in Bcc cannot be seen here.",
    ));
    write(
        sending,
        &draft.sender,
        Some(draft.ask.as_str()).filter(|address| !address.is_empty()),
        subject.to_owned(),
        blocks,
    )
}

/// A draft that could not be judged: it names nobody to whom it would go.
pub fn check_for_whom(
    sending: &Sending,
    to: &str,
    ask: &str,
    check: &str,
) -> Result<Notice, NoticeError> {
    let blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "You asked us to check a draft, but it does not say who it is for. Whether it may go \
             depends on that. It was not sent to anybody, and we keep no copy.",
        ),
        paragraph(format!(
            "Put the people you want to write to in To or Cc as usual, and add {check} beside \
             them. A message with our check address in it goes to nobody outside.",
        )),
    ];
    let subject = "Who is your draft for?".to_owned();
    write(sending, to, Some(ask), subject, blocks)
}

/// Too many drafts in an hour.
pub fn too_many_checks(sending: &Sending, to: &str, ask: &str) -> Result<Notice, NoticeError> {
    let blocks = vec![
        paragraph("Hello,"),
        paragraph(
            "You have asked us to check many drafts within an hour. Please wait a while before \
             you ask again; until then we do not answer. Your drafts were not sent to anybody.",
        ),
    ];
    let subject = "Too many drafts to check".to_owned();
    write(sending, to, Some(ask), subject, blocks)
}

fn write(
    sending: &Sending,
    to: &str,
    reply_to: Option<&str>,
    subject: String,
    mut blocks: Vec<Block>,
) -> Result<Notice, NoticeError> {
    blocks.push(paragraph(format!(
        "This is an automatic message from the mail check at {}.",
        sending.school_name
    )));
    Letter {
        to,
        reply_to,
        subject,
        blocks,
        attached: None,
    }
    .write(sending)
}
