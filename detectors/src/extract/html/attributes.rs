//! What a page holds outside its running text: texts in attributes and styles, and files
//! in `data:` addresses.

use html5ever::tokenizer::Tag;

use super::super::transfer;

/// A file that stands in the page itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Embedded {
    /// Its declared type, lower case.
    pub(in super::super) declared: String,
    pub(in super::super) bytes: Vec<u8>,
}

/// Embedded files of one page that are kept; a page of tiles has some hundreds.
pub(super) const FILES: usize = 1000;

/// The texts in the attributes of a tag; the second says whether a reader sees it at once.
pub(super) fn texts(tag: &Tag) -> Vec<(String, bool)> {
    let name: &str = &tag.name;
    let value_of = |name: &str| {
        let found = tag.attrs.iter().find(|a| &*a.name.local == name);
        found.map(|a| a.value.to_ascii_lowercase())
    };
    let mut texts: Vec<(String, bool)> = Vec::new();
    for attr in &tag.attrs {
        let value: &str = &attr.value;
        let key: &str = &attr.name.local;
        match key {
            "alt"
            | "title"
            | "aria-label"
            | "aria-description"
            | "aria-placeholder"
            | "aria-roledescription"
            | "aria-valuetext"
            | "placeholder"
            | "summary"
            | "label"
            | "abbr" => texts.push((value.to_owned(), true)),
            "value" if matches!(name, "input" | "option" | "button" | "data" | "param") => {
                let seen = value_of("type").is_none_or(|kind| kind != "hidden");
                texts.push((value.to_owned(), seen));
            }
            "content" if name == "meta" => {
                let known = value_of("name").or_else(|| value_of("property"));
                let written = known.is_some_and(|n| {
                    ["description", "keywords", "author", "subject", "title"]
                        .iter()
                        .any(|mark| n.ends_with(mark))
                });
                if written {
                    texts.push((value.to_owned(), true));
                }
            }
            "href" | "action" | "xlink:href" => texts.extend(address_text(value)),
            "style" => texts.extend(generated(value).into_iter().map(|t| (t, true))),
            // What a program stores for itself is of interest only when it is a sentence.
            _ if key.starts_with("data-") && is_sentence(value) => {
                texts.push((value.to_owned(), false));
            }
            _ => {}
        }
    }
    texts.retain(|(text, _)| text.chars().filter(|c| c.is_alphanumeric()).count() >= 2);
    texts
}

fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace();
    !text.contains(['{', '<']) && words.filter(|w| w.chars().all(char::is_alphabetic)).count() >= 2
}

/// What a link writes for its reader: addresses, subject and body of a message, a number.
fn address_text(address: &str) -> Vec<(String, bool)> {
    let lower = address.get(..7).map(str::to_ascii_lowercase);
    let Some(rest) = (match lower.as_deref() {
        Some("mailto:") => address.get(7..),
        Some(start) if start.starts_with("tel:") || start.starts_with("sms:") => address.get(4..),
        _ => None,
    }) else {
        return Vec::new();
    };
    let (to, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut texts = vec![(unescaped(to), true)];
    for field in query.split('&') {
        if let Some((_, value)) = field.split_once('=') {
            texts.push((unescaped(value), true));
        }
    }
    texts
}

/// Undoes the escapes of an address (RFC 3986 §2.1).
fn unescaped(text: &str) -> String {
    String::from_utf8_lossy(&unescaped_octets(text)).into_owned()
}

fn unescaped_octets(text: &str) -> Vec<u8> {
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            plain.push(high << 4 | low);
            rest = after;
        } else {
            plain.push(*first);
        }
    }
    plain
}

/// The texts that a style adds to the page (CSS `content`).
pub(super) fn generated(style: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = style;
    while let Some((_, after)) = rest.split_once("content") {
        rest = after;
        let Some(value) = after.trim_start().strip_prefix(':') else {
            continue;
        };
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        if let Some((text, after)) = value.get(1..).and_then(|v| v.split_once(quote)) {
            if text.chars().filter(|c| c.is_alphanumeric()).count() >= 2 {
                texts.push(text.to_owned());
            }
            rest = after;
        }
    }
    texts
}

