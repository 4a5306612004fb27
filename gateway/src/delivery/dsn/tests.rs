use super::super::Own;
use super::*;
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

/// Tuesday 1 September 2026, 09:00 UTC.
const SENT: i64 = 1_788_253_200_000_000;
const HOUR: i64 = 3_600_000_000;
const ORIGINAL: &[u8] = b"From: office@ashgrove.example\r\nSubject: Trip\r\n\r\nBring a coat.\r\n";

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
    assert!(text.contains("delivered by Saturday 5 September 2026 at 10:00, we will tell you."));
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
