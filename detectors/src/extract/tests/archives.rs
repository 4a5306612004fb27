//! Archives other than zip, built here or, for RAR, octet by octet.

use super::*;

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

fn seven_zip(files: &[(&str, &[u8])], password: Option<&str>, header: bool) -> Vec<u8> {
    use sevenz_rust2::encoder_options::AesEncoderOptions;
    use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderMethod, Password};
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    if let Some(password) = password {
        writer.set_content_methods(vec![
            AesEncoderOptions::new(Password::from(password)).into(),
            EncoderMethod::LZMA2.into(),
        ]);
    }
    writer.set_encrypt_header(header);
    for (name, bytes) in files {
        let entry = ArchiveEntry::new_file(name);
        writer.push_archive_entry(entry, Some(*bytes)).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn attached(name: &str, bytes: &[u8]) -> Reading {
    read(&with_file("x", name, bytes), &settings())
}

const LIST: &[u8] = b"Jamie Example, Year 4\n";

#[test]
fn each_squeezed_form_gives_its_file() {
    for (name, bytes, inner) in [
        ("list.txt.gz", gzip(LIST), "list.txt"),
        ("list.txt.bz2", bzip2(LIST), "list.txt"),
        ("list.txt.xz", xz(LIST), "list.txt"),
        ("list.txt.zst", zstandard(LIST), "list.txt"),
        ("list", gzip(LIST), "list"),
    ] {
        let reading = attached(name, &bytes);
        let path = format!("2/{name}/{inner}");
        assert!(
            holds(&reading, &path, Role::Document, "Jamie Example"),
            "{name}"
        );
        assert_eq!(reading.unread, [], "{name}");
        assert_eq!(reading.findings, [], "{name}");
    }
}

#[test]
fn gzip_keeps_the_old_name_and_several_pieces() {
    let mut named = flate2::GzBuilder::new()
        .filename("Jamie Example.txt")
        .write(Vec::new(), flate2::Compression::default());
    named.write_all(b"one ").unwrap();
    let bytes = [named.finish().unwrap(), gzip(b"two")].concat();
    let reading = attached("a.gz", &bytes);
    let path = "2/a.gz/Jamie Example.txt";
    assert!(holds(&reading, path, Role::FileName, "Jamie Example"));
    assert!(holds(&reading, path, Role::Document, "one two"));
}

#[test]
fn what_stands_before_damage_is_read_and_the_damage_stops() {
    let whole = gzip(&LIST.repeat(2000));
    let reading = attached("a.gz", &whole[..whole.len() - 10]);
    assert!(holds(&reading, "2/a.gz/a", Role::Document, "Jamie Example"));
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Damaged)
    );
}

#[test]
fn a_bomb_in_any_squeezed_form_ends_at_the_ratio() {
    let zeros = vec![0u8; 3 << 20];
    for (name, bytes) in [
        ("a.gz", gzip(&zeros)),
        ("a.bz2", bzip2(&zeros)),
        ("a.xz", xz(&zeros)),
        ("a.zst", zstandard(&zeros)),
        ("a.7z", seven_zip(&[("z", &zeros)], None, false)),
    ] {
        let reading = attached(name, &bytes);
        assert!(found(&reading, Kind::LimitReached), "{name}");
        assert!(
            reading
                .unread
                .iter()
                .any(|u| u.detail == "compression ratio"),
            "{name}"
        );
    }
}

#[test]
fn a_window_beyond_the_memory_of_a_worker_is_a_limit() {
    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = 512 << 20;
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(LIST).unwrap();
    let reading = attached("a.xz", &writer.finish().unwrap());
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.detail == "memory of a decoder")
    );
}

#[test]
fn a_tar_gives_members_names_and_links() {
    let long = format!("{}/Jamie Example.txt", "folder".repeat(15));
    let mut builder = ::tar::Builder::new(tar_of(&[("b.txt", b"Alex Example")]));
    // Behind the two blocks of zeros, where only some programs look.
    let mut header = ::tar::Header::new_gnu();
    header.set_size(LIST.len() as u64);
    builder.append_data(&mut header, &long, LIST).unwrap();
    let mut link = ::tar::Header::new_gnu();
    link.set_entry_type(::tar::EntryType::Symlink);
    link.set_size(0);
    builder
        .append_link(&mut link, "link", "/home/jamie.example")
        .unwrap();
    let reading = attached("all.tar", &builder.into_inner().unwrap());
    assert!(holds(&reading, "2/all.tar/b.txt", Role::Document, "Alex"));
    assert!(holds(
        &reading,
        &format!("2/all.tar/{long}"),
        Role::Document,
        "Jamie"
    ));
    assert!(holds(
        &reading,
        "2/all.tar",
        Role::FileName,
        "/home/jamie.example"
    ));
    assert_eq!(reading.unread, []);
}

