//! staff.csv and agencies.csv: who else the school writes for and to.

use super::sheet::Sheet;
use super::{Collector, columns, email, national_phone};
use crate::roster::{Agency, Staff};

pub(super) fn read_staff(sheet: &Sheet, collector: &mut Collector<'_>) {
    let column = |aliases| sheet.column(aliases);
    let address_column = column(columns::EMAIL);
    for row in &sheet.rows {
        let name = row.owned(column(columns::FULL_NAME)).or_else(|| {
            let parts: Vec<&str> = [
                column(columns::TITLE),
                column(columns::FORENAME),
                column(columns::SURNAME),
            ]
            .into_iter()
            .filter_map(|column| row.get(column))
            .collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        });
        let Some(address) = row.get(address_column).and_then(email) else {
            collector.problem(
                &sheet.file,
                Some(row.line),
                sheet.heading(address_column).or(Some("email")),
                "this member of staff has no school e-mail address; the row was left out; add it",
            );
            continue;
        };
        collector.roster.staff.push(Staff {
            name: name.unwrap_or_default(),
            email: address,
            role: row.owned(column(columns::ROLE)).unwrap_or_default(),
            personal_email: row.get(column(columns::PERSONAL_EMAIL)).and_then(email),
            personal_phone: row
                .get(column(columns::PERSONAL_PHONE))
                .and_then(national_phone),
            home_address: row.owned(column(columns::ADDRESS)),
        });
    }
}

pub(super) fn read_agencies(sheet: &Sheet, collector: &mut Collector<'_>) {
    let domain_column = sheet.column(columns::DOMAIN);
    for row in &sheet.rows {
        let domain = row.get(domain_column).map(|text| {
            let text = text.rsplit('@').next().unwrap_or(text);
            text.trim().trim_end_matches('.').to_lowercase()
        });
        // A bare public suffix would trust half the country's mail.
        let is_domain = |domain: &String| {
            let labels = domain.trim_start_matches("*.").trim_start_matches('.');
            labels.contains('.')
                && !labels.contains(char::is_whitespace)
                && !matches!(labels, "co.uk" | "org.uk" | "me.uk" | "ac.uk")
        };
        match domain.filter(is_domain) {
            Some(domain) => collector.roster.agencies.push(Agency {
                domain,
                kind: row
                    .get(sheet.column(columns::KIND))
                    .unwrap_or("other")
                    .to_lowercase(),
            }),
            None => collector.problem(
                &sheet.file,
                Some(row.line),
                sheet.heading(domain_column).or(Some("domain")),
                "this is no mail domain; the row was left out; write it like council.example",
            ),
        }
    }
}
