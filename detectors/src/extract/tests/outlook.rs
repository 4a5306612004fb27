//! `.msg` files and `winmail.dat`, built here.

use super::*;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A compound file of streams; storages are made on the way.
fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some((folder, _)) = path.rsplit_once('/') {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn msg() -> Vec<u8> {
    let html = b"<html><body><p>Dear Pat, Jamie Example is unwell.</p></body></html>";
    let inner = "/__attach_version1.0_#00000001/__substg1.0_3701000D";
    compound(&[
        ("/__properties_version1.0", vec![0; 32]),
        ("/__substg1.0_0037001F", utf16("About Jamie")),
        ("/__substg1.0_0E04001F", utf16("Pat Example")),
        (
            "/__substg1.0_1000001F",
            utf16("Dear Pat, Jamie Example is unwell."),
        ),
        ("/__substg1.0_10130102", html.to_vec()),
        ("/__substg1.0_3A1C001F", utf16("07700 900123")),
        (
            "/__substg1.0_007D001F",
            utf16("Received: from a by b\r\nX-Note: about Alex\r\n"),
        ),
        (
            "/__recip_version1.0_#00000000/__substg1.0_39FE001F",
            utf16("pat@agency.test"),
        ),
        (
            "/__attach_version1.0_#00000000/__substg1.0_3707001F",
            utf16("list.csv"),
        ),
        (
            "/__attach_version1.0_#00000000/__substg1.0_37010102",
            b"Name,Class\nJamie Example,4B\n".to_vec(),
        ),
        (
            "/__attach_version1.0_#00000001/__substg1.0_3001001F",
            utf16("Older"),
        ),
        (&format!("{inner}/__properties_version1.0"), vec![0; 24]),
        (
            &format!("{inner}/__substg1.0_1000001E"),
            b"Older news of Robin".to_vec(),
        ),
    ])
}

/// An attribute of a TNEF stream.
fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let sum = data.iter().fold(0u16, |s, b| s.wrapping_add(u16::from(*b)));
    [
        &[level][..],
        &id.to_le_bytes(),
        &(data.len() as u32).to_le_bytes(),
        data,
        &sum.to_le_bytes(),
    ]
    .concat()
}

/// A list of properties, each of one text or run of bytes.
fn properties(list: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut bytes = (list.len() as u32).to_le_bytes().to_vec();
    for (kind, id, value) in list {
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&id.to_le_bytes());
        if *id >= 0x8000 {
            bytes.extend_from_slice(&[0; 24]);
        }
        bytes.extend_from_slice(&1u32.to_le_bytes());
        bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn tnef(attributes: &[Vec<u8>]) -> Vec<u8> {
    [&[0x78, 0x9f, 0x3e, 0x22, 1, 0][..], &attributes.concat()].concat()
}

fn winmail() -> Vec<u8> {
    let inner = [
        &[0u8; 16][..],
        &tnef(&[attribute(1, 0x0002_800c, b"News of Robin\0")]),
    ]
    .concat();
    let recipient = properties(&[(0x001e, 0x3003, b"pat@agency.test\0")]);
    tnef(&[
        attribute(1, 0x0001_8004, b"About Jamie\0"),
        attribute(
            1,
            0x0006_9003,
            &properties(&[
                (0x001f, 0x8001, &utf16("Room 4B")),
                (0x001f, 0x1000, &utf16("Jamie Example is unwell.")),
            ]),
        ),
        attribute(
            1,
            0x0006_9004,
            &[&1u32.to_le_bytes()[..], &recipient].concat(),
        ),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0001_8010, b"LIST~1.CSV\0"),
        attribute(2, 0x0006_800f, b"Name,Class\nJamie Example,4B\n"),
        attribute(
            2,
            0x0006_9005,
            &properties(&[(0x001f, 0x3707, &utf16("class list.csv"))]),
        ),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0006_9005, &properties(&[(0x000d, 0x3701, &inner)])),
    ])
}

fn attached(name: &str, bytes: &[u8]) -> Reading {
    read(&with_file("x", name, bytes), &settings())
}

#[test]
fn a_msg_gives_its_header_text_and_attachments() {
    let reading = attached("old.msg", &msg());
    let path = "2/old.msg";
    for (role, text) in [
        (Role::Quoted, "About Jamie"),
        (Role::Quoted, "Jamie Example is unwell"),
        (Role::HeaderField, "Pat Example"),
        (Role::HeaderField, "pat@agency.test"),
        (Role::HeaderField, "about Alex"),
        (Role::Metadata, "07700 900123"),
    ] {
        assert!(holds(&reading, path, role, text), "{text}");
    }
    // The same text in two forms counts once.
    let twice = texts(&reading)
        .iter()
        .filter(|(_, _, t)| t.contains("unwell"))
        .count();
    assert_eq!(twice, 1);
    assert!(holds(
        &reading,
        "2/old.msg/list.csv",
        Role::Document,
        "Jamie Example|4B"
    ));
    assert!(holds(&reading, "2/old.msg/Older", Role::Quoted, "Robin"));
    assert_eq!(reading.unread, []);
    assert!(all_accounted_for(&reading));
}

#[test]
fn winmail_gives_its_text_and_attachments() {
    let reading = attached("winmail.dat", &winmail());
    let path = "2/winmail.dat";
    for (role, text) in [
        (Role::Document, "About Jamie"),
        (Role::Document, "Jamie Example is unwell"),
        (Role::HeaderField, "pat@agency.test"),
        (Role::Metadata, "Room 4B"),
    ] {
        assert!(holds(&reading, path, role, text), "{text}");
    }
    let list = "2/winmail.dat/class list.csv";
    assert!(holds(&reading, list, Role::Document, "Jamie Example|4B"));
    assert!(holds(
        &reading,
        "2/winmail.dat/attachment",
        Role::Quoted,
        "Robin"
    ));
    assert_eq!(reading.unread, []);
    assert!(all_accounted_for(&reading));
}

#[test]
fn a_winmail_that_breaks_off_is_damaged() {
    let whole = winmail();
    let reading = attached("winmail.dat", &whole[..whole.len() - 20]);
    assert!(holds(&reading, "2/winmail.dat", Role::Document, "unwell"));
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Damaged)
    );
}

#[test]
fn messages_in_messages_end_at_the_depth() {
    let mut stream = tnef(&[attribute(1, 0x0002_800c, b"deepest\0")]);
    for _ in 0..30 {
        let object = [&[0u8; 16][..], &stream].concat();
        stream = tnef(&[
            attribute(2, 0x0006_9002, &[0; 14]),
            attribute(2, 0x0006_9005, &properties(&[(0x000d, 0x3701, &object)])),
        ]);
    }
    let reading = attached("winmail.dat", &stream);
    assert!(reading.unread.iter().any(|u| u.reason.stops()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_items_never_panic(
        which in any::<bool>(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = if which { msg() } else { winmail() };
        for (at, byte) in damage {
            let length = bytes.len();
            bytes[at.index(length).max(8)] = byte;
        }
        if cut.index(3) == 0 {
            bytes.truncate(cut.index(bytes.len()).max(8));
        }
        let reading = attached("f.bin", &bytes);
        prop_assert!(all_accounted_for(&reading));
        prop_assert!(reading.unread.iter().all(|u| u.reason != UnreadReason::Aborted));
    }
}
