//! Excel workbooks: the sheets in their order, what the cells need from the rest of the
//! workbook, and the copies of data that no sheet need show.

mod sheet;
mod strings;
mod styles;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};

use super::super::xml::{self, Node};
use super::{Package, text_passage};
use crate::text::Role;

/// A sheet of the workbook.
struct Sheet {
    name: String,
    target: String,
    hidden: bool,
}

/// What the cells need from the rest of the workbook.
struct Book {
    strings: Vec<String>,
    /// Which of them a cell shows.
    shown: RefCell<Vec<bool>>,
    /// Whether the number format of a cell style shows a date.
    date_styles: Vec<bool>,
    /// The day that serial number 0 stands for.
    epoch: Date,
}

/// Reads sheets, comments, drawings, and the caches that copy data from elsewhere.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) {
    let (sheets, epoch) = sheets(package);
    let strings = strings::read(package);
    let book = Book {
        shown: RefCell::new(vec![false; strings.len()]),
        strings,
        date_styles: styles::dates(package),
        epoch,
    };
    let mut protected = false;
    for sheet in &sheets {
        protected |= sheet::read(package, sheet, &book);
    }
    strings::unused(package, &book);
    if protected {
        package.weakly_protected("sheet protection");
    }
    for (mark, start, place, role) in [
        (
            "spreadsheetml.comments",
            "xl/comments",
            "comments",
            Role::Metadata,
        ),
        (
            "threadedcomments",
            "xl/threadedcomments/",
            "comments",
            Role::Metadata,
        ),
        (
            "drawingml.chart+xml",
            "xl/charts/chart",
            "chart",
            Role::Metadata,
        ),
    ] {
        for name in package.files(mark, start) {
            package.loose_text(&name, place, role, &[]);
        }
    }
    for name in package.files("officedocument.drawing+xml", "xl/drawings/drawing") {
        package.flow(&name, "drawing", Role::Document);
    }
    // Copies of data that no sheet need show.
    for (mark, start, place) in [
        (
            "pivotcachedefinition",
            "xl/pivotcache/pivotcachedefinition",
            "pivot cache",
        ),
        (
            "pivotcacherecords",
            "xl/pivotcache/pivotcacherecords",
            "pivot cache",
        ),
        (
            "externallink",
            "xl/externallinks/",
            "copy of linked workbook",
        ),
    ] {
        for name in package.files(mark, start) {
            let before = package.passages.len();
            package.loose_text(&name, place, Role::Hidden, &["v"]);
            if package.passages.len() > before {
                package.hidden(place);
            }
        }
    }
}

/// The sheets in the order of the workbook and its epoch.
fn sheets(package: &mut Package<'_, '_, '_, '_, '_>) -> (Vec<Sheet>, Date) {
    let main = package
        .names
        .iter()
        .find(|name| {
            package
                .types
                .get(&name.to_lowercase())
                .is_some_and(|kind| kind.ends_with(".main+xml"))
        })
        .cloned()
        .unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let (folder, base) = main.rsplit_once('/').unwrap_or(("", &main));
    let links = relations(package, &format!("{folder}/_rels/{base}.rels"), folder);
    let mut sheets = Vec::new();
    let mut epoch = date(1899, 12, 30);
    package.walk(&main, |node| {
        let Node::Open { name, start } = node else {
            return;
        };
        match name {
            "sheet" => {
                let id = xml::attribute(start, "id").unwrap_or_default();
                let state = xml::attribute(start, "state").unwrap_or_default();
                if let Some(target) = links.get(&id) {
                    sheets.push(Sheet {
                        name: xml::attribute(start, "name").unwrap_or_default(),
                        target: target.clone(),
                        hidden: state.to_ascii_lowercase().contains("hidden"),
                    });
                }
            }
            "workbookPr" => {
                let mac = xml::attribute(start, "date1904");
                if mac.is_some() && xml::is_on(mac.as_deref()) {
                    epoch = date(1904, 1, 1);
                }
            }
            _ => {}
        }
    });
    // A sheet that the workbook does not list is still in the file.
    let listed: HashSet<String> = sheets.iter().map(|s| s.target.to_lowercase()).collect();
    for target in package.files("spreadsheetml.worksheet", "xl/worksheets/sheet") {
        if !listed.contains(&target.to_lowercase()) {
            sheets.push(Sheet {
                name: target.rsplit('/').next().unwrap_or(&target).to_owned(),
                hidden: !listed.is_empty(),
                target,
            });
        }
    }
    (sheets, epoch)
}

/// The targets of relations by id.
fn relations(
    package: &mut Package<'_, '_, '_, '_, '_>,
    name: &str,
    folder: &str,
) -> HashMap<String, String> {
    let mut links = HashMap::new();
    package.walk(name, |node| {
        if let Node::Open {
            name: "Relationship",
            start,
        } = node
            && let (Some(id), Some(target)) =
                (xml::attribute(start, "Id"), xml::attribute(start, "Target"))
        {
            let target = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("{folder}/{target}"),
            };
            links.insert(id, target);
        }
    });
    links
}
