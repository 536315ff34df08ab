//! Tab-separated tables with one header line. Knows nothing of what the columns mean.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context, Result, ensure};

/// One row, read by column name.
pub(crate) struct Row(HashMap<String, String>);

impl Row {
    /// The cell under `column`; empty where the table has no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// Whether the cell holds `1`, as the tables spell a true value.
    pub(crate) fn flag(&self, column: &str) -> bool {
        self.get(column) == "1"
    }

    /// The parts of a cell that holds a list separated by `; `.
    pub(crate) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column).split(';').map(str::trim).filter(|part| !part.is_empty())
    }
}

/// Reads a whole table.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let mut rows = Vec::new();
    for (number, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split('\t').collect();
        ensure!(cells.len() == columns.len(), "{}:{}: {} cells", path.display(), number + 2, cells.len());
        rows.push(Row(columns.iter().zip(cells).map(|(key, cell)| (key.to_string(), cell.to_string())).collect()));
    }
    Ok(rows)
}