#[test]
fn a_tar_that_starts_with_a_pdf_is_a_tar() {
    let tar = tar_of(&[("a.pdf", b"%PDF-1.7\n"), ("b.txt", LIST)]);
    let reading = attached("all.tar", &tar);
    assert!(holds(&reading, "2/all.tar/b.txt", Role::Document, "Jamie"));
}

#[test]
fn a_tar_that_breaks_off_is_damaged() {
    let tar = tar_of(&[("a.txt", LIST), ("b.txt", &LIST.repeat(100))]);
    let reading = attached("all.tar", &tar[..1800]);
    assert!(holds(&reading, "2/all.tar/a.txt", Role::Document, "Jamie"));
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Damaged)
    );
}

#[test]
fn archives_nest_in_each_other_to_the_limit() {
    let zip = zip_of(&[("list.txt", LIST)], plain());
    let seven = seven_zip(&[("a.zip", &zip)], None, false);
    let tar = xz(&tar_of(&[("b.7z", &seven)]));
    let reading = attached("c.txz", &tar);
    let path = "2/c.txz/c.tar/b.7z/a.zip/list.txt";
    assert!(holds(&reading, path, Role::Document, "Jamie"));

    let mut deep = LIST.to_vec();
    for _ in 0..20 {
        deep = gzip(&deep);
    }
    let reading = attached("deep.gz", &deep);
    assert!(reading.unread.iter().any(|u| u.detail == "nesting depth"));
}

#[test]
fn members_are_counted_in_every_archive() {
    let files: Vec<(String, &[u8])> = (0..40).map(|i| (format!("{i}.txt"), LIST)).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    let mut few = settings();
    few.limits = Limits {
        parts: 10,
        ..Limits::default()
    };
    for bytes in [tar_of(&files), seven_zip(&files, None, false)] {
        let reading = read(&with_file("x", "a.bin", &bytes), &few);
        assert!(reading.parts.len() <= 10);
        assert!(reading.unread.iter().any(|u| u.detail == "number of parts"));
    }
}

#[test]
fn a_7z_gives_its_members_and_empty_names() {
    let bytes = seven_zip(
        &[("a/list.txt", LIST), ("Jamie Example.txt", b"")],
        None,
        false,
    );
    let reading = attached("a.7z", &bytes);
    assert!(holds(
        &reading,
        "2/a.7z/a/list.txt",
        Role::Document,
        "Jamie"
    ));
    let empty = "2/a.7z/Jamie Example.txt";
    assert!(holds(&reading, empty, Role::FileName, "Jamie Example"));
    assert_eq!(reading.unread, []);
}

#[test]
fn a_locked_7z_is_strong_with_and_without_names() {
    for header in [false, true] {
        let bytes = seven_zip(&[("Jamie.txt", LIST)], Some("Lapwing-4417"), header);
        let reading = attached("a.7z", &bytes);
        assert!(found(&reading, Kind::EncryptionStrong));
        let part = reading.parts.iter().find(|p| p.path.0 == "2/a.7z").unwrap();
        assert_eq!(part.encryption, Encryption::Strong("AES 7z".into()));
        assert_eq!(
            holds(&reading, "2/a.7z", Role::FileName, "Jamie.txt"),
            !header
        );
        assert!(
            reading
                .unread
                .iter()
                .all(|u| u.reason == UnreadReason::Encrypted)
        );
    }
}

#[test]
fn a_password_beside_a_7z_opens_it() {
    for header in [false, true] {
        let bytes = seven_zip(&[("Jamie.txt", LIST)], Some("Lapwing-4417"), header);
        let message = with_file("The password is Lapwing-4417", "a.7z", &bytes);
        let reading = read(&message, &settings());
        assert!(found(&reading, Kind::PasswordBeside));
        let path = "2/a.7z/Jamie.txt";
        assert!(
            holds(&reading, path, Role::Document, "Jamie Example"),
            "{header}"
        );
        assert_eq!(reading.unread, []);
    }
}

