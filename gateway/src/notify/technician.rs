//! Alarms to the technician, who may be an outside firm: no person appears in them.

use super::document::{Block, heading, paragraph};
use super::letter::{Letter, Notice, NoticeError, Sending};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// A message came back with our own marker.
    Loop,
    /// It cannot be told which school sends a message.
    NoSchool,
    /// A next hop says that we have sent too much.
    Quota,
    /// No next hop takes mail.
    NextHopDown,
    /// A next hop wants a log-in or encryption that does not work.
    NextHopRefusesUs,
    /// The store is full or failing.
    StoreTrouble,
    /// The list of pupils is missing or old.
    RosterStale,
}

impl Alarm {
    /// Every kind.
    pub const ALL: &'static [Alarm] = &[
        Self::Loop,
        Self::NoSchool,
        Self::Quota,
        Self::NextHopDown,
        Self::NextHopRefusesUs,
        Self::StoreTrouble,
        Self::RosterStale,
    ];

    /// Subject, what it means, and what to do.
    fn words(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Loop => (
                "A message went round in a circle",
                "A message that schoolgate had already sent came back to it. It is kept and was \
                 not sent again.",
                &[
                    "In the mail server, find the rule that sends mail to schoolgate.",
                    "Make it leave out mail that comes from schoolgate\u{2019}s address or certificate.",
                    "Then look at the case: schoolgate quarantine list.",
                ],
            ),
            Self::NoSchool => (
                "A message belongs to no school",
                "A message came in, and nothing tells which school sends it. It is kept and was \
                 not sent on.",
                &[
                    "Look at the case: schoolgate quarantine list.",
                    "Make the school\u{2019}s mail rule add its secret header, or give the client \
                     its schools in the configuration.",
                    "Then return the message to its sender: schoolgate quarantine return.",
                ],
            ),
            Self::Quota => (
                "The mail provider says that too much was sent",
                "The next mail server has reached its sending limit. schoolgate has stopped \
                 sending to it. No message is lost, and none was bounced for it.",
                &[
                    "Look up the limit at the mail provider, and when it ends.",
                    "Find out whether an account sends far more than usual: it may be misused.",
                    "Then go on with: schoolgate queue retry.",
                ],
            ),
            Self::NextHopDown => (
                "Mail cannot be sent on",
                "None of the next mail servers takes mail. Messages wait safely, and schoolgate \
                 keeps trying.",
                &[
                    "Check that the next mail server is running and can be reached.",
                    "Run: schoolgate doctor. It says which step fails.",
                ],
            ),
            Self::NextHopRefusesUs => (
                "The next mail server does not let us in",
                "The next mail server refused the log-in, or encryption with a checked \
                 certificate was not possible. Messages wait safely.",
                &[
                    "Check name, password file and certificates of the next hop in the configuration.",
                    "Check whether the next mail server\u{2019}s certificate has expired.",
                    "Run: schoolgate doctor.",
                ],
            ),
            Self::StoreTrouble => (
                "schoolgate cannot store mail",
                "The disk is full or failing. schoolgate refuses new mail for now, and the mail \
                 server keeps it. No message is lost.",
                &[
                    "Check the free space of the data folder, and the disk\u{2019}s health.",
                    "Do not delete files in the data folder.",
                    "Run: schoolgate doctor.",
                ],
            ),
            Self::RosterStale => (
                "The list of pupils is missing or old",
                "schoolgate needs an up-to-date list of pupils and contacts to judge mail well. \
                 Until then the rules that ask who belongs to whom only \
                 take note and stop nothing.",
                &[
                    "Export a new list from the school\u{2019}s management system.",
                    "Import it with: schoolgate roster import.",
                ],
            ),
        }
    }
}

/// Writes an alarm. `detail` says which and how many, in plain text; it may hold spool ids,
/// names of next hops, codes and counts, and must hold no address, subject or content.
pub fn technician_alarm(
    sending: &Sending,
    technician: &str,
    kind: Alarm,
    detail: &str,
) -> Result<Notice, NoticeError> {
    let (subject, meaning, steps) = kind.words();
    let mut blocks = vec![paragraph("Hello,"), paragraph(meaning)];
    let details: Vec<String> = detail
        .lines()
        .map(|l| l.trim().to_owned())
        .filter(|l| !l.is_empty())
        .collect();
    if !details.is_empty() {
        blocks.push(heading("Details"));
        blocks.push(Block::List(details));
    }
    blocks.push(heading("What to do"));
    blocks.push(Block::List(steps.iter().map(|&s| s.to_owned()).collect()));
    blocks.push(paragraph(format!(
        "This is an automatic message from schoolgate on {} at {}. Please do not reply to it.",
        sending.mail_domain, sending.school_name
    )));
    Letter {
        to: technician,
        reply_to: None,
        subject: format!("schoolgate: {subject}"),
        blocks,
        attached: None,
    }
    .write(sending)
}
