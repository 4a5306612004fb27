//! What is said about a stopped message, and to whom.

use super::document::{Block, heading, paragraph};
use super::offer::Offer;

/// A stopped message, as notices tell of it. Nothing here is message content, but subject,
/// addresses and file names may be personal: only the sender sees those.
#[derive(Clone)]
pub struct Stop {
    /// The case's number.
    pub case: String,
    /// The sender's address: the reverse-path.
    pub sender: String,
    /// The sender's name from the staff list.
    pub sender_name: Option<String>,
    /// Shown to the sender only.
    pub subject: String,
    /// The strictest first.
    pub reasons: Vec<Reason>,
    pub recipients: Vec<StoppedRecipient>,
    /// When a hold that nobody answers goes back, as people read it ("Friday 18 September 2026").
    pub goes_back_on: Option<String>,
    /// The pack let the message go to other recipients than these.
    pub others_got_it: bool,
    /// Whom to ask, by address; empty where nobody else may know of it.
    pub ask: String,
    /// Who has been asked to decide, in words ("the headteacher"); empty: nobody.
    pub asked: String,
    /// For its sender and its deciders only.
    pub confidential: bool,
    /// What the sender may answer, while it waits for them.
    pub offer: Option<Offer>,
    /// The designated safeguarding lead decides, not the headteacher.
    pub for_dsl: bool,
}

/// Why it was stopped.
#[derive(Debug, Clone)]
pub struct Reason {
    /// One sentence without personal data.
    pub sentence: String,
    pub clauses: Vec<Clause>,
    /// What was found and where, without repeating it ("30 pupils' names in marks.xlsx, Sheet1").
    pub found: Vec<String>,
    /// What to do about it.
    pub remedy: String,
    /// The sentence for the reviewer; empty when it is the same.
    pub reviewer: String,
    /// The reason in a few words; empty when the sentence has to do.
    pub line: String,
    /// One sentence that teaches; empty when there is none.
    pub tip: String,
    /// What the gateway did about it, in a sentence; empty when it did nothing.
    pub done: String,
}

/// A clause of the school's policy.
#[derive(Debug, Clone)]
pub struct Clause {
    /// As the pack cites it (`001-17`).
    pub id: String,
    /// Its own words.
    pub quote: String,
}

/// Somebody to whom it did not go.
#[derive(Clone)]
pub struct StoppedRecipient {
    /// Shown to the sender only.
    pub address: String,
    /// Who that is to the pupils concerned, in words ("a parent of another child").
    pub relation: String,
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stop")
            .field("case", &self.case)
            .field("reasons", &self.reasons.len())
            .field("recipients", &self.recipients.len())
            .finish_non_exhaustive()
    }
}

impl Stop {
    /// Who has seen it and who has not, so that nobody worries or hopes for nothing.
    pub(super) fn who_has_it(&self) -> &'static str {
        match self.others_got_it {
            false => "Nobody outside has seen it.",
            true => "The people named below have not got it; the others have.",
        }
    }

    /// Everything that helps the sender to put it right.
    pub(super) fn for_sender(&self, title: &str) -> Vec<Block> {
        let mut blocks = Vec::new();
        if !self.reasons.is_empty() {
            blocks.push(heading(title));
        }
        let several = self.reasons.len() > 1;
        for (at, reason) in self.reasons.iter().enumerate() {
            let number = if several {
                format!("{}. ", at + 1)
            } else {
                String::new()
            };
            blocks.push(paragraph(format!("{number}{}", reason.sentence)));
            if !reason.found.is_empty() {
                blocks.push(paragraph("What we found:"));
                blocks.push(Block::List(reason.found.clone()));
            }
            blocks.extend(reason.clauses());
            if !reason.remedy.is_empty() {
                blocks.push(Block::Labelled("What to do:", reason.remedy.clone()));
            }
            if !reason.done.is_empty() {
                blocks.push(Block::Labelled("What we did:", reason.done.clone()));
            }
            if !reason.tip.is_empty() {
                blocks.push(Block::Labelled("A tip:", reason.tip.clone()));
            }
        }
        blocks.push(heading("Which message"));
        let subject = match self.subject.trim() {
            "" => "(none)",
            subject => subject,
        };
        blocks.push(Block::Labelled("Subject:", subject.to_owned()));
        let to = |r: &StoppedRecipient| format!("{} ({})", r.address, r.relation);
        blocks.push(paragraph("You sent it to:"));
        blocks.push(Block::List(self.recipients.iter().map(to).collect()));
        blocks.push(Block::Labelled("Case:", self.case.clone()));
        blocks
    }

    /// The reasons in a few words each, for a list.
    pub(super) fn in_few_words(&self) -> Vec<String> {
        let clauses = |reason: &Reason| match reason.clauses.as_slice() {
            [] => String::new(),
            cited => {
                let ids: Vec<&str> = cited.iter().map(|clause| clause.id.as_str()).collect();
                format!(" (clause {})", ids.join(", "))
            }
        };
        self.reasons
            .iter()
            .map(|reason| match reason.line.as_str() {
                "" => format!("{}{}", reason.for_reviewer(), clauses(reason)),
                line => format!("{line}{}", clauses(reason)),
            })
            .collect()
    }

    /// The reasons for somebody who is not the sender: no file names, no places.
    pub(super) fn for_reviewer(&self) -> Vec<Block> {
        let mut blocks = vec![heading("Why it was stopped")];
        for reason in &self.reasons {
            blocks.push(paragraph(reason.for_reviewer()));
            blocks.extend(reason.clauses());
        }
        blocks.push(heading("Who would get it"));
        blocks.push(Block::List(self.relations()));
        blocks
    }

    /// How many of each relation, in the order of their first mention.
    fn relations(&self) -> Vec<String> {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for recipient in &self.recipients {
            match counts.iter_mut().find(|(r, _)| *r == recipient.relation) {
                Some((_, count)) => *count += 1,
                None => counts.push((&recipient.relation, 1)),
            }
        }
        let words = |(relation, count): (&str, usize)| match count {
            1 => relation.to_owned(),
            _ => format!("{relation} ({count} people)"),
        };
        counts.into_iter().map(words).collect()
    }

    /// The sender's name, or the address when the staff list has none.
    pub(super) fn sender_in_words(&self) -> &str {
        self.sender_name.as_deref().unwrap_or(&self.sender)
    }
}

impl Reason {
    pub(super) fn for_reviewer(&self) -> &str {
        match self.reviewer.as_str() {
            "" => &self.sentence,
            own => own,
        }
    }

    fn clauses(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for clause in &self.clauses {
            blocks.push(paragraph(format!(
                "Your school\u{2019}s policy, clause {}:",
                clause.id
            )));
            blocks.push(Block::Quote(clause.quote.clone()));
        }
        blocks
    }
}
