//! A notice as a message: its header, its two texts, and what is attached.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use super::document::{Block, html, plain};

/// What every notice needs from outside: who speaks, when, and under which name.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// The gateway's own mail domain; the notice comes from `schoolgate@` it.
    pub mail_domain: &'a str,
    /// The school's name, as people read it.
    pub school_name: &'a str,
    /// Unique for this notice: letters, digits and hyphens. Message-ID and boundaries use it.
    pub id: &'a str,
    /// Microseconds of Unix time.
    pub at: i64,
}

/// A notice, ready to be sent with the null reverse-path.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// The forward-path.
    pub to: String,
    /// The message; lines end with CRLF.
    pub content: Vec<u8>,
}

/// Why a notice could not be written.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The address itself is left out, for it may be a person's.
    #[error("the notice's {0} address is no e-mail address")]
    Address(&'static str),
    #[error("the content type of an attached message was refused")]
    Attachment,
    #[error("cannot write the notice: {0}")]
    Compose(#[from] lettre::error::Error),
}

pub(super) struct Letter<'a> {
    pub(super) to: &'a str,
    /// Where an answer goes; `None` leaves it to nobody.
    pub(super) reply_to: Option<&'a str>,
    /// Never holds personal data: it shows on locked screens.
    pub(super) subject: String,
    pub(super) blocks: Vec<Block>,
    /// A message to give back.
    pub(super) attached: Option<&'a [u8]>,
}

impl Letter<'_> {
    pub(super) fn write(self, sending: &Sending) -> Result<Notice, NoticeError> {
        let address = |text: &str, which| text.parse().map_err(|_| NoticeError::Address(which));
        let own = address(&format!("schoolgate@{}", sending.mail_domain), "own")?;
        let from = Mailbox::new(Some(format!("{} mail check", sending.school_name)), own);
        let to = Mailbox::new(None, address(self.to, "recipient's")?);
        let field = |name, value: &str| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        let since = Duration::from_micros(u64::try_from(sending.at).unwrap_or_default());

        let mut builder = Message::builder()
            .from(from)
            .to(to)
            .subject(self.subject.clone())
            .date(SystemTime::UNIX_EPOCH + since)
            .message_id(Some(format!("<{}@{}>", sending.id, sending.mail_domain)))
            // RFC 3834 §5, and the same for servers that know only their own words.
            .raw_header(field("Auto-Submitted", "auto-generated"))
            .raw_header(field("X-Auto-Response-Suppress", "All"))
            .raw_header(field("Precedence", "bulk"));
        if let Some(reply_to) = self.reply_to {
            let reply_to = address(reply_to, "answer")?;
            builder = builder.reply_to(Mailbox::new(None, reply_to));
        }

        let texts = MultiPart::alternative()
            .boundary(format!("=_text_{}", sending.id))
            .singlepart(SinglePart::plain(plain(&self.blocks)))
            .singlepart(SinglePart::html(html(&self.subject, &self.blocks)));
        let whole = match self.attached {
            None => texts,
            Some(original) => {
                // RFC 2046 §5.2.1: a message inside a message is not encoded.
                let encoding = match original.is_ascii() {
                    true => ContentTransferEncoding::SevenBit,
                    false => ContentTransferEncoding::EightBit,
                };
                builder = builder.header(encoding);
                let kind =
                    ContentType::parse("message/rfc822").map_err(|_| NoticeError::Attachment)?;
                let body = Body::dangerous_pre_encoded(original.to_vec(), encoding);
                MultiPart::mixed()
                    .boundary(format!("=_whole_{}", sending.id))
                    .multipart(texts)
                    .singlepart(SinglePart::builder().content_type(kind).body(body))
            }
        };
        Ok(Notice {
            to: self.to.to_owned(),
            content: builder.multipart(whole)?.formatted(),
        })
    }
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({} octets)", self.content.len())
    }
}
