//! Tables for people: columns as wide as what stands in them.

use std::fmt::Write;

/// A table with a heading; nothing but a word where it has no rows.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return "none\n".to_owned();
    }
    let cells = |row: &[String]| row.iter().map(|cell| plain(cell)).collect::<Vec<_>>();
    let mut all = vec![headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>()];
    all.extend(rows.iter().map(|row| cells(row)));
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Nothing that moves a terminal's cursor; something where there would be nothing.
fn plain(cell: &str) -> String {
    let text: String = cell.chars().filter(|c| !c.is_control()).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let row = |cells: [&str; 2]| cells.map(String::from).to_vec();
        let text = table(&["WHO", "WHAT"], &[row(["@joy:example.org", "card"]), row(["", "\u{1b}[2Jnotice"])]);
        assert_eq!(text, "WHO               WHAT\n@joy:example.org  card\n-                 [2Jnotice\n");
        assert_eq!(table(&["WHO"], &[]), "none\n");
    }
}
