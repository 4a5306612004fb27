use super::*;
use crate::roster::{CourtFlag, Parental};

fn run(files: &[(&str, &[u8])]) -> Import {
    let files: Vec<RosterFile<'_>> = files
        .iter()
        .map(|&(name, bytes)| RosterFile { name, bytes })
        .collect();
    import(&files, b"salt")
}

const PUPILS: &str = "UPN,Legal Surname,Legal_Forename,Preferred Forename,DOB,Year Group,Class,Adno\n\
T823430118808,Walker,Theodore,Theo,04/09/2014,4,4B,004567\n\
Z330476414004,O'Neill,Zoë,,2015-01-02,Year 3,Oak,001203\n";

#[test]
fn pupils_and_contacts_are_joined_by_upn() {
    let contacts = "pupil_upn,name,relationship,parental_responsibility,email,phone,court_order\n\
        t823430118808,Sam Walker,Mother,T,Sam@Mail.example,+44 7700 900123,\n\
        T823430118808,Lee Walker,Father,F,lee@mail.example,,Prohibited steps order\n\
        Z330476414004,Pat O'Neill,Mother,,pat@mail.example,,No contact\n";
    let import = run(&[
        ("contacts.csv", contacts.as_bytes()),
        ("pupils.csv", PUPILS.as_bytes()),
    ]);
    assert!(import.is_usable(), "{:?}", import.problems);
    assert!(import.problems.is_empty(), "{:?}", import.problems);
    let roster = import.roster;
    assert_eq!(roster.pupils.len(), 2);
    assert_eq!(roster.pupils[0].dob, Some(jiff::civil::date(2014, 9, 4)));
    assert_eq!(roster.pupils[0].admission_number.as_deref(), Some("004567"));
    let [sam, lee, pat] = roster.contacts.as_slice() else {
        panic!("three contacts")
    };
    assert_eq!(
        (sam.court, sam.parental_responsibility),
        (CourtFlag::None, Parental::Yes)
    );
    assert_eq!(
        (sam.email.as_deref(), sam.phone.as_deref()),
        (Some("sam@mail.example"), Some("07700900123"))
    );
    assert_eq!(
        (lee.court, lee.parental_responsibility),
        (CourtFlag::Restricted, Parental::No)
    );
    assert_eq!(
        (pat.court, pat.parental_responsibility),
        (CourtFlag::NoContact, Parental::Unknown)
    );
    assert_eq!(pat.pupil, roster.pupils[1].id);
}

#[test]
fn a_missing_court_column_is_unknown_and_said() {
    let contacts = "pupil_upn,name,email\nT823430118808,Sam Walker,sam@mail.example\n";
    let import = run(&[
        ("pupils.csv", PUPILS.as_bytes()),
        ("contacts.csv", contacts.as_bytes()),
    ]);
    assert_eq!(import.roster.contacts[0].court, CourtFlag::Unknown);
    assert!(
        import
            .problems
            .iter()
            .any(|p| p.column.as_deref() == Some("court_order") && !p.fatal)
    );
}

#[test]
fn windows_1252_semicolons_and_one_name_column_are_read() {
    let bytes = b"Pupil Name;D.O.B.;Reg Group\nO'Neill, Zo\xeb;4.9.14;4B\n";
    let import = run(&[("Pupils.csv", bytes)]);
    let pupil = &import.roster.pupils[0];
    assert_eq!(
        (pupil.legal_surname.as_str(), pupil.legal_forename.as_str()),
        ("O'Neill", "Zoë")
    );
    assert_eq!(pupil.dob, Some(jiff::civil::date(2014, 9, 4)));
    assert_eq!(pupil.class.as_deref(), Some("4B"));
}

#[test]
fn utf8_mark_utf16_and_tabs_are_read() {
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(b"Surname\tForename\nWalker\tTheo\n");
    assert_eq!(run(&[("pupils.csv", &marked)]).roster.pupils.len(), 1);
    let wide: Vec<u8> = std::iter::once(0xfeffu16)
        .chain("Surname,Forename\nWalker,Zoë\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        run(&[("pupils.csv", &wide)]).roster.pupils[0].legal_forename,
        "Zoë"
    );
}

#[test]
fn rows_of_one_pupil_are_grouped() {
    let csv = "Adno,Surname,Forename,Contact Name,Contact Email,Parental Responsibility\n\
        0456,Walker,Theo,Sam Walker,sam@mail.example,Y\n\
        0456,Walker,Theo,Lee Walker,lee@mail.example,N\n";
    let import = run(&[("pupils.csv", csv.as_bytes())]);
    assert_eq!(import.roster.pupils.len(), 1);
    assert_eq!(import.roster.contacts.len(), 2);
}

