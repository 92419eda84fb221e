//! Rules about the text of the sources. The sources are formatted (another gate), which is what makes
//! reading them line by line reliable: an item's closing brace stands in the column the item begins in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// The most lines of a file, its tests not counted.
const FILE: usize = 400;
/// The most lines of a function.
const FUNCTION: usize = 80;
/// Files that may be longer, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];
/// Where text may be printed: the binary speaks to people, an example is run by one, a build script tells cargo.
const MAY_PRINT: [&str; 3] = ["ngcc/src/", "/examples/", "/build.rs"];
/// Where the one hop that carries a secret may be named: the vocabularies that carry keys and PINs.
const MAY_HOP: [&str; 9] = [
    "proto/src/channel.rs",
    "proto/src/config/bot.rs",
    "proto/src/config/channel.rs",
    "proto/src/access.rs",
    "proto/src/auth.rs",
    "proto/src/media.rs",
    "proto/src/flow.rs",
    "proto/src/data.rs",
    "proto/src/secret.rs",
];
/// What a core must not touch: time, threads, sockets, files, the environment, chance.
const NOT_IN_A_CORE: [&str; 12] = [
    "Instant::now",
    "SystemTime",
    "thread::sleep",
    "thread::spawn",
    "tokio::",
    "std::net::UdpSocket",
    "std::net::Tcp",
    "std::fs",
    "std::env",
    "std::process",
    "RandomState",
    "thread_rng",
];

/// One source file.
pub struct Source {
    /// Its path from the root.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Whether all of it is test code, an example or a fuzz target.
    pub fn is_test(&self) -> bool {
        let parts = || self.path.split('/');
        let in_tests = parts().skip(1).any(|p| matches!(p, "tests" | "fuzz" | "benches"));
        in_tests || parts().next_back().is_some_and(|f| f == "tests.rs") || self.path.starts_with("tests/")
    }

    /// Its lines with their numbers, without modules under `#[cfg(test)]`.
    pub fn product_lines(&self) -> Vec<(usize, &str)> {
        let mut out = Vec::new();
        let mut lines = self.text.lines().enumerate().map(|(n, l)| (n + 1, l)).peekable();
        while let Some((n, line)) = lines.next() {
            let module = lines.peek().is_some_and(|(_, next)| next.starts_with("mod "));
            if line == "#[cfg(test)]" && module {
                // Up to the module's closing brace, or just its line where it is a file of its own.
                let one_line = lines.next().is_some_and(|(_, l)| l.ends_with(';'));
                if !one_line {
                    lines.by_ref().take_while(|(_, l)| *l != "}").for_each(drop);
                }
                continue;
            }
            out.push((n, line));
        }
        out
    }

    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.product_lines().into_iter().filter(|(_, l)| !l.trim_start().starts_with("//"))
    }

    fn in_a_core(&self) -> bool {
        self.path.contains("/core/src/") || self.path.starts_with("proto/src/")
    }
}

/// Every Rust source of the workspace.
pub fn all() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source can be read");
        let path = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
        Source { path, text }
    };
    paths.into_iter().map(read).collect()
}

fn collect(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory of the workspace can be read").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && !name.starts_with('.') {
                collect(&path, out);
            }
        } else if name.ends_with(".rs") {
            out.push(path);
        }
    }
}

/// Files longer than the limit, and exceptions that are none any more.
pub fn long_files(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|s| !s.is_test()) {
        let lines = source.product_lines().len();
        let excepted = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        match (lines > FILE, excepted) {
            (true, false) => found.push(format!("{}: {lines} lines, {FILE} are allowed", source.path)),
            (false, true) => found.push(format!("{} is no exception any more", source.path)),
            (true, true) | (false, false) => {}
        }
    }
    found
}

/// Functions longer than the limit.
pub fn long_functions(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (from, name, lines) in functions(&source.text) {
            if lines > FUNCTION {
                found.push(format!(
                    "{}:{from}: {name} has {lines} lines, {FUNCTION} are allowed",
                    source.path
                ));
            }
        }
    }
    found
}

/// Where each function begins, its name, and how many lines it has.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let close = format!("{}}}", &line[..indent]);
        let ends_here = line.ends_with('}') || line.ends_with(';');
        let length = if ends_here { Some(0) } else { lines[at..].iter().position(|l| **l == *close) };
        out.push((at + 1, name, length.unwrap_or_default() + 1));
    }
    out
}

