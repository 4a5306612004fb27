//! What the exceptions in force answer to a rule's questions, for one recipient.

use std::collections::BTreeSet;

use schoolgate_detectors::{Category, PupilId, Subject};

use super::{Allowance, Consent, Exception, ExceptionKind, Grant, Permitted};
use crate::facts::Recipient;

/// The answers. Without exceptions nothing is permitted, and consent is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Granted {
    permitted: BTreeSet<Permitted>,
    /// Kinds that are in force for this recipient.
    kinds: BTreeSet<ExceptionKind>,
    /// The worst over the pupils in photographs; `None`: no pupil is named at one.
    consent: Option<Consent>,
}

/// What the message says to one recipient, as permissions see it.
pub(crate) struct Said<'a> {
    pub subjects: &'a [Subject],
    pub recipient: &'a Recipient,
    /// What is said about the pupils concerned; of a message that concerns nobody, what it
    /// says at all.
    pub categories: &'a BTreeSet<Category>,
    /// The pupils meant by a first name: for each, who it may be.
    pub mentioned: Vec<Vec<PupilId>>,
    /// For each photograph at which a pupil is named, who it may be.
    pub pictures: &'a [Vec<PupilId>],
}

impl Granted {
    /// The answers of these exceptions, all of which count.
    pub fn of(said: &Said<'_>, exceptions: &[&Exception]) -> Self {
        let mut granted = Self::default();
        let mut consents: Vec<(PupilId, bool)> = Vec::new();
        for exception in exceptions {
            granted.kinds.insert(exception.kind());
            match &exception.grant {
                Grant::Permission {
                    categories,
                    photos,
                    allows,
                    pupils,
                } => {
                    if !pupils.as_ref().is_none_or(|own| said.is_only_about(own)) {
                        continue;
                    }
                    let mut permit = |what| granted.permitted.insert(what);
                    if *photos {
                        permit(Permitted::Photo);
                    }
                    if categories.contains(&Category::Staff) {
                        permit(Permitted::Staff);
                    }
                    if !said.categories.is_subset(categories) {
                        continue;
                    }
                    permit(Permitted::Matter);
                    if pupils.is_some() {
                        permit(Permitted::NamedPupils);
                    }
                    for allowance in allows {
                        permit(match allowance {
                            Allowance::Unmarked => Permitted::Unmarked,
                            Allowance::Unencrypted => Permitted::Unencrypted,
                            Allowance::Locked => Permitted::Locked,
                        });
                    }
                }
                Grant::ImageConsent { pupil, given } => consents.push((*pupil, *given)),
                _ => {}
            }
        }
        granted.consent = said
            .pictures
            .iter()
            .map(|pupils| worst(pupils, &consents))
            .max();
        granted
    }

    pub fn permits(&self, any: &BTreeSet<Permitted>) -> bool {
        !self.permitted.is_disjoint(any)
    }

    pub fn has(&self, kind: ExceptionKind) -> bool {
        self.kinds.contains(&kind)
    }

    pub fn consent_is(&self, any: &BTreeSet<Consent>) -> bool {
        self.consent.is_some_and(|consent| any.contains(&consent))
    }
}

/// How the families of these pupils stand to pictures of them. Of two words about one
/// child the stricter counts.
fn worst(pupils: &[PupilId], consents: &[(PupilId, bool)]) -> Consent {
    pupils
        .iter()
        .map(|pupil| {
            consents
                .iter()
                .filter(|(own, _)| own == pupil)
                .map(|(_, given)| match given {
                    true => Consent::Given,
                    false => Consent::Withheld,
                })
                .max()
                .unwrap_or(Consent::Missing)
        })
        .max()
        // Somebody is named whom the roster does not have.
        .unwrap_or(Consent::Missing)
}

impl Said<'_> {
    /// Whether everybody concerned is among these. Of namesakes one is enough, as for
    /// contacts; who is not on the roster is nobody's.
    fn is_only_about(&self, own: &BTreeSet<PupilId>) -> bool {
        let is_own = |pupils: &[PupilId]| pupils.iter().any(|pupil| own.contains(pupil));
        self.subjects.iter().all(|subject| is_own(&subject.pupils))
            && self.mentioned.iter().all(|pupils| is_own(pupils))
            && (self.recipient.mentioned.is_empty() || is_own(&self.recipient.mentioned))
    }
}
