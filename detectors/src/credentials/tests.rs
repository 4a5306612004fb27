use super::*;

#[test]
fn secrets_are_found() {
    for (text, secret) in [
        ("The password: Sunflower7!", "Sunflower7!"),
        ("password for the file is Jamie2014.", "Jamie2014"),
        ("pw=hunter22", "hunter22"),
        ("Passcode: 482913", "482913"),
        ("Password: Sunflower\nThanks", "Sunflower"),
        ("user: oaklane-admin pass: Th1stle!Fork", "Th1stle!Fork"),
        ("wifi key: 7hgT-99Ql-xx01", "7hgT-99Ql-xx01"),
        ("use mine: cbirch / password Hedgehog22", "Hedgehog22"),
        (
            "Just use mine for the register. tess.acton / Biscuit2019",
            "Biscuit2019",
        ),
        (
            "Username jnunezo5, the password is purple-badger-31 and the school code is our postcode.",
            "purple-badger-31",
        ),
        (
            "Username\nthollingworth5\nPassword\npurpletiger42",
            "purpletiger42",
        ),
        ("Password:\nKestrel22", "Kestrel22"),
        (
            "join OakLane-Staff and it's brookford-1947-conker, all lower case",
            "brookford-1947-conker",
        ),
        (
            "Try the domain admin instead - oaklane\\svc-backup and it's Kestrel!Gate77 (capital K).",
            "Kestrel!Gate77",
        ),
        (
            "Alarm panel's left inside the door, 30 secs, punch in 7719 then the green tick.",
            "7719",
        ),
        (
            "use the keypad on the blue side door, it's C 2 5 8 0 Y then turn the knob",
            "C2580Y",
        ),
        ("The door code is 4821#.", "4821"),
        ("PIN: 4821", "4821"),
        (
            "the head's email - user m.ellery, pass Orchard1!",
            "Orchard1!",
        ),
        ("Code for the back gate is C1357X", "C1357X"),
        ("to unlock the ipads use 159357", "159357"),
        ("The safe combination is 24-11-63", "24-11-63"),
        (
            "Please use admin / Letmein123! for the projector",
            "Letmein123!",
        ),
        ("Her username is isla.f and the password is: cat", "cat"),
        ("Username: fox21, password: bluefish.", "bluefish"),
        ("Wifi is OakGuest / Acorn!234", "Acorn!234"),
        ("The iPads unlock with the passcode 159357", "159357"),
        ("key safe is by the back door, code 1066", "1066"),
        ("Your verification code is 493021", "493021"),
        ("her password's still Monday123", "Monday123"),
        ("The password is:\n\nKestrel22\n\nThanks", "Kestrel22"),
        (
            "secret: ig_live_9fK2mQ7xTz4LwB8rVn31cHsYpE06",
            "ig_live_9fK2mQ7xTz4LwB8rVn31cHsYpE06",
        ),
        (
            "see ghp_9fK2mQ7xTz4LwB8rVn31cHsYpE06abcd in the script",
            "ghp_9fK2mQ7xTz4LwB8rVn31cHsYpE06abcd",
        ),
        ("Kestrel22 is the password for the portal", "Kestrel22"),
        (
            "log on to the laptop as supply2, pwd OakLane2026!, registers are on the desktop",
            "OakLane2026!",
        ),
        (
            "the wifi password hasn't changed, still Conker1947",
            "Conker1947",
        ),
    ] {
        let found = find(text, &Locks::default());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].value, secret, "{text}");
        assert!(!found[0].of_file, "{text}");
    }
}

#[test]
fn the_password_of_a_file_in_the_message_is_no_log_in() {
    let of_file = |text: &str, locks: &Locks| find(text, locks)[0].of_file;
    let locked = Locks {
        any: true,
        opened_by: BTreeSet::from([literal("Lapwing-4417")]),
    };
    assert!(of_file("Password: Lapwing-4417", &locked));
    assert!(of_file("The password for the report is Robin-8", &locked));
    assert!(!of_file(
        "The password for the report is Robin-8",
        &Locks::default()
    ));
    assert!(!of_file("Username: sgrange, password: Robin-8", &locked));
}

#[test]
fn prose_gives_nothing_away() {
    for text in [
        "Please choose a password. It is required.",
        "Your password is the child's date of birth",
        "password reset link: https://school.example/reset?x=12345",
        "The password is sent by text message",
        "password policy",
        "passwords should have twelve characters",
        "the password twice, please",
        "Bus pass: B220 for the user",
        "https://meet.example/j/999?pwd=abCD12x",
        "Meeting ID: 872 1133 9040\nPasscode: 4QxT7b",
        "We talked about passwords - children liked it",
        "Your password expires in 14 days. Log in at https://portal.example/ to change it.",
        "The password will follow by phone.",
        "The password for KS2-Results-26 has been sent separately.",
        "the file is password protected: Marks2026.xlsx",
        "Never use a password such as Password123 or Summer2026!",
        "Log in to the portal and quote reference OakLane-2026-118",
        "Please log in by 14/06/2026 and book slot 1430",
        "Fire alarm test on Friday at 0830, evacuation drill in 2026",
        "Username: jfenwick21. Your password was sent to your mother.",
        "Pin the poster up in 4G and order 1200 pins",
        "Password: required",
        "If you need to change your password, press Ctrl+Alt+Del.",
        "The code of conduct applies; the dress code is on page 1234 of nothing.",
        "Enter by the gate. The trip code is to follow, deposit by 24-11-26",
        "Username and password: see the card in the book bag",
        "Username: jsmith. The password is confidential.",
        "Ring the council's front door. Childline is 0800 1111. The keypad is broken, ring 01632 960500.",
        "Postcode DT97 1AA, class code for Year 4 to follow",
        "Use a password of at least 12 characters, three random words",
        "The wifi in room 12B is down again, ticket INC-0041902",
    ] {
        assert!(find(text, &Locks::default()).is_empty(), "{text}");
    }
}

#[test]
fn recovery_codes_are_counted_one_by_one() {
    let text = "My backup codes for the 365 sign in, each works once:\n\n4471-9023\n8810-2267\n3954-7716\n";
    assert_eq!(find(text, &Locks::default()).len(), 3);
}

#[test]
fn the_paragraph_before_says_what_follows() {
    let found = find_behind(
        "My backup codes for the 365 sign in:",
        "4471-9023\n8810-2267",
        &Locks::default(),
    );
    assert_eq!(found.len(), 2);
    let again = find_behind(
        "The password: Kestrel22",
        "See you on Friday.",
        &Locks::default(),
    );
    assert!(again.is_empty());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        find(&text, &Locks::default());
    }

    #[test]
    fn labels_and_noise_are_read(text in "(password|pin|log in|alarm|[a-z0-9:= .\n-]{0,8}){0,20}") {
        find(&text, &Locks::default());
    }
}
