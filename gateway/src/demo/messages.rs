//! The mail of one morning at Willow Brook: what passes, and what does not and why.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::attachments::{self, Lock, Sheet};
use super::school::{Child, DemoSchool, POSTCODE, Person};

/// A message with its envelope.
#[derive(Debug, Clone)]
pub struct DemoMessage {
    /// What it shows, for the table.
    pub title: &'static str,
    /// The reverse-path.
    pub from: String,
    /// The forward-paths.
    pub to: Vec<String>,
    /// The message as the mail server hands it over, lines ended by CRLF.
    pub content: Vec<u8>,
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// An NHS number of the range that is kept for tests.
const NHS_NUMBER: &str = "999 300 3638";

/// A register of four pupils of [`DemoSchool::class_list`], printed and scanned: grey dots,
/// no letters. Drawn by `fixtures/maker/demo.py`.
const REGISTER: &[u8] = include_bytes!("register.png");

/// The messages, in the order in which the table shows them. The scan is only among them
/// where somebody can read it.
pub fn messages(school: &DemoSchool, pictures_are_read: bool) -> Vec<DemoMessage> {
    let pupil = &school.pupil;
    let other = &school.other_pupil;
    let plan = &school.pupil_with_plan;
    let report = attachments::docx(&[
        "Report for the annual review".to_owned(),
        review(plan),
        "The school asks for fifteen hours of support a week.".to_owned(),
    ]);
    let password = "Lapwing-4417";
    let aes = attachments::zip(&[("report.docx", &report)], &Lock::Aes(password));
    let old = attachments::zip(&[("report.docx", &report)], &Lock::ZipCrypto(password));
    let class_list = || {
        let heading = ["UPN", "Surname", "Forename", "Date of birth", "Class"].map(str::to_owned);
        let rows = school.class_list.iter().map(|row| row.to_vec());
        std::iter::once(heading.to_vec()).chain(rows).collect()
    };
    let sizes = ["Age 7 to 8: 12 jumpers", "Age 8 to 9: 16 jumpers"].map(|t| vec![t.to_owned()]);
    let homework = |child: &Child| {
        format!(
            "{} in {} has not handed in the fractions sheet yet. It would be good to have it on Monday.",
            child.name(),
            child.class
        )
    };

    let mut messages = vec![
        Draft::new(school, "A newsletter to many families, in Bcc", &school.office)
            .bcc(&school.families)
            .say(
                "Willow Brook news",
                "Dear families,\n\nthe harvest assembly is on Friday at ten. Attendance across the school was 96 \
                 per cent in September. The menu has changed; allergens are on the board by the hall.",
            ),
        Draft::new(school, "Homework, to the child's own mother", &school.teacher)
            .to(pupil.parent())
            .say("Homework", &homework(pupil)),
        Draft::new(school, "Homework, to another child's mother", &school.teacher)
            .to(other.parent())
            .say("Homework", &homework(pupil)),
        Draft::new(school, "A class list, to the uniform shop", &school.office)
            .to(&school.outfitter.email)
            .attach("4B.xlsx", XLSX, attachments::xlsx(&[Sheet {
                name: "4B",
                hidden: false,
                rows: class_list(),
            }]))
            .say("Name tapes", "The names for the tapes are attached."),
        Draft::new(school, "A special needs report, neither marked nor locked", &school.senco)
            .to(&school.psychologist.email)
            .attach("report.docx", DOCX, report.clone())
            .say("Report for the review", "Dear colleague,\n\nthe report for the review is attached."),
        Draft::new(school, "The same report, marked and locked with AES", &school.senco)
            .to(&school.psychologist.email)
            .attach("report.zip", "application/zip", aes.clone())
            .say(
                "HIGHLY SENSITIVE: report for the review",
                "Dear colleague,\n\nthe report for the review is attached. I will ring with the password.",
            ),
        Draft::new(school, "The same report, locked in the old way", &school.senco)
            .to(&school.psychologist.email)
            .attach("report.zip", "application/zip", old)
            .say(
                "HIGHLY SENSITIVE: report for the review",
                "Dear colleague,\n\nthe report for the review is attached. I will ring with the password.",
            ),
        Draft::new(school, "The same report, its password beside it", &school.senco)
            .to(&school.psychologist.email)
            .attach("report.zip", "application/zip", aes)
            .say(
                "HIGHLY SENSITIVE: report for the review",
                &format!("Dear colleague,\n\nthe report is attached.\nPassword: {password}"),
            ),
        Draft::new(school, "A care plan with an NHS number, to the teacher's own mailbox", &school.teacher)
            .to(school.teacher_webmail)
            .attach("care plan.pdf", "application/pdf", attachments::pdf(&[
                "Individual healthcare plan".to_owned(),
                format!("Name: {}, class {}", pupil.name(), pupil.class),
                format!("Date of birth: {}", pupil.born),
                format!("NHS number: {NHS_NUMBER}"),
                "Type 1 diabetes. Insulin before lunch, dosage 4 units.".to_owned(),
            ]))
            .say("For the weekend", "To read at home."),
        Draft::new(school, "An invitation to eight families, all in To", &school.office)
            .each_of(&school.families)
            .say(
                "Autumn fair",
                "Dear families,\n\nthe autumn fair is on Saturday from eleven. Please bring cakes.",
            ),
        Draft::new(school, "Marked CONFIDENTIAL, which is not the school's word", &school.senco)
            .to(plan.parent())
            .say("CONFIDENTIAL: annual review", &review(plan)),
        Draft::new(school, "School news of a child, to a father under a court order", &school.teacher)
            .to(&school.flagged_contact.email)
            .say(
                "Reading",
                &format!(
                    "Dear {},\n\n{} has moved up to the purple reading books.",
                    school.flagged_contact.name,
                    school.protected_pupil.name()
                ),
            ),
        Draft::new(school, "A teacher's own mobile number, to a parent", &school.teacher)
            .to(pupil.parent())
            .say(
                "Chess club",
                &format!(
                    "Do ring me in the evening on my own mobile, {}.",
                    school.teacher_private_phone
                ),
            ),
        Draft::new(school, "A file that nobody can read", &school.office)
            .to(&school.caterer.email)
            .attach("till.dat", "application/octet-stream", unknown_bytes())
            .say("Data of the till", "The file of the till is attached."),
        Draft::new(school, "A concern about a child, inside the school", &school.teacher)
            .to(&school.safeguarding_lead.email)
            .say(
                "Concern",
                &format!(
                    "{} of {} said that nobody had been at home since Saturday. I am worried about neglect.",
                    other.name(),
                    other.class
                ),
            ),
        Draft::new(school, "Sizes for jumpers, with the class on a hidden sheet", &school.office)
            .to(&school.outfitter.email)
            .attach("Sizes.xlsx", XLSX, attachments::xlsx(&[
                Sheet { name: "Sizes", hidden: false, rows: sizes.into() },
                Sheet { name: "Data", hidden: true, rows: class_list() },
            ]))
            .say("Sizes", "The sizes of this year's jumpers are attached."),
    ];
    if pictures_are_read {
        messages.push(
            Draft::new(
                school,
                "A scanned register, to the uniform shop",
                &school.office,
            )
            .to(&school.outfitter.email)
            .attach("scan0001.png", "image/png", REGISTER.to_vec())
            .say("Scan", "The scan is attached."),
        );
    }
    messages
}

/// What nobody could call ordinary.
fn review(child: &Child) -> String {
    format!(
        "{} (class {}) has an EHCP for autism. The annual review is due before half term, and the \
         educational psychologist's report asks for speech and language therapy.",
        child.name(),
        child.class
    )
}

/// Bytes that are no known format.
fn unknown_bytes() -> Vec<u8> {
    (0..2_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80)
        .collect()
}

/// A message before its text is known.
struct Draft<'a> {
    school: &'a DemoSchool,
    title: &'static str,
    from: &'a Person,
    to: Vec<String>,
    hidden: Vec<String>,
    files: Vec<(&'static str, &'static str, Vec<u8>)>,
}

