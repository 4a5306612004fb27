//! The styles of cells, as far as they say that a number is a date.

use std::collections::HashMap;

use super::Package;
use super::xml::{self, Node};

/// Which cell styles show dates.
pub(super) fn dates(package: &mut Package<'_, '_, '_, '_, '_>) -> Vec<bool> {
    let mut custom: HashMap<u32, bool> = HashMap::new();
    let mut styles = Vec::new();
    for name in package.files("spreadsheetml.styles", "xl/styles") {
        let mut in_cells = false;
        package.walk(&name, |node| match node {
            Node::Open {
                name: "numFmt",
                start,
            } => {
                let id = xml::attribute(start, "numFmtId").and_then(|v| v.parse().ok());
                if let (Some(id), Some(code)) = (id, xml::attribute(start, "formatCode")) {
                    custom.insert(id, is_date_format(&code));
                }
            }
            Node::Open {
                name: "cellXfs", ..
            } => in_cells = true,
            Node::Close { name: "cellXfs" } => in_cells = false,
            Node::Open { name: "xf", start } if in_cells => {
                let id: u32 = xml::attribute(start, "numFmtId")
                    .and_then(|v| v.parse().ok())
                    .unwrap_or(0);
                // The built-in date formats (ECMA-376 part 1 §18.8.30).
                let built_in = matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=58);
                styles.push(custom.get(&id).copied().unwrap_or(built_in));
            }
            _ => {}
        });
    }
    styles
}

/// A format with a day or a year outside of quotes and brackets shows a date.
fn is_date_format(code: &str) -> bool {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    for c in code.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' | '_' => escaped = true,
            '"' => quoted = !quoted,
            '[' => bracket = true,
            ']' => bracket = false,
            'd' | 'y' | 'D' | 'Y' if !quoted && !bracket => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_dates_from_numbers() {
        assert!(is_date_format("dd/mm/yyyy"));
        assert!(is_date_format("[$-809]d mmmm yyyy"));
        assert!(!is_date_format("0.00"));
        assert!(!is_date_format("\"day\" 0"));
        assert!(!is_date_format("[Red]0"));
    }
}
