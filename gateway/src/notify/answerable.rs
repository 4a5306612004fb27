//! Whether a message may be answered by a notice.

/// Whether an automatic notice may go to the reverse-path of a message with this content.
///
/// Only to the school's own addresses, so that no outsider is ever written to, and never
/// in answer to automatic mail or to the null reverse-path (RFC 3834 §2), so that two
/// machines never talk to each other. This decides about the notice alone; the message is
/// judged like any other.
pub fn may_answer(content: &[u8], reverse_path: &str, school_domains: &[String]) -> bool {
    let Some((local, domain)) = reverse_path.rsplit_once('@') else {
        return false;
    };
    let ours = school_domains
        .iter()
        .any(|d| d.eq_ignore_ascii_case(domain));
    ours && !is_machine(local) && !fields(content).any(|(name, value)| is_automatic(&name, &value))
}

/// Local parts behind which nobody sits (RFC 3834 §2, RFC 2142).
fn is_machine(local: &str) -> bool {
    let local = local.to_ascii_lowercase();
    let whole = [
        "",
        "mailer-daemon",
        "postmaster",
        "noreply",
        "no-reply",
        "donotreply",
        "do-not-reply",
    ];
    whole.contains(&local.as_str())
        || local.starts_with("owner-")
        || local.ends_with("-request")
        || local.ends_with("-owner")
        || local.ends_with("-bounces")
}

fn is_automatic(name: &str, value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let first = |separator: &[char]| value.split(separator).next().unwrap_or_default().trim();
    match name {
        // RFC 3834 §5: anything but "no", with or without parameters.
        "auto-submitted" => first(&[';', ' ', '(']) != "no",
        "precedence" => ["bulk", "junk", "list", "auto_reply"].contains(&first(&[' ', ';'])),
        "list-id" | "list-unsubscribe" | "x-autoreply" | "x-autorespond" => true,
        "x-auto-response-suppress" => value
            .split(',')
            .any(|w| ["all", "autoreply"].contains(&w.trim())),
        "content-type" => first(&[';']) == "multipart/report",
        _ => false,
    }
}

/// Header fields, names in lower case and values unfolded, up to the first empty line.
fn fields(content: &[u8]) -> impl Iterator<Item = (String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in content.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let line = String::from_utf8_lossy(line);
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(&line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    fields.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(header: &str, reverse_path: &str, expected: bool) {
        let content = format!("{header}\r\n\r\nAuto-Submitted: in the body\r\n");
        let domains = ["ashgrove.example".to_owned()];
        let answer = may_answer(content.as_bytes(), reverse_path, &domains);
        assert_eq!(answer, expected, "{header} {reverse_path}");
    }

    #[test]
    fn a_colleagues_own_mail_is_answered() {
        check("From: a@ashgrove.example", "a@ashgrove.example", true);
        check("Auto-Submitted: no", "a@Ashgrove.Example", true);
        check("Precedence: first-class", "a@ashgrove.example", true);
    }

    #[test]
    fn nobody_outside_is_ever_written_to() {
        for path in ["a@parent.example", "a@x.ashgrove.example", "", "a", "a@"] {
            check("From: a@ashgrove.example", path, false);
        }
    }

    #[test]
    fn machines_are_not_answered() {
        for header in [
            "Auto-Submitted: auto-replied",
            "AUTO-SUBMITTED:\r\n auto-generated; x=y",
            "Auto-Submitted: auto-notified",
            "Precedence: bulk",
            "List-Id: <staff.ashgrove.example>",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "X-Auto-Response-Suppress: All",
            "Content-Type: multipart/report; report-type=delivery-status",
        ] {
            check(header, "a@ashgrove.example", false);
        }
        for local in ["MAILER-DAEMON", "no-reply", "owner-staff", "staff-bounces"] {
            check("Subject: x", &format!("{local}@ashgrove.example"), false);
        }
    }

    proptest! {
        #[test]
        fn any_octets_get_an_answer(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let answer = may_answer(&octets, "a@parent.example", &["ashgrove.example".to_owned()]);
            prop_assert!(!answer);
            let _ = may_answer(&octets, "a@ashgrove.example", &["ashgrove.example".to_owned()]);
        }
    }
}
