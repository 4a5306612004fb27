//! A rule as a plain sentence.

use schoolgate_detectors::{Kind, Sensitivity, UnreadReason};

use super::wording::{counted, joined};
use crate::condition::{CONSENTS, Condition, GROUPS, Leaf, stopping_reasons, word_of};
use crate::decision::{Mode, Verdict};
use crate::exceptions::{ExceptionKind, Permitted};
use crate::pack::Rule;

/// The rule, said from its condition tree.
pub fn rule(rule: &Rule) -> String {
    let consequence = match (rule.mode, rule.then) {
        (Mode::Off, _) => "nothing happens, since the rule is switched off",
        (Mode::Monitor, _) => "this is recorded and the message is delivered",
        (Mode::Nudge, _) => "the message is delivered and the sender is told afterwards",
        (Mode::Enforce, Verdict::Deliver) => "this is recorded and the message is delivered",
        (Mode::Enforce, Verdict::Hold) => "the message waits for its sender to put it right",
        (Mode::Enforce, Verdict::Quarantine) => "the message waits for a reviewer",
        (Mode::Enforce, Verdict::Reject) => "the message goes back to its sender",
    };
    let mut sentence = format!("When {}, {consequence}", said(&rule.when, true));
    let besides = rule.acts.due(rule.mode, rule.mode).said();
    if !besides.is_empty() {
        let besides = joined(besides.into_iter(), "and");
        sentence.push_str(&format!("; besides, {besides}"));
    }
    match rule.clauses.as_slice() {
        [] => sentence.push('.'),
        [one] => sentence.push_str(&format!(" (clause {one}).")),
        many => {
            let list = joined(many.iter().cloned(), "and");
            sentence.push_str(&format!(" (clauses {list})."));
        }
    }
    if rule.overridable && rule.mode == Mode::Enforce {
        sentence.push_str(" The sender may have it sent all the same for a stated reason.");
    }
    if rule.needs_roster && rule.mode == Mode::Enforce {
        sentence.push_str(" While the roster is missing or old this is only recorded.");
    }
    sentence
}

/// A condition in words, to stand after "when".
pub(super) fn condition(condition: &Condition) -> String {
    said(condition, true)
}

fn said(condition: &Condition, outermost: bool) -> String {
    match condition {
        Condition::All(list) => grouped(list, "and", outermost),
        Condition::Any(list) => grouped(list, "or", outermost),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Leaf(leaf) => denied(leaf),
            Condition::Not(twice) => said(twice, outermost),
            other => format!("it is not so that {}", said(other, false)),
        },
        Condition::Leaf(leaf) => affirmed(leaf),
    }
}

fn grouped(list: &[Condition], word: &str, outermost: bool) -> String {
    match list {
        [only] => said(only, outermost),
        many => {
            let text = joined(many.iter().map(|c| said(c, false)), word);
            // Without them "a and b or c" could be read in two ways.
            if outermost { text } else { format!("({text})") }
        }
    }
}

