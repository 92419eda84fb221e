//! The acceptance table: every line of S0 to S4 stands in it, and every test it names exists.

use std::fs;

use crate::gates::sources::Source;
use crate::root;

/// How many lines each system has.
const LINES: [(&str, usize); 5] = [("S0", 14), ("S1", 10), ("S2", 7), ("S3", 12), ("S4", 14)];

/// What is wrong with the table.
pub fn problems(sources: &[Source]) -> Vec<String> {
    let path = root().join("docs/acceptance.md");
    let text = fs::read_to_string(&path).expect("docs/acceptance.md can be read");
    let browser = browser_tests();
    let mut found = Vec::new();
    let rows: Vec<(&str, &str)> = text.lines().filter_map(row).collect();
    for (system, count) in LINES {
        for n in 1..=count {
            let clause = format!("{system}-{n:02}");
            let times = rows.iter().filter(|(c, _)| *c == clause).count();
            if times != 1 {
                found.push(format!("{clause} stands {times} times in docs/acceptance.md"));
            }
        }
    }
    for (clause, tests) in rows {
        found.extend(wrong_tests(clause, tests, sources, &browser));
    }
    found
}

/// The clause and the third column of a row `| S0-05 | … | … |`.
fn row(line: &str) -> Option<(&str, &str)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let clause = cells.first().filter(|c| c.len() == 5 && c.starts_with('S') && c[2..3] == *"-")?;
    Some((clause, cells.get(2)?))
}

/// The texts of the tests that run in a browser.
fn browser_tests() -> Vec<String> {
    let files = fs::read_dir(root().join("web/e2e/tests")).into_iter().flatten().flatten();
    let specs = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "ts"));
    specs.filter_map(|path| fs::read_to_string(path).ok()).collect()
}

fn wrong_tests(clause: &str, cell: &str, sources: &[Source], browser: &[String]) -> Vec<String> {
    let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
    if named.is_empty() {
        let honest = cell.starts_with("not yet");
        return if honest {
            Vec::new()
        } else {
            vec![format!("{clause} names neither a test nor `not yet`")]
        };
    }
    let missing = named.into_iter().filter(|name| !exists(name, sources) && !in_browser(name, browser));
    missing.map(|name| format!("{clause} names the test `{name}`, which is nowhere")).collect()
}

fn exists(name: &str, sources: &[Source]) -> bool {
    let (head, call) = (format!("fn {name}("), format!("{name}:"));
    // A scenario list names its tests as the arms of a macro.
    sources.iter().any(|s| s.text.contains(&head) || (s.path.starts_with("tests/") && s.text.contains(&call)))
}

/// A browser's test is named by its sentence.
fn in_browser(name: &str, browser: &[String]) -> bool {
    let title = format!("test(\"{name}\"");
    browser.iter().any(|text| text.contains(&title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_must_name_a_test_that_exists_or_say_that_there_is_none() {
        let text = "fn s0_05_one_gets_it() {}".to_owned();
        let sources = [Source { path: "cti/core/tests/a.rs".to_owned(), text }];
        let browser = ["test(\"s1_05 a visitor appears\", async".to_owned()];
        let wrong =
            |line| row(line).map(|(clause, cell)| wrong_tests(clause, cell, &sources, &browser).len());
        assert_eq!(wrong("| S0-05 | the lock | `s0_05_one_gets_it` |"), Some(0));
        assert_eq!(wrong("| S1-05 | the path | `s1_05 a visitor appears` |"), Some(0));
        assert_eq!(wrong("| S1-05 | the path | `s1_05 nobody appears` |"), Some(1));
        assert_eq!(wrong("| S0-05 | the lock | not yet |"), Some(0));
        assert_eq!(wrong("| S0-05 | the lock | `s0_05_nobody` |"), Some(1));
        assert_eq!(wrong("| S0-05 | the lock | |"), Some(1));
        assert_eq!(wrong("| line | what it says | test |"), None);
    }
}
