//! Documents inside other things: locks of OpenDocument, objects, hidden members, cards.

use super::*;

fn attached(name: &str, bytes: &[u8]) -> Reading {
    read(&with_file("see file", name, bytes), &settings())
}

/// An OpenDocument text whose content is locked as LibreOffice does it.
fn locked_odt(password: &str) -> Vec<u8> {
    use aes::Aes256;
    use cbc::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
    use hmac::SimpleHmacReset;
    use sha1::Sha1;
    use sha2::{Digest, Sha256};

    let content = b"<office><text:p>Jamie needs help<office:annotation><text:p>a note</text:p></office:annotation></text:p></office>";
    let mut encoder =
        flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    let squeezed = encoder.finish().unwrap();
    let sum = Sha256::digest(&squeezed[..squeezed.len().min(1024)]);
    let (salt, vector) = ([7u8; 16], [9u8; 16]);
    let mut key = [0u8; 32];
    let start = Sha256::digest(password.as_bytes());
    pbkdf2::pbkdf2::<SimpleHmacReset<Sha1>>(&start, &salt, 10, &mut key).unwrap();
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&key, &vector).unwrap();
    let locked = cipher.encrypt_padded_vec::<Pkcs7>(&squeezed);
    let manifest = format!(
        "<m:manifest><m:file-entry m:full-path='content.xml'><m:encryption-data m:checksum-type='x#sha256-1k' m:checksum='{}'>\
         <m:algorithm m:algorithm-name='http://www.w3.org/2001/04/xmlenc#aes256-cbc' m:initialisation-vector='{}'/>\
         <m:key-derivation m:key-derivation-name='PBKDF2' m:key-size='32' m:iteration-count='10' m:salt='{}'/>\
         <m:start-key-generation m:start-key-generation-name='http://www.w3.org/2000/09/xmldsig#sha256'/>\
         </m:encryption-data></m:file-entry></m:manifest>",
        encode(&sum),
        encode(&vector),
        encode(&salt)
    );
    zip_of(
        &[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", &locked),
            ("META-INF/manifest.xml", manifest.as_bytes()),
        ],
        plain(),
    )
}

#[test]
fn a_locked_opendocument_is_strong_or_opened_by_its_password() {
    let file = locked_odt("Sunflower9");
    let shut = attached("a.odt", &file);
    assert!(found(&shut, Kind::EncryptionStrong));
    let open = read(&with_file("pw: Sunflower9", "a.odt", &file), &settings());
    assert!(found(&open, Kind::PasswordBeside));
    assert!(holds(&open, "2/a.odt", Role::Document, "Jamie needs help"));
    assert!(holds(&open, "2/a.odt", Role::Metadata, "a note"));
    let blowfish = zip_of(
        &[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", b"x"),
            (
                "META-INF/manifest.xml",
                b"<m><file-entry full-path='content.xml'><encryption-data><algorithm algorithm-name='Blowfish CFB'/></encryption-data></file-entry></m>",
            ),
        ],
        plain(),
    );
    assert!(found(&attached("a.odt", &blowfish), Kind::EncryptionWeak));
}

#[test]
fn hidden_sheets_of_opendocument_are_hidden_by_their_style() {
    let content = b"<o><style:style style:name='ta2'><style:table-properties table:display='false'/></style:style>\
        <table:table table:name='Old' table:style-name='ta2'><table:table-row><table:table-cell><text:p>Jamie</text:p>\
        </table:table-cell></table:table-row></table:table></o>";
    let file = zip_of(
        &[
            (
                "mimetype",
                b"application/vnd.oasis.opendocument.spreadsheet",
            ),
            ("content.xml", content),
        ],
        plain(),
    );
    let reading = attached("a.ods", &file);
    assert!(holds(&reading, "2/a.ods", Role::Hidden, "Jamie"));
    assert!(found(&reading, Kind::HiddenContent));
}

#[test]
fn an_archive_behind_a_picture_is_read() {
    let mut file = b"\xff\xd8\xff\xe0 picture".to_vec();
    file.extend(zip_of(&[("list.csv", b"Name,Class\nJamie,4B\n")], plain()));
    let reading = attached("photo.jpg", &file);
    assert!(holds(
        &reading,
        "2/photo.jpg/list.csv",
        Role::Document,
        "Jamie|4B"
    ));
    assert!(found(&reading, Kind::HiddenContent));
}

#[test]
fn members_that_the_directory_does_not_list_are_read() {
    let listed = zip_of(&[("a.txt", b"open")], plain());
    let other = zip_of(&[("b.txt", b"Jamie in secret")], plain());
    let member = other.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    // Before the archive, which a reader of directories skips.
    let mut file = other[..member].to_vec();
    file.extend(&listed);
    let reading = attached("a.zip", &file);
    assert!(holds(&reading, "2/a.zip/a.txt", Role::Document, "open"));
    assert!(holds(
        &reading,
        "2/a.zip/b.txt",
        Role::Document,
        "Jamie in secret"
    ));
    let mut renamed = listed.clone();
    renamed[30] = b'z';
    let reading = attached("a.zip", &renamed);
    assert!(holds(&reading, "2/a.zip", Role::FileName, "z.txt"));
}

