//! Columns without lines between them, which people read and `grep` and `awk` cut.

use comfy_table::{Color, ContentArrangement, Table, presets};

/// What a cell means, which a terminal shows as a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Pending,
    Bad,
    Faint,
}

/// The text of a cell and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    /// A text, or a dash in place of none, so that every column of a line is there.
    pub(crate) fn or_dash(text: &str) -> Self {
        Self::new(if text.is_empty() { "-" } else { text })
    }

    /// A status with the meaning of its word.
    pub(crate) fn status(word: &str) -> Self {
        let tone = match word {
            "ACTIVE" | "AVAILABLE" | "REACHABLE" => Tone::Good,
            "CREATING" | "SCALING" | "TESTING" => Tone::Pending,
            "FAILED" | "UNREACHABLE" => Tone::Bad,
            "DELETED" => Tone::Faint,
            _ => Tone::Plain,
        };
        Self::toned(word, tone)
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// A table before it is laid out.
pub(crate) struct Columns {
    pub(crate) heads: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) coloured: bool,
    /// The terminal's width; none leaves every row on one line.
    pub(crate) width: Option<u16>,
}

/// Lays out the columns that `shown` picks.
pub(crate) fn columns(of: &Columns, shown: &dyn Fn(usize) -> bool) -> String {
    let mut table = bare(of.coloured);
    table.set_header(picked(&of.heads, shown).map(comfy_table::Cell::new));
    for row in &of.rows {
        table.add_row(picked(row, shown).map(|cell| styled(cell, of.coloured)));
    }
    // Only when it does not fit is a cell broken: a whole row on one line is what tools cut.
    if let Some(width) = of.width.filter(|width| widest(&table) > usize::from(*width)) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    laid_out(&mut table)
}

/// Lays out lines of a name and a value.
pub(crate) fn details(lines: &[(&'static str, Cell)], coloured: bool) -> String {
    let mut table = bare(coloured);
    for (name, cell) in lines {
        table.add_row([comfy_table::Cell::new(name), styled(cell, coloured)]);
    }
    laid_out(&mut table)
}

/// The width of the terminal, if there is one that has room for columns; some say that they are 0 wide.
pub(crate) fn terminal_width() -> Option<u16> {
    const NARROWEST: u16 = 40;
    Table::new().width().filter(|width| *width >= NARROWEST)
}

/// A text without control characters, which a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

fn bare(coloured: bool) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_content_arrangement(ContentArrangement::Disabled);
    if coloured {
        table.enforce_styling().style_text_only();
    }
    table
}

fn laid_out(table: &mut Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

fn widest(table: &Table) -> usize {
    table.column_max_content_widths().iter().map(|width| usize::from(*width) + 2).sum()
}

fn picked<'a, T>(all: &'a [T], shown: &'a dyn Fn(usize) -> bool) -> impl Iterator<Item = &'a T> {
    all.iter().enumerate().filter(|(index, _)| shown(*index)).map(|(_, item)| item)
}

fn styled(cell: &Cell, coloured: bool) -> comfy_table::Cell {
    // A text may hold lines of its own, each of which a detail shows; nothing else that is no character passes.
    let text = cell.text.lines().map(printable).collect::<Vec<_>>().join("\n");
    let plain = comfy_table::Cell::new(text);
    let colour = match cell.tone {
        _ if !coloured => None,
        Tone::Plain => None,
        Tone::Good => Some(Color::Green),
        Tone::Pending => Some(Color::Yellow),
        Tone::Bad => Some(Color::Red),
        Tone::Faint => Some(Color::DarkGrey),
    };
    match colour {
        Some(colour) => plain.fg(colour),
        None => plain,
    }
}