impl<'a> Draft<'a> {
    fn new(school: &'a DemoSchool, title: &'static str, from: &'a Person) -> Self {
        Self {
            school,
            title,
            from,
            to: Vec::new(),
            hidden: Vec::new(),
            files: Vec::new(),
        }
    }

    fn to(mut self, address: &str) -> Self {
        self.to.push(address.to_owned());
        self
    }

    fn each_of(mut self, addresses: &[String]) -> Self {
        self.to.extend_from_slice(addresses);
        self
    }

    fn bcc(mut self, addresses: &[String]) -> Self {
        self.hidden.extend_from_slice(addresses);
        self
    }

    fn attach(mut self, name: &'static str, kind: &'static str, content: Vec<u8>) -> Self {
        self.files.push((name, kind, content));
        self
    }

    /// The whole message.
    ///
    /// # Panics
    /// Never: every address and type is written in this module or made by the roster.
    fn say(self, subject: &str, text: &str) -> DemoMessage {
        let text = format!(
            "{text}\n\n-- \n{}\n{}, {POSTCODE}\nTel. {}\n",
            self.from.name, self.school.name, self.school.phone
        )
        .replace('\n', "\r\n");
        let mut builder = Message::builder()
            .from(mailbox(&self.from.name, &self.from.email))
            .subject(subject)
            .message_id(Some(format!(
                "<{}@{}>",
                uuid::Uuid::now_v7().simple(),
                self.school.domain
            )));
        // What goes to hidden recipients names the sender in To, as mail programs do.
        let visible = if self.to.is_empty() {
            std::slice::from_ref(&self.from.email)
        } else {
            &self.to
        };
        for address in visible {
            builder = builder.to(mailbox("", address));
        }
        let plain = SinglePart::plain(text);
        let built = if self.files.is_empty() {
            builder.singlepart(plain)
        } else {
            let parts = self.files.into_iter().fold(
                MultiPart::mixed().singlepart(plain),
                |parts, (name, kind, content)| {
                    let kind = ContentType::parse(kind).expect("a media type of this module");
                    parts.singlepart(Attachment::new(name.to_owned()).body(content, kind))
                },
            );
            builder.multipart(parts)
        };
        let content = built
            .expect("a message with sender and recipient")
            .formatted();
        let mut to = self.to;
        to.extend(self.hidden);
        DemoMessage {
            title: self.title,
            from: self.from.email.clone(),
            to,
            content,
        }
    }
}