#[test]
fn a_calendar_gives_people_pages_and_files() {
    let calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Review of Jam\r\n ie\\, Year 4\r\n\
        ATTENDEE;CN=\"Pat Example\":mailto:pat@a.example\r\n\
        ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=plan.txt:U2VjcmV0IHBsYW4=\r\n\
        X-ALT-DESC;FMTTYPE=text/html:<p>By <b>vid</b>eo</p>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let reading = attached("a.ics", calendar.as_bytes());
    let part = "2/a.ics";
    assert!(holds(
        &reading,
        part,
        Role::Document,
        "Review of Jamie, Year 4"
    ));
    assert!(holds(
        &reading,
        part,
        Role::Document,
        "Pat Example pat@a.example"
    ));
    assert!(holds(&reading, part, Role::Document, "By video"));
    assert!(holds(
        &reading,
        "2/a.ics/plan.txt",
        Role::Document,
        "Secret plan"
    ));
    assert_eq!(reading.unread, []);
}

#[test]
fn records_in_json_are_rows() {
    let json =
        br#"{"school":"Oak","pupils":[{"name":"Jamie","need":"EHCP"},{"name":"Max","need":"K"}]}"#;
    let reading = attached("a.json", json);
    assert!(holds(&reading, "2/a.json", Role::Document, "Jamie|EHCP"));
    assert_eq!(reading.parts[2].actual_type, "JSON file");
}

#[test]
fn files_of_a_document_that_nothing_knows_are_read() {
    let file = zip_of(
        &[
            (
                "[Content_Types].xml",
                br#"<Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#,
            ),
            (
                "word/document.xml",
                b"<w:document><w:p><w:r><w:t>open</w:t></w:r></w:p></w:document>",
            ),
            (
                "word/odd/anything.xml",
                b"<x><y>Jamie is in here</y></x>",
            ),
        ],
        plain(),
    );
    let reading = attached("a.docx", &file);
    assert!(holds(
        &reading,
        "2/a.docx",
        Role::Metadata,
        "Jamie is in here"
    ));
}

#[test]
fn strings_that_no_cell_shows_are_hidden_text() {
    let file = zip_of(
        &[
            (
                "[Content_Types].xml",
                br#"<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#,
            ),
            ("xl/workbook.xml", b"<workbook><sheets/></workbook>"),
            (
                "xl/sharedStrings.xml",
                b"<sst><si><t>Jamie Deleted</t></si></sst>",
            ),
        ],
        plain(),
    );
    assert!(holds(
        &attached("a.xlsx", &file),
        "2/a.xlsx",
        Role::Hidden,
        "Jamie Deleted"
    ));
}

#[test]
fn words_under_the_name_of_a_lock_are_read() {
    for (name, kind) in [
        ("smime.p7s", "application/pkcs7-signature"),
        ("message.rpmsg", "application/x-microsoft-rpmsg-message"),
        ("signature.asc", "application/pgp-signature"),
    ] {
        let message =
            format!("Subject: x\nContent-Type: {kind}; name={name}\n\nJamie Smith has an EHCP.\n");
        let reading = read_text(&message);
        assert!(
            texts(&reading)
                .iter()
                .any(|(_, _, t)| t.contains("Jamie Smith")),
            "{name}"
        );
        assert!(!found(&reading, Kind::EncryptionStrong));
    }
}

#[test]
fn a_web_archive_is_a_message() {
    let page = "From: <Saved by a program>\nSubject: Page\nMIME-Version: 1.0\n\
        Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\
        Content-Transfer-Encoding: quoted-printable\n\n<html><p>J=61mie</p></html>\n--b--\n";
    let reading = attached("a.mht", page.replace('\n', "\r\n").as_bytes());
    assert!(texts(&reading).iter().any(|(_, _, t)| t == "Jamie"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn damaged_containers_never_panic(
        which in 0usize..4,
        at in any::<prop::sample::Index>(),
        octets in prop::collection::vec(any::<u8>(), 1..12),
    ) {
        let mut file = match which {
            0 => locked_odt("Sunflower9"),
            1 => docx("<w:p/>"),
            2 => xlsx(),
            _ => zip_of(&[("a.txt", b"open"), ("b.txt", b"more")], plain()),
        };
        let start = at.index(file.len());
        for (place, octet) in file.iter_mut().skip(start).zip(octets) {
            *place = octet;
        }
        let reading = read(&with_file("pw: Sunflower9", "a.bin", &file), &settings());
        prop_assert!(all_accounted_for(&reading));
    }
}