/// The files in the attributes of a tag.
pub(super) fn files(tag: &Tag) -> Vec<Embedded> {
    let mut files = Vec::new();
    for attr in &tag.attrs {
        let value: &str = &attr.value;
        match &*attr.name.local {
            "src" | "href" | "data" | "poster" | "background" | "xlink:href" | "action" => {
                files.extend(data_address(value.trim_start()));
            }
            "style" | "srcset" => files.extend(files_in(value)),
            "srcdoc" => files.push(Embedded {
                declared: "text/html".to_owned(),
                bytes: value.as_bytes().to_vec(),
            }),
            _ => {}
        }
    }
    files
}

/// The files in the addresses of a style or a list of pictures.
pub(super) fn files_in(text: &str) -> Vec<Embedded> {
    text.match_indices("data:")
        .filter_map(|(at, _)| text.get(at..))
        .filter_map(|address| {
            let end = |c: char| matches!(c, ')' | '"' | '\'') || c.is_whitespace();
            data_address(address.split(end).next().unwrap_or_default())
        })
        .take(FILES)
        .collect()
}

/// The file in a `data:` address (RFC 2397).
pub(in super::super) fn data_address(address: &str) -> Option<Embedded> {
    let start = address.get(..5)?;
    if !start.eq_ignore_ascii_case("data:") {
        return None;
    }
    let (head, data) = address.get(5..)?.split_once(',')?;
    let head = head.to_ascii_lowercase();
    let data = unescaped_octets(data);
    let bytes = match head.trim_end().ends_with("base64") {
        true => transfer::base64(&data),
        false => data,
    };
    let declared = head.split(';').next().unwrap_or_default().trim().to_owned();
    (!bytes.is_empty()).then_some(Embedded { declared, bytes })
}

/// Quoted texts of more than one word in a script: what a page shows later.
pub(super) fn literals(script: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = script;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let Some((quote, after)) = rest.get(at..).and_then(|r| r.split_at_checked(1)) else {
            break;
        };
        let end = after
            .char_indices()
            .scan(false, |escaped, (i, c)| {
                let was = std::mem::replace(escaped, c == '\\' && !*escaped);
                Some((i, c, was))
            })
            .find(|(_, c, escaped)| !escaped && quote.starts_with(*c))
            .map(|(i, ..)| i);
        let Some((text, after)) = end.and_then(|e| after.split_at_checked(e)) else {
            rest = after;
            continue;
        };
        if is_sentence(text) || (text.contains('<') && text.len() > 20) {
            texts.push(text.replace("\\n", "\n").replace('\\', ""));
        }
        rest = after.get(1..).unwrap_or_default();
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_address_holds_a_file() {
        let plain = data_address("data:text/plain,Jamie%20Smith").unwrap();
        assert_eq!(
            (plain.declared.as_str(), plain.bytes.as_slice()),
            ("text/plain", &b"Jamie Smith"[..])
        );
        let packed = data_address("DATA:image/png;base64,SmFt%61WU=").unwrap();
        assert_eq!(packed.bytes, b"Jamie");
        assert_eq!(data_address("https://a.example/data:x,y"), None);
        assert_eq!(
            files_in("a{background:url('data:text/plain,one')}b{src:url(data:,two)}").len(),
            2
        );
    }

    #[test]
    fn styles_and_scripts_have_texts() {
        assert_eq!(
            generated(".a:after{content: 'Jamie Smith'; color:red}"),
            ["Jamie Smith"]
        );
        assert_eq!(
            literals("var a = 'x'; show(\"Jamie \\\"J\\\" Smith\");"),
            ["Jamie \"J\" Smith"]
        );
        assert!(generated("content:content:").is_empty());
    }
}