#[test]
fn bad_rows_are_told_without_their_data() {
    let csv = "UPN,Surname,Forename,DOB\n\
        T823420118808,Walker,Theo,31/02/2015\n\
        1.23E+12,Lee,Mia,09/25/2014\n\
        ,Nameless,,\n";
    let import = run(&[("pupils.csv", csv.as_bytes())]);
    assert_eq!(import.roster.pupils.len(), 2);
    assert!(
        import
            .roster
            .pupils
            .iter()
            .all(|p| p.upn.is_none() && p.dob.is_none())
    );
    let rows: Vec<_> = import.problems.iter().map(|p| p.row).collect();
    assert_eq!(rows, [Some(2), Some(2), Some(3), Some(3), Some(4)]);
    for problem in &import.problems {
        let text = problem.to_string();
        for secret in [
            "T823420118808",
            "Walker",
            "Theo",
            "Mia",
            "Nameless",
            "2015",
            "25/2014",
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn no_names_at_all_is_fatal() {
    let import = run(&[("pupils.csv", b"UPN,DOB\nT823430118808,04/09/2014\n")]);
    assert!(!import.is_usable());
    assert!(!run(&[]).is_usable());
    assert!(!run(&[("pupils.csv", b"PK\x03\x04")]).is_usable());
}

#[test]
fn ids_are_stable_salted_and_independent_of_the_order() {
    let one = run(&[("pupils.csv", PUPILS.as_bytes())]);
    let again = run(&[("pupils.csv", PUPILS.as_bytes())]);
    assert_eq!(one.roster.pupils[0].id, again.roster.pupils[0].id);
    assert_eq!(one.digest, again.digest);
    let file = RosterFile {
        name: "pupils.csv",
        bytes: PUPILS.as_bytes(),
    };
    assert_ne!(
        import(&[file], b"other").roster.pupils[0].id,
        one.roster.pupils[0].id
    );
}

#[test]
fn staff_and_agencies_are_read() {
    let staff = "name,email,role,personal_email,personal_phone\nMrs G Young,g.young@school.example,Teacher,gy@mail.example,07700 900456\nNobody,,,,\n";
    let agencies =
        "domain,kind\n*.Council.example,local-authority\n@police.example,police\nco.uk,other\n";
    let import = run(&[
        ("pupils.csv", PUPILS.as_bytes()),
        ("staff.csv", staff.as_bytes()),
        ("agencies.csv", agencies.as_bytes()),
    ]);
    assert_eq!(import.roster.staff.len(), 1);
    assert_eq!(
        import.roster.staff[0].personal_phone.as_deref(),
        Some("07700900456")
    );
    let domains: Vec<_> = import
        .roster
        .agencies
        .iter()
        .map(|a| a.domain.as_str())
        .collect();
    assert_eq!(domains, ["*.council.example", "police.example"]);
    assert_eq!(import.problems.len(), 2);
}

#[test]
fn a_common_transfer_file_is_read() {
    let xml = r#"<?xml version="1.0"?><CTfile><Header><CTFVersion>25.0</CTFVersion></Header>
      <CTFpupilData><Pupil><UPN>T823430118808</UPN><Surname>O&apos;Neill</Surname><Forename>Zo&#235;</Forename><DOB>2014-09-04</DOB>
      <BasicDetails><PreferredForename>Zo</PreferredForename><NCyearActual>4</NCyearActual></BasicDetails>
      <Address><PAON>1</PAON><Street>Elm Row</Street><PostCode>ZZ99 9ZZ</PostCode></Address>
      <LookedAfter><InCare>true</InCare></LookedAfter>
      <Contacts><Contact><Title>Ms</Title><Surname>O&apos;Neill</Surname><Relationship>MOT</Relationship><Responsibility>true</Responsibility>
      <Phones><Phone><PhoneNo>07700 900123</PhoneNo></Phone></Phones><Email>M@mail.example</Email></Contact></Contacts>
      </Pupil></CTFpupilData></CTfile>"#;
    let import = run(&[("8201234_CTF_8204321_001.xml", xml.as_bytes())]);
    assert!(import.problems.is_empty(), "{:?}", import.problems);
    let pupil = &import.roster.pupils[0];
    assert_eq!(
        (pupil.legal_forename.as_str(), pupil.legal_surname.as_str()),
        ("Zoë", "O'Neill")
    );
    assert!(pupil.lac);
    assert_eq!(pupil.year_group.as_deref(), Some("4"));
    let contact = &import.roster.contacts[0];
    assert_eq!(contact.email.as_deref(), Some("m@mail.example"));
    assert_eq!(
        (contact.parental_responsibility, contact.court),
        (Parental::Yes, CourtFlag::Unknown)
    );
}

#[test]
fn hostile_xml_is_refused() {
    for xml in [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><CTfile>&a;</CTfile>",
        "<CTfile><Header>&own;</Header></CTfile>",
        "<html></html>",
        "<CTfile><Header>",
    ] {
        assert!(!run(&[("x.xml", xml.as_bytes())]).is_usable());
    }
    let deep = format!("<CTfile>{}", "<a>".repeat(5000));
    assert!(!run(&[("x.xml", deep.as_bytes())]).is_usable());
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        for name in ["pupils.csv", "contacts.csv", "staff.csv", "agencies.csv", "x_CTF_y.xml"] {
            run(&[("pupils.csv", PUPILS.as_bytes()), (name, &bytes)]);
        }
    }
}
