//! Every notice as its reader gets it.

use mail_parser::{Message, MessageParser, MimeHeaders};

use schoolgate_policies::Verdict;

use super::*;

const ORIGINAL: &[u8] =
    b"From: j.hart@ashgrove.example\r\nSubject: Marks\r\n\r\nSecret words.\r\n.dot\r\n";

fn sending() -> Sending<'static> {
    Sending {
        mail_domain: "gate.ashgrove.example",
        school_name: "Ashgrove Primary",
        id: "0199",
        at: 1_788_253_200_000_000,
    }
}

fn stop() -> Stop {
    Stop {
        case: "7f3a".into(),
        sender: "j.hart@ashgrove.example".into(),
        sender_name: Some("Jo Hart".into()),
        subject: "Marks for Tom".into(),
        reasons: vec![Reason {
            sentence:
                "The message has data about pupils, and goes to somebody who is not their contact."
                    .into(),
            clauses: vec![Clause {
                id: "001-17".into(),
                quote: "Sensitive data must be encrypted".into(),
            }],
            found: vec!["30 pupils\u{2019} names in marks.xlsx, Sheet1".into()],
            remedy: "Take the list out, or send it to the right person.".into(),
            reviewer: String::new(),
            line: String::new(),
            tip: String::new(),
            done: String::new(),
        }],
        recipients: ["anna@parent.example", "bob@parent.example"]
            .map(|a| StoppedRecipient {
                address: a.into(),
                relation: "a parent of another child".into(),
            })
            .to_vec(),
        goes_back_on: Some("Friday 18 September 2026".into()),
        others_got_it: false,
        ask: "head@ashgrove.example".into(),
        asked: "the headteacher".into(),
        confidential: false,
        offer: None,
        for_dsl: false,
    }
}

fn offer() -> Offer {
    Offer {
        reply_to: "reply-abcd@gate.ashgrove.example".into(),
        marking: Some("SENSITIVE".into()),
        breaks_signature: false,
        told: Some("the headteacher".into()),
    }
}

fn parse(notice: &Notice) -> Message<'_> {
    MessageParser::new().parse(&notice.content).unwrap()
}

fn text(notice: &Notice) -> String {
    parse(notice).body_text(0).unwrap().replace("\r\n", "\n")
}

/// All the notices there are.
fn all() -> Vec<Notice> {
    let (sending, stop) = (sending(), stop());
    let mut all = vec![
        held_notice(&sending, &stop),
        quarantine_notice_to_sender(&sending, &stop),
        returned_to_sender(&sending, &stop, Return::Unanswered, ORIGINAL),
        returned_to_sender(
            &sending,
            &stop,
            Return::Reviewer { note: Some("Bcc") },
            ORIGINAL,
        ),
        refused(&sending, &stop, None),
        released(&sending, &stop, Some("Thank you")),
        nudge(&sending, &stop),
    ];
    let waits = Stop {
        offer: Some(offer()),
        ..stop.clone()
    };
    all.push(held_notice(&sending, &waits));
    for what in [
        Remedied::Cancelled,
        Remedied::Sent {
            reason: "They asked twice.".into(),
            told: "the headteacher".into(),
        },
        Remedied::Marked {
            marking: "SENSITIVE".into(),
            breaks_signature: true,
        },
        Remedied::Late {
            how: "it had been sent",
        },
    ] {
        all.push(remedied(&sending, &stop, &what));
    }
    for what in [
        Remedied::Unclear,
        Remedied::NoReason,
        Remedied::NotDone {
            why: "a part of it could not be checked".into(),
        },
    ] {
        all.push(remedied(&sending, &waits, &what));
    }
    let own = "j.hart@ashgrove.example";
    for verdict in [Verdict::Deliver, Verdict::Hold, Verdict::Quarantine] {
        all.push(checked(&sending, &stop, verdict, &stop.reasons));
    }
    let head = "head@ashgrove.example";
    let check = "check@gate.ashgrove.example";
    all.push(nobody_reads(&sending, own, head));
    all.push(check_for_whom(&sending, own, head, check));
    all.push(too_many_checks(&sending, own, head));
    all.push(overridden(&sending, &stop, head, "They asked twice."));
    all.push(quarantine_notice_to_reviewer(&sending, &stop, head, None));
    all.push(null_sender_to_reviewer(&sending, &stop, head, None));
    for &kind in Alarm::ALL {
        let alarm = technician_alarm(&sending, "it@support.example", kind, "hop one: 550 5.4.5");
        all.push(alarm);
    }
    all.into_iter().map(Result::unwrap).collect()
}

