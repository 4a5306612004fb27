//! When to try again, and when to give up.

use std::time::Duration;

use crate::ids::SpoolId;

/// When the next attempt is due, in microseconds of Unix time.
///
/// `attempts` counts those already made: the first entry of the schedule follows the
/// first attempt, and the last entry repeats. Each pause is up to an eighth longer or
/// shorter, by the message's id and the attempt, so that what failed together does not
/// all come back together; the same arguments give the same time.
pub fn next_attempt(schedule: &[Duration], attempts: u32, id: SpoolId, now: i64) -> i64 {
    let step = (attempts.max(1) as usize - 1).min(schedule.len().saturating_sub(1));
    let pause = schedule.get(step).copied().unwrap_or(FALLBACK);
    let pause = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX / 4);
    // From -1000 to 1000 thousandths of an eighth.
    let spread = (scatter(id, attempts) % 2001) as i64 - 1000;
    now.saturating_add(pause)
        .saturating_add((pause / 8000).saturating_mul(spread))
}

/// Whether a message has been tried for long enough. Times in microseconds of Unix time.
pub fn expired(received_at: i64, now: i64, expire: Duration) -> bool {
    let expire = i64::try_from(expire.as_micros()).unwrap_or(i64::MAX);
    now.saturating_sub(received_at) >= expire
}

/// For a schedule that is empty, which the configuration refuses.
const FALLBACK: Duration = Duration::from_secs(15 * 60);

/// FNV-1a over the id and the attempt: scattered, and the same on every machine.
fn scatter(id: SpoolId, attempts: u32) -> u64 {
    id.as_bytes()
        .iter()
        .chain(&attempts.to_be_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000_000;

    fn schedule() -> Vec<Duration> {
        [1, 5, 15].map(|m| Duration::from_secs(m * 60)).to_vec()
    }

    fn near(at: i64, minutes: i64) -> bool {
        (at - minutes * MINUTE).abs() <= minutes * MINUTE / 8
    }

    #[test]
    fn pauses_follow_the_schedule_and_the_last_repeats() {
        let id = SpoolId::new();
        for (attempts, minutes) in [(0, 1), (1, 1), (2, 5), (3, 15), (4, 15), (400, 15)] {
            let at = next_attempt(&schedule(), attempts, id, 0);
            assert!(near(at, minutes), "{attempts}: {at}");
        }
    }

    #[test]
    fn messages_of_one_minute_are_spread() {
        let times: std::collections::BTreeSet<i64> = (0..100u8)
            .map(|n| next_attempt(&schedule(), 2, SpoolId::from_bytes([n; 16]), 0))
            .collect();
        assert!(times.len() > 90, "{}", times.len());
    }

    #[test]
    fn a_message_expires_at_its_age() {
        let hour = Duration::from_secs(3600);
        assert!(!expired(0, 60 * MINUTE - 1, hour));
        assert!(expired(0, 60 * MINUTE, hour));
        assert!(!expired(10, 5, hour), "a clock set back expires nothing");
    }

    proptest! {
        #[test]
        fn always_later_and_bounded(
            attempts in any::<u32>(),
            bytes in any::<[u8; 16]>(),
            now in 0i64..4_000_000_000_000_000,
        ) {
            let at = next_attempt(&schedule(), attempts, SpoolId::from_bytes(bytes), now);
            prop_assert!(at > now);
            prop_assert!(at <= now + 17 * MINUTE);
            prop_assert_eq!(at, next_attempt(&schedule(), attempts, SpoolId::from_bytes(bytes), now));
        }
    }
}