fn mailbox(name: &str, address: &str) -> Mailbox {
    let name = (!name.is_empty()).then(|| name.to_owned());
    let address = address.parse().expect("an address of the made-up roster");
    Mailbox::new(name, address)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text(message: &DemoMessage) -> String {
        String::from_utf8(message.content.clone()).unwrap()
    }

    fn titled(part: &str) -> DemoMessage {
        messages(&DemoSchool::new(), true)
            .into_iter()
            .find(|m| m.title.contains(part))
            .unwrap()
    }

    #[test]
    fn every_message_is_whole() {
        let school = DemoSchool::new();
        let all = messages(&school, true);
        assert_eq!(all.len(), 17);
        let titles: BTreeSet<_> = all.iter().map(|m| m.title).collect();
        assert_eq!(titles.len(), all.len());
        for message in &all {
            assert!(message.from.ends_with("@willowbrook.example"));
            assert!(!message.to.is_empty());
            let text = text(message);
            let lines = text.matches('\n').count();
            assert_eq!(text.matches("\r\n").count(), lines, "{}", message.title);
            assert_eq!(text.matches('\r').count(), lines, "{}", message.title);
            assert!(text.contains("\r\nMessage-ID: <") && text.contains("\r\nDate: "));
            assert!(text.contains("\r\n\r\n"));
        }
    }

    #[test]
    fn the_newsletter_shows_nobody() {
        let message = titled("in Bcc");
        assert_eq!(message.to.len(), 8);
        assert!(
            message
                .to
                .iter()
                .all(|a| !text(&message).contains(a.as_str()))
        );
    }

    #[test]
    fn the_open_list_shows_everybody() {
        let message = titled("all in To");
        assert!(
            message
                .to
                .iter()
                .all(|a| text(&message).contains(a.as_str()))
        );
    }

    #[test]
    fn to_the_wrong_family_goes_what_was_meant_for_the_right_one() {
        let school = DemoSchool::new();
        let message = titled("another child's mother");
        assert_eq!(message.to, [school.other_pupil.parent()]);
        assert!(text(&message).contains(&school.pupil.name()));
    }

    #[test]
    fn the_file_that_nobody_can_read_has_no_known_start() {
        let bytes = unknown_bytes();
        assert!(bytes.iter().all(|b| *b >= 0x80));
        assert!(std::str::from_utf8(&bytes).is_err());
    }
}
