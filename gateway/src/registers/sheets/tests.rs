//! Files of registers as people write them.

use jiff::civil::date;
use schoolgate_policies::exceptions::What;

use super::*;
use crate::registers::record::Record;

const TODAY: Date = date(2026, 11, 24);

fn sheets(name: &str, text: &str) -> Sheets {
    let mut sheets = Sheets::default();
    read(name, text.as_bytes(), kind_of(name), TODAY, &mut sheets);
    sheets
}

#[track_caller]
fn check_mistake(name: &str, text: &str, part: &str) {
    let sheets = sheets(name, text);
    let mistakes: Vec<String> = sheets.mistakes.iter().map(ToString::to_string).collect();
    assert!(
        mistakes.iter().any(|mistake| mistake.contains(part)),
        "{mistakes:?}"
    );
    assert!(sheets.drafts.is_empty());
}

const HEAD: &str = "sender,recipient,categories,reason,expires\n";

#[test]
fn a_permission_is_read_with_all_that_it_says() {
    let sheets = sheets(
        "permissions.csv",
        "Sender,Recipient,Categories,Reason,Expires,Risk assessment,Pupils,Allows\n\
         T@oak.example, Minder@home.example ,attendance; photo,Minds him,2027-07-21,RA-7,k838304122101,unmarked\n",
    );
    assert_eq!(sheets.mistakes, []);
    let (place, draft) = &sheets.drafts[0];
    assert_eq!(place, "permissions.csv:2");
    let What::Permission(permission) = &draft.what else {
        panic!("{draft:?}")
    };
    assert_eq!(permission.sender, "t@oak.example");
    assert_eq!(permission.recipient.as_str(), "minder@home.example");
    assert_eq!(matter(permission), ["attendance", "photo"]);
    assert_eq!(allowances(permission), ["unmarked"]);
    assert_eq!(permission.pupils, ["K838304122101"]);
    assert_eq!(draft.grounds.risk_assessment, "RA-7");
    assert_eq!(draft.from, TODAY);
}

#[test]
fn mistakes_say_where_and_what_to_do() {
    for (row, part) in [
        (
            "t@oak.example,a@b.example,attendence,why,2027-01-01",
            "row 2, column categories: a category is unknown; did you mean attendance?",
        ),
        (
            "t@oak.example,a@b.example,health,why,01/01/2027",
            "row 2, column expires: this is no date; write it as year-month-day",
        ),
        (
            "t@oak.example,a@b.example,health,why,",
            "row 2: a permission needs its last day",
        ),
        (
            "t@oak.example,a@b.example,health,why,2028-11-24",
            "row 2: a permission lasts a year at most",
        ),
        (
            "t@oak.example,@gmail.com,health,why,2027-01-01",
            "row 2, column recipient: at this domain anybody can have a mailbox",
        ),
        ("t@oak.example,@co.uk,health,why,2027-01-01", "too wide"),
        (
            "t@oak.example,somebody,health,why,2027-01-01",
            "neither an address nor a domain",
        ),
        (
            "teacher,a@b.example,health,why,2027-01-01",
            "row 2: this is no e-mail address",
        ),
        (
            "t@oak.example,a@b.example,health,,2027-01-01",
            "row 2: a reason is needed",
        ),
    ] {
        check_mistake("permissions.csv", &format!("{HEAD}{row}\n"), part);
    }
    check_mistake(
        "permissions.csv",
        "sender,reason\n",
        "it lacks the column(s) recipient, categories, expires",
    );
    check_mistake(
        "image_consents.csv",
        "upn,consent\nK838304122101,maybe\n",
        "row 2, column consent: write given or withheld",
    );
    check_mistake(
        "image_consents.csv",
        "upn,consent\nK83830412210,yes\n",
        "row 2, column upn: this is no UPN",
    );
    check_mistake(
        "trusted_recipients.csv",
        "recipient,kind,reason\na@b.example,staff,why\n",
        "row 2: a trusted recipient is an agency",
    );
    check_mistake(
        "letters.csv",
        "a,b\n",
        "its name does not tell what it holds",
    );
}

#[test]
fn an_information_systems_consents_are_read() {
    let sheets = sheets(
        "Photo consent export.csv",
        "UPN,Surname,Consent,Expires\nK838304122101,Fenwick,Yes,2027-08-31\nG838304125102,Fenwick,N,\nC838304121103,Young,,\n",
    );
    assert_eq!(sheets.mistakes, []);
    let given: Vec<bool> = sheets
        .drafts
        .iter()
        .map(|(_, draft)| matches!(draft.what, What::ImageConsent { given: true, .. }))
        .collect();
    assert_eq!(given, [true, false]);
    assert_eq!(sheets.notes.len(), 2, "{:?}", sheets.notes);
}

#[test]
fn what_is_written_is_read_again() {
    for (name, text) in [
        (
            "permissions.csv",
            "sender,recipient,categories,reason,expires,pupils,allows\n*,@b.example,health photo,\"why, oh\",2027-01-01,K838304122101,locked unmarked\n",
        ),
        (
            "trusted_recipients.csv",
            "recipient,kind,reason\n@b.example,health,why\n",
        ),
        (
            "dual_roles.csv",
            "staff,personal_email,pupils\nt@oak.example,t@home.example,K838304122101\n",
        ),
        (
            "family_exceptions.csv",
            "staff,upn,reason,address\nt@oak.example,K838304122101,niece,n@home.example\n",
        ),
        (
            "image_consents.csv",
            "upn,consent\nK838304122101,withheld\n",
        ),
        ("image_opt_outs.csv", "staff\nt@oak.example\n"),
    ] {
        let (kind, read) = (kind_of(name).unwrap(), sheets(name, text));
        assert_eq!(read.mistakes, []);
        let draft = read.drafts[0].1.clone();
        let record = Record {
            entry: draft.entry("1".into()),
            grounds: draft.grounds.clone(),
            entered_by: crate::audit::Actor::system(),
            entered_at: 0,
            ending: None,
        };
        let written = write(kind, &[&record]).unwrap();
        let again = sheets(name, &String::from_utf8(written).unwrap());
        assert_eq!(again.mistakes, []);
        assert_eq!(again.drafts[0].1, draft, "{name}");
    }
}
