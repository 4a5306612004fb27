//! Whose mail it is.

use std::collections::HashSet;

use secrecy::SecretString;

use super::{Check, is_domain};
use crate::config::file::File;
use crate::config::settings::{NextHop, School, SecretHeader};
use crate::judge::shipped_pack;

impl Check<'_> {
    pub(super) fn schools(&mut self, file: &File, hops: &[NextHop]) -> Vec<School> {
        if file.schools.is_empty() {
            self.problem(&(0..0), "there is no [[school]]", "Describe at least one.");
        }
        let mut ids = HashSet::new();
        let mut domains = HashSet::new();
        let mut schools = Vec::new();
        for school in &file.schools {
            let id = school.id.get_ref();
            if id.is_empty()
                || id.len() > 40
                || !id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            {
                self.problem(
                    &school.id.span(),
                    format!("`{id}` cannot be a school's id"),
                    "Use small letters, digits and hyphens, such as oak-lane.",
                );
            }
            if !ids.insert(id.clone()) {
                self.problem(
                    &school.id.span(),
                    format!("two schools have the id `{id}`"),
                    "Rename one.",
                );
            }
            if school.domains.get_ref().is_empty() {
                self.problem(
                    &school.domains.span(),
                    "`domains` is empty",
                    "Name the school's mail domain.",
                );
            }
            for domain in school.domains.get_ref() {
                let domain = domain.to_lowercase();
                if !is_domain(&domain) {
                    self.problem(
                        &school.domains.span(),
                        format!("`{domain}` is not a mail domain"),
                        "Write it without @, such as oak.example.",
                    );
                }
                if !domains.insert(domain.clone()) {
                    self.problem(
                        &school.domains.span(),
                        format!("`{domain}` belongs to two schools"),
                        "A domain names one school; use a secret header where schools share one.",
                    );
                }
            }
            for person in [
                Some(&school.headteacher),
                Some(&school.technician),
                school.dsl.as_ref(),
                school.dpo.as_ref(),
                school.deputy_head.as_ref(),
                school.deputy_dsl.as_ref(),
                school.chair.as_ref(),
                school.trust_lead.as_ref(),
            ]
            .into_iter()
            .flatten()
            {
                if person.get_ref().parse::<lettre::Address>().is_err() {
                    self.problem(
                        &person.span(),
                        format!("`{}` is not a mail address", person.get_ref()),
                        "Write it as name@domain.",
                    );
                }
            }
            let secret_header = school.secret_header.as_ref().and_then(|written| {
                match written.get_ref().split_once(':') {
                    Some((name, value)) if is_field_name(name) && value.trim().len() >= 16 => {
                        Some(SecretHeader {
                            name: name.to_owned(),
                            value: SecretString::from(value.trim().to_owned()),
                        })
                    }
                    _ => {
                        self.problem(
                            &written.span(),
                            "`secret_header` is not a header field with a long value",
                            "Write \"X-Name: value\", the value at least 16 characters that nobody can guess.",
                        );
                        None
                    }
                }
            });
            let next_hops = match &school.next_hops {
                None => (0..hops.len()).collect(),
                Some(names) => {
                    let mut order = Vec::new();
                    for name in names.get_ref() {
                        match hops.iter().position(|h| &h.name == name) {
                            Some(i) => order.push(i),
                            None => self.problem(
                                &names.span(),
                                format!("there is no next hop named `{name}`"),
                                "Use the `name` of a [[next_hop]].",
                            ),
                        }
                    }
                    if order.is_empty() {
                        self.problem(
                            &names.span(),
                            "`next_hops` is empty",
                            "Leave it out for all.",
                        );
                    }
                    order
                }
            };
            let headteacher = school.headteacher.get_ref().clone();
            let or_head = |person: &Option<toml::Spanned<String>>| {
                person
                    .as_ref()
                    .map_or_else(|| headteacher.clone(), |p| p.get_ref().clone())
            };
            let plain = |person: &Option<toml::Spanned<String>>| {
                person.as_ref().map(|p| p.get_ref().clone())
            };
            let data_dir = self.path(&file.data_dir);
            schools.push(School {
                id: id.clone(),
                name: school.name.clone(),
                controller: school
                    .controller
                    .clone()
                    .unwrap_or_else(|| school.name.clone()),
                domains: school
                    .domains
                    .get_ref()
                    .iter()
                    .map(|d| d.to_lowercase())
                    .collect(),
                technician: school.technician.get_ref().clone(),
                dsl: or_head(&school.dsl),
                dpo: or_head(&school.dpo),
                deputy_head: plain(&school.deputy_head),
                deputy_dsl: plain(&school.deputy_dsl),
                chair: plain(&school.chair),
                trust_lead: plain(&school.trust_lead),
                headteacher,
                pack: school
                    .pack
                    .as_ref()
                    .map(|p| match shipped_pack(p.get_ref()) {
                        Some(name) => name.into(),
                        None => self.path(p.get_ref()),
                    }),
                roster: school.roster.as_ref().map(|p| self.path(p)),
                pupil_mailboxes: school.pupil_mailboxes.clone(),
                staff_mailboxes: school.staff_mailboxes.clone(),
                phones: school.phones.clone(),
                postcodes: school.postcodes.clone(),
                secret_header,
                next_hops,
                foreign_reverse_path: school.foreign_reverse_path,
                master_key: school.master_key.as_ref().map_or_else(
                    || data_dir.join("keys").join(format!("{id}.key")),
                    |p| self.path(p),
                ),
            });
        }
        schools
    }
}

fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
