//! Sort code and account number.
//!
//! What: six digits, often `12-34-56`, and eight digits beside them.
//!
//! Why: with a name it is enough to set up a direct debit.
//!
//! How checked: by shape, in either order, with a word for it near: dates have the shape of
//! a sort code. The modulus check needs Vocalink's table, which may not be passed on, and
//! says nothing of three sort codes in four; it is not made.
//!
//! Examples: sort code 08-99-99, account 66374958. Not: 12-03-14 and 04092014 (dates).
//!
//! References: Validating Account Numbers 5.00, Vocalink.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, goes_on, pattern, stands_alone};
use crate::finding::Kind;

/// A sort code, few words, an account number; or the other way round.
static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let code = r"[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}";
    let account = r"[0-9]{4} ?[0-9]{4}";
    pattern(&format!(
        r"\b(?:(?P<code>{code})[^0-9]{{1,40}}(?P<account>{account})|(?P<first>{account})[^0-9]{{1,40}}(?P<then>{code}))\b"
    ))
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "sort ?codes?|accounts?|account (?:no|number)|a/c|acc no|bacs|refund|payroll|bank|payee|direct debit",
        "invoice|po|purchase order|orders?|dates?|week|term|tel|telephone|phone|ref|reference|urn|ukprn|company",
    )
});

/// Eight digits that are a day: DDMMYYYY or YYYYMMDD.
fn is_date(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let day = |year: Option<i16>, month: Option<i16>, day: Option<i16>| {
        let (Some(year), Some(month), Some(day)) = (year, month, day) else {
            return false;
        };
        (1900..=2099).contains(&year)
            && i8::try_from(month)
                .ok()
                .zip(i8::try_from(day).ok())
                .is_some_and(|(month, day)| Date::new(year, month, day).is_ok())
    };
    day(number(4, 8), number(2, 4), number(0, 2)) || day(number(0, 4), number(4, 6), number(6, 8))
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    if setting.is(Kind::BankAccount) {
        // The sort code has a column of its own; without it eight digits may be a customer's.
        let account = compact(text);
        if account.len() == 8 && account.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push(Sighting {
                kind: Kind::BankAccount,
                value: account,
                start: 0,
                end: text.len(),
                confidence: 0.6,
            });
        }
        return;
    }
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.captures_of(shape) {
        let Some(whole) = found.get(0) else { continue };
        let (start, end) = (whole.start(), whole.end());
        let digits = |name: &str, other: &str| -> String {
            found
                .name(name)
                .or_else(|| found.name(other))
                .map_or("", |m| m.as_str())
                .chars()
                .filter(char::is_ascii_digit)
                .collect()
        };
        let (code, account) = (digits("code", "then"), digits("account", "first"));
        if !stands_alone(text, start, end) || goes_on(text, start, end) || is_date(&account) {
            continue;
        }
        // The words may stand between the two numbers as well as before them.
        let between = found
            .name("account")
            .or_else(|| found.name("then"))
            .map_or(end, |m| m.start());
        let verdict = WORDS.judge(text, between, end);
        let before = WORDS.judge(text, start, end);
        if verdict != Verdict::Up || before == Verdict::Down {
            continue;
        }
        out.push(Sighting {
            kind: Kind::BankAccount,
            value: format!("{code} {account}"),
            start,
            end,
            confidence: 0.85,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::values;
    use super::*;

    #[test]
    fn samples_pass_with_a_word() {
        for sample in [
            "089999 66374958",
            "107999 88837491",
            "202959 63748472",
            "871427 46238510",
            "134020 63849203",
        ] {
            assert_eq!(
                values(
                    &format!("Sort code and account: {sample}"),
                    Kind::BankAccount
                ),
                [sample]
            );
            assert!(
                values(sample, Kind::BankAccount).is_empty(),
                "{sample} alone"
            );
        }
    }

    #[test]
    fn every_way_of_writing_is_one_account() {
        for text in [
            "Sort code: 08-99-99, account number: 66374958",
            "sort code 08 99 99\naccount no 6637 4958",
            "Account 66374958, sort code 089999",
        ] {
            assert_eq!(
                values(text, Kind::BankAccount),
                ["089999 66374958"],
                "{text}"
            );
        }
    }

    #[test]
    fn dates_and_orders_are_none() {
        for text in [
            "Bank holiday on 12-03-14 and 04092014",
            "Invoice 089999, PO 66374958",
            "account opened 12-03-14, letter of 20140904",
            "sort code 08-99-99, account 6637495",
            "sort code 08-99-9, account 66374958",
        ] {
            assert!(values(text, Kind::BankAccount).is_empty(), "{text}");
        }
    }
}
