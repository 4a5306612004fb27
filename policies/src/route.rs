//! Who may decide about a message if it is stopped, and so who may know of it.
//!
//! Most mail is decided by the usual approvers. Some must not come to their eyes: mail to a
//! union, to the authority's designated officer, about the headteacher. It is told by who
//! writes to whom, by the address lists, and by whom the message speaks of. What a sender
//! writes can at most narrow who sees a message; no verdict becomes milder by it.

use std::collections::BTreeSet;

use schoolgate_detectors::{Category, Encryption, Inspection};
use serde::{Deserialize, Serialize};

use crate::address::fold;
use crate::counterpart::{self, Counterpart};
use crate::directory::Directory;
use crate::facts::{Envelope, Recipient, Relation, Sender, SenderGroup};
use crate::fast_lane::{self, FastLane};
use crate::office::Office;

/// The way of a message past those who must not see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Route {
    pub matter: Matter,
    /// Who may decide when it is stopped, the first in charge first. Empty: the sender alone
    /// puts it right, or it goes back.
    pub deciders: Vec<Decider>,
    /// A referral that never waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast_lane: Option<FastLane>,
}

/// Why a message is not for its usual approver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// It is for the usual approver.
    #[default]
    Ordinary,
    /// To somebody to whom people write in confidence.
    Confidant(Counterpart),
    /// To governors or trust, and it speaks of the headteacher, or nobody can tell.
    AboutHead,
    FromHead,
    /// A safeguarding lead's own safeguarding mail.
    Safeguarding,
    /// A safeguarding lead's referral to somebody who is no verified agency.
    UnverifiedReferral,
    /// An answer to a person's request for their data (UK GDPR Art. 15).
    Access,
    /// From governors and their clerk.
    Governance,
}

/// Somebody who may decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decider {
    pub office: Office,
    pub address: String,
}

impl Route {
    /// Whether the message is absent from lists, logs and counts for all but its sender
    /// and its deciders.
    pub fn is_protected(&self) -> bool {
        self.matter != Matter::Ordinary
    }

    /// Whether nobody but the sender ever sees it: a stop is the sender's to put right.
    pub fn is_senders_alone(&self) -> bool {
        matches!(self.matter, Matter::Confidant(_))
    }

    /// Whether the message does not wait for this forward-path.
    pub fn never_waits(&self, path: &str) -> bool {
        let lane = self.fast_lane.as_ref();
        lane.is_some_and(|lane| lane.carries(path))
    }

    /// Whether a stop waits for minutes, not days.
    pub fn is_urgent(&self) -> bool {
        self.matter == Matter::UnverifiedReferral
    }

    /// The name under which records cite the route.
    pub fn id(&self) -> &'static str {
        match self.matter {
            Matter::Ordinary => "ordinary",
            Matter::Confidant(_) => "protected.confidant",
            Matter::AboutHead => "protected.about-head",
            Matter::FromHead => "protected.from-head",
            Matter::Safeguarding => "protected.safeguarding",
            Matter::UnverifiedReferral => "protected.unverified-referral",
            Matter::Access => "protected.access",
            Matter::Governance => "protected.governance",
        }
    }

    /// Why, in one sentence without personal data.
    pub fn why(&self) -> &'static str {
        match self.matter {
            Matter::Ordinary => "The usual approver decides.",
            Matter::Confidant(_) => {
                "It goes to somebody to whom people may write in confidence, so nobody but its sender sees it."
            }
            Matter::AboutHead => {
                "It may be a concern about the headteacher, so the chair of governors or the trust decides (KCSIE part four)."
            }
            Matter::FromHead => {
                "It is the headteacher's own, and nobody decides on their own message."
            }
            Matter::Safeguarding => {
                "It is safeguarding mail of a safeguarding lead, so a deputy decides."
            }
            Matter::UnverifiedReferral => {
                "It looks like a referral, but the school's list of agencies does not have this address."
            }
            Matter::Access => {
                "It answers a request for personal data, so the data protection officer decides (UK GDPR Article 15)."
            }
            Matter::Governance => "It comes from the governors, so their chair decides.",
        }
    }
}

