//! Names of people whom the roster does not know.

use super::{Matches, follows_title};
use crate::words::{Gap, Token};

/// Two capitalised words in a row that are no sentence's beginning: somebody's name,
/// perhaps. Only evidence beside a number makes anything of it.
pub(super) fn find_strangers(tokens: &[Token], taken: &[bool], matches: &mut Matches) {
    let mut at = 0;
    while let (Some(first), Some(second)) = (tokens.get(at), tokens.get(at + 1)) {
        let free = taken.get(at) != Some(&true) && taken.get(at + 1) != Some(&true);
        let person = |token: &Token| {
            token.capital
                && !token.digits
                && token.length > 1
                && !token.title
                && !token.greeting
                && !token.opener
        };
        if free
            && person(first)
            && person(second)
            && matches!(second.gap, Gap::Space | Gap::Comma)
            && !follows_title(tokens, at)
        {
            matches.strangers.push((first.start, second.end));
            at += 2;
        } else {
            at += 1;
        }
    }
}
