//! The parsers of this module as the fuzz targets reach them; in no other build.

use super::command::Command;
use super::dot::{DotReader, Dotted};
use super::path::{Path, ReversePath};
use super::strict::Strict;
use super::{header, line, parameter};

/// Lines of commands, each parsed as far as it goes.
pub fn command(mut data: &[u8]) {
    while let line::Framing::Line(length) = line::frame(data, 0) {
        let (line, rest) = data.split_at(length + 2);
        let _ = Command::parse(line.get(..length).unwrap_or_default());
        let text = String::from_utf8_lossy(line);
        for start in text.char_indices().map(|(at, _)| at).take(40) {
            let text = text.get(start..).unwrap_or_default();
            let _ = (ReversePath::parse(text), parameter::split(text).is_ok());
            let _ = (Path::parse(text), parameter::xtext(text));
        }
        data = rest;
    }
}

/// Data that may be stuffed, in one piece and octet by octet: both give the same.
pub fn dots(data: &[u8]) {
    let mut whole = Vec::new();
    let end = DotReader::new().push(data, &mut whole);
    let (mut reader, mut pieces, mut used) = (DotReader::new(), Vec::new(), 0);
    for octet in data {
        used += 1;
        if reader.push(&[*octet], &mut pieces) != Dotted::More {
            assert_eq!(end, Dotted::End { used });
            break;
        }
    }
    assert_eq!(whole, pieces);
    let mut strict = Strict::new(1000);
    let _ = (strict.push(&whole).is_some(), strict.finish().is_some());
}

/// A header block.
pub fn header(data: &[u8]) {
    let end = header::end(data, 0).unwrap_or(data.len());
    let (_, kept) = header::read(data.get(..end).unwrap_or_default(), &[]);
    assert!(kept.len() <= data.len());
}
