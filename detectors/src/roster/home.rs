//! Houses in an address or a text: a number and the street that follows it.
//!
//! The index keeps them for the homes of staff, and a text is asked for them the same way,
//! so that "she lives at 3 Orchard Steps" is found however the rest of the address is put.

use super::key::{Tag, key};
use crate::words::{Gap, Token};

/// A number with the first two words of a street.
pub(crate) struct House {
    pub key: u64,
    /// Octets of the cleaned text.
    pub start: usize,
    pub end: usize,
}

/// Every number that two words follow in one breath.
pub(crate) fn houses(tokens: &[Token]) -> Vec<House> {
    let house = |(at, number): (usize, &Token)| {
        let (street, kind) = (tokens.get(at + 1)?, tokens.get(at + 2)?);
        let is_house = number.length <= 5
            && !street.digits
            && !kind.digits
            && matches!(street.gap, Gap::Space | Gap::Comma)
            && matches!(kind.gap, Gap::Space | Gap::Hyphen);
        is_house.then(|| House {
            key: key(
                Tag::StaffHome,
                number.word,
                street.word.join(kind.word, kind.folded.len()),
            ),
            start: number.start,
            end: kind.end,
        })
    };
    let numbers = tokens.iter().enumerate().filter(|(_, token)| token.digits);
    numbers.filter_map(house).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tokens;

    #[test]
    fn a_house_is_the_same_in_an_address_and_in_a_sentence() {
        let of = |text: &str| houses(&tokens(text)).first().map(|house| house.key);
        let home = of("Flat 2, 17 Fuller's Walk, Brookford");
        assert!(home.is_some());
        assert_eq!(home, of("he lives at 17, Fuller's Walk near the station"));
        assert_ne!(home, of("he lives at 18 Fuller's Walk"));
        assert_eq!(of("year 4 and 5 in 2026"), None);
    }
}
