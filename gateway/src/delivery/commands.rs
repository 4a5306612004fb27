//! The MAIL and RCPT commands of a message, and what it needs of a next hop.

use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter, RcptParameter};

use super::abilities::Abilities;
use super::reply::Own;
use super::{Outgoing, OutgoingRecipient};

/// What the content asks for, found out once for all next hops.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    /// Octets above 127.
    eight_bit: bool,
    /// A header that only SMTPUTF8 allows, or a reverse-path.
    utf8: bool,
    length: u64,
}

impl Needs {
    pub(super) fn of(mail: &Outgoing) -> Needs {
        let eight_bit = !mail.content.is_ascii() || !mail.trace.is_ascii();
        // A header with raw octets and no SMTPUTF8 is merely wrong, and has always been
        // carried as 8BITMIME; with it, the header means UTF-8 (RFC 6532).
        let utf8 = !mail.reverse_path.is_ascii()
            || (mail.smtputf8 && eight_bit && !header_of(&mail.content).is_ascii());
        Needs {
            eight_bit,
            utf8,
            length: mail.length(),
        }
    }

    /// What stops a next hop from carrying the message for this recipient. Nothing is ever
    /// re-encoded for it: that would break signatures.
    pub(super) fn obstacle(
        &self,
        abilities: &Abilities,
        recipient: &OutgoingRecipient,
    ) -> Option<Own> {
        if abilities
            .size_limit
            .is_some_and(|limit| self.length > limit)
        {
            Some(Own::TooBig)
        } else if self.eight_bit && !abilities.eight_bit_mime {
            Some(Own::NoEightBit)
        } else if (self.utf8 || !recipient.path.is_ascii()) && !abilities.smtputf8 {
            Some(Own::NoSmtpUtf8)
        } else {
            None
        }
    }
}

