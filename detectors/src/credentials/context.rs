//! The words that say what a secret opens.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// What a word near a secret says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// "password", "passcode", "pw": a secret follows.
    Password,
    /// "PIN": figures follow.
    Pin,
    /// "door code", "security code": a code follows.
    Code,
    /// "code" alone, which opens a door only where one is spoken of.
    BareCode,
    /// "gate", "cupboard": what a code may open.
    Door,
    /// "api key", "client secret", "token": a long random text follows.
    Key,
    /// "pass", "key": a word of many meanings; behind a user's name it is a label.
    Short,
    /// "log in", "user name", "wi-fi": what is spoken of is an account.
    Account,
    /// "internet", "use mine", "join": perhaps one.
    Network,
    /// "alarm", "keypad", "padlock".
    Lock,
    /// "backup codes".
    Recovery,
    /// A meeting by video or telephone.
    Meeting,
    /// Advice and examples.
    Advice,
}

const WORDS: &[(Cue, &[&str])] = &[
    (
        Cue::Password,
        &[
            "password",
            "passwords",
            "passphrase",
            "pass phrase",
            "passcode",
            "pass code",
            "pass word",
            "pwd",
            "pword",
            "p/w",
            "pw",
            "passwd",
            "log-in code",
            "login code",
            "log in code",
            "wifi key",
            "wi-fi key",
            "wireless key",
            "network key",
            "wpa key",
            "wpa2 key",
            "wifi code",
            "wi-fi code",
            "wifi password",
            "access key",
            "enable secret",
            "pre-shared key",
            "preshared key",
            "psk",
        ],
    ),
    (Cue::Pin, &["pin", "pin number", "pin code"]),
    (
        Cue::Code,
        &[
            "door code",
            "gate code",
            "entry code",
            "access code",
            "security code",
            "alarm code",
            "safe code",
            "keypad code",
            "key safe code",
            "unlock code",
            "verification code",
            "authenticator code",
            "one-time code",
            "one time code",
            "sign-in code",
            "mfa code",
            "2fa code",
            "code for the door",
            "code for the gate",
            "code for the safe",
            "code for the alarm",
            "code to the",
            "combination",
            "lock code",
            "printer code",
            "door entry",
            "code to get in",
            "override code",
            "release code",
        ],
    ),
    (
        Cue::Key,
        &[
            "api key",
            "apikey",
            "api_key",
            "api token",
            "access token",
            "bearer token",
            "client secret",
            "client_secret",
            "secret key",
            "secret",
            "token",
            "private key",
            "auth key",
            "authorization",
            "access_token",
            "secret_key",
            "connection string",
            "webhook secret",
            "sas key",
        ],
    ),
    (
        Cue::Account,
        &[
            "username",
            "user name",
            "user id",
            "userid",
            "user:",
            "login",
            "log in",
            "log-in",
            "logon",
            "log on",
            "logins",
            "log-ins",
            "logging in",
            "logging on",
            "sign in",
            "sign-in",
            "signing in",
            "credentials",
            "wifi",
            "wi-fi",
            "portal",
            "account",
            "user",
        ],
    ),
    (Cue::Short, &["pass", "key"]),
    (Cue::BareCode, &["code", "codes", "combination"]),
    (
        Cue::Door,
        &[
            "gate",
            "gates",
            "door",
            "doors",
            "entrance",
            "barrier",
            "car park",
            "cupboard",
            "shed",
            "trolley",
            "padlock",
            "ipads",
            "ipad",
            "tablets",
            "safe",
            "key box",
            "lift",
            "staff room",
            "staffroom",
        ],
    ),
    (
        Cue::Network,
        &[
            "wireless",
            "internet",
            "network",
            "ssid",
            "hotspot",
            "use mine",
            "domain admin",
            "admin",
            "join ",
            "connect to",
            "my details",
            "mailbox",
        ],
    ),
    (
        Cue::Lock,
        &[
            "alarm panel",
            "alarm",
            "keypad",
            "key pad",
            "keysafe",
            "key safe",
            "padlock",
            "lockbox",
            "lock box",
            "lock-box",
            "punch in",
            "the safe",
            "door lock",
            "combination lock",
            "disarm",
            "unlock",
            "unlocks",
            "unset",
            "door entry",
            "entry system",
        ],
    ),
    (
        Cue::Recovery,
        &[
            "backup codes",
            "back-up codes",
            "recovery codes",
            "recovery code",
            "backup code",
            "recovery key",
            "one-time codes",
            "scratch codes",
            "emergency codes",
            "bitlocker",
        ],
    ),
    (
        Cue::Meeting,
        &[
            "meeting id",
            "conference id",
            "webinar id",
            "zoom",
            "teams meeting",
            "google meet",
            "webex",
            "join the meeting",
            "join the call",
            "join the webinar",
            "join webinar",
            "dial in",
            "dial-in",
            "join meeting",
            "join zoom",
        ],
    ),
    (
        Cue::Advice,
        &[
            "such as",
            "for example",
            "e.g.",
            "eg ",
            "never use",
            "do not use",
            "don't use",
            "avoid ",
            "weak password",
            "bad password",
            "instead of",
            "should be",
            "must contain",
            "at least eight",
            "characters long",
            "like password",
        ],
    ),
];

/// A cue where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub cue: Cue,
    pub start: usize,
    pub end: usize,
}

struct Cues {
    automaton: AhoCorasick,
    cues: Vec<Cue>,
}

static CUES: LazyLock<Option<Cues>> = LazyLock::new(|| {
    let (mut words, mut cues) = (Vec::new(), Vec::new());
    for (cue, list) in WORDS {
        for word in *list {
            words.push(*word);
            cues.push(*cue);
        }
    }
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .ok()?;
    Some(Cues { automaton, cues })
});

/// Every cue that stands in a text as whole words, in the order of their ends.
pub(super) fn find(text: &str) -> Vec<At> {
    let Some(cues) = CUES.as_ref() else {
        return Vec::new();
    };
    cues.automaton
        .find_overlapping_iter(text)
        .filter(|found| is_whole(text, found.start(), found.end()))
        .filter_map(|found| {
            Some(At {
                cue: *cues.cues.get(found.pattern().as_usize())?,
                start: found.start(),
                end: found.end(),
            })
        })
        .collect()
}

fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let letter = |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    let last = end.checked_sub(1).and_then(|at| bytes.get(at));
    !letter(start.checked_sub(1).and_then(|at| bytes.get(at)))
        && (!letter(last) || !letter(bytes.get(end)))
}
