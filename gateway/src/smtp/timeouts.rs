//! How long a session waits (RFC 5321 §4.5.3.2), so that no client holds one for ever.

use std::time::Duration;

/// For a command line, from its first to its last octet (§4.5.3.2.7).
pub(super) const COMMAND: Duration = Duration::from_secs(5 * 60);

/// For the next octets of content (§4.5.3.2.5).
pub(super) const CONTENT: Duration = Duration::from_secs(3 * 60);

/// For the client to take a reply.
pub(super) const WRITE: Duration = Duration::from_secs(5 * 60);

/// For a TLS handshake.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(60);

/// For the client to hang up after the last reply.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// For open transactions to end once the gateway is told to stop.
pub(super) const SHUTDOWN: Duration = Duration::from_secs(30);

/// How long content may trickle before its rate counts.
const GRACE: Duration = Duration::from_secs(10 * 60);

/// Octets a second that content must bring on average after the grace.
const SLOWEST: u64 = 1024;

/// Whether so many octets in so long a time are too slow: an octet every few minutes
/// meets every other timeout.
pub(super) fn is_too_slow(octets: u64, taken: Duration) -> bool {
    taken > GRACE + Duration::from_secs(octets / SLOWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_is_too_slow_and_a_slow_line_is_not() {
        assert!(!is_too_slow(1, Duration::from_secs(599)));
        assert!(is_too_slow(4, Duration::from_secs(601)));
        assert!(!is_too_slow(64 << 20, Duration::from_secs(3600)));
    }
}