/// The route of a message. Pure, as [`crate::relate`] is, whose answers it takes.
pub fn route(
    envelope: &Envelope,
    inspection: &Inspection,
    directory: &Directory,
    (sender, recipients): (&Sender, &[Recipient]),
) -> Route {
    let message = Message::new(envelope, inspection, directory, sender, recipients);
    let (matter, line) = message.matter();
    Route {
        matter,
        deciders: message.deciders(&line),
        fast_lane: fast_lane::of(envelope, inspection, directory, recipients).map(|mut lane| {
            // What goes to the designated officer may be about anybody at the school.
            let unseen = matches!(matter, Matter::Confidant(_)).then_some(Office::Headteacher);
            let line = [Office::DeputyDsl, Office::Dsl, Office::Headteacher];
            let line: Vec<Office> = line.into_iter().filter(|o| Some(*o) != unseen).collect();
            lane.reviewers = message.deciders(&line);
            lane
        }),
    }
}

struct Message<'a> {
    inspection: &'a Inspection,
    directory: &'a Directory,
    recipients: &'a [Recipient],
    /// Whoever stands as the sender, in the envelope or in the header.
    senders: BTreeSet<String>,
    offices: BTreeSet<Office>,
    group: SenderGroup,
    /// To whom it goes, and to whom the header says that it goes.
    written_to: BTreeSet<String>,
}

impl<'a> Message<'a> {
    fn new(
        envelope: &Envelope,
        inspection: &'a Inspection,
        directory: &'a Directory,
        sender: &Sender,
        recipients: &'a [Recipient],
    ) -> Self {
        let headers = &inspection.headers;
        let senders: BTreeSet<String> = headers
            .from
            .iter()
            .chain(&headers.sender)
            .map(|mailbox| fold(&mailbox.address))
            .chain([fold(&envelope.reverse_path), fold(&sender.address)])
            .filter(|address| !address.is_empty())
            .collect();
        let offices = senders
            .iter()
            .flat_map(|address| directory.offices_of(address))
            .collect();
        let written_to = recipients
            .iter()
            .map(|recipient| fold(&recipient.address))
            .chain(
                headers
                    .to
                    .iter()
                    .chain(&headers.cc)
                    .map(|m| fold(&m.address)),
            )
            .collect();
        Self {
            inspection,
            directory,
            recipients,
            senders,
            offices,
            group: sender.group,
            written_to,
        }
    }

    /// What it is, and who decides, in order. The narrowest comes first.
    fn matter(&self) -> (Matter, Vec<Office>) {
        use Office::{Chair, Clerk, DeputyDsl, DeputyHead, Dpo, Dsl, Headteacher, TrustLead};
        // Who looks after pupils sees what pupils write.
        if self.group == SenderGroup::Pupil {
            return (Matter::Ordinary, Vec::new());
        }
        let leads = self.offices.contains(&Dsl) || self.offices.contains(&DeputyDsl);
        let heads = self.offices.contains(&Headteacher);
        if let Some(counterpart) = self.counterpart() {
            return (Matter::Confidant(counterpart), Vec::new());
        }
        if !heads && self.may_be_about_head() {
            return (Matter::AboutHead, vec![Chair, TrustLead]);
        }
        if leads && speaks_of_safeguarding(self.inspection) {
            if self.goes_to_unverified_agency() {
                return (
                    Matter::UnverifiedReferral,
                    vec![DeputyDsl, Dsl, Headteacher, Dpo],
                );
            }
            let line = match heads {
                true => vec![DeputyDsl, Dsl, DeputyHead, Dpo],
                false => vec![DeputyDsl, Dsl],
            };
            return (Matter::Safeguarding, line);
        }
        if heads {
            return (Matter::FromHead, vec![DeputyHead, Dpo]);
        }
        if self.group == SenderGroup::Governor
            || self.offices.contains(&Chair)
            || self.offices.contains(&Clerk)
        {
            return (Matter::Governance, vec![Chair, TrustLead]);
        }
        if names_access_request(&self.inspection.headers.subject) && self.leaves_the_school() {
            return (Matter::Access, vec![Dpo, Headteacher]);
        }
        (Matter::Ordinary, Vec::new())
    }

