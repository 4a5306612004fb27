//! Locks: told apart, and opened where the key lies beside them.

use super::*;

#[test]
fn a_well_locked_zip_is_strong_and_its_names_are_read() {
    let file = aes_zip(&[("Jamie report.txt", b"secret")], "Tr1cky-Pass!");
    let reading = read(&with_file("as discussed", "r.zip", &file), &settings());
    let zip = reading
        .parts
        .iter()
        .find(|p| p.path.0 == "2/r.zip")
        .unwrap();
    assert_eq!(zip.encryption, Encryption::Strong("AES zip".into()));
    assert!(found(&reading, Kind::EncryptionStrong));
    assert!(holds(&reading, "2/r.zip", Role::FileName, "Jamie report"));
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Encrypted)
    );
    assert!(
        reading
            .parts
            .iter()
            .any(|p| p.path.0 == "2/r.zip/Jamie report.txt")
    );
}

#[test]
fn zip_crypto_is_weak_and_opens_with_its_password() {
    let file = zip_crypto("Tr1cky-Pass!");
    let shut = read(&with_file("as discussed", "r.zip", &file), &settings());
    assert!(found(&shut, Kind::EncryptionWeak));
    assert_eq!(
        shut.parts[2].encryption,
        Encryption::Weak("ZipCrypto".into())
    );
    assert!(
        shut.unread
            .iter()
            .any(|u| u.reason == UnreadReason::WeaklyEncrypted)
    );
    let open = read(&with_file("pw Tr1cky-Pass!", "r.zip", &file), &settings());
    assert!(found(&open, Kind::PasswordBeside));
    assert!(holds(
        &open,
        "2/r.zip/r.txt",
        Role::Document,
        "secret words"
    ));
}

#[test]
fn an_archive_that_is_locked_only_in_part_is_not_locked() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let locked = plain().with_aes_encryption(AesMode::Aes256, "Tr1cky-Pass!");
    writer.start_file("locked.txt", locked).unwrap();
    writer.write_all(b"one").unwrap();
    writer.start_file("open.txt", plain()).unwrap();
    writer.write_all(b"two").unwrap();
    let file = writer.finish().unwrap().into_inner();
    let reading = read(&with_file("x", "r.zip", &file), &settings());
    assert_eq!(reading.parts[2].encryption, Encryption::None);
    assert!(holds(&reading, "2/r.zip/open.txt", Role::Document, "two"));
    let member = reading
        .parts
        .iter()
        .find(|p| p.path.0 == "2/r.zip/locked.txt")
        .unwrap();
    assert!(member.encryption.is_strong());
}

#[test]
fn a_signature_hides_nothing() {
    let inner = b"Content-Type: text/plain\r\n\r\nSENSITIVE\r\n";
    let mut signed = vec![
        0x30,
        0x80,
        0x06,
        0x09,
        0x2a,
        0x86,
        0x48,
        0x86,
        0xf7,
        0x0d,
        0x01,
        0x07,
        0x02,
        0xa0,
        0x80,
        0x30,
        0x80,
        0x02,
        0x01,
        0x01,
        0x31,
        0x00,
        0x30,
        0x80,
        0x06,
        0x09,
        0x2a,
        0x86,
        0x48,
        0x86,
        0xf7,
        0x0d,
        0x01,
        0x07,
        0x01,
        0xa0,
        0x80,
        0x24,
        0x80,
        0x04,
        inner.len() as u8,
    ];
    signed.extend_from_slice(inner);
    signed.extend_from_slice(&[0; 10]);
    let message = format!(
        "Subject: x\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        encode(&signed)
    );
    let reading = read(message.as_bytes(), &settings());
    assert!(
        holds(&reading, "1/smime.p7m/1", Role::Body, "SENSITIVE"),
        "{:?}",
        texts(&reading)
    );
    assert_eq!(reading.unread, []);
}

#[test]
fn a_password_beside_the_lock_opens_it() {
    let file = aes_zip(&[("r.txt", b"secret words")], "Tr1cky-Pass!");
    let reading = read(
        &with_file("The password is Tr1cky-Pass!", "r.zip", &file),
        &settings(),
    );
    assert!(found(&reading, Kind::PasswordBeside));
    assert!(holds(
        &reading,
        "2/r.zip/r.txt",
        Role::Document,
        "secret words"
    ));
    assert_eq!(reading.unread, []);
    let excerpts: String = reading
        .findings
        .iter()
        .map(|f| f.excerpt.as_str())
        .collect();
    assert!(!excerpts.contains("Tr1cky"));
}

#[test]
fn a_locked_office_document_is_strong_or_opened_by_its_password() {
    let inner = docx("<w:p><w:r><w:t>Jamie</w:t></w:r></w:p>");
    let file = msoffice_crypto::encrypt_ooxml(&inner, "Sunflower9").unwrap();
    let shut = read(&with_file("see file", "d.docx", &file), &settings());
    assert!(found(&shut, Kind::EncryptionStrong));
    assert!(shut.parts[2].encryption.is_strong());
    let open = read(&with_file("pw: Sunflower9", "d.docx", &file), &settings());
    assert!(found(&open, Kind::PasswordBeside));
    assert!(holds(&open, "2/d.docx", Role::Document, "Jamie"));
}

#[test]
fn locks_of_pdfs_are_told_apart() {
    let owner_only = read(&with_file("x", "r.pdf", &locked_pdf("")), &settings());
    assert!(found(&owner_only, Kind::EncryptionWeak));
    assert!(holds(
        &owner_only,
        "2/r.pdf",
        Role::Document,
        "Jamie needs help"
    ));
    let shut = read(
        &with_file("x", "r.pdf", &locked_pdf("Rain-2-day")),
        &settings(),
    );
    assert!(shut.parts[2].encryption.is_strong());
    assert!(
        !texts(&shut)
            .iter()
            .any(|(_, _, t)| t.contains("Jamie needs"))
    );
    let beside = read(
        &with_file("password: Rain-2-day", "r.pdf", &locked_pdf("Rain-2-day")),
        &settings(),
    );
    assert!(found(&beside, Kind::PasswordBeside));
    assert!(holds(
        &beside,
        "2/r.pdf",
        Role::Document,
        "Jamie needs help"
    ));
}

#[test]
fn sealed_messages_are_strong_and_unknown_bytes_unread() {
    let smime = [
        0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03, 0xa0, 0x80,
        0x30, 0x80, 0x02, 0x01, 0x00,
    ];
    let reading = read(&with_file("x", "smime.p7m", &smime), &settings());
    assert!(found(&reading, Kind::EncryptionStrong));
    // The first packet is a session key for a public key.
    let pgp = read_text(
        "Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nhAIDAA==\n-----END PGP MESSAGE-----\n",
    );
    assert!(found(&pgp, Kind::EncryptionStrong));
    // Words in armour are no message, whatever the armour says.
    let words =
        read_text("Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nabcd\n-----END PGP MESSAGE-----\n");
    assert!(!found(&words, Kind::EncryptionStrong));
    assert!(
        words
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Damaged)
    );
    let cabinet = read(
        &with_file("x", "a.cab", b"MSCF\0\0\0\0\xff\xfe\0\0\0\0\0\0\x2c\0\0\0"),
        &settings(),
    );
    assert!(
        cabinet
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::UnknownFormat)
    );
    let picture = read(
        &with_file("x", "a.png", b"\x89PNG\r\n\x1a\nrest"),
        &settings(),
    );
    assert!(
        picture
            .unread
            .iter()
            .all(|u| u.reason == UnreadReason::Media)
    );
}