/// The MAIL command for some of the recipients, without its CRLF.
pub(super) fn mail_command(
    mail: &Outgoing,
    needs: &Needs,
    abilities: &Abilities,
    recipients: &[&OutgoingRecipient],
) -> String {
    let mut parameters = Vec::new();
    if abilities.size
        && let Ok(length) = usize::try_from(needs.length)
    {
        parameters.push(MailParameter::Size(length));
    }
    if needs.eight_bit {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let utf8 = mail.smtputf8 || needs.utf8 || recipients.iter().any(|r| !r.path.is_ascii());
    if utf8 && abilities.smtputf8 {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if abilities.dsn {
        for (keyword, value) in [("RET", &mail.ret), ("ENVID", &mail.envid)] {
            if let Some(value) = value.as_deref().filter(|v| fits_xtext(v)) {
                parameters.push(MailParameter::Other {
                    keyword: keyword.to_owned(),
                    value: Some(value.to_owned()),
                });
            }
        }
    }
    if mail.require_tls && abilities.require_tls {
        // RFC 8689 §2: a keyword without a value.
        parameters.push(MailParameter::Other {
            keyword: "REQUIRETLS".to_owned(),
            value: None,
        });
    }
    let mut line = format!("MAIL FROM:<{}>", mail.reverse_path);
    for parameter in parameters {
        line.push(' ');
        line.push_str(&parameter.to_string());
    }
    line
}

/// The RCPT command for one recipient, without its CRLF.
pub(super) fn rcpt_command(recipient: &OutgoingRecipient, abilities: &Abilities) -> String {
    let mut line = format!("RCPT TO:<{}>", recipient.path);
    if !abilities.dsn {
        return line;
    }
    // NOTIFY is a list of keywords and no xtext (RFC 3461 §4.1).
    if let Some(notify) = recipient.notify.as_deref().filter(|n| is_notify(n)) {
        line.push_str(" NOTIFY=");
        line.push_str(notify);
    }
    if let Some(orcpt) = recipient.orcpt.as_deref()
        && let Some((kind, address)) = orcpt.split_once(';')
        && fits_xtext(kind)
        && fits_xtext(address)
    {
        let parameter = RcptParameter::Other {
            keyword: "ORCPT".to_owned(),
            value: Some(address.to_owned()),
        };
        // The type and its semicolon stand outside the xtext.
        let parameter = parameter.to_string();
        let encoded = parameter.trim_start_matches("ORCPT=");
        line.push_str(&format!(" ORCPT={kind};{encoded}"));
    }
    line
}

/// Whether a path can stand between angle brackets and be nothing else.
pub(super) fn is_sound_path(path: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for c in path.chars() {
        if c.is_control() {
            return false;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '<' | '>' if !quoted => return false,
            _ => {}
        }
    }
    // RFC 5321 §4.5.3.1.3 allows 256 octets; source routes and UTF-8 go beyond.
    !quoted && path.len() <= 1000
}

fn fits_xtext(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| (b' '..=b'~').contains(&b))
}

fn is_notify(value: &str) -> bool {
    let known = ["SUCCESS", "FAILURE", "DELAY"];
    value.eq_ignore_ascii_case("NEVER")
        || value
            .split(',')
            .all(|word| known.iter().any(|k| k.eq_ignore_ascii_case(word)))
}

/// The header section, or all of it when no empty line ends one.
pub(super) fn header_of(content: &[u8]) -> &[u8] {
    if content.starts_with(b"\r\n") {
        return &[];
    }
    let end = content.windows(4).position(|w| w == b"\r\n\r\n");
    match end {
        Some(end) => content.get(..end + 2).unwrap_or(content),
        None => content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{RecipientId, SpoolId};
    use proptest::prelude::*;

    fn recipient(path: &str, notify: Option<&str>, orcpt: Option<&str>) -> OutgoingRecipient {
        OutgoingRecipient {
            id: RecipientId::new(),
            path: path.to_owned(),
            notify: notify.map(str::to_owned),
            orcpt: orcpt.map(str::to_owned),
        }
    }

    fn mail(content: &[u8], smtputf8: bool) -> Outgoing {
        Outgoing {
            id: SpoolId::new(),
            reverse_path: "office@ashgrove.example".into(),
            recipients: Vec::new(),
            ret: Some("HDRS".into()),
            envid: Some("QQ 31+4".into()),
            smtputf8,
            eight_bit: false,
            content: content.into(),
            trace: Vec::new(),
            require_tls: false,
            prefer_tls: None,
        }
    }

    fn dsn() -> Abilities {
        Abilities {
            dsn: true,
            ..Abilities::default()
        }
    }

    #[test]
    fn dsn_parameters_are_xtext() {
        let mail = mail(b"A: b\r\n\r\nc\r\n", false);
        let line = mail_command(&mail, &Needs::of(&mail), &dsn(), &[]);
        assert_eq!(
            line,
            "MAIL FROM:<office@ashgrove.example> RET=HDRS ENVID=QQ+2031+2B4"
        );
        let r = recipient(
            "a@parent.example",
            Some("SUCCESS,DELAY"),
            Some("rfc822;a+b@parent.example"),
        );
        assert_eq!(
            rcpt_command(&r, &dsn()),
            "RCPT TO:<a@parent.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@parent.example"
        );
        assert_eq!(
            rcpt_command(&r, &Abilities::default()),
            "RCPT TO:<a@parent.example>"
        );
    }

    #[test]
    fn odd_dsn_parameters_are_left_out() {
        let r = recipient(
            "a@parent.example",
            Some("SOMETIMES X=1"),
            Some("rfc822;a\r\nb"),
        );
        assert_eq!(rcpt_command(&r, &dsn()), "RCPT TO:<a@parent.example>");
    }

    #[test]
    fn paths_that_would_be_more_than_a_path() {
        for sound in [
            "",
            "postmaster",
            "a@b.example",
            "\"a b\"@c.example",
            "a@[192.0.2.1]",
            "\"a\\\"> x\"@c.example",
            "zoë@parent.example",
        ] {
            assert!(is_sound_path(sound), "{sound}");
        }
        for wrong in [
            "a@b.example> SIZE=1",
            "a b@c.example",
            "a@b.example\r\nDATA",
            "\"a@b.example",
            "<a@b.example",
        ] {
            assert!(!is_sound_path(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_body_may_be_eight_bit_without_smtputf8() {
        let r = recipient("a@parent.example", None, None);
        let eight = Abilities {
            eight_bit_mime: true,
            ..Abilities::default()
        };
        let body = mail("Subject: x\r\n\r\ncafé\r\n".as_bytes(), true);
        assert_eq!(Needs::of(&body).obstacle(&eight, &r), None);
        let header = mail("Subject: café\r\n\r\nx\r\n".as_bytes(), true);
        assert_eq!(
            Needs::of(&header).obstacle(&eight, &r),
            Some(Own::NoSmtpUtf8)
        );
        let raw = mail("Subject: café\r\n\r\nx\r\n".as_bytes(), false);
        assert_eq!(Needs::of(&raw).obstacle(&eight, &r), None);
        assert_eq!(
            Needs::of(&raw).obstacle(&Abilities::default(), &r),
            Some(Own::NoEightBit)
        );
    }

    proptest! {
        #[test]
        fn a_sound_path_keeps_the_command_one_line(path in "\\PC{0,40}|[a-z<> \"\\\\\r\n@]{0,20}") {
            if is_sound_path(&path) {
                let line = rcpt_command(&recipient(&path, None, None), &dsn());
                let no_line_end = !line.contains('\r') && !line.contains('\n');
                prop_assert!(no_line_end);
                prop_assert!(line.ends_with('>'));
            }
        }
    }
}