/// A RAR 5 block, without the checksum that nobody here needs.
fn rar5_block(kind: u8, flags: u8, rest: &[u8], data: &[u8]) -> Vec<u8> {
    let mut header = vec![kind, flags];
    header.extend_from_slice(rest);
    [&[0, 0, 0, 0, header.len() as u8], header.as_slice(), data].concat()
}

fn rar5_file(name: &str, method: u8, extra: &[u8], data: &[u8]) -> Vec<u8> {
    let flags = 2 | u8::from(!extra.is_empty());
    let mut rest = Vec::new();
    if !extra.is_empty() {
        rest.push(extra.len() as u8);
    }
    rest.extend_from_slice(&[data.len() as u8, 0, data.len() as u8, 0x20]);
    // Compression information of two octets: the method stands in bits 7 to 9.
    rest.extend_from_slice(&[0x80, method, 0, name.len() as u8]);
    rest.extend_from_slice(name.as_bytes());
    rest.extend_from_slice(extra);
    rar5_block(2, flags, &rest, data)
}

#[test]
fn a_rar_is_listed_and_what_is_only_stored_is_read() {
    let bytes = [
        &b"Rar!\x1a\x07\x01\x00"[..],
        &rar5_block(1, 0, &[0], b""),
        &rar5_file("stored.txt", 0, b"", LIST),
        &rar5_file("Jamie Example.txt", 3, b"", b"packed"),
        &rar5_block(5, 0, &[0], b""),
    ]
    .concat();
    let reading = attached("a.rar", &bytes);
    assert!(holds(
        &reading,
        "2/a.rar/stored.txt",
        Role::Document,
        "Jamie"
    ));
    let packed = "2/a.rar/Jamie Example.txt";
    assert!(holds(&reading, packed, Role::FileName, "Jamie Example"));
    assert_eq!(reading.unread.len(), 1);
    assert_eq!(reading.unread[0].reason, UnreadReason::UnknownFormat);
    assert_eq!(reading.unread[0].part.0, packed);
}

#[test]
fn a_locked_rar_is_told_from_an_open_one() {
    let bytes = [
        &b"Rar!\x1a\x07\x01\x00"[..],
        &rar5_block(1, 0, &[0], b""),
        &rar5_file("Jamie.txt", 3, &[2, 1, 0], b"packed"),
    ]
    .concat();
    let reading = attached("a.rar", &bytes);
    assert!(found(&reading, Kind::EncryptionStrong));
    assert_eq!(
        reading.parts[3].encryption,
        Encryption::Strong("RAR AES".into())
    );
    let headers = [
        &b"Rar!\x1a\x07\x01\x00"[..],
        &rar5_block(4, 0, &[0, 0, 15], b""),
    ]
    .concat();
    let reading = attached("a.rar", &headers);
    assert!(found(&reading, Kind::EncryptionStrong));
}

#[test]
fn a_broken_rar_stops() {
    let reading = attached("a.rar", b"Rar!\x1a\x07\x01\x00\x01\x02\x03");
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Damaged)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_archives_never_panic(
        which in 0usize..9,
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<proptest::sample::Index>(),
    ) {
        let rar = [
            &b"Rar!\x1a\x07\x01\x00"[..],
            &rar5_file("stored.txt", 0, &[2, 1, 0], LIST),
            &rar5_file("stored.txt", 0, b"", LIST),
        ]
        .concat();
        let rar4 = [&b"Rar!\x1a\x07\x00"[..], &[0x90, 0xcf, 0x73, 0, 0, 0x0d, 0, 0, 0, 0, 0, 0, 0], &[7u8; 90][..]].concat();
        let mut bytes = match which {
            0 => gzip(LIST),
            1 => bzip2(LIST),
            2 => xz(LIST),
            3 => zstandard(LIST),
            4 => tar_of(&[("a", LIST), ("b", LIST)]),
            5 => seven_zip(&[("a", LIST)], None, false),
            6 => seven_zip(&[("a", LIST)], Some("Lapwing-4417"), true),
            7 => rar4,
            _ => rar,
        };
        for (at, byte) in damage {
            let length = bytes.len();
            // The first octets say what it is.
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
