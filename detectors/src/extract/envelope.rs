//! The envelopes of services for secure mail: a web page with the message in it, locked.
//!
//! Only a page that really carries a payload counts. Its readable text is read like that
//! of any page, so that nothing can hide behind the looks of an envelope.

/// The marks of each service, all in lower case: its name, and words one of which is there.
const SERVICES: &[(&str, &[&str])] = &[
    ("Egress", &["egress.com", "egress switch", "egress protect"]),
    (
        "Cisco Registered Envelope",
        &["securedoc", "registered envelope", "res.cisco.com", "postx"],
    ),
    (
        "Proofpoint Encryption",
        &["securereader", "proofpoint encryption", "securemessageatt"],
    ),
    (
        "Microsoft message encryption",
        &[
            "outlook.office365.com/encryption",
            "rpmsg",
            "office 365 message encryption",
        ],
    ),
    ("Zix", &["zixmail", "zixcorp", "zixmessagecenter"]),
    (
        "Trend Micro Email Encryption",
        &["trend micro email encryption", "privatepost"],
    ),
    ("Virtru", &["virtru.com", "virtru secure"]),
    ("Galaxkey", &["galaxkey"]),
];

/// The least octets of a payload in letters.
const PAYLOAD: usize = 600;

/// The service whose envelope a page is.
pub(super) fn service(page: &str) -> Option<&'static str> {
    if !holds_payload(page) {
        return None;
    }
    let lower = page.to_ascii_lowercase();
    // A person opens an envelope by a form or a script.
    if !lower.contains("<form") && !lower.contains("<script") {
        return None;
    }
    SERVICES
        .iter()
        .find(|(_, marks)| marks.iter().any(|mark| lower.contains(mark)))
        .map(|(name, _)| *name)
}

/// Whether the value of a field or a string holds a long run of base64 or hexadecimal
/// digits that is no picture.
fn holds_payload(page: &str) -> bool {
    page.split(['"', '\'']).any(|value| {
        value.len() >= PAYLOAD
            && !value.trim_start().starts_with("data:image")
            && value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=_-\r\n".contains(&b))
            && looks_random(value.as_bytes())
    })
}

/// Locked octets use all letters alike; a repeated word or a padding does not.
fn looks_random(value: &[u8]) -> bool {
    let mut seen = [0u32; 256];
    for octet in value {
        if let Some(count) = seen.get_mut(usize::from(*octet)) {
            *count += 1;
        }
    }
    let different = seen.iter().filter(|c| **c > 0).count();
    let most = seen.iter().max().copied().unwrap_or(0) as usize;
    different >= 16 && most * 5 < value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_carries_a_payload() {
        let payload: String = (0..1000u32)
            .map(|i| (b'A' + (i.wrapping_mul(2_654_435_761) >> 20) as u8 % 26) as char)
            .collect();
        let page = |name: &str, payload: &str| {
            format!(
                "<html><p>{name}</p><form action='https://x.example'><input type=hidden name=p value=\"{payload}\"></form>"
            )
        };
        assert_eq!(service(&page("Egress Switch", &payload)), Some("Egress"));
        assert_eq!(service(&page("Egress Switch", "short")), None);
        assert_eq!(service(&page("Egress Switch", &"A".repeat(1000))), None);
        assert_eq!(service(&page("Holiday club", &payload)), None);
    }
}