#[test]
fn a_hold_as_its_sender_reads_it() {
    let notice = held_notice(&sending(), &stop()).unwrap();
    assert_eq!(notice.to, "j.hart@ashgrove.example");
    let expected = "\
Hello,

A message that you sent is waiting. It is safe with us. Nobody outside
has seen it. It only needs something from you.

Why it waits
------------

The message has data about pupils, and goes to somebody who is not their
contact.

What we found:

  - 30 pupils\u{2019} names in marks.xlsx, Sheet1

Your school\u{2019}s policy, clause 001-17:

    \u{201c}Sensitive data must be encrypted\u{201d}

What to do: Take the list out, or send it to the right person.

Which message
-------------

Subject: Marks for Tom

You sent it to:

  - anna@parent.example (a parent of another child)
  - bob@parent.example (a parent of another child)

Case: 7f3a

What happens next
-----------------

Put it right and send it again as a new message. The message that waits
here will not go out.

If you do nothing, it comes back to you on Friday 18 September 2026. It
will not be sent.

If you think that this is a mistake, or if you are not sure, ask
head@ashgrove.example. Say that it is about case 7f3a.

This is an automatic message from the mail check at Ashgrove Primary.
";
    assert_eq!(text(&notice), expected);
}

#[test]
fn a_hold_says_exactly_what_to_type() {
    let waits = Stop {
        offer: Some(offer()),
        ..stop()
    };
    let notice = held_notice(&sending(), &waits).unwrap();
    let expected = "\
What you can do
---------------

Reply to this email. Type one of these as the first line of your reply:

  - MARK \u{2013} we put SENSITIVE at the start of the subject, check the
    message again and send it.
  - SEND because \u{2026} \u{2013} write your reason in place of the dots. The message
    goes out as it is. We keep your reason and show it to the
    headteacher.
  - CANCEL \u{2013} the message is not sent to anybody.

We read only the first line. It works once, and only from your own
address. Or put the message right and send it again as a new one.
";
    let said = text(&notice);
    assert!(said.contains(expected), "{said}");
    assert!(said.contains("it comes back to you on Friday 18 September 2026"));
    let parsed = parse(&notice);
    let reply_to = parsed.reply_to().and_then(|a| a.first()).unwrap();
    assert_eq!(reply_to.address(), Some("reply-abcd@gate.ashgrove.example"));
}

#[test]
fn a_hold_offers_nothing_that_would_not_do() {
    let waits = Stop {
        offer: Some(Offer {
            marking: None,
            told: None,
            ..offer()
        }),
        ..stop()
    };
    let said = text(&held_notice(&sending(), &waits).unwrap());
    assert!(said.contains("CANCEL") && !said.contains("MARK \u{2013}") && !said.contains("SEND"));
}

#[test]
fn a_quarantine_as_the_reviewer_reads_it() {
    let page = Some("https://gate.ashgrove.example/cases/7f3a");
    let notice =
        quarantine_notice_to_reviewer(&sending(), &stop(), "head@ashgrove.example", page).unwrap();
    assert_eq!(notice.to, "head@ashgrove.example");
    let expected = "\
Hello,

A message from Jo Hart was stopped before it left the school. It waits
for you to decide. Nobody outside has seen it.

Why it was stopped
------------------

The message has data about pupils, and goes to somebody who is not their
contact.

Your school\u{2019}s policy, clause 001-17:

    \u{201c}Sensitive data must be encrypted\u{201d}

Who would get it
----------------

  - a parent of another child (2 people)

What you can do
---------------

  - Release it: it goes out as it is.
  - Refuse it: it is not sent, and the sender is told.
  - Return it: the sender gets it back to change it.

Decide here: https://gate.ashgrove.example/cases/7f3a

Your technician can also enter your decision at the gateway, without
reading the message:

  - schoolgate quarantine release 7f3a
  - schoolgate quarantine refuse 7f3a
  - schoolgate quarantine return 7f3a

Case: 7f3a

The sender knows that the message is being checked. Please decide soon:
the message may be about a child who needs help.

This is an automatic message from the mail check at Ashgrove Primary. It
shows nothing of what the message says. Please do not reply to it.
";
    assert_eq!(text(&notice), expected);
}

