//! `[remedies]`: what a sender may do about a hold by answering the notice.

use super::reader::{Node, Reader};
use crate::acts::Told;

/// How far a sender's own word goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemedyTerms {
    /// How many messages one sender may have sent by a stated reason in 24 hours.
    pub overrides_a_day: u32,
    /// A message about more pupils than this is never sent by a stated reason.
    pub most_pupils: u32,
    /// Who is told of each message that was sent by a stated reason; the first in charge first.
    pub told: Vec<Told>,
    /// What becomes of a DKIM signature when a marking is added.
    pub signature: Signature,
}

/// How the pack keeps DKIM when a marking is added to a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signature {
    /// The message may be signed before it comes here: then the sender is told that the
    /// signature no longer holds.
    #[default]
    Broken,
    /// It is signed on its way out, after this gateway: nothing is broken.
    SignedAfter,
}

impl Default for RemedyTerms {
    fn default() -> Self {
        Self {
            overrides_a_day: 5,
            most_pupils: 3,
            told: vec![Told::Headteacher],
            signature: Signature::default(),
        }
    }
}

const TOLD: &[(Told, &str)] = &[
    (Told::Headteacher, "headteacher"),
    (Told::Dsl, "dsl"),
    (Told::Dpo, "dpo"),
];

const SIGNATURES: &[(Signature, &str)] = &[
    (Signature::Broken, "broken"),
    (Signature::SignedAfter, "signed-after"),
];

/// As written: what is left out comes from the pack that is extended.
#[derive(Default)]
pub(crate) struct WrittenRemedies {
    overrides_a_day: Option<u32>,
    most_pupils: Option<u32>,
    told: Option<Vec<Told>>,
    signature: Option<Signature>,
}

impl WrittenRemedies {
    pub(crate) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Self {
        let Some(table) = reader.table(node, "remedies") else {
            return Self::default();
        };
        reader.only(
            table,
            &["overrides-a-day", "most-pupils", "told", "signature"],
        );
        Self {
            overrides_a_day: table
                .get("overrides-a-day")
                .and_then(|n| reader.number(n, "overrides-a-day", 0..101)),
            // More than a few is never sent on one person's word (issue 4, point 7).
            most_pupils: table
                .get("most-pupils")
                .and_then(|n| reader.number(n, "most-pupils", 0..6)),
            told: table
                .get("told")
                .map(|n| reader.words(n, "told", "role", TOLD).into_iter().collect()),
            signature: table
                .get("signature")
                .and_then(|n| reader.word(n, "signature", "word for a signature", SIGNATURES)),
        }
    }

    pub(crate) fn join(self, terms: &mut RemedyTerms) {
        terms.overrides_a_day = self.overrides_a_day.unwrap_or(terms.overrides_a_day);
        terms.most_pupils = self.most_pupils.unwrap_or(terms.most_pupils);
        terms.signature = self.signature.unwrap_or(terms.signature);
        if let Some(told) = self.told {
            terms.told = told;
        }
    }
}
