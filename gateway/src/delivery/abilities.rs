//! What a next hop announced in its reply to EHLO.

/// The extensions that matter to us (RFC 5321 §4.1.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) starttls: bool,
    pub(super) pipelining: bool,
    pub(super) eight_bit_mime: bool,
    pub(super) smtputf8: bool,
    pub(super) dsn: bool,
    pub(super) require_tls: bool,
    /// SIZE was announced: the parameter may be given.
    pub(super) size: bool,
    /// The fixed limit, octets, when there is one.
    pub(super) size_limit: Option<u64>,
    pub(super) auth_plain: bool,
    pub(super) auth_login: bool,
}

impl Abilities {
    /// From the lines of the reply without their codes; the first is the greeting.
    pub(super) fn read(lines: &[String]) -> Abilities {
        let mut abilities = Abilities::default();
        for line in lines.iter().skip(1) {
            let mut words = line.split_ascii_whitespace();
            let Some(keyword) = words.next() else {
                continue;
            };
            match keyword.to_ascii_uppercase().as_str() {
                "STARTTLS" => abilities.starttls = true,
                "PIPELINING" => abilities.pipelining = true,
                "8BITMIME" => abilities.eight_bit_mime = true,
                "SMTPUTF8" => abilities.smtputf8 = true,
                "DSN" => abilities.dsn = true,
                "REQUIRETLS" => abilities.require_tls = true,
                "SIZE" => {
                    abilities.size = true;
                    // RFC 1870 §4: zero means that there is no fixed limit.
                    abilities.size_limit = words
                        .next()
                        .and_then(|n| n.parse().ok())
                        .filter(|&n: &u64| n > 0);
                }
                "AUTH" => {
                    for mechanism in words {
                        abilities.auth_plain |= mechanism.eq_ignore_ascii_case("PLAIN");
                        abilities.auth_login |= mechanism.eq_ignore_ascii_case("LOGIN");
                    }
                }
                _ => {}
            }
        }
        abilities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Abilities {
        Abilities::read(&lines.iter().map(|&l| l.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn keywords_are_read_in_any_case() {
        let abilities = read(&[
            "mx.trust.example 8BITMIME",
            "size 1000",
            "Dsn",
            "AUTH login PLAIN",
            "PIPELINING",
        ]);
        assert!(abilities.size && abilities.dsn && abilities.pipelining);
        assert_eq!(abilities.size_limit, Some(1000));
        assert!(abilities.auth_plain && abilities.auth_login);
        assert!(!abilities.eight_bit_mime, "the greeting line is no keyword");
    }

    #[test]
    fn a_size_of_zero_is_no_limit() {
        let abilities = read(&["mx", "SIZE 0"]);
        assert!(abilities.size);
        assert_eq!(abilities.size_limit, None);
    }
}
