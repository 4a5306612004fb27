//! Messages as strange programs write them.

use super::*;

#[test]
fn equal_halves_of_an_alternative_are_read_once() {
    let message = |html: &str| {
        read_text(&format!(
            "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nHello Jamie\n--b\nContent-Type: text/html\n\n{html}\n--b--\n"
        ))
    };
    let same = message("<p>Hello <b>Jamie</b></p>");
    assert_eq!(texts(&same).len(), 1);
    let different = message("<p>Hello Alex</p>");
    assert!(holds(&different, "1", Role::Body, "Jamie"));
    assert!(holds(&different, "2", Role::Body, "Alex"));
}

#[test]
fn conflicting_encodings_are_all_read() {
    let reading = read_text(
        "Subject: x\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\nU2VjcmV0IEphbWll\n",
    );
    assert!(found(&reading, Kind::MimeAmbiguous));
    assert!(texts(&reading).iter().any(|(_, _, t)| t == "Secret Jamie"));
}

#[test]
fn text_outside_the_parts_and_without_an_end_is_read() {
    let reading = read_text(
        "Content-Type: multipart/mixed; boundary=b\n\nbefore it\n--b\n\ninside\n--b\n\nno end",
    );
    assert!(holds(&reading, "1", Role::Hidden, "before it"));
    assert!(holds(&reading, "1", Role::Body, "inside"));
    assert!(holds(&reading, "2", Role::Body, "no end"));
    // Without a boundary every program shows the text, and only one that guesses the parts
    // can show more.
    let bare = read_text("Content-Type: multipart/mixed\n\nall of it\n");
    assert!(!found(&bare, Kind::MimeAmbiguous));
    assert_eq!(bare.unread, []);
    let guess = read_text(
        "Content-Type: multipart/mixed\n\n--x\nContent-Transfer-Encoding: base64\n\nU2VjcmV0IEphbWll\n--x--\n",
    );
    assert!(found(&guess, Kind::MimeAmbiguous));
    assert!(texts(&guess).iter().any(|(_, _, t)| t == "Secret Jamie"));
    assert!(texts(&bare).iter().any(|(_, _, t)| t == "all of it"));
}

#[test]
fn lines_of_a_header_that_are_no_fields_are_read() {
    let reading = read_text("Subject: x\nJamie was late again\nTo: a@b.test\n\nbody\n");
    assert!(
        texts(&reading)
            .iter()
            .any(|(_, _, t)| t.contains("Jamie was late"))
    );
    assert!(found(&reading, Kind::HiddenContent));
    // A program that ends the header there shows no word more, only the source of it.
    assert!(!found(&reading, Kind::MimeAmbiguous));
    let before = read_text("Subject: x\nno field\nContent-Type: text/html\n\n<p>body\n");
    assert!(!found(&before, Kind::MimeAmbiguous));
    let parts = read_text(
        "Content-Type: multipart/mixed; boundary=b\nno field\nContent-Type: text/plain\n\n\
         --b\nContent-Transfer-Encoding: base64\n\nU2VjcmV0IEphbWll\n--b--\n",
    );
    assert!(found(&parts, Kind::MimeAmbiguous));
    assert!(texts(&parts).iter().any(|(_, _, t)| t == "Secret Jamie"));
    let mailbox = read_text("From a@b.test Mon Nov 2 09:00:00 2026\nSubject: x\n\nbody\n");
    assert!(!found(&mailbox, Kind::HiddenContent));
}

#[test]
fn a_forwarded_message_is_descended_into() {
    let reading = read_text(
        "Subject: outer\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\n\n\
         From: a@b.test\nSubject: SENSITIVE inner\n\nold words\n--b--\n",
    );
    assert!(holds(&reading, "2/header", Role::Quoted, "SENSITIVE inner"));
    assert!(holds(&reading, "2/1", Role::Quoted, "old words"));
    assert_eq!(reading.headers.subject, "outer");
    assert!(
        reading
            .parts
            .iter()
            .any(|p| p.disposition == Disposition::Message)
    );
}

#[test]
fn a_uuencoded_file_is_a_member() {
    let reading = read_text("Subject: x\n\nSee:\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n");
    assert!(holds(&reading, "1/cat.txt", Role::Document, "Cat"));
    assert!(holds(&reading, "1", Role::Body, "See:"));
}

#[test]
fn partial_and_external_messages_are_unread() {
    for kind in [
        "message/partial; id=x; number=1",
        "message/external-body; access-type=URL",
    ] {
        let reading = read_text(&format!(
            "Subject: x\nContent-Type: {kind}\n\nSubject: y\n\nwords\n"
        ));
        assert!(
            reading
                .unread
                .iter()
                .any(|u| u.reason == UnreadReason::UnknownFormat),
            "{kind}"
        );
    }
}

#[test]
fn text_in_an_unknown_charset_is_not_lost() {
    let mut message = b"Subject: x\r\nContent-Type: text/plain\r\n\r\nRen".to_vec();
    message.extend_from_slice(b"\xe9e is late\r\n");
    let reading = read(&message, &settings());
    assert!(holds(&reading, "1", Role::Body, "Renée is late"));
}

#[test]
fn text_outside_the_parts_of_a_container_is_accounted_for() {
    let reading = read_text(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a\nContent-Type: multipart/mixed; boundary=b\n\nbetween\n--b\n\ny\n--b--\n--a--\n",
    );
    assert!(holds(&reading, "2", Role::Hidden, "between"));
    assert!(all_accounted_for(&reading));
}
