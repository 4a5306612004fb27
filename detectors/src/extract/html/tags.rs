//! What tags and their styles mean for the text inside them.

use html5ever::tokenizer::Tag;

/// The value of an attribute.
pub(super) fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs
        .iter()
        .find(|a| &*a.name.local == name)
        .map(|a| &*a.value)
}

/// Whether an element stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "table"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "caption"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "blockquote"
            | "pre"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "aside"
            | "address"
            | "form"
            | "fieldset"
            | "figure"
            | "figcaption"
            | "center"
            | "body"
            | "html"
            | "head"
            | "title"
            | "textarea"
            | "option"
            | "select"
            | "details"
            | "summary"
            | "script"
            | "style"
            | "template"
    )
}

/// How a style bears on whether text is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// As in the element around it.
    Inherited,
    Hidden,
    /// Letters without size; an element inside may give them one.
    NoSize,
    Sized,
}

/// Whether a style or attribute keeps the element from being seen.
pub(super) fn sight(tag: &Tag) -> Sight {
    let hidden = ["hidden", "inert"]
        .iter()
        .any(|a| attribute(tag, a).is_some());
    if hidden || &*tag.name == "template" {
        return Sight::Hidden;
    }
    let Some(style) = attribute(tag, "style") else {
        return Sight::Inherited;
    };
    let style: String = style
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let rules = || {
        style.split(';').filter_map(|rule| {
            let (name, value) = rule.split_once(':')?;
            Some((name, value.trim_end_matches("!important")))
        })
    };
    let value = |name: &str| {
        rules()
            .filter(|(n, _)| *n == name)
            .map(|(_, v)| v)
            .next_back()
    };
    let hides = rules().any(|(name, value)| match name {
        "display" => value == "none",
        "visibility" => matches!(value, "hidden" | "collapse"),
        "mso-hide" => value == "all",
        "opacity" => is_zero(value),
        "max-height" | "max-width" => is_zero(value),
        "color" => value == "transparent",
        "clip" => value.starts_with("rect(0"),
        "text-indent" | "left" | "top" | "margin-left" => {
            value.starts_with('-') && number(value.trim_start_matches('-')) >= 999.0
        }
        _ => false,
    });
    let painted_over = match (
        value("color"),
        value("background-color").or(value("background")),
    ) {
        (Some(ink), Some(paper)) => ink == paper,
        _ => false,
    };
    if hides || painted_over {
        return Sight::Hidden;
    }
    match value("font-size") {
        Some(size) if is_zero(size) || matches!(size, "1px" | "0.1px" | "1pt") => Sight::NoSize,
        Some(_) => Sight::Sized,
        None => Sight::Inherited,
    }
}

fn number(value: &str) -> f32 {
    let end = |c: char| !c.is_ascii_digit() && c != '.';
    value
        .split(end)
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0.0)
}

fn is_zero(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_digit() || c == '.') && number(value) == 0.0
}

/// The quotation containers of the common mail programs.
pub(super) fn quotes(tag: &Tag) -> bool {
    ["class", "id"].iter().any(|name| {
        attribute(tag, name).is_some_and(|value| {
            [
                "gmail_quote",
                "gmail_extra",
                "yahoo_quoted",
                "moz-cite-prefix",
            ]
            .iter()
            .any(|mark| value.contains(mark))
        })
    })
}

/// Outlook marks the start of the older message and closes the container at once.
pub(super) fn opens_history(tag: &Tag) -> bool {
    attribute(tag, "id").is_some_and(|id| {
        [
            "divRplyFwdMsg",
            "appendonsend",
            "mail-editor-reference-message-container",
        ]
        .iter()
        .any(|mark| id.contains(mark))
    })
}
