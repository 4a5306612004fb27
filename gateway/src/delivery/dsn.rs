//! Delivery status notifications to the sender: RFC 3464, in words for people first.
//!
//! The envelope of a report has the null reverse-path and a report never answers one, so
//! reports cannot loop. What of the original comes back is the sender's choice (RET);
//! without one it is the header alone, for the body may be what should not travel again.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::commands::{header_of, is_sound_path};
use super::reply::{Reply, Status};

/// Originals above this come back as headers whatever RET says, octets.
const FULL_LIMIT: usize = 2 << 20;
/// Longest reply text that is passed on, characters.
const DIAGNOSTIC: usize = 400;

/// What happened to one message, for a report to its sender.
pub struct Report<'a> {
    /// This gateway's name, which speaks in the report.
    pub hostname: &'a str,
    /// Unique for this report: letters, digits and hyphens. Message-ID and boundary use it.
    pub id: &'a str,
    /// When the report is written, microseconds of Unix time.
    pub at: i64,
    /// The reverse-path of the original.
    pub to: &'a str,
    /// When the original was accepted, microseconds of Unix time.
    pub arrived_at: i64,
    /// RFC 3461 ENVID and RET of the original.
    pub envid: Option<&'a str>,
    pub ret: Option<&'a str>,
    /// All that the event befell; who asked not to be told of is left out here.
    pub recipients: &'a [ReportedRecipient],
    /// The original's content.
    pub original: &'a [u8],
}

/// One recipient in a report.
pub struct ReportedRecipient {
    pub path: String,
    /// RFC 3461 NOTIFY and ORCPT (decoded) of the original.
    pub notify: Option<String>,
    pub orcpt: Option<String>,
    /// The last word about this recipient.
    pub reply: Reply,
    /// The host name of the next hop that said so; `None` when it is our own.
    pub remote: Option<String>,
    /// Microseconds of Unix time.
    pub last_attempt_at: Option<i64>,
    /// What it means and what to do, where that is known better than from the reply: a
    /// rejection's reason in the policy's words.
    pub explanation: Option<String>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Failed,
    Delayed { retry_until: i64 },
    Relayed,
}

/// Reports that delivery failed for good. `None` when nobody is to be told: the message had
/// the null reverse-path, or NOTIFY leaves out FAILURE for every recipient.
pub fn failure(report: &Report) -> Option<Vec<u8>> {
    compose(report, Event::Failed)
}

/// Reports that delivery takes longer, and until when it will be tried (microseconds of
/// Unix time). `None` as for [`failure`], with DELAY.
pub fn delay(report: &Report, retry_until: i64) -> Option<Vec<u8>> {
    compose(report, Event::Delayed { retry_until })
}

/// Reports that the message went on to a system that makes no such reports (RFC 3461
/// §5.2.2). `None` unless NOTIFY has SUCCESS for somebody.
pub fn relayed(report: &Report) -> Option<Vec<u8>> {
    compose(report, Event::Relayed)
}

impl Event {
    fn is_wanted(self, notify: Option<&str>) -> bool {
        let has = |word: &str| {
            notify.is_some_and(|n| n.split(',').any(|w| w.trim().eq_ignore_ascii_case(word)))
        };
        match self {
            // RFC 3461 §4.1: without NOTIFY, failures are reported and delays may be.
            Self::Failed => notify.is_none() || has("FAILURE"),
            Self::Delayed { .. } => notify.is_none() || has("DELAY"),
            Self::Relayed => has("SUCCESS"),
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed { .. } => "delayed",
            Self::Relayed => "relayed",
        }
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Failed => "Your message could not be delivered",
            Self::Delayed { .. } => "Your message is delayed",
            Self::Relayed => "Your message has been passed on",
        }
    }

    /// The status of a recipient; its class must agree with the action (RFC 3464 §2.3.4).
    fn status(self, reply: &Reply) -> Status {
        let status = reply.status_or_class();
        let fallback = |class, subject, detail| Status {
            class,
            subject,
            detail,
        };
        match (self, status.class) {
            (Self::Failed, 5) | (Self::Delayed { .. }, 4) | (Self::Relayed, 2) => status,
            // Deferred until time ran out.
            (Self::Failed, _) => fallback(5, 4, 7),
            (Self::Delayed { .. }, _) => fallback(4, 0, 0),
            (Self::Relayed, _) => fallback(2, 0, 0),
        }
    }
}