    /// The confidant among those whom it goes to. A copy to the headteacher shows that
    /// nothing is to be kept from them.
    fn counterpart(&self) -> Option<Counterpart> {
        if self.goes_to(Office::Headteacher) {
            return None;
        }
        self.recipients
            .iter()
            .find_map(|r| counterpart::of(&fold(&r.address), r.agency.as_deref()))
    }

    fn may_be_about_head(&self) -> bool {
        let above = self
            .recipients
            .iter()
            .any(|r| r.relation == Relation::Governor)
            || self.goes_to(Office::Chair)
            || self.goes_to(Office::TrustLead);
        above && !self.goes_to(Office::Headteacher) && self.may_speak_of(Office::Headteacher)
    }

    /// What is locked or unread may speak of anybody.
    fn may_speak_of(&self, office: Office) -> bool {
        self.speaks_of(office)
            || self
                .inspection
                .unread
                .iter()
                .any(|part| part.reason.stops())
            || self
                .inspection
                .parts
                .iter()
                .any(|part| part.encryption != Encryption::None)
    }

    fn speaks_of(&self, office: Office) -> bool {
        let named = &self.inspection.speaks_of;
        named.iter().any(|name| name == office.as_str())
    }

    fn goes_to(&self, office: Office) -> bool {
        self.directory
            .holders(office)
            .any(|holder| self.written_to.contains(holder))
    }

    fn goes_to_unverified_agency(&self) -> bool {
        self.recipients
            .iter()
            .any(|recipient| match recipient.relation {
                Relation::Other | Relation::LookAlike => true,
                Relation::Agency => !fast_lane::is_verified(recipient, self.directory),
                _ => false,
            })
    }

    fn leaves_the_school(&self) -> bool {
        self.recipients.iter().any(|r| !r.relation.is_inside())
    }

    /// The holders of these offices, in order: neither the sender nor, of the governors and
    /// the trust, whom the message speaks of.
    fn deciders(&self, line: &[Office]) -> Vec<Decider> {
        let mut deciders: Vec<Decider> = Vec::new();
        for office in line {
            let subject = match office {
                Office::Chair | Office::TrustLead => {
                    self.speaks_of(*office) && !self.goes_to(*office)
                }
                Office::Headteacher => self.speaks_of(*office),
                _ => false,
            };
            if subject {
                continue;
            }
            for address in self.directory.deciders(*office) {
                let known = deciders.iter().any(|d| d.address == *address);
                if !known && !self.senders.contains(address) {
                    deciders.push(Decider {
                        office: *office,
                        address: address.clone(),
                    });
                }
            }
        }
        deciders
    }
}

/// Whether anything in it is safeguarding matter.
pub(crate) fn speaks_of_safeguarding(inspection: &Inspection) -> bool {
    let safeguarding = Category::Safeguarding;
    inspection
        .subjects
        .iter()
        .any(|s| s.categories.contains(&safeguarding))
        || inspection
            .mentions
            .iter()
            .any(|m| m.categories.contains(&safeguarding))
        || inspection
            .findings
            .iter()
            .any(|f| f.category == Some(safeguarding))
}

/// Whether a subject names a request for personal data.
fn names_access_request(subject: &str) -> bool {
    let folded = subject.to_lowercase();
    let phrases = [
        "subject access",
        "access request",
        "data subject request",
        "request for personal data",
        "right of access",
    ];
    phrases.iter().any(|phrase| folded.contains(phrase))
        || subject
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| matches!(word, "SAR" | "DSAR"))
}
