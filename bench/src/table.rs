//! Markdown tables.

use std::fmt::Display;

/// A table; its first column is text, the others are figures.
pub struct Table {
    columns: usize,
    text: String,
}

impl Table {
    pub fn new<const N: usize>(titles: [&str; N]) -> Self {
        let mut table = Self { columns: N, text: String::new() };
        table.line(titles.iter());
        let rule: Vec<_> = (0..N).map(|column| if column == 0 { "---" } else { "---:" }).collect();
        table.line(rule.iter());
        table
    }

    /// Adds a row; a cell that is missing stays empty.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        let missing = self.columns.saturating_sub(N);
        self.line(cells.iter().cloned().chain(std::iter::repeat_n(String::new(), missing)));
    }

    fn line(&mut self, cells: impl Iterator<Item = impl Display>) {
        for cell in cells {
            self.text.push_str(&format!("| {cell} "));
        }
        self.text.push_str("|\n");
    }

    pub fn into_markdown(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_as_many_cells_as_there_are_titles() {
        let mut table = Table::new(["case", "µs"]);
        table.row(["one".into(), "1".into()]);
        table.row(["two".into()]);
        assert_eq!(table.into_markdown(), "| case | µs |\n| --- | ---: |\n| one | 1 |\n| two |  |\n");
    }
}
