//! Parameters of MAIL and RCPT: `KEYWORD[=VALUE]`, and xtext (RFC 3461 §4).

use super::reply::Reply;

/// Longest ENVID, octets (RFC 3461 §4.4).
const LONGEST_ENVID: usize = 100;
/// Longest ORCPT, octets (RFC 3461 §4.2).
const LONGEST_ORCPT: usize = 500;

/// Splits what follows a path into keyword (upper case) and value. It must be set off by a
/// space; a keyword may come once (RFC 5321 §4.1.2 leaves no room for two meanings).
pub(super) fn split(rest: &str) -> Result<Vec<(String, Option<&str>)>, Reply> {
    if !rest.is_empty() && !rest.starts_with(' ') {
        return Err(Reply::syntax("A space must set off the parameters"));
    }
    let mut found: Vec<(String, Option<&str>)> = Vec::new();
    for word in rest.split(' ').filter(|w| !w.is_empty()) {
        let (keyword, value) = match word.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (word, None),
        };
        let well_formed = keyword.starts_with(|c: char| c.is_ascii_alphanumeric())
            && keyword
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-')
            && value
                .is_none_or(|v| !v.is_empty() && !v.contains(|c: char| c == '=' || c.is_control()));
        if !well_formed {
            return Err(Reply::syntax("Cannot read the parameters"));
        }
        let keyword = keyword.to_ascii_uppercase();
        if found.iter().any(|(k, _)| *k == keyword) {
            return Err(Reply::syntax("A parameter is given twice"));
        }
        found.push((keyword, value));
    }
    Ok(found)
}

/// Decodes xtext to printable text.
pub(super) fn xtext(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        match octet {
            b'+' => {
                let high = hex(octets.next()?)?;
                let low = hex(octets.next()?)?;
                out.push(high << 4 | low);
            }
            b'=' | 0..=b' ' | 0x7f => return None,
            _ => out.push(octet),
        }
    }
    let text = String::from_utf8(out).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

/// RFC 3461 §4: hexadecimal digits are upper case; lower case is understood too.
fn hex(octet: u8) -> Option<u8> {
    char::from(octet)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

/// RFC 3461 §4.4: ENVID, decoded.
pub(super) fn envid(value: Option<&str>) -> Option<String> {
    let value = value.filter(|v| v.len() <= LONGEST_ENVID)?;
    xtext(value).filter(|v| v.is_ascii())
}

/// RFC 3461 §4.3: RET, upper case.
pub(super) fn ret(value: Option<&str>) -> Option<String> {
    let value = value?.to_ascii_uppercase();
    matches!(value.as_str(), "FULL" | "HDRS").then_some(value)
}

/// RFC 3461 §4.1: NOTIFY, upper case.
pub(super) fn notify(value: Option<&str>) -> Option<String> {
    let value = value?.to_ascii_uppercase();
    let well_formed = value == "NEVER"
        || value
            .split(',')
            .all(|word| matches!(word, "SUCCESS" | "FAILURE" | "DELAY"));
    well_formed.then_some(value)
}

/// RFC 3461 §4.2: ORCPT, its address decoded. RFC 6533 §3 adds the type `utf-8`.
pub(super) fn orcpt(value: Option<&str>) -> Option<String> {
    let value = value.filter(|v| v.len() <= LONGEST_ORCPT)?;
    let (kind, address) = value.split_once(';')?;
    let kind_ok = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let address = xtext(address)?;
    let address_ok =
        !address.is_empty() && (address.is_ascii() || kind.eq_ignore_ascii_case("utf-8"));
    (kind_ok && address_ok).then(|| format!("{kind};{address}"))
}

/// RFC 1870 §4: a number of up to 20 digits. One too great for 64 bits is as good as the greatest.
pub(super) fn size(value: Option<&str>) -> Option<u64> {
    let value = value?;
    let digits = value.len() <= 20 && value.bytes().all(|o| o.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameters_are_split() {
        let found = split(" size=12  BODY=8BITMIME SMTPUTF8").unwrap();
        assert_eq!(found[0], ("SIZE".into(), Some("12")));
        assert_eq!(found[2], ("SMTPUTF8".into(), None));
        for bad in ["SIZE=1", " SIZE=", " =1", " A=b=c", " A A=1", " -A"] {
            assert!(split(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn xtext_is_decoded() {
        assert_eq!(xtext("a+2Bb+3Dc"), Some("a+b=c".into()));
        for bad in ["a+2", "a+", "a+zz", "a=b", "a+0D+0A", "a b", "+FF"] {
            assert_eq!(xtext(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn dsn_values_are_checked() {
        assert_eq!(
            notify(Some("success,Failure")),
            Some("SUCCESS,FAILURE".into())
        );
        assert_eq!(notify(Some("NEVER,DELAY")), None);
        assert_eq!(notify(Some("")), None);
        assert_eq!(notify(None), None);
        assert_eq!(ret(Some("hdrs")), Some("HDRS".into()));
        assert_eq!(ret(Some("SOME")), None);
        assert_eq!(
            orcpt(Some("rfc822;a+2Bb@c.test")),
            Some("rfc822;a+b@c.test".into())
        );
        assert_eq!(orcpt(Some("rfc822;")), None);
        assert_eq!(orcpt(Some("a@c.test")), None);
        assert_eq!(envid(Some(&"a".repeat(101))), None);
    }

    #[test]
    fn sizes_are_numbers() {
        assert_eq!(size(Some("0")), Some(0));
        assert_eq!(size(Some("99999999999999999999")), Some(u64::MAX));
        assert_eq!(size(Some("-1")), None);
        assert_eq!(size(Some("123456789012345678901")), None);
    }

    proptest! {
        #[test]
        fn what_is_split_can_be_joined(rest in "( {0,2}[A-Za-z-]{0,4}(=[ -~é]{0,4})?){0,4}") {
            if let Ok(found) = split(&rest) {
                let joined: String = found
                    .iter()
                    .map(|(keyword, value)| match value {
                        Some(value) => format!(" {keyword}={value}"),
                        None => format!(" {keyword}"),
                    })
                    .collect();
                prop_assert_eq!(split(&joined).ok(), Some(found));
            }
        }

        #[test]
        fn every_printable_text_has_its_xtext(text in "[ -~é☎]{0,20}") {
            let encoded: String = text.bytes().map(|octet| format!("+{octet:02X}")).collect();
            prop_assert_eq!(xtext(&encoded), Some(text));
        }

        #[test]
        fn xtext_hides_no_control(text in "\\PC{0,12}|(\\+[0-9A-F]{2}){0,8}") {
            if let Some(decoded) = xtext(&text) {
                prop_assert!(!decoded.contains(char::is_control));
            }
        }
    }
}
