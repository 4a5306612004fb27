//! Old Office documents, built here record by record.

use super::*;

fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some((folder, _)) = path.rsplit_once('/') {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    // Real files hold small streams too.
    let mut small = file.create_stream("/CompObj").unwrap();
    small.write_all(b"small").unwrap();
    drop(small);
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn record(id: u16, data: &[u8]) -> Vec<u8> {
    [
        &id.to_le_bytes()[..],
        &(data.len() as u16).to_le_bytes(),
        data,
    ]
    .concat()
}

fn bof(kind: u8) -> Vec<u8> {
    let mut data = vec![0, 6, kind, 0];
    data.resize(16, 0);
    record(0x0809, &data)
}

fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let mut data = Vec::new();
    for number in [row, column, 0, text.len() as u16] {
        data.extend_from_slice(&number.to_le_bytes());
    }
    data.push(0);
    data.extend_from_slice(text.as_bytes());
    record(0x0204, &data)
}

/// A workbook of sheets: name, hidden state and records.
fn workbook(sheets: &[(&str, u8, Vec<u8>)]) -> Vec<u8> {
    let bound = |name: &str, state: u8, at: u32| {
        let mut data = at.to_le_bytes().to_vec();
        data.extend_from_slice(&[state, 0, name.len() as u8, 0]);
        data.extend_from_slice(name.as_bytes());
        record(0x0085, &data)
    };
    let head: usize = bof(5).len()
        + sheets
            .iter()
            .map(|(n, s, _)| bound(n, *s, 0).len())
            .sum::<usize>()
        + record(0x000a, &[]).len();
    let (mut globals, mut rest) = (bof(5), Vec::new());
    for (name, state, records) in sheets {
        globals.extend(bound(name, *state, (head + rest.len()) as u32));
        rest.extend([bof(0x10), records.clone(), record(0x000a, &[])].concat());
    }
    globals.extend(record(0x000a, &[]));
    globals.extend(rest);
    // Shorter streams lie in a place of their own.
    globals.resize(globals.len().max(4096), 0);
    globals
}

fn xls() -> Vec<u8> {
    let mut text_box = vec![0; 18];
    text_box[10] = 9;
    let marks = [
        label(2, 1, "Jamie Example"),
        label(2, 2, "4B"),
        record(0x0014, &[&[9, 0, 0][..], b"SENSITIVE"].concat()),
        record(0x01b6, &text_box),
        record(0x003c, &[&[0][..], b"ring Alex"].concat()),
    ]
    .concat();
    workbook(&[
        ("Marks", 0, marks),
        ("Old", 2, label(0, 0, "Robin Example")),
    ])
}

fn doc(text: &str) -> Vec<u8> {
    let mut word = vec![0u8; 0x400];
    let mut put = |at: usize, bytes: &[u8]| word[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0xec, 0xa5, 0xc1, 0]);
    put(0x0a, &[0, 2]);
    put(32, &[14, 0]);
    put(62, &[22, 0]);
    put(0x4c, &(text.len() as u32).to_le_bytes());
    put(152, &[0x5d, 0]);
    put(0x1a6, &21u32.to_le_bytes());
    word.extend_from_slice(text.as_bytes());
    word.resize(word.len().max(4096), 0);
    let mut table = vec![2, 16, 0, 0, 0, 0, 0, 0, 0];
    table.extend_from_slice(&(text.len() as u32).to_le_bytes());
    table.extend_from_slice(&[0, 0]);
    table.extend_from_slice(&(0x4000_0000u32 | 0x800).to_le_bytes());
    table.extend_from_slice(&[0, 0]);
    table.resize(4096, 0);
    compound(&[("/WordDocument", word), ("/1Table", table)])
}

fn attached(name: &str, bytes: &[u8]) -> Reading {
    read(&with_file("x", name, bytes), &settings())
}

#[test]
fn an_old_workbook_gives_cells_headers_and_text_boxes() {
    let reading = attached("a.xls", &compound(&[("/Workbook", xls())]));
    let path = "2/a.xls";
    assert!(holds(&reading, path, Role::Document, "|Jamie Example|4B"));
    assert!(holds(&reading, path, Role::RunningHead, "SENSITIVE"));
    assert!(holds(&reading, path, Role::Metadata, "ring Alex"));
    assert!(holds(&reading, path, Role::Hidden, "Robin Example"));
    assert!(found(&reading, Kind::HiddenContent));
    assert_eq!(reading.unread, []);
}

#[test]
fn two_cells_far_apart_are_a_limit_and_no_memory() {
    let sheet = [label(0, 0, "a"), label(65_535, 255, "b")].concat();
    let bytes = compound(&[("/Workbook", workbook(&[("Far", 0, sheet)]))]);
    let reading = attached("a.xls", &bytes);
    assert!(found(&reading, Kind::LimitReached));
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.detail == "cells of a table")
    );
}

#[test]
fn an_old_document_gives_its_paragraphs() {
    let reading = attached("a.doc", &doc("Jamie Example is unwell.\rSecond line.\r"));
    let path = "2/a.doc";
    assert!(holds(
        &reading,
        path,
        Role::Document,
        "Jamie Example is unwell."
    ));
    assert!(holds(&reading, path, Role::Document, "Second line."));
    assert_eq!(reading.unread, []);
}

#[test]
fn an_object_in_an_old_document_is_read_or_stops() {
    let bytes = compound(&[
        ("/Workbook", xls()),
        ("/MBD0001/Workbook", xls()),
        ("/MBD0002/CONTENTS", vec![0, 1, 2, 3, 200]),
    ]);
    let reading = attached("a.xls", &bytes);
    let inner = reading.parts.iter().find(|p| p.path.0 == "2/a.xls/MBD0001");
    assert_eq!(inner.unwrap().actual_type, "Excel 97-2003 workbook");
    assert!(inner.unwrap().text_bytes > 0);
    assert!(
        reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::UnknownFormat)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_old_documents_never_panic(
        which in any::<bool>(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = if which {
            compound(&[("/Workbook", xls())])
        } else {
            doc("Jamie Example is unwell.\r")
        };
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
