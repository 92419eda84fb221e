//! Rules about foreign crates: their licences, those we never take, and no crate twice.

use std::collections::BTreeMap;

use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::root;

/// Licences a binary of ours may contain.
const LICENCES: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "BSL-1.0",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
];
/// Crates whose manifest names a file instead of an expression, with what that file says.
const BY_FILE: [(&str, &str); 2] = [("rsip", "MIT"), ("rsip-derives", "MIT")];
/// Never: a second provider of cryptography, or what is no longer kept.
const BANNED: [&str; 6] = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "serde_yaml"];
/// Crates that come in more than one version, each with who brings the others.
const DOUBLED: [(&str, &str); 28] = [
    ("asn1-rs", "rtc's reader of certificates is one behind rcgen's"),
    ("asn1-rs-derive", "as asn1-rs"),
    ("base64", "axum, rtc and sqlx-core are one behind"),
    ("block-buffer", "rsip and sqlx-core are behind"),
    ("cpufeatures", "rsip, rtc and sqlx-core are behind"),
    ("crypto-common", "rtc and sqlx-core are one behind"),
    ("der-parser", "as asn1-rs"),
    ("digest", "rsip, rtc and sqlx-core are behind"),
    ("getrandom", "ring is behind"),
    ("hashbrown", "sqlx-core itself takes two"),
    ("hmac", "rtc is one behind"),
    ("md-5", "rsip and rtc are behind"),
    ("nom", "rtc's reader of certificates is one behind lettre's"),
    ("oid-registry", "as asn1-rs"),
    ("pem", "rtc is one behind"),
    ("rand", "tungstenite is one behind"),
    ("rand_chacha", "tungstenite is one behind"),
    ("rand_core", "rtc's ciphers and tungstenite are behind"),
    ("regex-automata", "rsip is behind"),
    ("sha1", "axum, rtc and tungstenite are one behind"),
    ("sha2", "rsip and sqlx-core are behind"),
    ("strsim", "rsip's macros are behind"),
    ("syn", "macros of rsip and of tracing are behind; none of it is in the binary"),
    ("synstructure", "a macro of asn1-rs is behind; none of it is in the binary"),
    ("thiserror", "rtc's reader of certificates is one behind"),
    ("thiserror-impl", "as thiserror; none of it is in the binary"),
    ("uuid", "rsip is behind"),
    ("x509-parser", "rtc is behind rcgen"),
];

/// Everything that is built on this platform.
pub fn everything() -> Metadata {
    let manifest = root().join("Cargo.toml");
    let platform = ["--filter-platform".to_owned(), host(), "--locked".to_owned()];
    MetadataCommand::new()
        .manifest_path(manifest)
        .other_options(platform)
        .exec()
        .expect("cargo metadata reads every dependency")
}

fn host() -> String {
    let rustc = std::process::Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = text.lines().find_map(|l| l.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

/// The foreign crates among what is built here.
fn foreign(metadata: &Metadata) -> Vec<&Package> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let built = |p: &&Package| resolve.nodes.iter().any(|n| n.id == p.id);
    metadata.packages.iter().filter(|p| p.source.is_some()).filter(built).collect()
}

/// Crates whose licence is not on the list.
pub fn wrong_licences(metadata: &Metadata) -> Vec<String> {
    let mut found = Vec::new();
    for package in foreign(metadata) {
        let by_file = BY_FILE.iter().find(|(name, _)| *name == package.name.as_str()).map(|(_, l)| *l);
        let Some(expression) = package.license.as_deref().or(by_file) else {
            found.push(format!("{} {} names no licence", package.name, package.version));
            continue;
        };
        if !allows(expression) {
            found.push(format!("{} {}: {expression} is not on the list", package.name, package.version));
        }
    }
    found
}

/// Whether an SPDX expression can be met with the licences of the list.
fn allows(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at);
    met && at == words.len()
}

fn either(words: &[&str], at: &mut usize) -> bool {
    let mut met = both(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at);
    }
    met
}

fn both(words: &[&str], at: &mut usize) -> bool {
    let mut met = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at);
    }
    met
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word == "(" {
        let met = either(words, at);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        // An exception only ever permits more.
        *at += 2;
    }
    LICENCES.contains(&word)
}

/// Crates we never take, and crates from elsewhere than the registry.
pub fn banned(metadata: &Metadata) -> Vec<String> {
    let mut found = Vec::new();
    for package in foreign(metadata) {
        if BANNED.contains(&package.name.as_str()) {
            found.push(format!("{} {} is banned", package.name, package.version));
        }
        if package.source.as_ref().is_some_and(|s| !s.is_crates_io()) {
            found.push(format!("{} {} does not come from the registry", package.name, package.version));
        }
    }
    found
}

/// Crates that are built in two versions, and exceptions that are none any more.
pub fn doubled(metadata: &Metadata) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in foreign(metadata) {
        versions.entry(package.name.as_str()).or_default().push(package.version.to_string());
    }
    let mut found = Vec::new();
    for (name, versions) in &versions {
        let excepted = DOUBLED.iter().any(|(n, _)| n == name);
        match (versions.len() > 1, excepted) {
            (true, false) => found.push(format!("{name} is built as {}", versions.join(" and "))),
            (false, true) => found.push(format!("{name} is no exception any more")),
            (true, true) | (false, false) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions_are_understood() {
        for fine in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-2.0) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(allows(fine), "{fine}");
        }
        for wrong in ["", "GPL-3.0", "MIT AND GPL-2.0", "(MIT OR ISC) AND LGPL-2.1", "MIT MIT"] {
            assert!(!allows(wrong), "{wrong}");
        }
    }
}
