//! A whole pack as a page that governors can read.

use std::fmt::Write as _;

use super::rule::rule as sentence;
use crate::decision::Concern;
use crate::pack::Pack;

/// The pack as Markdown: its figures, its markings, its rules by concern, its clauses.
pub fn pack(pack: &Pack) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write_page(&mut page, pack);
    page
}

fn write_page(page: &mut String, pack: &Pack) -> std::fmt::Result {
    writeln!(page, "# {}\n", plain(&pack.title))?;
    if !pack.extends.is_empty() {
        let chain = pack.extends.join("`, `");
        writeln!(page, "Extends `{chain}`.\n")?;
    }
    writeln!(
        page,
        "More than {} families who see each other's addresses are a mass disclosure.\n\
         A roster older than {} days is not relied upon.\n{}\n",
        pack.settings.max_visible_families,
        pack.settings.roster_stale_days,
        if pack.split {
            "Each recipient gets their own verdict."
        } else {
            "The strictest verdict governs the whole message."
        }
    )?;
    let told: Vec<&str> = pack.remedies.told.iter().map(|t| t.label()).collect();
    writeln!(
        page,
        "Where a rule says so, the sender may have a held message sent for a stated reason: at most \
         {} times in 24 hours, never about more than {} pupils, and {} will be told.\n",
        pack.remedies.overrides_a_day,
        pack.remedies.most_pupils,
        told.join(", ")
    )?;
    writeln!(page, "## Markings\n")?;
    let list = |words: &[String]| {
        words
            .iter()
            .map(|w| plain(w))
            .collect::<Vec<_>>()
            .join(", ")
    };
    writeln!(
        page,
        "- The lower level: {}",
        list(&pack.markings.sensitive)
    )?;
    writeln!(
        page,
        "- The upper level: {}",
        list(&pack.markings.highly_sensitive)
    )?;
    writeln!(
        page,
        "- Does not count, and the notice says what to type: {}\n",
        list(&pack.markings.near_misses)
    )?;
    writeln!(page, "## Rules\n")?;
    for concern in Concern::ALL {
        let mut rules = pack
            .rules
            .iter()
            .filter(|r| r.concern == *concern)
            .peekable();
        if rules.peek().is_none() {
            continue;
        }
        writeln!(page, "### {}\n", heading(*concern))?;
        for rule in rules {
            writeln!(page, "- **{}**: {}", rule.id, plain(&sentence(rule)))?;
        }
        writeln!(page)?;
    }
    if !pack.clauses.is_empty() {
        writeln!(page, "## Clauses\n")?;
        for (id, quote) in &pack.clauses {
            writeln!(page, "- **{}**: {}", plain(id), plain(quote))?;
        }
    }
    Ok(())
}

/// The concern as a heading.
fn heading(concern: Concern) -> &'static str {
    match concern {
        Concern::PupilData => "Data about pupils",
        Concern::AttachmentEncryption => "Locked attachments",
        Concern::Marking => "Markings",
        Concern::PersonalAddress => "Personal addresses",
        Concern::Misdirected => "Wrong recipients",
        Concern::MassDisclosure => "Open lists of recipients",
        Concern::StaffDetails => "Private details of staff",
        Concern::Conduct => "Conduct",
        Concern::Photo => "Pictures of pupils",
        Concern::Credentials => "Passwords",
        Concern::Uninspectable => "What cannot be checked",
    }
}

/// Text of a pack, so that it can make no headings, links or markup of its own.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '*' | '_' | '`' | '[' | ']' | '#' | '\\' | '|' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}