fn compose(report: &Report, event: Event) -> Option<Vec<u8>> {
    if report.to.is_empty() || !is_sound_path(report.to) {
        return None;
    }
    let recipients: Vec<&ReportedRecipient> = report
        .recipients
        .iter()
        .filter(|r| event.is_wanted(r.notify.as_deref()))
        .collect();
    if recipients.is_empty() {
        return None;
    }

    let text = human(report, event, &recipients);
    let status = machine(report, event, &recipients);
    let full = event == Event::Failed
        && report.ret.is_some_and(|r| r.eq_ignore_ascii_case("FULL"))
        && report.original.len() <= FULL_LIMIT;
    let original = match full {
        true => report.original,
        false => header_of(report.original),
    };
    // RFC 6533: the `global` types hold UTF-8, the others ASCII.
    let global = !status.is_ascii();
    let original_type = match (full, original_is_global(report.original)) {
        (true, false) => "message/rfc822",
        (true, true) => "message/global",
        (false, false) => "text/rfc822-headers",
        (false, true) => "message/global-headers",
    };
    let status_type = match global {
        true => "message/global-delivery-status; charset=utf-8",
        false => "message/delivery-status",
    };
    let encoding = |ascii: bool| if ascii { "7bit" } else { "8bit" };
    let all_ascii = text.is_ascii() && status.is_ascii() && original.is_ascii();
    let boundary = format!("=_{}", report.id);

    let mut mail = Vec::with_capacity(text.len() + status.len() + original.len() + 2000);
    let mut put = |text: &str| mail.extend_from_slice(text.as_bytes());
    put(&format!(
        "From: Mail delivery <MAILER-DAEMON@{host}>\r\n\
         To: <{to}>\r\n\
         Subject: {subject}\r\n\
         Date: {date}\r\n\
         Message-ID: <{id}@{host}>\r\n\
         Auto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"{boundary}\"\r\n\
         Content-Transfer-Encoding: {whole}\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: {of_text}\r\n\
         \r\n\
         {text}\r\n\
         --{boundary}\r\n\
         Content-Type: {status_type}\r\n\
         Content-Transfer-Encoding: {of_status}\r\n\
         \r\n\
         {status}\r\n\
         --{boundary}\r\n\
         Content-Type: {original_type}\r\n\
         Content-Transfer-Encoding: {of_original}\r\n\
         \r\n",
        host = report.hostname,
        to = report.to,
        subject = event.subject(),
        date = rfc2822(report.at),
        id = report.id,
        whole = encoding(all_ascii),
        of_text = encoding(text.is_ascii()),
        of_status = encoding(status.is_ascii()),
        of_original = encoding(original.is_ascii()),
    ));
    mail.extend_from_slice(original);
    if !original.ends_with(b"\r\n") {
        mail.extend_from_slice(b"\r\n");
    }
    mail.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Some(mail)
}

/// A header of valid UTF-8 beyond ASCII (RFC 6532); other octets are merely wrong.
fn original_is_global(original: &[u8]) -> bool {
    let header = header_of(original);
    !header.is_ascii() && std::str::from_utf8(header).is_ok()
}

/// The part that people read. Lines end with CRLF.
fn human(report: &Report, event: Event, recipients: &[&ReportedRecipient]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let arrived = human_time(report.arrived_at);
    lines.push("Hello,".to_owned());
    lines.push(String::new());
    lines.push(match event {
        Event::Failed => {
            format!("The message that you sent on {arrived} could not be delivered to:")
        }
        Event::Delayed { .. } => {
            format!("The message that you sent on {arrived} has not been delivered yet to:")
        }
        Event::Relayed => format!("The message that you sent on {arrived} has been passed on for:"),
    });
    for recipient in recipients {
        lines.push(String::new());
        lines.push(format!("  {}", one_line(&recipient.path)));
        match event {
            Event::Relayed => {}
            _ => {
                let meaning = match &recipient.explanation {
                    Some(explanation) => one_line(explanation),
                    None => meaning(event, &recipient.reply).to_owned(),
                };
                lines.push(format!("  What this means: {meaning}"));
                let who = match &recipient.remote {
                    Some(host) => format!("The mail server {} said", one_line(host)),
                    None => "For your technician".to_owned(),
                };
                lines.push(format!("  {who}: {}", diagnostic(&recipient.reply)));
            }
        }
    }
    lines.push(String::new());
    match event {
        Event::Failed => {
            lines
                .push("It was not delivered to these addresses, and we will not try again.".into());
            lines.push("Anybody else that you sent it to is not affected.".into());
        }
        Event::Delayed { retry_until } => {
            lines.push("You need not do anything: we keep trying. If it still cannot be".into());
            lines.push(format!(
                "delivered by {}, we will tell you.",
                human_time(retry_until)
            ));
        }
        Event::Relayed => {
            lines.push(
                "The next mail server has taken it, but does not report what becomes of".into(),
            );
            lines.push("it. We cannot tell you whether it has been read or received.".into());
        }
    }
    lines.push(String::new());
    lines.push(format!(
        "This is an automatic message from {}.",
        report.hostname
    ));
    lines.push("Nobody reads replies to it. If you need help, ask your technician.".into());
    lines.push(String::new());
    lines.join("\r\n")
}

