//! Whether protected correspondence has somebody who decides, and referrals a way with TLS.

use schoolgate_policies::Office;

use super::Examination;
use crate::installation::Installation;

pub(super) fn examine(installation: &Installation, examination: &mut Examination) {
    let settings = &installation.settings;
    let seen: Vec<&str> = settings
        .next_hops
        .iter()
        .flat_map(|hop| hop.final_for.iter().map(String::as_str))
        .collect();
    let asks = settings.tls_required_header.is_some();
    match (seen.is_empty(), asks) {
        (true, false) => examination.note(
            "referrals",
            "they leave at once, but over no TLS that is seen or asked for",
            "Set tls_required_header and give the mail service a rule for it, or add a [[next_hop]] with final_for.",
        ),
        (true, true) => examination.good("referrals", "the next hop is asked for TLS"),
        (false, _) => examination.good(
            "referrals",
            format!(
                "TLS is seen to {}{}",
                seen.join(", "),
                if asks { ", else asked for" } else { "" }
            ),
        ),
    }
    for school in installation.schools.all() {
        let directory = &school.context.directory;
        let lacks = |offices: &[Office]| {
            let mut deciders = offices
                .iter()
                .flat_map(|office| directory.deciders(*office));
            deciders.next().is_none()
        };
        let mut missing = Vec::new();
        for (offices, what) in [
            (
                &[Office::Chair, Office::TrustLead][..],
                "chair (concerns about the headteacher)",
            ),
            (
                &[Office::DeputyHead, Office::Dpo][..],
                "deputy_head or dpo (the headteacher\u{2019}s own mail)",
            ),
            (
                &[Office::DeputyDsl][..],
                "deputy_dsl (the safeguarding lead\u{2019}s mail)",
            ),
        ] {
            if lacks(offices) {
                missing.push(what);
            }
        }
        let name = format!("deciders of {}", school.settings.id);
        match missing.is_empty() {
            true => examination.good(&name, "each kind of protected mail has somebody who decides"),
            false => examination.note(
                &name,
                format!("nobody is known as {}", missing.join(", ")),
                "Name them in the [[school]], or give them the role on the staff list. Until then such mail goes back to its sender.",
            ),
        }
    }
}
