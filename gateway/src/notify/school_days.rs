//! Counting school days.

use jiff::civil::{Date, Weekday};

/// The date `count` school days after `date`; with 0 the date itself, or the next school
/// day when it is none.
///
/// A school day is Monday to Friday for now: holidays and training days wait for the
/// school's calendar, and until then a date in the holidays may come too early.
pub fn add(date: Date, count: u32) -> Date {
    let mut day = date;
    let mut left = count;
    loop {
        if is_school_day(day) && left == 0 {
            return day;
        }
        // The calendar ends in the year 9999.
        let Ok(next) = day.tomorrow() else {
            return day;
        };
        day = next;
        if is_school_day(day) {
            left = left.saturating_sub(1);
        }
    }
}

/// Whether school is open, as far as weekdays tell.
pub fn is_school_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn weekends_do_not_count() {
        let cases = [
            // From a Monday, a Friday, a Saturday and a Sunday.
            (date(2026, 9, 7), 5, date(2026, 9, 14)),
            (date(2026, 9, 11), 5, date(2026, 9, 18)),
            (date(2026, 9, 12), 5, date(2026, 9, 18)),
            (date(2026, 9, 13), 1, date(2026, 9, 14)),
            (date(2026, 9, 12), 0, date(2026, 9, 14)),
            (date(2026, 9, 11), 0, date(2026, 9, 11)),
            (Date::MAX, 5, Date::MAX),
        ];
        for (from, count, expected) in cases {
            assert_eq!(add(from, count), expected, "{from} + {count}");
        }
    }

    proptest! {
        #[test]
        fn five_school_days_are_a_week_or_a_little_less(days in 0i32..20_000, count in 0u32..50) {
            let from = date(2000, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let to = add(from, count);
            prop_assert!(is_school_day(to));
            let between = (1..=(to - from).get_days())
                .filter(|d| is_school_day(from.checked_add(jiff::Span::new().days(*d)).unwrap()))
                .count();
            prop_assert!(between as u32 == count || (count == 0 && !is_school_day(from)));
        }
    }
}
