//! What a rule says to people when its pack does not say it.
//!
//! The reading age is about twelve, nobody is accused, and nobody is named.

use crate::decision::Concern;

/// The words of a concern, as templates.
pub(crate) struct Words {
    /// One sentence to the sender.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// A few words for lists and subjects.
    pub line: &'static str,
}

/// What is said for every rule of a concern that has no words of its own.
pub(crate) fn standard(concern: Concern) -> Words {
    let (why, remedy, line) = match concern {
        Concern::PupilData => (
            "This email has {found} in it, and it would go to {relation}.",
            "Check who gets this email. If they should have it, ask the office what to do.",
            "data about pupils, to {relation}",
        ),
        Concern::AttachmentEncryption => (
            "There is private information in {files}, and it is not locked well enough.",
            "Save the file with a password to open it, attach it again, and give the password by phone.",
            "a file that is not locked",
        ),
        Concern::Marking => (
            "This email needs a marking before it leaves the school.",
            "Put {marking} {where} and send it again.",
            "no marking, or not the right one",
        ),
        Concern::PersonalAddress => (
            "This email uses a personal address, and it would go to {relation}.",
            "Use the school address and send it again.",
            "a personal address",
        ),
        Concern::Misdirected => (
            "This email would go to {relation}, and that may be the wrong person.",
            "Check the address and send the email again to the right one.",
            "perhaps the wrong person: {relation}",
        ),
        Concern::MassDisclosure => (
            "More than {limit} families can see each other's addresses in this email.",
            "Put the families' addresses in Bcc, and your own school address in To, and send it again.",
            "families see each other's addresses",
        ),
        Concern::StaffDetails => (
            "This email gives away a colleague's private details.",
            "Take them out and give the school's number or address instead.",
            "a colleague's private details",
        ),
        Concern::Conduct => (
            "Some of the words in this email may not fit a school's email.",
            "Read it again, change what you would not say aloud, and send it again.",
            "words that may not fit",
        ),
        Concern::Photo => (
            "There is a picture in this email that may show a pupil.",
            "Ask the office whether this picture may leave the school.",
            "a picture that may show a pupil",
        ),
        Concern::Credentials => (
            "There is a password or a log-in in this email.",
            "Take it out and change the password, since it has been written down.",
            "a password or a log-in",
        ),
        Concern::Uninspectable => (
            "We could not read all of this email, so nobody can say what would leave the school.",
            "Save the file as PDF, Word or Excel and attach it again, or ask the office.",
            "something that could not be read",
        ),
    };
    Words { why, remedy, line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::template;

    #[test]
    fn the_standard_words_use_only_placeholders_that_exist() {
        for concern in Concern::ALL {
            let words = standard(*concern);
            for text in [words.why, words.remedy, words.line] {
                for name in template::places(text) {
                    assert!(template::PLACEHOLDERS.contains(&name), "{name}");
                }
            }
        }
    }
}
