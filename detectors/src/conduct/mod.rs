//! How a message speaks: the words that the policies forbid by name, and what only sounds
//! like them.
//!
//! What: obscene, discriminatory, threatening and insulting words; chain letters, private
//! selling, gambling, political campaigning. Each in a strong degree, which has a kind of
//! its own, or in a mild one ([`Kind::ConductTone`], [`Kind::ConductPrivateUse`]), which
//! accuses nobody.
//!
//! Why: clauses 003-1, 003-2, 003-4, 003-10, 003-14 and 004-5 forbid them, and a sharp word
//! in the school's name cannot be called back.
//!
//! How checked: every text is read once as words ([`words`]), disguises undone
//! ([`disguise`]); whole words and patterns of words from the lexicon ([`lexicon`]) are
//! looked for; then what stands around a hit is weighed ([`weigh`]): a word that is quoted
//! from somebody, or taught in a lesson, is no conduct of the writer.
//!
//! No excerpt is kept: a notice must not repeat the word.

mod disguise;
mod lexicon;
mod pattern;
mod weigh;
mod words;

use crate::finding::Finding;
use crate::inspection::Headers;
use crate::text::Document;

/// The conduct findings of one message.
pub(crate) fn find(documents: &[Document], headers: &Headers) -> Vec<Finding> {
    let Some(lexicon) = lexicon::get() else {
        return Vec::new();
    };
    weigh::findings(documents, headers, lexicon)
}

#[cfg(test)]
mod tests;
