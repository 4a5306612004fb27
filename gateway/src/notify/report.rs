//! To the headteacher and the technician: what observing would have stopped, and that the
//! policy is due for review.

use super::document::{Block, heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};

/// A day's figures. Rules and counts; no person, address or subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailyReport {
    /// The day, as people read it.
    pub day: String,
    /// Messages that went through.
    pub messages: u32,
    /// Of these, how many would have been held, and how many quarantined.
    pub would_hold: u32,
    pub would_quarantine: u32,
    /// Each rule with what it is about and how often it applied, the most frequent first.
    pub rules: Vec<(String, u32)>,
}

/// Writes it, for the headteacher and the technician.
///
/// # Errors
/// `to` is no e-mail address.
pub fn observe_report(
    sending: &Sending,
    to: &str,
    report: &DailyReport,
) -> Result<Notice, NoticeError> {
    let stopped = report.would_hold + report.would_quarantine;
    let mut blocks = vec![
        paragraph("Hello,"),
        paragraph(format!(
            "schoolgate is only watching at the moment: on {} it let all {} of your school\u{2019}s \
             outgoing messages through. Had it been switched to enforce, it would have stopped \
             {stopped} of them.",
            report.day, report.messages
        )),
    ];
    if stopped > 0 {
        blocks.push(heading("What would have been stopped"));
        blocks.push(Block::List(vec![
            format!("{} held for the sender to put right", report.would_hold),
            format!(
                "{} quarantined for the headteacher",
                report.would_quarantine
            ),
        ]));
        blocks.push(heading("By which rules"));
        blocks.push(Block::List(
            report
                .rules
                .iter()
                .map(|(rule, count)| format!("{rule}: {count}"))
                .collect(),
        ));
    }
    blocks.push(heading("What to do"));
    blocks.push(paragraph(
        "Look at these figures for a week or two. When they look right, ask your technician to \
         set stance = \"enforce\" in the configuration, or to begin with a few pilot senders.",
    ));
    Letter {
        to,
        reply_to: None,
        subject: format!("What schoolgate would have stopped: {}", report.day),
        blocks,
        attached: None,
    }
    .write(sending)
}

/// Reminds of the review of the school's policy. `reminder` says which and when.
///
/// # Errors
/// `to` is no e-mail address.
pub fn review_reminder(sending: &Sending, to: &str, reminder: &str) -> Result<Notice, NoticeError> {
    Letter {
        to,
        reply_to: None,
        subject: "Your school\u{2019}s policy is due for review".to_owned(),
        blocks: vec![
            paragraph("Hello,"),
            paragraph(reminder),
            paragraph(
                "schoolgate works by this policy. Until it has been reviewed, nothing changes.",
            ),
            heading("What to do"),
            paragraph(
                "Put the policy before the governors. Your technician can print it in plain \
                 English: schoolgate policy explain --html.",
            ),
            paragraph(
                "Afterwards ask your technician to set reviewed and next-review in the pack.",
            ),
        ],
        attached: None,
    }
    .write(sending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reminder_says_which_policy_and_what_to_do() {
        let sending = Sending {
            mail_domain: "gate.oak.example",
            school_name: "Oak Primary School",
            id: "r1",
            at: 1_700_000_000_000_000,
        };
        let reminder = "Acceptable use of ICT was due for review on 1 September 2026.";
        let notice = review_reminder(&sending, "head@oak.example", reminder).unwrap();
        let text = String::from_utf8_lossy(&notice.content)
            .replace("=\r\n", "")
            .replace("\r\n", " ");
        assert!(text.contains(reminder), "{text}");
        assert!(text.contains("next-review"), "{text}");
    }

    #[test]
    fn the_report_tells_figures_and_what_to_do() {
        let sending = Sending {
            mail_domain: "gate.oak.example",
            school_name: "Oak Primary School",
            id: "r1",
            at: 1_700_000_000_000_000,
        };
        let report = DailyReport {
            day: "Monday 23 November 2026".into(),
            messages: 120,
            would_hold: 3,
            would_quarantine: 1,
            rules: vec![("sensitive matter without its marking".into(), 3)],
        };
        let notice = observe_report(&sending, "head@oak.example", &report).unwrap();
        let text = String::from_utf8_lossy(&notice.content)
            .replace("=\r\n", "")
            .replace("\r\n", " ");
        for words in [
            "all 120 of",
            "stopped 4 of",
            "without its marking: 3",
            "enforce",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
