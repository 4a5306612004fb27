//! PowerPoint presentations.

use super::super::xml::{self, Node};
use super::{Package, flow};
use crate::text::Role;

/// Reads slides, notes, comments and masters.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) {
    let slides = package.files("presentationml.slide+xml", "ppt/slides/slide");
    for (i, name) in slides.iter().enumerate() {
        let place = format!("slide {}", i + 1);
        let mut shown = true;
        let mut flow = flow::Flow::new(&place, Role::Document);
        package.walk(name, |node| {
            if let Node::Open { name: "sld", start } = &node {
                shown = xml::is_on(xml::attribute(start, "show").as_deref());
            }
            flow.node(node);
        });
        let from = package.passages.len();
        package.take_flow(flow);
        if !shown {
            let mut any = false;
            for passage in package.passages.iter_mut().skip(from) {
                passage.role = Role::Hidden;
                any = true;
            }
            if any {
                package.hidden(&place);
            }
        }
    }
    for (mark, start, place, role) in [
        (
            "presentationml.notesslide",
            "ppt/notesslides/",
            "speaker notes",
            Role::Document,
        ),
        (
            "presentationml.slidemaster",
            "ppt/slidemasters/",
            "slide master",
            Role::RunningHead,
        ),
        (
            "drawingml.diagramdata",
            "ppt/diagrams/data",
            "diagram",
            Role::Document,
        ),
    ] {
        for name in package.files(mark, start) {
            let place = match super::number_in(&name) {
                0 => place.to_owned(),
                n => format!("{place} {n}"),
            };
            package.flow(&name, &place, role);
        }
    }
    for (mark, start, place) in [
        ("comments", "ppt/comments/", "comments"),
        ("commentauthors", "ppt/commentauthors", "comment authors"),
        ("drawingml.chart+xml", "ppt/charts/chart", "chart"),
    ] {
        for name in package.files(mark, start) {
            package.loose_text(&name, place, Role::Metadata, &["name"]);
        }
    }
}