fn function_name(line: &str) -> Option<String> {
    let mut rest = line.trim_start();
    for prefix in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

/// Crate roots that do not forbid unsafe code.
pub fn roots_that_allow_unsafe(sources: &[Source]) -> Vec<String> {
    let is_root = |s: &&Source| s.path.ends_with("src/lib.rs") || s.path.ends_with("src/main.rs");
    let roots = sources.iter().filter(is_root).filter(|s| !s.text.contains("#![forbid(unsafe_code)]"));
    roots.map(|s| format!("{}: #![forbid(unsafe_code)] is missing", s.path)).collect()
}

/// Files that do not begin by saying what they are.
pub fn files_without_a_beginning(sources: &[Source]) -> Vec<String> {
    let silent = sources.iter().filter(|s| !s.text.starts_with("//!"));
    silent.map(|s| format!("{}: its first line says what it is, after `//!`", s.path)).collect()
}

/// Lines of product code for which `broken` says yes.
fn lines_that(sources: &[Source], why: &str, broken: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|s| !s.is_test()) {
        for (n, line) in source.code_lines().filter(|(_, l)| broken(source, l)) {
            found.push(format!("{}:{n}: {why}: {}", source.path, line.trim()));
        }
    }
    found
}

/// Printing outside the binary.
pub fn prints(sources: &[Source]) -> Vec<String> {
    lines_that(sources, "prints", |source, line| {
        let may = MAY_PRINT.iter().any(|p| source.path.starts_with(p) || source.path.contains(p));
        !may && ["println!(", "eprintln!(", "print!(", "eprint!("].iter().any(|p| line.contains(p))
    })
}

/// The secret's hop named where no secret may pass.
pub fn hops(sources: &[Source]) -> Vec<String> {
    lines_that(sources, "names the hop of secrets", |source, line| {
        let names =
            line.contains("secret::hop") || line.contains("with = \"hop\"") || line.contains("Secret, hop");
        names && !MAY_HOP.contains(&source.path.as_str())
    })
}

/// A core that touches the world.
pub fn worldly_cores(sources: &[Source]) -> Vec<String> {
    lines_that(sources, "a core touches the world", |source, line| {
        source.in_a_core() && NOT_IN_A_CORE.iter().any(|p| line.contains(p))
    })
}

/// A lint switched off without a reason.
pub fn unreasoned_allows(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let lines: Vec<&str> = source.text.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            let text = line.trim_start();
            let allows =
                ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|a| text.starts_with(a));
            let before = n.checked_sub(1).map_or("", |n| lines[n].trim_start());
            // The attribute may go over several lines.
            let mut attribute = lines[n..].iter().take(8).scan(false, |closed, line| {
                let was = *closed;
                *closed = line.trim_end().ends_with(")]");
                (!was).then_some(line)
            });
            let reasoned =
                before.starts_with("//") || attribute.any(|l| l.contains("reason = ") || l.contains("//"));
            if allows && !reasoned {
                found.push(format!("{}:{}: a lint is switched off without a reason", source.path, n + 1));
            }
        }
    }
    found
}

/// Notes to oneself.
pub fn notes_to_oneself(sources: &[Source]) -> Vec<String> {
    let words = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
    ];
    let mut found = Vec::new();
    for source in sources {
        let lines = source.text.lines().enumerate();
        for (n, line) in lines.filter(|(_, l)| words.iter().any(|w| l.contains(w.as_str()))) {
            found.push(format!("{}:{}: a note to oneself: {}", source.path, n + 1, line.trim()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { path: "x/src/a.rs".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn test_modules_are_not_counted() {
        let text = "//! A.\nfn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n";
        let numbers: Vec<usize> = source(text).product_lines().into_iter().map(|(n, _)| n).collect();
        assert_eq!(numbers, [1, 2, 8]);
        let outside = source("//! A.\n#[cfg(test)]\nmod tests;\nfn c() {}\n");
        assert_eq!(outside.product_lines().len(), 2);
    }

    #[test]
    fn functions_are_measured_to_their_own_brace() {
        let body = "        x();\n".repeat(90);
        let text = format!(
            "//! A.\nimpl A {{\n    pub(crate) async fn long() {{\n{body}    }}\n    fn short() {{}}\n}}\n"
        );
        let measured = functions(&text);
        assert_eq!(measured, [(3, "long".to_owned(), 92), (95, "short".to_owned(), 1)]);
        assert_eq!(long_functions(&[source(&text)]).len(), 1);
    }

    #[test]
    fn broken_rules_are_found() {
        let text = "fn a() {\n    println!(\"x\");\n    #[allow(dead_code)]\n    let secret = secret::hop::serialize;\n}\n";
        let bad = [source(text)];
        for rule in [prints, hops, unreasoned_allows, files_without_a_beginning] {
            assert_eq!(rule(&bad).len(), 1);
        }
        let core = Source { path: "x/core/src/a.rs".to_owned(), text: "let t = Instant::now();".to_owned() };
        assert_eq!(worldly_cores(&[core]).len(), 1);
    }
}
