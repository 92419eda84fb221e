//! What the command line says on standard output: lines and tables for people, JSON for programs.

use std::io::{self, Write as _};

use serde::Serialize;

/// Prints one line. A closed pipe is no error: nobody reads any more.
pub(crate) fn line(text: impl AsRef<str>) {
    let mut out = io::stdout().lock();
    // Whoever read us has gone away: there is nobody left to tell.
    let _ = out
        .write_all(text.as_ref().as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
}

/// Prints `value` as indented JSON.
pub(crate) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(text),
        Err(e) => tracing::error!(error = %e, "an answer cannot be written as JSON"),
    }
}

/// Says on standard error why a command failed.
pub(crate) fn complain(text: &str) {
    // Where standard error is closed the exit code still tells.
    let _ = writeln!(io::stderr().lock(), "ngcc: {text}");
}

/// Says on standard error what goes on, where that takes long.
pub(crate) fn note(text: impl AsRef<str>) {
    // Nobody needs it who does not see it.
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// Prints rows under a head, columns aligned.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) {
    for text in table_lines(head, rows) {
        line(text);
    }
}

/// The lines of a table.
pub(crate) fn table_lines(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let render = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, w)| format!("{cell:<w$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![render(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| render(&mut row.iter().map(String::as_str))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["sales".to_owned(), "3".to_owned()], vec!["a".to_owned(), "12".to_owned()]];
        assert_eq!(table_lines(&["NAME", "N"], &rows), ["NAME   N", "sales  3", "a      12"]);
    }
}
