//! The first line that a person wrote into a message: for answers that are given in a
//! word, such as the reply to a notice.

use crate::extract;
use crate::inspection::Disposition;
use crate::normalise::clean;
use crate::settings::Settings;
use crate::text::{Body, Document, Role};

/// The longest line that is given back, in characters.
const MOST: usize = 500;

/// The first line of the newest text that is not blank and not quoted; `None` where
/// there is none. Where a message has its text twice (plain and HTML), the first text
/// that says anything counts.
///
/// What a mail program writes above a quotation ("On … wrote:") is not a line of the
/// person's, in whatever language it is.
pub fn opening(message: &[u8], settings: &Settings) -> Option<String> {
    let reading = extract::read(message, settings);
    reading
        .documents
        .iter()
        .filter(|document| document.disposition == Disposition::Body)
        .find_map(first_own_line)
}

fn first_own_line(document: &Document) -> Option<String> {
    for (at, passage) in document.passages.iter().enumerate() {
        if passage.role != Role::Body {
            continue;
        }
        let text = match &passage.body {
            Body::Text(text) => clean(text),
            Body::Row { cells, .. } => clean(&cells.join(" ")),
        };
        let before_quotation = document
            .passages
            .get(at + 1)
            .is_some_and(|next| next.role == Role::Quoted);
        if before_quotation && is_attribution(&text) {
            continue;
        }
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        if let Some(line) = line {
            return Some(line.chars().take(MOST).collect());
        }
    }
    None
}

/// Whether a paragraph that stands right above a quotation only says whose it is: it ends
/// in a colon, and its first line names a time or an address.
fn is_attribution(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let last = lines.next_back().unwrap_or(first);
    last.ends_with([':', '：'])
        && first.contains(|c: char| c.is_ascii_digit() || c == '@')
        && text.lines().count() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(content: &str, expected: Option<&str>) {
        let settings = Settings::on(jiff::civil::date(2026, 11, 24));
        let content = content.replace('\n', "\r\n");
        let line = opening(content.as_bytes(), &settings);
        assert_eq!(line.as_deref(), expected, "{content}");
    }

    fn plain(body: &str, expected: Option<&str>) {
        check(
            &format!("From: a@oak.example\nSubject: Re: x\n\n{body}"),
            expected,
        );
    }

    #[test]
    fn the_first_line_on_top_of_a_quotation_counts() {
        plain("CANCEL\n", Some("CANCEL"));
        plain(
            "\n\n  CANCEL\n\n-- \nJo Hart\n\nOn Tue, 24 Nov 2026 at 10:00, Oak wrote:\n> MARK\n",
            Some("CANCEL"),
        );
    }

    #[test]
    fn an_answer_below_a_quotation_counts_in_any_language() {
        for attribution in [
            "On Tue, 24 Nov 2026 at 10:00, Oak <schoolgate@gate.oak.example> wrote:",
            "Am Di., 24. Nov. 2026 um 10:00 Uhr schrieb Oak\n<schoolgate@gate.oak.example>:",
            "Le mar. 24 nov. 2026 à 10:00, Oak <schoolgate@gate.oak.example> a écrit :",
            "W dniu 24.11.2026 o 10:00, Oak pisze:",
        ] {
            plain(
                &format!("{attribution}\n> CANCEL: it is not sent\n> MARK: it is\n\nMARK\n"),
                Some("MARK"),
            );
        }
    }

    #[test]
    fn a_word_glued_to_an_attribution_is_the_persons() {
        plain(
            "CANCEL\nAm 24.11.2026 schrieb Oak:\n> MARK\n",
            Some("CANCEL"),
        );
    }

    #[test]
    fn quotations_alone_say_nothing() {
        plain("> CANCEL\n> MARK\n", None);
        plain("", None);
    }

    #[test]
    fn a_telephone_that_writes_html_only_is_understood() {
        check(
            "From: a@oak.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\
             Content-Transfer-Encoding: quoted-printable\n\n\
             <html><head><style>p {color: red}</style></head><body><div dir=3D\"auto\">Cancel</div>\n\
             <div><br></div><div>Sent from my phone</div>\
             <blockquote type=3D\"cite\"><div>MARK</div></blockquote></body></html>\n",
            Some("Cancel"),
        );
    }

    #[test]
    fn a_blank_plain_text_beside_html_is_passed_over() {
        check(
            "From: a@oak.example\nMIME-Version: 1.0\n\
             Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n\
             --b\nContent-Type: text/html\n\n<p>SEND because the court asked for it today.</p>\n--b--\n",
            Some("SEND because the court asked for it today."),
        );
    }

    proptest! {
        #[test]
        fn any_octets_have_a_bounded_line(octets in prop::collection::vec(any::<u8>(), 0..400)) {
            let settings = Settings::on(jiff::civil::date(2026, 11, 24));
            let line = opening(&octets, &settings).unwrap_or_default();
            prop_assert!(line.chars().count() <= MOST && !line.contains('\n'));
        }
    }
}