/// What a person can do about a refusal.
fn meaning(event: Event, reply: &Reply) -> &'static str {
    let status = reply.status_or_class();
    if let Event::Delayed { .. } = event {
        return match (status.subject, status.detail) {
            (2, 2) => "the mailbox is full at the moment.",
            (4, _) => "the mail server cannot be reached at the moment.",
            _ => "the mail server cannot take it at the moment.",
        };
    }
    match (status.class, status.subject, status.detail) {
        (4, ..) | (5, 4, 7) => {
            "we tried for a long time without success. Try again later, or another way."
        }
        (_, 1, 7 | 8) => "your own address was refused. Please ask your technician.",
        (_, 1, _) => "this address does not exist, or it is misspelt. Check it and send again.",
        (_, 2, 1) => "this mailbox is switched off. Ask the person for another address.",
        (_, 2, 2) => "this mailbox is full. Try again later, or another way.",
        (_, 2 | 3, 3 | 4) => "the message is too big. Send less at once, or another way.",
        (_, 6, _) => {
            "the next mail server cannot carry this kind of message. Please ask your technician."
        }
        (_, 7, _) => "the mail server does not allow it. Ask the person, or your technician.",
        _ => "the mail server refused it.",
    }
}

/// The part that programs read (RFC 3464 §2). Lines end with CRLF.
fn machine(report: &Report, event: Event, recipients: &[&ReportedRecipient]) -> String {
    let mut fields = vec![format!("Reporting-MTA: dns; {}", report.hostname)];
    if let Some(envid) = report.envid {
        fields.push(format!("Original-Envelope-Id: {}", one_line(envid)));
    }
    fields.push(format!("Arrival-Date: {}", rfc2822(report.arrived_at)));
    for recipient in recipients {
        fields.push(String::new());
        if let Some(orcpt) = &recipient.orcpt {
            let (kind, address) = orcpt.split_once(';').unwrap_or(("rfc822", orcpt));
            fields.push(format!(
                "Original-Recipient: {}; {}",
                one_line(kind),
                one_line(address)
            ));
        }
        // RFC 6533 §3: an address beyond ASCII is of type utf-8.
        let kind = match recipient.path.is_ascii() {
            true => "rfc822",
            false => "utf-8",
        };
        fields.push(format!(
            "Final-Recipient: {kind}; {}",
            one_line(&recipient.path)
        ));
        fields.push(format!("Action: {}", event.action()));
        fields.push(format!("Status: {}", event.status(&recipient.reply)));
        if let Some(remote) = &recipient.remote {
            fields.push(format!("Remote-MTA: dns; {}", one_line(remote)));
            fields.push(format!(
                "Diagnostic-Code: smtp; {}",
                diagnostic(&recipient.reply)
            ));
        }
        if let Some(at) = recipient.last_attempt_at {
            fields.push(format!("Last-Attempt-Date: {}", rfc2822(at)));
        }
        if let Event::Delayed { retry_until } = event {
            fields.push(format!("Will-Retry-Until: {}", rfc2822(retry_until)));
        }
    }
    fields.push(String::new());
    fields.join("\r\n")
}

fn diagnostic(reply: &Reply) -> String {
    one_line(&reply.to_string())
        .chars()
        .take(DIAGNOSTIC)
        .collect()
}

/// Keeps a value from starting a line of its own.
fn one_line(value: &str) -> String {
    value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn time(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn rfc2822(at: i64) -> String {
    let zoned = time(at).to_zoned(TimeZone::UTC);
    zoned.strftime("%a, %-d %b %Y %H:%M:%S %z").to_string()
}

/// British time, or UTC where the system has no time zones.
fn human_time(at: i64) -> String {
    match TimeZone::get("Europe/London") {
        Ok(zone) => {
            let zoned = time(at).to_zoned(zone);
            zoned.strftime("%A %-d %B %Y at %H:%M").to_string()
        }
        Err(_) => {
            let zoned = time(at).to_zoned(TimeZone::UTC);
            zoned.strftime("%A %-d %B %Y at %H:%M UTC").to_string()
        }
    }
}

#[cfg(test)]
mod tests;
