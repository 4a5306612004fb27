//! Domains of personal webmail and of home internet providers in the UK.
//!
//! A curated core. The big public lists hold charities, a pre-school and universities,
//! so they are not used: a wrong "personal address" stops honest mail.

/// The core list, sorted so that it can be searched by halves.
const DOMAINS: &[&str] = &[
    "aol.co.uk",
    "aol.com",
    "blueyonder.co.uk",
    "btinternet.com",
    "btopenworld.com",
    "duck.com",
    "email.com",
    "fastmail.com",
    "fastmail.fm",
    "freeserve.co.uk",
    "fsmail.net",
    "gmail.com",
    "gmx.co.uk",
    "gmx.com",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "hushmail.com",
    "icloud.com",
    "inbox.com",
    "lineone.net",
    "live.co.uk",
    "live.com",
    "live.ie",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "mozmail.com",
    "msn.com",
    "ntlworld.com",
    "o2.co.uk",
    "orange.net",
    "outlook.co.uk",
    "outlook.com",
    "outlook.ie",
    "passport.com",
    "plus.com",
    "plusnet.com",
    "pm.me",
    "privaterelay.appleid.com",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "sky.com",
    "supanet.com",
    "talk21.com",
    "talktalk.net",
    "tesco.net",
    "tiscali.co.uk",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "virgin.net",
    "virginmedia.com",
    "wanadoo.co.uk",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.ie",
    "yandex.com",
    "ymail.com",
    "zoho.com",
    "zohomail.eu",
];

/// Well-known domains that people mistype, for the look-alike test.
pub(crate) const OFTEN_MISTYPED: &[&str] = &[
    "btinternet.com",
    "gmail.com",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "protonmail.com",
    "talktalk.net",
    "virginmedia.com",
    "yahoo.co.uk",
    "yahoo.com",
];

/// Whether mail to this domain goes to somebody's private mailbox. Case does not matter.
pub fn is_webmail(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_lowercase();
    DOMAINS.binary_search(&domain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_lower_case() {
        assert!(DOMAINS.windows(2).all(|w| w[0] < w[1]));
        assert!(DOMAINS.iter().all(|d| d.to_lowercase() == **d));
        assert!(OFTEN_MISTYPED.iter().all(|d| is_webmail(d)));
    }

    #[test]
    fn knows_the_webmail_of_the_policies_and_no_public_bodies() {
        assert!(is_webmail("Gmail.com"));
        assert!(is_webmail("hotmail.co.uk"));
        for public in ["oakshire.gov.uk", "nhs.net", "oak.sch.uk", "example.ac.uk"] {
            assert!(!is_webmail(public), "{public}");
        }
    }
}
