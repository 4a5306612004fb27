//! What a sender is offered with a hold notice, and the row behind it.

use schoolgate_policies::pack::{RemedyTerms, Signature};
use schoolgate_policies::{Remedies, Route, Told};

use super::address;
use super::token::Token;
use crate::clock::Micros;
use crate::config;
use crate::ids::CaseId;
use crate::keys::{KeyError, SchoolKeys};
use crate::notify::Offer;
use crate::store::remedies::NewRemedy;

/// An offer with the row that makes its token good.
pub struct NewOffer {
    pub offer: Offer,
    pub row: NewRemedy,
}

/// What an offer is made from.
pub struct Grounds<'a> {
    pub remedies: &'a Remedies,
    pub terms: &'a RemedyTerms,
    pub school: &'a config::School,
    /// The sender of the held message.
    pub sender: &'a str,
    /// The message carries a DKIM signature.
    pub signed: bool,
    pub mail_domain: &'a str,
    /// Who may know of the message.
    pub route: &'a Route,
}

impl NewOffer {
    /// An offer with a new token for a case.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn new(
        keys: &SchoolKeys,
        case: CaseId,
        expires_at: Micros,
        grounds: &Grounds<'_>,
    ) -> Result<Self, KeyError> {
        let token = Token::random()?;
        Ok(Self {
            row: NewRemedy {
                token_index: token.index(keys),
                school: keys.id,
                case,
                expires_at,
            },
            offer: grounds.offer(&token),
        })
    }
}

impl Grounds<'_> {
    /// The offer under a token.
    pub(super) fn offer(&self, token: &Token) -> Offer {
        Offer {
            reply_to: address::reply(token, self.mail_domain),
            marking: self.remedies.marking.clone(),
            breaks_signature: self.breaks_signature(),
            told: match self.remedies.send {
                Ok(()) => in_words(&self.told(), self.route),
                Err(_) => None,
            },
        }
    }

    /// Who is told of an override, each with the office: those whom the pack names, or of
    /// protected correspondence whoever would decide.
    pub(super) fn told(&self) -> Vec<(&'static str, String)> {
        match self.route.is_protected() {
            true => {
                let first = self.route.deciders.iter().take(1);
                first
                    .map(|d| (d.office.label(), d.address.clone()))
                    .collect()
            }
            false => told(self.terms, self.school, self.sender),
        }
    }

    pub(super) fn breaks_signature(&self) -> bool {
        self.signed && self.terms.signature == Signature::Broken
    }
}

/// The people whom the terms name, but never the sender alone.
fn told(terms: &RemedyTerms, school: &config::School, sender: &str) -> Vec<(&'static str, String)> {
    let address = |role: Told| match role {
        Told::Headteacher => &school.headteacher,
        Told::Dsl => &school.dsl,
        Told::Dpo => &school.dpo,
        Told::Technician => &school.technician,
    };
    let mut people: Vec<(&'static str, String)> = Vec::new();
    let reserve = [Told::Dpo, Told::Dsl, Told::Headteacher];
    let named = terms.told.len();
    for (at, role) in terms.told.iter().copied().chain(reserve).enumerate() {
        let person = address(role);
        let in_reserve = at >= named && !people.is_empty();
        let is_known = people.iter().any(|(_, p)| p.eq_ignore_ascii_case(person));
        if !in_reserve && !is_known && !person.eq_ignore_ascii_case(sender) {
            people.push((role.label(), person.clone()));
        }
    }
    people
}

/// "the headteacher and the data protection officer"; `None` when there is nobody: then
/// there is no override either, since no one would hear of it. Only of what is its
/// sender's alone nobody has to hear.
pub(super) fn in_words(people: &[(&'static str, String)], route: &Route) -> Option<String> {
    let labels: Vec<&str> = people.iter().map(|(role, _)| *role).collect();
    match labels.as_slice() {
        [] => route.is_senders_alone().then(|| "nobody".to_owned()),
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn school(headteacher: &str, dsl: &str, dpo: &str) -> config::School {
        let text = format!(
            "hostname = \"gate.oak.example\"\n[[school]]\nid = \"oak\"\nname = \"Oak\"\n\
             domains = [\"oak.example\"]\nheadteacher = \"{headteacher}\"\ndsl = \"{dsl}\"\n\
             dpo = \"{dpo}\"\ntechnician = \"it@oak.example\"\n\
             [[client]]\nname = \"mail server\"\nnetworks = [\"127.0.0.1\"]\n\
             [[next_hop]]\nhost = \"next.oak.example\"\n"
        );
        let settings = config::parse(&text, Path::new("/etc")).unwrap();
        settings.schools.into_iter().next().unwrap()
    }

    fn check(terms: &[Told], school: &config::School, sender: &str, expected: Option<&str>) {
        let terms = RemedyTerms {
            told: terms.to_vec(),
            ..RemedyTerms::default()
        };
        assert_eq!(
            in_words(&told(&terms, school, sender), &Route::default()).as_deref(),
            expected,
            "{sender}"
        );
    }

    #[test]
    fn an_override_is_told_to_somebody_else_or_not_possible() {
        let (head, dsl, dpo) = ("head@oak.example", "dsl@oak.example", "dpo@oak.example");
        let oak = school(head, dsl, dpo);
        let teacher = "teacher@oak.example";
        check(&[Told::Headteacher], &oak, teacher, Some("the headteacher"));
        check(
            &[Told::Headteacher],
            &oak,
            "Head@oak.example",
            Some("the data protection officer"),
        );
        check(
            &[Told::Dsl, Told::Headteacher],
            &oak,
            teacher,
            Some("the designated safeguarding lead and the headteacher"),
        );
        check(&[Told::Headteacher], &school(head, head, head), head, None);
    }
}
