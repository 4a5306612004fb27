//! XML of the document formats, read leniently from start to end.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// One thing in the stream. Names are local: prefixes are free to choose.
pub(crate) enum Node<'a> {
    Open {
        name: &'a str,
        start: &'a BytesStart<'a>,
    },
    Text(&'a str),
    Close {
        name: &'a str,
    },
}

/// Walks through a file; returns false when it broke off before its end.
pub(crate) fn walk(bytes: &[u8], mut visit: impl FnMut(Node<'_>)) -> bool {
    let text = decode(bytes);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.local_name();
                visit(Node::Open {
                    name: name.as_ref(),
                    start: &start,
                });
            }
            Ok(Event::Empty(start)) => {
                let name = start.local_name();
                visit(Node::Open {
                    name: name.as_ref(),
                    start: &start,
                });
                visit(Node::Close {
                    name: name.as_ref(),
                });
            }
            Ok(Event::End(end)) => visit(Node::Close {
                name: end.local_name().as_ref(),
            }),
            Ok(Event::Text(text)) => visit(Node::Text(&text.xml10_content())),
            Ok(Event::CData(text)) => visit(Node::Text(&text.xml10_content())),
            Ok(Event::GeneralRef(reference)) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(Cow::Owned(c.to_string())),
                    _ => quick_xml::escape::resolve_predefined_entity(&reference.xml10_content())
                        .map(Cow::Borrowed),
                };
                if let Some(text) = resolved {
                    visit(Node::Text(&text));
                }
            }
            Ok(Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(_) => super::charset::decode(bytes, None),
    }
}

/// The value of an attribute by its local name.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)
        .map(|a| match quick_xml::escape::unescape(&a.value) {
            Ok(text) => text.into_owned(),
            Err(_) => a.value.to_string(),
        })
}

/// Whether a switch is on: present and not `0`, `false` or `off`.
pub(super) fn is_on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(xml: &str) -> (String, bool) {
        let mut all = String::new();
        let whole = walk(xml.as_bytes(), |node| {
            if let Node::Text(text) = node {
                all.push_str(text);
            }
        });
        (all, whole)
    }

    #[test]
    fn joins_text_and_references() {
        assert_eq!(
            texts("<a>x &amp; y&#233;<![CDATA[z]]></a>"),
            ("x & yéz".into(), true)
        );
    }

    #[test]
    fn goes_on_behind_mistakes() {
        assert_eq!(texts("<a><b>x</a>y</c>z"), ("xyz".into(), true));
    }
}
