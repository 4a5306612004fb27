//! What a sender may answer to a hold notice, in words.

use super::document::{Block, heading, paragraph};

/// What the sender of a held message may answer with one word.
#[derive(Clone)]
pub struct Offer {
    /// The reply address: for this message, for its sender, once.
    pub reply_to: String,
    /// The marking that MARK adds; `None` where it would not be enough.
    pub marking: Option<String>,
    /// Adding it breaks a signature (DKIM) that the message carries.
    pub breaks_signature: bool,
    /// Who is told when it is sent for a reason, in words ("the headteacher"); `None` where
    /// SEND is not possible.
    pub told: Option<String>,
}

impl Offer {
    /// Exactly what to type, and what follows.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut words = Vec::new();
        if let Some(marking) = &self.marking {
            let signature = match self.breaks_signature {
                true => {
                    " Your message has an electronic signature (DKIM). It will no longer fit, \
                     so another mail server may trust the message less."
                }
                false => "",
            };
            words.push(format!(
                "MARK \u{2013} we put {marking} at the start of the subject, check the message \
                 again and send it.{signature}"
            ));
        }
        if let Some(told) = &self.told {
            words.push(format!(
                "SEND because \u{2026} \u{2013} write your reason in place of the dots. The \
                 message goes out as it is. We keep your reason and show it to {told}."
            ));
        }
        words.push("CANCEL \u{2013} the message is not sent to anybody.".to_owned());
        vec![
            heading("What you can do"),
            paragraph("Reply to this email. Type one of these as the first line of your reply:"),
            Block::List(words),
            paragraph(
                "We read only the first line. It works once, and only from your own address. Or \
                 put the message right and send it again as a new one.",
            ),
        ]
    }
}
