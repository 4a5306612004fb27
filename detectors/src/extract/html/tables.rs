//! Tables: rows of data, or only a grid that arranges the page.

use super::walker::{Block, BlockBody, Walker};
use crate::text::Role;

/// An open table.
pub(super) struct Table {
    /// It arranges the page: another table stands in it.
    pub(super) layout: bool,
    pub(super) rows: Vec<Vec<Vec<Block>>>,
}

impl Walker {
    pub(super) fn close_table(&mut self) {
        let Some(table) = self.tables.pop() else {
            return;
        };
        let data = is_data_table(&table);
        for row in table.rows {
            if !data {
                for block in row.into_iter().flatten() {
                    self.put(block);
                }
                continue;
            }
            let role = row
                .iter()
                .flatten()
                .map(|b| b.role)
                .next()
                .unwrap_or(self.role);
            let mut cells = Vec::with_capacity(row.len());
            let mut hidden = Vec::new();
            for cell in row {
                let mut text = String::new();
                for block in cell {
                    if block.role == Role::Hidden && role != Role::Hidden {
                        hidden.push(block);
                    } else if let BlockBody::Text(part) = block.body {
                        if !text.is_empty() {
                            text.push(' ');
                        }
                        text.push_str(&part.replace('\n', " "));
                    }
                }
                cells.push(text);
            }
            self.put(Block {
                role,
                body: BlockBody::Row(cells),
            });
            for block in hidden {
                self.put(block);
            }
        }
    }
}

/// A table holds data when it has rows of several short cells and no table inside.
fn is_data_table(table: &Table) -> bool {
    let filled = |cell: &Vec<Block>| !cell.is_empty();
    let wide = table
        .rows
        .iter()
        .filter(|row| row.iter().filter(|c| filled(c)).count() >= 2)
        .count();
    let short = table
        .rows
        .iter()
        .flatten()
        .flatten()
        .all(|block| matches!(&block.body, BlockBody::Text(text) if text.len() < 400));
    !table.layout && wide >= 2 && short
}
