//! Tables of pupils and what only looks like one.

use super::*;

#[test]
fn a_sheet_of_roster_pupils_is_a_list() {
    let recognised = run(&[sheet(
        "marks.xlsx",
        &[
            &["Surname", "Forename", "Class", "SEN"],
            &["Walker", "Theo", "4B", "K"],
            &["O'NEILL", "ZOE", "Oak", "N"],
            &["Shah", "Ava", "6C", "E"],
            &["Mrs Young", "Grace", "", ""],
        ],
    )]);
    let table = recognised
        .findings
        .iter()
        .find(|f| f.kind == Kind::PupilTable)
        .expect("a table");
    assert_eq!((table.count, table.place.as_str()), (3, "Sheet1!A2"));
    let of = |id| {
        recognised
            .subjects
            .iter()
            .find(|s| s.pupils == [id])
            .expect("a subject")
    };
    assert_eq!(recognised.subjects.len(), 3);
    assert_eq!(of(THEO).sensitivity, Sensitivity::Sensitive);
    assert!(of(THEO).categories.contains(&Category::Send));
    assert!(!of(ZOE).categories.contains(&Category::Send));
    assert_eq!(of(AVA_SIX).sensitivity, Sensitivity::HighlySensitive);
    assert!(of(THEO).identified_by.contains(&Identification::TableRow));
}

#[test]
fn cells_without_headings_are_read_in_either_order() {
    let recognised = run(&[sheet(
        "list.csv",
        &[
            &["Theo", "Walker", "x"],
            &["Haddad", "Samir", "y"],
            &["7", "Grace", "Young"],
        ],
    )]);
    let pupils: Vec<_> = recognised
        .subjects
        .iter()
        .flat_map(|s| s.pupils.clone())
        .collect();
    assert_eq!(pupils, [THEO, GRACE, SAMIR]);
}

#[test]
fn a_list_of_another_schools_pupils_is_one_subject_with_a_count() {
    let recognised = run(&[sheet(
        "transfer.csv",
        &[
            &["Surname", "Forename", "UPN", "DOB"],
            &["Quill", "Marlon", "Z330476414004", "04/09/2014"],
            &["Penn", "Asta", "T823331318358", "05/09/2014"],
            &["Roe", "Kim", "U823334522372", "41886"],
        ],
    )]);
    assert_eq!(recognised.subjects.len(), 1);
    let subject = &recognised.subjects[0];
    assert_eq!((subject.pupils.len(), subject.count), (0, 3));
    assert_eq!(subject.sensitivity, Sensitivity::Sensitive);
    let upns = recognised
        .findings
        .iter()
        .find(|f| f.kind == Kind::Upn)
        .expect("numbers");
    assert_eq!((upns.count, upns.excerpt.as_str()), (3, "**********004"));
}

#[test]
fn tables_that_list_no_pupils_are_none() {
    for rows in [
        &[
            &["Name", "Role", "Email"][..],
            &["Priya Nair", "Teacher", "p.nair@school.example"],
            &["Jo Head", "Head", "head@school.example"],
            &["Kim Roe", "Clerk", "clerk@school.example"],
        ][..],
        &[
            &["Item", "Quantity", "Price"],
            &["Glue", "4", "£2.00"],
            &["Paper", "5", "£3.00"],
            &["Pens", "9", "£1.00"],
        ],
        &[
            &["Day", "Class", "Activity"],
            &["Monday", "4B", "Swimming"],
            &["Tuesday", "5A", "Drama"],
            &["Friday", "6C", "Chess"],
        ],
        &[
            &["Class", "Teacher", "Room"],
            &["4B", "Mrs Young", "1"],
            &["5A", "Miss Nair", "2"],
            &["6C", "Mr Walker", "3"],
        ],
    ] {
        let recognised = run(&[sheet("staff.xlsx", rows)]);
        assert!(
            recognised.subjects.is_empty(),
            "{rows:?}: {:?}",
            recognised.subjects
        );
        assert!(
            !recognised
                .findings
                .iter()
                .any(|f| f.kind == Kind::PupilTable),
            "{rows:?}"
        );
    }
}

#[test]
fn admission_numbers_count_under_their_heading_only() {
    let recognised = run(&[sheet(
        "adno.csv",
        &[&["Adno", "Reading"], &["004501", "104"], &["004502", "98"]],
    )]);
    assert_eq!(recognised.subjects.len(), 2);
    assert!(said("Room 004501 is closed").subjects.is_empty());
}

#[test]
fn prize_winners_are_news_and_a_table_of_them_is_a_list() {
    let news = body(&[
        "Dear families, here is our newsletter.",
        "Well done to Theo Walker, Grace Young and Zoe O'Neill, our stars of the week!",
    ]);
    assert!(run(&[header("News"), news.clone()]).subjects.is_empty());
    let sheet = sheet(
        "scores.csv",
        &[
            &["Name", "Class", "Score"],
            &["Theo Walker", "4B", "98"],
            &["Grace Young", "5A", "101"],
            &["Zoe O'Neill", "Oak", "110"],
        ],
    );
    assert_eq!(run(&[header("News"), news, sheet]).subjects.len(), 3);
}

#[test]
fn the_order_of_attachments_does_not_matter() {
    let one = sheet(
        "a.csv",
        &[&["Surname", "Forename", "SEN"], &["Walker", "Theo", "K"]],
    );
    let mut two = sheet("b.csv", &[&["Theo Walker", "EHCP"]]);
    two.part = PartPath("3/b.csv".into());
    let forth = run(&[one.clone(), two.clone()]);
    let back = run(&[two, one]);
    assert_eq!(forth.subjects, back.subjects);
    assert_eq!(forth.sensitivity, back.sensitivity);
}

#[test]
fn a_list_is_called_what_its_columns_make_it() {
    for (headings, shape) in [
        (["Surname", "Forename", "Maths"], "marksheet"),
        (["Surname", "Forename", "Attendance"], "register"),
        (["Surname", "Forename", "Class"], "class list"),
    ] {
        let found = run(&[sheet(
            "a.csv",
            &[
                &headings,
                &["Quibell", "Ada", "4B"],
                &["Quarrie", "Ben", "4B"],
                &["Quantock", "Cal", "4B"],
            ],
        )]);
        let table = found
            .findings
            .iter()
            .find(|finding| finding.kind == crate::finding::Kind::PupilTable);
        assert_eq!(table.map(|table| table.excerpt.as_str()), Some(shape));
        assert_eq!(table.map(|table| table.count), Some(3));
    }
}
