//! Which facts a line of the journal holds: a fact that an older program did not know is
//! absent there, and absent is not "no".

use schoolgate_policies::replay::Kept;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// Whether a key is there, whatever its value.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

#[derive(Deserialize)]
struct Line {
    /// Since a line says with which roster it was made, it keeps what stands before the
    /// subject too.
    #[serde(default)]
    roster: Present,
    facts: Facts,
    inspection: Inspection,
}

#[derive(Deserialize)]
struct Facts {
    recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    #[serde(default)]
    destination: Present,
    #[serde(default)]
    greeted_as_another: Present,
    #[serde(default)]
    bears_contacts_name: Present,
}

#[derive(Deserialize)]
struct Inspection {
    subjects: Vec<Said>,
    mentions: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    special: Present,
}

/// What the text of a line keeps; `None` when it is none.
pub(super) fn kept(text: &[u8]) -> Option<Kept> {
    let line: Line = serde_json::from_slice(text).ok()?;
    let knows_address =
        |r: &Recipient| r.destination.0 && r.greeted_as_another.0 && r.bears_contacts_name.0;
    let Inspection { subjects, mentions } = &line.inspection;
    Some(Kept {
        forwards: line.roster.0,
        addresses: line.facts.recipients.iter().all(knows_address),
        special_matter: subjects.iter().chain(mentions).all(|said| said.special.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(recipient: &str, subject: &str, addresses: bool, special_matter: bool) {
        let text = format!(
            r#"{{"facts": {{"recipients": [{recipient}], "now": 1}},
                "inspection": {{"subjects": [{subject}], "mentions": []}}, "digest": ""}}"#
        );
        let kept = kept(text.as_bytes()).unwrap();
        let expected = Kept {
            special_matter,
            addresses,
            forwards: false,
        };
        assert_eq!(kept, expected, "{text}");
    }

    #[test]
    fn what_is_null_is_kept_and_what_is_absent_is_not() {
        let whole =
            r#"{"destination": null, "greeted_as_another": false, "bears_contacts_name": false}"#;
        check(whole, r#"{"special": false}"#, true, true);
        check(whole, r#"{"count": 1}"#, true, false);
        check(
            r#"{"destination": null}"#,
            r#"{"special": true}"#,
            false,
            true,
        );
        check("", "", true, true);
        assert!(kept(b"{}").is_none());
        let newer = br#"{"roster": null, "facts": {"recipients": []},
            "inspection": {"subjects": [], "mentions": []}}"#;
        assert!(kept(newer).unwrap().forwards);
    }
}
