//! Telling the sender's quota from a recipient's full mailbox.
//!
//! A full mailbox is one recipient's matter and bounces or waits like any refusal. A
//! spent sending quota meets every message that follows: going on would bounce hundreds
//! and may get the school's account suspended, so delivery to that next hop stops.

use super::reply::Reply;

/// Said only of what the sender has used up.
const SENDING: &[&str] = &[
    "daily sending quota",
    "daily user sending limit",
    "daily limit for message recipients",
    "daily message limit",
    "daily quota",
    "sending quota",
    "sending limit",
    "submission quota",
    "sender quota",
    "hourly limit",
    "message rate limit",
    "relay quota",
    "relaying limit",
    "relay limit",
    "rate limit exceeded",
    "sending rate",
    "too many messages from",
    "exceeded the threshold",
    "exceeded threshold",
];

/// Said of the recipient, whatever else is said.
const RECEIVING: &[&str] = &[
    "mailbox",
    "over quota",
    "overquota",
    "storage",
    "the recipient has exceeded",
    "user you are trying to contact is receiving",
];

pub(super) fn is_sending_quota(reply: &Reply) -> bool {
    if reply.is_positive() || !matches!(reply.code() / 100, 4 | 5) {
        return false;
    }
    if let Some(status) = reply.status() {
        match (status.subject, status.detail) {
            // RFC 3463 §3.3: mailbox full, and Exchange's "recipient's receiving rate".
            (2, 2) if !says(reply, &["submission quota"]) => return false,
            (2, 122 | 123) => return false,
            // Google Workspace relay and user limits; Exchange Online's daily recipient limit.
            (4, 5) if status.class == 5 => return true,
            (1, 90) if status.class == 5 => return true,
            // Exchange Online: tenant over its threshold, or its outbound recipient limit.
            (7, 233 | 700..=799) if status.class == 5 => return true,
            _ => {}
        }
    }
    says(reply, SENDING) && !says(reply, RECEIVING)
}

fn says(reply: &Reply, phrases: &[&str]) -> bool {
    let text = reply.text().to_ascii_lowercase();
    phrases.iter().any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: u16, text: &str, expected: bool) {
        assert_eq!(
            is_sending_quota(&Reply::new(code, text)),
            expected,
            "{code} {text}"
        );
    }

    #[test]
    fn the_senders_own_quota() {
        check(550, "5.4.5 Daily SMTP relay limit exceeded for user.", true);
        check(550, "5.4.5 Daily sending quota exceeded.", true);
        check(
            550,
            "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            true,
        );
        check(
            550,
            "5.7.705 Access denied, tenant has exceeded threshold",
            true,
        );
        check(550, "5.7.1 Daily quota used up", true);
        check(554, "5.2.2 Submission quota exceeded", true);
        check(451, "4.7.1 Rate limit exceeded, try later", true);
        check(450, "Sending limit reached for this account", true);
    }

    #[test]
    fn a_full_mailbox_is_the_recipients() {
        check(
            452,
            "4.2.2 The recipient's inbox is out of storage space",
            false,
        );
        check(552, "5.2.2 Mailbox full", false);
        check(552, "5.2.2 User is over quota", false);
        check(552, "Quota exceeded (mailbox for user is full)", false);
        check(
            550,
            "5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour",
            false,
        );
    }

    #[test]
    fn ordinary_refusals_are_no_quota() {
        check(550, "5.1.1 No such user", false);
        check(450, "4.2.0 Greylisted", false);
        check(452, "4.5.3 Too many recipients", false);
        check(250, "2.0.0 your daily quota is fine", false);
        check(450, "4.4.5 System congested", false);
    }
}