#[test]
fn an_alarm_as_the_technician_reads_it() {
    let notice = technician_alarm(
        &sending(),
        "it@support.example",
        Alarm::Quota,
        "Next hop: smarthost\nReply: 550 5.4.5\n",
    )
    .unwrap();
    let expected = "\
Hello,

The next mail server has reached its sending limit. schoolgate has
stopped sending to it. No message is lost, and none was bounced for it.

Details
-------

  - Next hop: smarthost
  - Reply: 550 5.4.5

What to do
----------

  - Look up the limit at the mail provider, and when it ends.
  - Find out whether an account sends far more than usual: it may be
    misused.
  - Then go on with: schoolgate queue retry.

This is an automatic message from schoolgate on gate.ashgrove.example at
Ashgrove Primary. Please do not reply to it.
";
    assert_eq!(text(&notice), expected);
    let subject = parse(&notice).subject().unwrap().to_owned();
    assert_eq!(
        subject,
        "schoolgate: The mail provider says that too much was sent"
    );
}

#[test]
fn every_notice_says_that_it_is_automatic() {
    for notice in all() {
        let parsed = parse(&notice);
        let field = |name: &str| {
            parsed
                .header_raw(name)
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        assert_eq!(field("Auto-Submitted"), "auto-generated");
        assert_eq!(field("X-Auto-Response-Suppress"), "All");
        assert_eq!(field("Precedence"), "bulk");
        assert_eq!(field("Message-ID"), "<0199@gate.ashgrove.example>");
        assert_eq!(field("Date"), "Tue, 01 Sep 2026 09:00:00 +0000");
        assert!(field("From").ends_with("<schoolgate@gate.ashgrove.example>"));
        let domains = [
            "ashgrove.example".to_owned(),
            "gate.ashgrove.example".to_owned(),
        ];
        assert!(
            !may_answer(&notice.content, "j.hart@ashgrove.example", &domains),
            "no notice answers a notice"
        );
    }
}

#[test]
fn every_notice_is_text_and_html_with_strict_line_ends() {
    for notice in all() {
        let text = String::from_utf8(notice.content.clone())
            .unwrap()
            .replace("\r\n", "");
        assert!(!text.contains(['\r', '\n']), "a bare CR or LF");
        assert!(notice.content.is_ascii(), "any next hop can carry it");
        let parsed = parse(&notice);
        assert_eq!(parsed.text_body_count(), 1);
        let page = parsed.body_html(0).unwrap();
        assert!(page.contains("<html lang=\"en-GB\">"), "{page}");
        assert!(page.contains("<p>Hello,</p>"));
    }
}

#[test]
fn subjects_show_no_person() {
    for notice in all() {
        let parsed = parse(&notice);
        let subject = parsed.subject().unwrap();
        for personal in ["Tom", "Hart", "anna", "marks.xlsx"] {
            assert!(!subject.contains(personal), "{subject}");
        }
    }
}

#[test]
fn only_the_sender_sees_subject_places_and_addresses() {
    let own = "j.hart@ashgrove.example";
    for notice in all().into_iter().filter(|n| n.to != own) {
        let whole = String::from_utf8(notice.content.clone()).unwrap() + &text(&notice);
        for personal in ["Marks for Tom", "marks.xlsx", "@parent.example", "Secret"] {
            assert!(!whole.contains(personal), "{personal}");
        }
    }
}

#[test]
fn the_technician_sees_no_person() {
    for notice in all().into_iter().filter(|n| n.to == "it@support.example") {
        let whole = text(&notice);
        for personal in ["Hart", "7f3a", "@", "parent"] {
            assert!(!whole.contains(personal), "{personal}");
        }
        assert!(whole.contains("What to do"));
    }
}

#[test]
fn the_original_comes_back_as_it_was() {
    let notice = returned_to_sender(&sending(), &stop(), Return::Unanswered, ORIGINAL).unwrap();
    assert_eq!(notice.to, "j.hart@ashgrove.example");
    let parsed = parse(&notice);
    let attached = parsed.attachments().next().unwrap();
    assert_eq!(attached.content_type().unwrap().subtype(), Some("rfc822"));
    let at = notice
        .content
        .windows(ORIGINAL.len())
        .filter(|w| *w == ORIGINAL)
        .count();
    assert_eq!(at, 1, "octet for octet");
}

#[test]
fn an_eight_bit_original_is_declared_as_such() {
    let original = "Subject: x\r\n\r\ncaf\u{e9}\r\n".as_bytes();
    let notice = returned_to_sender(&sending(), &stop(), Return::Unanswered, original).unwrap();
    let parsed = parse(&notice);
    assert_eq!(
        parsed
            .header_raw("Content-Transfer-Encoding")
            .map(str::trim),
        Some("8bit")
    );
    let whole = String::from_utf8(notice.content).unwrap();
    assert!(whole.contains(
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: x"
    ));
}

#[test]
fn notes_are_quoted_and_empty_ones_left_out() {
    let with = refused(&sending(), &stop(), Some("Use the portal.")).unwrap();
    assert!(text(&with).contains("wrote:\n\n    \u{201c}Use the portal.\u{201d}"));
    let without = refused(&sending(), &stop(), Some("  ")).unwrap();
    assert!(!text(&without).contains("wrote:"));
}

#[test]
fn a_split_message_is_not_told_as_if_nobody_had_it() {
    let mut stop = stop();
    stop.others_got_it = true;
    let head = "head@ashgrove.example";
    for notice in [
        held_notice(&sending(), &stop),
        quarantine_notice_to_sender(&sending(), &stop),
        refused(&sending(), &stop, None),
        quarantine_notice_to_reviewer(&sending(), &stop, head, None),
    ] {
        let text = text(&notice.unwrap()).replace('\n', " ");
        assert!(
            text.contains("named below have not got it; the others have."),
            "{text}"
        );
        assert!(!text.contains("Nobody outside has seen it"), "{text}");
    }
}

#[test]
fn the_reviewer_reads_the_packs_words_for_reviewers() {
    let mut stop = stop();
    stop.reasons[0].reviewer = "One recipient is not a contact of the pupils.".into();
    let notice =
        quarantine_notice_to_reviewer(&sending(), &stop, "head@ashgrove.example", None).unwrap();
    let text = text(&notice);
    assert!(text.contains("One recipient is not a contact of the pupils."));
    assert!(!text.contains("The message has data about pupils"));
    let to_sender = quarantine_notice_to_sender(&sending(), &stop).unwrap();
    assert!(!self::text(&to_sender).contains("One recipient is not a contact"));
}

#[test]
fn several_reasons_are_numbered() {
    let mut stop = stop();
    stop.reasons.push(Reason {
        sentence: "The message has no marking.".into(),
        clauses: Vec::new(),
        found: Vec::new(),
        remedy: String::new(),
        reviewer: String::new(),
        line: String::new(),
        tip: String::new(),
        done: String::new(),
    });
    let text = text(&held_notice(&sending(), &stop).unwrap());
    assert!(text.contains("\n1. The message has data"));
    assert!(text.contains("\n2. The message has no marking.\n\nWhich message"));
}

#[test]
fn what_others_wrote_stays_text() {
    let mut stop = stop();
    stop.subject = "<img src=x>\r\nBcc: x@y.example".into();
    let notice = held_notice(&sending(), &stop).unwrap();
    let parsed = parse(&notice);
    assert!(parsed.bcc().is_none());
    let page = parsed.body_html(0).unwrap();
    assert!(
        page.contains("&lt;img src=x&gt;") && !page.contains("<img"),
        "{page}"
    );
}

#[test]
fn an_address_that_is_none_is_an_error_that_does_not_repeat_it() {
    let mut stop = stop();
    stop.sender = "not an address".into();
    let error = held_notice(&sending(), &stop).unwrap_err().to_string();
    assert_eq!(
        error,
        "the notice's recipient's address is no e-mail address"
    );
}

#[test]
fn a_schools_name_may_need_encoding() {
    let mut sending = sending();
    sending.school_name = "Ysgol T\u{177} Gwyn, \"Bach\"";
    let notice = held_notice(&sending, &stop()).unwrap();
    assert!(notice.content.is_ascii());
    let parsed = parse(&notice);
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!(
        from.name(),
        Some("Ysgol T\u{177} Gwyn, \"Bach\" mail check")
    );
}
