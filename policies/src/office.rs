//! Offices that decide about mail, and who holds them by the staff list.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::role::{Piece, pieces};

/// An office of a school or its trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Office {
    Headteacher,
    DeputyHead,
    Dsl,
    DeputyDsl,
    Dpo,
    /// Of the governors.
    Chair,
    /// Who leads the trust or stands for the authority.
    TrustLead,
    /// Of the governors.
    Clerk,
}

impl Office {
    /// Every office.
    pub const ALL: [Office; 8] = [
        Self::Headteacher,
        Self::DeputyHead,
        Self::Dsl,
        Self::DeputyDsl,
        Self::Dpo,
        Self::Chair,
        Self::TrustLead,
        Self::Clerk,
    ];

    /// The word as configuration and records write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Headteacher => "headteacher",
            Self::DeputyHead => "deputy-head",
            Self::Dsl => "dsl",
            Self::DeputyDsl => "deputy-dsl",
            Self::Dpo => "dpo",
            Self::Chair => "chair",
            Self::TrustLead => "trust-lead",
            Self::Clerk => "clerk",
        }
    }

    /// As sentences name its holder.
    pub fn label(self) -> &'static str {
        match self {
            Self::Headteacher => "the headteacher",
            Self::DeputyHead => "the deputy headteacher",
            Self::Dsl => "the designated safeguarding lead",
            Self::DeputyDsl => "the deputy safeguarding lead",
            Self::Dpo => "the data protection officer",
            Self::Chair => "the chair of governors",
            Self::TrustLead => "the lead of the trust",
            Self::Clerk => "the clerk to the governors",
        }
    }

    /// What people call the holder besides the name, to tell whom a message speaks of.
    pub fn titles(self) -> &'static [&'static str] {
        match self {
            Self::Headteacher => &[
                "headteacher",
                "head teacher",
                "headmaster",
                "headmistress",
                "head of school",
                "executive head",
                "our head",
                "my head",
                "the principal",
            ],
            Self::Chair => &["chair of governors"],
            _ => &[],
        }
    }
}

/// The offices that a role on the staff list gives its holder: "Deputy Head / DDSL" gives
/// two.
pub(crate) fn of_role(role: &str) -> BTreeSet<Office> {
    let role = role.to_lowercase();
    // "Designated Safeguarding and Inclusion Lead" is one office.
    let whole = of_piece(&Piece::of(&role));
    pieces(&role)
        .filter_map(|piece| of_piece(&piece))
        .chain(whole.filter(|office| matches!(office, Office::Dsl | Office::DeputyDsl)))
        .collect()
}

fn of_piece(piece: &Piece<'_>) -> Option<Office> {
    let deputy = piece.is_deputy();
    if piece.serves() {
        return None;
    }
    if piece.is("clerk") {
        return Some(Office::Clerk);
    }
    let safeguards = piece.is("dsl") || piece.has(&["safeguarding lead"]);
    if piece.is("ddsl") || deputy && safeguards {
        return Some(Office::DeputyDsl);
    }
    if safeguards {
        return Some(Office::Dsl);
    }
    if piece.is("dpo") || piece.has(&["data protection officer"]) {
        return Some(Office::Dpo);
    }
    if piece.has(&["governor", "trustee", "board"]) {
        return (piece.is("chair") && !deputy).then_some(Office::Chair);
    }
    if piece.is("ceo") || piece.has(&["chief executive", "trust lead", "executive director"]) {
        return Some(Office::TrustLead);
    }
    let head = piece.names_head() || deputy && piece.is("head") && !piece.has(&["head of"]);
    match (head, deputy) {
        (true, true) => Some(Office::DeputyHead),
        (true, false) => Some(Office::Headteacher),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_give_their_offices() {
        for (role, offices) in [
            ("Headteacher", vec![Office::Headteacher]),
            (
                "Headteacher and DSL",
                vec![Office::Headteacher, Office::Dsl],
            ),
            (
                "Deputy Head / DDSL",
                vec![Office::DeputyHead, Office::DeputyDsl],
            ),
            (
                "Deputy Designated Safeguarding Lead",
                vec![Office::DeputyDsl],
            ),
            ("Safeguarding and Inclusion Lead", vec![]),
            ("Designated Safeguarding Lead", vec![Office::Dsl]),
            ("Chair of Governors", vec![Office::Chair]),
            ("Vice Chair of Governors", vec![]),
            ("Clerk to the Governors", vec![Office::Clerk]),
            ("PA to the Headteacher", vec![]),
            ("Headteacher's secretary", vec![]),
            ("Secretary to the DSL", vec![]),
            ("Trust CEO", vec![Office::TrustLead]),
            ("Head of Year 5", vec![]),
            ("Teacher", vec![]),
        ] {
            assert_eq!(
                of_role(role).into_iter().collect::<Vec<_>>(),
                offices,
                "{role}"
            );
        }
    }
}