fn affirmed(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Relation(set) => format!(
            "the recipient is {}",
            joined(set.iter().map(|r| r.label().to_owned()), "or")
        ),
        Leaf::Outside => "the recipient is outside the school or a pupil".into(),
        Leaf::PupilData => "the message holds personal data of a pupil".into(),
        Leaf::AboutOthers => "it concerns a pupil other than the recipient's own".into(),
        Leaf::SpeaksOfPupils => "anything in the message speaks of pupils".into(),
        Leaf::Sensitivity(floor) => format!("its matter is {}", level(*floor)),
        Leaf::Category(set) => format!(
            "it says something about {}",
            joined(set.iter().map(|c| c.label().to_owned()), "or")
        ),
        Leaf::SpecialCategory => "it is special-category or safeguarding matter".into(),
        Leaf::SpeaksOf(set) => format!(
            "words about {} stand in it",
            joined(set.iter().map(|c| c.label().to_owned()), "or")
        ),
        Leaf::FileType(set) => format!(
            "a file in it is {}",
            joined(set.iter().map(|t| t.label().to_owned()), "or")
        ),
        Leaf::Recipients(least) => format!("it goes to {least} people or more"),
        Leaf::Forwarded(1) => "it is a forwarded message".into(),
        Leaf::Forwarded(least) => format!("it has been forwarded {least} times or more"),
        Leaf::Hours { name, within: true } => format!("it is sent within the hours `{name}`"),
        Leaf::Hours { name, .. } => format!("it is sent outside the hours `{name}`"),
        Leaf::Found {
            kinds,
            at_least,
            confidence,
        } => {
            if kinds.iter().all(|k| *k == Kind::LimitReached) {
                return "the inspection reached one of its limits".into();
            }
            let list = joined(kinds.iter().map(|k| counted(*k, 1)), "or");
            let mut text = format!("the message holds {list}");
            if *at_least > 1 {
                text.push_str(&format!(", {at_least} or more in all"));
            }
            if confidence.get() > 0.5 {
                text.push_str(&format!(
                    ", with a certainty of {:.0} per cent or more",
                    confidence.get() * 100.0
                ));
            }
            text
        }
        Leaf::Pupils(1) => "at least one pupil is concerned".into(),
        Leaf::Pupils(floor) => format!("{floor} pupils or more are concerned"),
        Leaf::UnprotectedAttachment(floor) => format!(
            "an attachment that is {} is not really encrypted",
            level(*floor)
        ),
        Leaf::EncryptedAttachment => "an attachment is really encrypted".into(),
        Leaf::PasswordBeside => "the password of a locked file is in the same message".into(),
        Leaf::Unmarked => "the message has no marking that counts".into(),
        Leaf::MarkingTooLow => "the marking is lower than the matter asks for".into(),
        Leaf::MarkingNearMiss => "a marking is almost right".into(),
        Leaf::Unread(set) if *set == stopping_reasons() => "a part could not be read".into(),
        Leaf::Unread(set) => format!("a part could not be read because {}", reasons(set.iter())),
        Leaf::Sender(set) => format!(
            "the sender belongs to the group {}",
            joined(set.iter().map(|g| word_of(GROUPS, g).to_owned()), "or")
        ),
        Leaf::PersonalSender => {
            "the message names a personal address as its sender or for replies".into()
        }
        Leaf::VisibleFamilies(None) => {
            "more families than the pack allows see each other's addresses".into()
        }
        Leaf::VisibleFamilies(Some(limit)) => {
            format!("more than {limit} families see each other's addresses")
        }
        Leaf::MimeAmbiguous => "mail programs would read the message in different ways".into(),
        Leaf::Destination(set) => format!(
            "the address belongs to {}",
            joined(set.iter().map(|d| d.label().to_owned()), "or")
        ),
        Leaf::AgencyKind(kinds) => format!(
            "the recipient is a trusted agency of the kind {}",
            joined(kinds.iter().cloned(), "or")
        ),
        Leaf::GreetsAnother => "the message greets another contact than the recipient".into(),
        Leaf::Switch(name) => format!("the pack's switch {name} is on"),
        Leaf::LawfulDisclosure => {
            "the recipient is an agency that the law lets the school tell what it must know".into()
        }
        Leaf::AiNotAgreed => {
            "the address is that of an AI service that is not on the school's register".into()
        }
        Leaf::BearsContactsName => {
            "the address is unknown but bears the name of a contact on the roster".into()
        }
        Leaf::Permitted(set) => format!(
            "a registered permission covers {}",
            joined(set.iter().map(|p| permitted(*p).to_owned()), "or")
        ),
        Leaf::Registered(kind) => registered(*kind).into(),
        Leaf::PhotoConsent(set) => format!(
            "the family's consent to a photograph is {}",
            joined(set.iter().map(|c| word_of(CONSENTS, c).to_owned()), "or")
        ),
    }
}

fn denied(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Relation(set) => format!(
            "the recipient is not {}",
            joined(set.iter().map(|r| r.label().to_owned()), "or")
        ),
        Leaf::Outside => "the recipient is inside the school".into(),
        Leaf::PupilData => "the message holds no personal data of a pupil".into(),
        Leaf::AboutOthers => "it concerns nobody but the recipient's own".into(),
        Leaf::SpecialCategory => "it is ordinary matter".into(),
        Leaf::Unmarked => "the message has a marking that counts".into(),
        Leaf::EncryptedAttachment => "no attachment is really encrypted".into(),
        Leaf::Permitted(set) => format!(
            "no registered permission covers {}",
            joined(set.iter().map(|p| permitted(*p).to_owned()), "or")
        ),
        Leaf::Switch(name) => format!("the pack's switch {name} is off"),
        other => format!("it is not so that {}", affirmed(other)),
    }
}

fn permitted(what: Permitted) -> &'static str {
    match what {
        Permitted::Matter => "it",
        Permitted::NamedPupils => "it for these pupils by name",
        Permitted::Photo => "photographs",
        Permitted::Staff => "a colleague's matter",
        Permitted::Unmarked => "it without a marking",
        Permitted::Unencrypted => "it without encryption",
        Permitted::Locked => "locked files",
    }
}

fn registered(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::Permission => "a permission is registered",
        ExceptionKind::TrustedRecipient => "the recipient is registered as trusted",
        ExceptionKind::DualRole => {
            "the address is registered as that of a member of staff who is a parent"
        }
        ExceptionKind::FamilyException => {
            "the recipient is registered as family or close friends of the sender"
        }
        ExceptionKind::ImageConsent => "consent to pictures is registered",
        ExceptionKind::ImageOptOut => {
            "a colleague who does not want to be in pictures is named at a photograph"
        }
    }
}

fn level(sensitivity: Sensitivity) -> String {
    match sensitivity {
        Sensitivity::HighlySensitive => sensitivity.as_str().to_owned(),
        lower => format!("{} or more", lower.as_str()),
    }
}

fn reasons<'a>(set: impl Iterator<Item = &'a UnreadReason>) -> String {
    joined(set.map(|r| r.label().to_owned()), "or")
}
