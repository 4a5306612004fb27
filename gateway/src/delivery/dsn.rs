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
mod tests {
    use super::super::Own;
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};
    use proptest::prelude::*;

    /// Tuesday 1 September 2026, 09:00 UTC.
    const SENT: i64 = 1_788_253_200_000_000;
    const HOUR: i64 = 3_600_000_000;
    const ORIGINAL: &[u8] =
        b"From: office@ashgrove.example\r\nSubject: Trip\r\n\r\nBring a coat.\r\n";

    fn recipient(path: &str, notify: Option<&str>, reply: &str) -> ReportedRecipient {
        ReportedRecipient {
            path: path.to_owned(),
            notify: notify.map(str::to_owned),
            orcpt: None,
            reply: Reply::parse(reply).unwrap(),
            remote: Some("mx.trust.example".to_owned()),
            last_attempt_at: Some(SENT + HOUR),
            explanation: None,
        }
    }

    fn report<'a>(recipients: &'a [ReportedRecipient], original: &'a [u8]) -> Report<'a> {
        Report {
            hostname: "gate.ashgrove.example",
            id: "0199",
            at: SENT + HOUR,
            to: "office@ashgrove.example",
            arrived_at: SENT,
            envid: None,
            ret: None,
            recipients,
            original,
        }
    }

    #[test]
    fn a_failure_in_full() {
        let mut nobody = recipient("a+b@parent.example", None, "550 5.1.1 no such user");
        nobody.orcpt = Some("rfc822;a+b@parent.example".to_owned());
        let recipients = [nobody];
        let mut report = report(&recipients, ORIGINAL);
        report.envid = Some("QQ 31");
        let text = String::from_utf8(failure(&report).unwrap()).unwrap();
        let expected = "\
From: Mail delivery <MAILER-DAEMON@gate.ashgrove.example>
To: <office@ashgrove.example>
Subject: Your message could not be delivered
Date: Tue, 1 Sep 2026 10:00:00 +0000
Message-ID: <0199@gate.ashgrove.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary=\"=_0199\"
Content-Transfer-Encoding: 7bit

--=_0199
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Hello,

The message that you sent on Tuesday 1 September 2026 at 10:00 could not be delivered to:

  a+b@parent.example
  What this means: this address does not exist, or it is misspelt. Check it and send again.
  The mail server mx.trust.example said: 550 5.1.1 no such user

It was not delivered to these addresses, and we will not try again.
Anybody else that you sent it to is not affected.

This is an automatic message from gate.ashgrove.example.
Nobody reads replies to it. If you need help, ask your technician.

--=_0199
Content-Type: message/delivery-status
Content-Transfer-Encoding: 7bit

Reporting-MTA: dns; gate.ashgrove.example
Original-Envelope-Id: QQ 31
Arrival-Date: Tue, 1 Sep 2026 09:00:00 +0000

Original-Recipient: rfc822; a+b@parent.example
Final-Recipient: rfc822; a+b@parent.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.trust.example
Diagnostic-Code: smtp; 550 5.1.1 no such user
Last-Attempt-Date: Tue, 1 Sep 2026 10:00:00 +0000

--=_0199
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 7bit

From: office@ashgrove.example
Subject: Trip

--=_0199--
";
        assert_eq!(text, expected.replace('\n', "\r\n"));
    }

    #[test]
    fn the_whole_original_comes_back_on_request_and_on_failure_only() {
        let recipients = [recipient(
            "a@parent.example",
            Some("FAILURE,SUCCESS"),
            "550 5.1.1 no",
        )];
        let mut report = report(&recipients, ORIGINAL);
        report.ret = Some("FULL");
        let failed = failure(&report).unwrap();
        let parsed = MessageParser::new().parse(&failed).unwrap();
        let inner = parsed.parts[3].message().unwrap();
        assert_eq!(
            inner.raw_message().trim_ascii_end(),
            ORIGINAL.trim_ascii_end()
        );
        let passed_on = String::from_utf8(relayed(&report).unwrap()).unwrap();
        assert!(!passed_on.contains("coat"));
        assert!(passed_on.contains("\r\nAction: relayed\r\nStatus: 2.0.0\r\n"));
    }

    #[test]
    fn a_large_original_comes_back_as_headers() {
        let recipients = [recipient("a@parent.example", None, "550 5.1.1 no")];
        let large = [ORIGINAL, &b"x\r\n".repeat(FULL_LIMIT / 3 + 1)].concat();
        let mut report = report(&recipients, &large);
        report.ret = Some("FULL");
        assert!(failure(&report).unwrap().len() < 10_000);
    }

    #[test]
    fn only_those_are_named_who_may_be() {
        let recipients = [
            recipient("never@parent.example", Some("NEVER"), "550 5.1.1 no"),
            recipient("delay@parent.example", Some("DELAY"), "450 4.2.0 later"),
            recipient("plain@parent.example", None, "550 5.1.1 no"),
            recipient("success@parent.example", Some("success"), "250 2.0.0 ok"),
        ];
        let report = report(&recipients, ORIGINAL);
        let names = |mail: Option<Vec<u8>>| -> Vec<&str> {
            let text = String::from_utf8(mail.unwrap()).unwrap();
            let all = ["never", "delay", "plain", "success"];
            let named = |n: &&&str| text.contains(&format!("{n}@parent.example"));
            all.iter().filter(named).copied().collect()
        };
        assert_eq!(names(failure(&report)), ["plain"]);
        assert_eq!(names(delay(&report, SENT + 96 * HOUR)), ["delay", "plain"]);
        assert_eq!(names(relayed(&report)), ["success"]);
    }

    #[test]
    fn nobody_is_told_of_automatic_mail_or_against_the_wish() {
        let recipients = [recipient("a@parent.example", None, "550 5.1.1 no")];
        let mut null = report(&recipients, ORIGINAL);
        null.to = "";
        assert_eq!(failure(&null), None);
        null.to = "a@b.example>\r\nBcc: <x@y.example";
        assert_eq!(failure(&null), None);
        let never = [recipient("a@parent.example", Some("NEVER"), "550 5.1.1 no")];
        assert_eq!(failure(&report(&never, ORIGINAL)), None);
    }

    #[test]
    fn expiry_is_a_failure_with_its_own_status() {
        let recipients = [recipient("a@parent.example", None, "450 4.2.0 greylisted")];
        let text = String::from_utf8(failure(&report(&recipients, ORIGINAL)).unwrap()).unwrap();
        assert!(text.contains("\r\nStatus: 5.4.7\r\n"));
        assert!(text.contains("\r\nDiagnostic-Code: smtp; 450 4.2.0 greylisted\r\n"));
        assert!(text.contains("we tried for a long time"));
    }

    #[test]
    fn a_rejection_is_told_in_the_policys_words() {
        let mut rejected = recipient("a@parent.example", None, "550 5.0.0 x");
        rejected.reply = Own::Policy.into();
        rejected.remote = None;
        rejected.explanation = Some("lists of pupils never go outside.\nUse the portal.".into());
        let recipients = [rejected];
        let text = String::from_utf8(failure(&report(&recipients, ORIGINAL)).unwrap()).unwrap();
        let line = "  What this means: lists of pupils never go outside. Use the portal.\r\n";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("\r\nStatus: 5.7.1\r\n"));
        assert!(
            !text.contains("Diagnostic-Code"),
            "no next hop said anything"
        );
    }

    #[test]
    fn a_delay_says_until_when() {
        let recipients = [recipient("a@parent.example", None, "451 4.4.1 no route")];
        let mail = delay(&report(&recipients, ORIGINAL), SENT + 96 * HOUR).unwrap();
        let text = String::from_utf8(mail).unwrap();
        assert!(
            text.contains("delivered by Saturday 5 September 2026 at 10:00, we will tell you.")
        );
        assert!(text.contains("\r\nAction: delayed\r\nStatus: 4.4.1\r\n"));
        assert!(text.contains("\r\nWill-Retry-Until: Sat, 5 Sep 2026 09:00:00 +0000\r\n"));
    }

    #[test]
    fn addresses_beyond_ascii_make_a_global_report() {
        let recipients = [recipient("zo\u{eb}@parent.example", None, "550 5.1.1 no")];
        let text = String::from_utf8(failure(&report(&recipients, ORIGINAL)).unwrap()).unwrap();
        assert!(text.contains("Content-Type: message/global-delivery-status; charset=utf-8\r\n"));
        assert!(text.contains("Final-Recipient: utf-8; zo\u{eb}@parent.example\r\n"));
        assert!(text.contains("boundary=\"=_0199\"\r\nContent-Transfer-Encoding: 8bit\r\n"));
    }

    proptest! {
        #[test]
        fn a_report_is_three_parts_whatever_was_said(
            path in "\\PC{1,30}",
            envid in any::<String>(),
            said in any::<String>(),
            host in any::<String>(),
        ) {
            let recipients = [ReportedRecipient {
                path,
                notify: None,
                orcpt: Some(envid.clone()),
                reply: Reply::new(550, &said),
                remote: Some(host),
                last_attempt_at: None,
                explanation: None,
            }];
            let mut report = report(&recipients, ORIGINAL);
            report.envid = Some(&envid);
            let mail = failure(&report).unwrap();
            let parsed = MessageParser::new().parse(&mail).unwrap();
            prop_assert_eq!(parsed.parts.len(), 4);
            let kind = parsed.content_type().unwrap();
            prop_assert_eq!(kind.subtype(), Some("report"));
            // Every line end is CRLF.
            let text = String::from_utf8_lossy(&mail).replace("\r\n", "");
            let bare = text.contains('\r') || text.contains('\n');
            prop_assert!(!bare);
        }
    }
}
