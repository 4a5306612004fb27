//! From the roles that a staff list names to groups of senders: each office of a role
//! puts its holder into the groups that it belongs to.

use std::collections::BTreeSet;

use crate::facts::SenderGroup as Group;
use crate::role::{Piece, pieces};

/// The groups that a role puts its holder in; office staff when it says nothing known.
pub(crate) fn groups_of(role: &str) -> BTreeSet<Group> {
    let role = role.to_lowercase();
    let mut groups = BTreeSet::new();
    // Said of the whole role: "Safeguarding and Inclusion Lead" is one office.
    let whole = Piece::of(&role);
    if whole.is("dsl") || whole.is("ddsl") || whole.is("safeguarding") && whole.is("lead") {
        groups.insert(Group::Dsl);
    }
    for office in pieces(&role) {
        office.add_to(&mut groups);
    }
    if groups.is_empty() {
        groups.insert(Group::Office);
    }
    groups
}

/// The one group of a person that says the most: what somebody may do by an office comes
/// first, then what they may not do as somebody from outside.
pub(crate) fn group_of(groups: &BTreeSet<Group>) -> Group {
    const FIRST: [Group; 15] = [
        Group::Governor,
        Group::Dsl,
        Group::Headteacher,
        Group::Visitor,
        Group::Contractor,
        Group::Volunteer,
        Group::Supply,
        Group::Teacher,
        Group::DeputyHead,
        Group::Senco,
        Group::TeachingAssistant,
        Group::Finance,
        Group::Technician,
        Group::Support,
        Group::Office,
    ];
    FIRST
        .into_iter()
        .find(|group| groups.contains(group))
        .unwrap_or_default()
}

// The groups of one office.
impl Piece<'_> {
    fn add_to(&self, groups: &mut BTreeSet<Group>) {
        if self.has(&["governor"]) || self.is("trustee") {
            groups.insert(Group::Governor);
            return;
        }
        if self.serves() || self.is("clerk") {
            groups.insert(Group::Office);
            return;
        }
        if self.has(&["visitor", "guest", "work experience", "observer"]) {
            groups.insert(Group::Visitor);
        }
        if self.has(&[
            "contract",
            "consultant",
            "peripatetic",
            "visiting",
            "external",
            "outsourced",
        ]) {
            groups.insert(Group::Contractor);
        }
        if self.has(&["volunteer", "helper"]) {
            groups.insert(Group::Volunteer);
        }
        if self.is("supply")
            || self.is("agency")
            || self.has(&["cover teacher", "cover supervisor"])
        {
            groups.extend([Group::Supply, Group::Teacher]);
        }
        self.lead(groups);
        self.teach(groups);
        self.serve(groups);
    }

    /// Deputies and assistants of the head teach and are not the head; deputies of the DSL
    /// act for the DSL.
    fn lead(&self, groups: &mut BTreeSet<Group>) {
        let head = self.names_head();
        let deputy = self.is_deputy();
        let of_another = self.is("dsl") || self.has(&["senco", "sendco", "safeguarding"]);
        if head && !deputy {
            groups.insert(Group::Headteacher);
        } else if deputy && !of_another && (head || self.is("head") || self.is_only("deputy")) {
            groups.extend([Group::DeputyHead, Group::Teacher]);
        }
        if self.has(&[
            "senco",
            "sendco",
            "special needs co",
            "inclusion lead",
            "inclusion manager",
        ]) || self.is("send") && self.is("lead")
        {
            groups.extend([Group::Senco, Group::Teacher]);
        }
    }

    fn teach(&self, groups: &mut BTreeSet<Group>) {
        let assists = self.has(&[
            "teaching assistant",
            "support assistant",
            "classroom assistant",
        ]) || ["ta", "hlta", "lsa"].iter().any(|word| self.is(word));
        if assists {
            groups.insert(Group::TeachingAssistant);
        }
        let safeguards = self.is("safeguarding");
        let heads = self.has(&["headteacher", "head teacher", "head of school"]);
        let teaches = self.has(&["teach", "tutor", "head of"]) && !heads
            || (self.is("lead") || self.is("leader")) && !safeguards
            || self.is("ect");
        if assists || teaches {
            groups.insert(Group::Teacher);
        }
    }

    fn serve(&self, groups: &mut BTreeSet<Group>) {
        if self.has(&[
            "business manager",
            "bursar",
            "finance",
            "payroll",
            "human resources",
            "personnel",
        ]) || self.is("hr")
            || self.is("sbm")
        {
            groups.extend([Group::Finance, Group::Office]);
        }
        if self.has(&[
            "technician",
            "network manager",
            "it manager",
            "ict manager",
            "it support",
            "ict support",
        ]) {
            groups.insert(Group::Technician);
        }
        if self.has(&[
            "site ",
            "caretaker",
            "premises",
            "cleaner",
            "lunch",
            "midday",
            "catering",
            "kitchen",
            "cook",
            "minibus",
            "grounds",
        ]) || self.is("msa")
            || self.is("mdsa")
        {
            groups.insert(Group::Support);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_fall_into_groups() {
        for (role, group) in [
            ("Headteacher", Group::Headteacher),
            ("Deputy Headteacher", Group::Teacher),
            ("Head of Year 5", Group::Teacher),
            ("Deputy DSL", Group::Dsl),
            ("Designated Safeguarding Lead", Group::Dsl),
            ("Safeguarding and Inclusion Lead", Group::Dsl),
            ("Chair of Governors", Group::Governor),
            ("School Business Manager", Group::Finance),
            ("Teaching Assistant", Group::Teacher),
            ("TA", Group::Teacher),
            ("PA to the Headteacher", Group::Office),
            ("Headteacher's secretary", Group::Office),
            ("Attendance officer", Group::Office),
            ("Supply teacher", Group::Supply),
            ("Site manager", Group::Support),
            ("Visitor", Group::Visitor),
            ("Peripatetic violin teacher", Group::Contractor),
            ("Reading volunteer", Group::Volunteer),
            ("", Group::Office),
        ] {
            assert_eq!(group_of(&groups_of(role)), group, "{role}");
        }
    }

    #[test]
    fn a_role_of_several_offices_puts_its_holder_into_the_groups_of_each() {
        let of = |role: &str| groups_of(role).into_iter().collect::<Vec<_>>();
        assert_eq!(
            of("Deputy Head / DDSL"),
            [Group::DeputyHead, Group::Dsl, Group::Teacher]
        );
        assert_eq!(
            of("SENCo and Year 4 teacher"),
            [Group::Senco, Group::Teacher]
        );
        assert_eq!(
            of("Assistant Headteacher (SENDCo), DSL"),
            [Group::DeputyHead, Group::Dsl, Group::Senco, Group::Teacher]
        );
        assert_eq!(of("Deputy SENCO"), [Group::Senco, Group::Teacher]);
        assert_eq!(of("Deputy DSL"), [Group::Dsl]);
        assert_eq!(
            of("IT technician (contractor)"),
            [Group::Technician, Group::Contractor]
        );
        assert_eq!(
            of("Higher level teaching assistant"),
            [Group::Teacher, Group::TeachingAssistant]
        );
    }
}
