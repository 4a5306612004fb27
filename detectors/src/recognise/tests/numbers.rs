//! What identifiers mean for a pupil.

use super::*;

/// The findings of a kind: how many distinct values, and the excerpt.
fn found(recognised: &Recognised, kind: Kind) -> Option<(u32, &str)> {
    recognised
        .findings
        .iter()
        .find(|finding| finding.kind == kind)
        .map(|finding| (finding.count, finding.excerpt.as_str()))
}

#[test]
fn a_pupils_number_beside_a_name_or_a_birth_date_is_somebody_off_the_roster() {
    for paragraph in [
        "Entry: Corin Addlestone, UCI 524460200405G",
        "Corin Addlestone has the Scottish candidate number 234151649",
        "Corin Addlestone, CHI 1005148783",
        "H&C number 361 694 6182, date of birth 10/05/2014",
        "Former UPN Z330476414004 of Corin Addlestone",
    ] {
        let recognised = said(paragraph);
        assert_eq!(recognised.subjects.len(), 1, "{paragraph}");
        assert!(recognised.subjects[0].pupils.is_empty(), "{paragraph}");
        assert!(
            recognised.subjects[0].sensitivity >= Sensitivity::Sensitive,
            "{paragraph}"
        );
    }
}

#[test]
fn a_number_alone_or_of_an_adult_is_nobodys() {
    for paragraph in [
        "The code is 524460200405G, says the box",
        "Corin Addlestone has TRN 12/34567 and DBS certificate 001234567890",
        "Corin Addlestone, sort code 08-99-99, account 66374958",
        "Corin Addlestone drives AB12 CDE, licence SMITH762315J98ZZ",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ] {
        assert!(said(paragraph).subjects.is_empty(), "{paragraph}");
    }
}

#[test]
fn values_are_counted_once_and_shown_by_their_tail() {
    let recognised = said("UCI 524460200405G, UCI 163290190841Y, again UCI 52446 0 20 0405 G");
    assert_eq!(found(&recognised, Kind::Uci), Some((2, "**********05G")));
    let recognised = said("Card 4111 1111 1111 1111, the card 4111111111111111");
    assert_eq!(
        found(&recognised, Kind::PaymentCard),
        Some((1, "*************111"))
    );
}

#[test]
fn a_number_belongs_to_the_pupil_whom_the_paragraph_names() {
    let statement = "Candidate: Theo Walker\nCentre: 52446 Elm Row School\nQualification: GCSE \
        Music, Summer Series 2026, Performing and Composing, Listening and Appraising, with Distinction\n\
        Awarding Body: Pearson Edexcel\nUCI: 524460200405G";
    assert_eq!(said(statement).subjects.len(), 1);
    assert_eq!(who(statement), [THEO]);
    let two = format!("{statement}\nCorin Addlestone, UCI 163290190841Y");
    assert!(
        said(&two)
            .subjects
            .iter()
            .any(|subject| subject.pupils.is_empty())
    );
}

#[test]
fn an_iban_holds_no_second_account() {
    let recognised = said("Refund to account IBAN GB55 TEST 0899 9966 3749 58 please");
    assert_eq!(
        found(&recognised, Kind::Iban).map(|(count, _)| count),
        Some(1)
    );
    assert!(found(&recognised, Kind::BankAccount).is_none());
}

#[test]
fn a_childs_passport_lines_are_somebody() {
    let page = "P<GBREXAMPLE<<ALEX<<<<<<<<<<<<<<<<<<<<<<<<<<\n9000000014GBR1203048F3105065<<<<<<<<<<<<<<<6";
    let recognised = said(page);
    assert_eq!(recognised.subjects.len(), 1);
    assert_eq!(
        found(&recognised, Kind::Mrz).map(|(count, _)| count),
        Some(1)
    );
    assert_eq!(who(&format!("Theo Walker\n{page}")), [THEO]);
}

#[test]
fn an_admission_number_means_the_pupil_who_has_it() {
    assert_eq!(who("Adno 004501 is absent"), [THEO]);
    assert!(who("Adno 009999 is absent").is_empty());
    assert!(who("Room 004501 is empty").is_empty());
    assert!(found(&said("Adno 009999 is absent"), Kind::AdmissionNumber).is_none());
}

#[test]
fn headings_say_what_a_column_holds() {
    let recognised = run(&[
        header("Entries"),
        sheet(
            "entries.csv",
            &[
                &["Candidate Name", "Surname", "Forename", "UCI"],
                &["1", "Addlestone", "Corin", "524460200405G"],
                &["2", "Birch", "Hannah", "163290190841Y"],
                &["3", "Tarn", "Eddie", "223380230597C"],
            ],
        ),
    ]);
    assert_eq!(
        found(&recognised, Kind::Uci).map(|(count, _)| count),
        Some(3)
    );
    assert_eq!(
        found(&recognised, Kind::PupilTable).map(|(count, _)| count),
        Some(3)
    );
    let recognised = run(&[
        header("Payroll"),
        sheet(
            "staff.csv",
            &[
                &["Staff name", "Role", "TRN", "DBS number", "Account number"],
                &[
                    "Priya Nair",
                    "Teacher",
                    "12/34567",
                    "001234567890",
                    "66374958",
                ],
                &["Jo Head", "Head", "7654321", "001700000001", "88837491"],
            ],
        ),
    ]);
    assert!(
        recognised
            .subjects
            .iter()
            .all(|subject| subject.pupils.is_empty())
    );
    for kind in [Kind::Trn, Kind::Dbs, Kind::BankAccount] {
        assert_eq!(
            found(&recognised, kind).map(|(count, _)| count),
            Some(2),
            "{kind:?}"
        );
    }
    assert!(found(&recognised, Kind::PupilTable).is_none());
}

#[test]
fn a_former_upn_is_one_under_its_heading() {
    let recognised = run(&[
        header("Leavers"),
        sheet(
            "leavers.csv",
            &[
                &["Surname", "Forename", "Former UPN"],
                &["Addlestone", "Corin", "Z330476414004"],
            ],
        ),
    ]);
    assert_eq!(
        found(&recognised, Kind::Upn).map(|(count, _)| count),
        Some(1)
    );
    assert_eq!(recognised.subjects.len(), 1);
}
