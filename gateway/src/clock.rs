//! The time, injected where it decides, so that tests move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Microseconds since the epoch, UTC.
pub type Micros = i64;

/// A second, in microseconds.
pub const SECOND: Micros = 1_000_000;
/// A minute, in microseconds.
pub const MINUTE: Micros = 60 * SECOND;
/// An hour, in microseconds.
pub const HOUR: Micros = 60 * MINUTE;
/// A day, in microseconds.
pub const DAY: Micros = 24 * HOUR;

/// The system's clock, or one that tests move.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    shift: Arc<AtomicI64>,
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Micros {
        jiff::Timestamp::now().as_microsecond() + self.shift.load(Ordering::Relaxed)
    }

    /// Moves the clock; all its copies move with it.
    pub fn advance(&self, by: Micros) {
        self.shift.fetch_add(by, Ordering::Relaxed);
    }

    /// Today, in the time zone of UK schools.
    pub fn today(&self) -> jiff::civil::Date {
        date(self.now())
    }
}

/// The date of a moment in the time zone of UK schools.
pub fn date(at: Micros) -> jiff::civil::Date {
    local(at).date()
}

/// Noon of a day in the time zone of UK schools.
pub fn noon(date: jiff::civil::Date) -> Micros {
    let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
    let noon = date.at(12, 0, 0, 0).to_zoned(zone);
    noon.map_or(0, |noon| noon.timestamp().as_microsecond())
}

/// A moment in the time zone of UK schools; UTC where the zone's data are missing.
pub fn local(at: Micros) -> jiff::Zoned {
    let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_microsecond(at)
        .unwrap_or_default()
        .to_zoned(zone)
}

/// A moment as lists show it: `2026-11-24 09:30`.
pub fn show(at: Micros) -> String {
    local(at).strftime("%Y-%m-%d %H:%M").to_string()
}
