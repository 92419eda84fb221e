//! Which crate may depend on which: proto ← cores ← their own shell ← ngcc, and proto ← runtime ← shells.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::root;

/// Each crate of the workspace with those of the workspace it may build on. A dependency of tests
/// follows the same table.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("ngcc-proto", &[]),
    ("ngcc-runtime", &["ngcc-proto"]),
    ("ngcc-softacd-core", &["ngcc-proto"]),
    ("ngcc-cti-core", &["ngcc-proto"]),
    ("ngcc-ivr-core", &["ngcc-proto"]),
    ("ngcc-collab-core", &["ngcc-proto"]),
    ("ngcc-softacd", &["ngcc-proto", "ngcc-runtime", "ngcc-softacd-core"]),
    ("ngcc-cti", &["ngcc-proto", "ngcc-runtime", "ngcc-cti-core"]),
    ("ngcc-ivr", &["ngcc-proto", "ngcc-runtime", "ngcc-ivr-core"]),
    ("ngcc-collab", &["ngcc-proto", "ngcc-runtime", "ngcc-collab-core"]),
    ("ngcc-agent-gateway", &["ngcc-proto", "ngcc-runtime"]),
    (
        "ngcc",
        &[
            "ngcc-proto",
            "ngcc-runtime",
            "ngcc-softacd-core",
            "ngcc-softacd",
            "ngcc-cti-core",
            "ngcc-cti",
            "ngcc-ivr-core",
            "ngcc-ivr",
            "ngcc-collab-core",
            "ngcc-collab",
            "ngcc-agent-gateway",
            "ngcc-phone",
        ],
    ),
    ("ngcc-phone", &[]),
    ("ngcc-tests", &["ngcc-proto", "ngcc-phone"]),
];

/// What a core may build on besides proto: computation without a clock, a socket or chance (`rand_chacha`
/// is a generator whose seed is an argument; of `yrs` a core takes its functions over updates, not its documents,
/// which draw an id by chance).
const PURE: [&str; 12] = [
    "serde",
    "serde_json",
    "thiserror",
    "base64",
    "yrs",
    "bytes",
    "sha2",
    "md-5",
    "hmac",
    "schemars",
    "rand_chacha",
    "ngcc-proto",
];
/// And its tests.
const PURE_IN_TESTS: [&str; 3] = ["proptest", "rsip", "insta"];

/// The workspace alone, without asking any registry.
pub fn workspace() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .expect("cargo metadata reads the workspace")
}

/// Every edge that is not in the table, and every crate that is not in it either.
pub fn forbidden_edges() -> Vec<String> {
    let mut found = Vec::new();
    for package in workspace().packages {
        let name = package.name.as_str();
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == name) else {
            found.push(format!("{name} is not in the table of crates: say there what it may build on"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.path.is_some()) {
            if !allowed.contains(&dependency.name.as_str()) {
                found.push(format!("{name} must not depend on {}", dependency.name));
            }
        }
    }
    found
}

fn cores(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.packages.iter().filter(|p| p.name.ends_with("-core") || p.name.as_str() == "ngcc-proto")
}

/// Every dependency of a core (or of proto) that is not pure computation.
pub fn impure_cores() -> Vec<String> {
    let metadata = workspace();
    let mut found = Vec::new();
    for core in cores(&metadata) {
        for dependency in &core.dependencies {
            let in_tests = dependency.kind == DependencyKind::Development;
            let name = dependency.name.as_str();
            let pure = PURE.contains(&name) || (in_tests && PURE_IN_TESTS.contains(&name));
            if !pure {
                found.push(format!("{} must not depend on {name}: it is no pure computation", core.name));
            }
        }
    }
    found
}

/// Members that do not take the workspace's lints, or whose edition differs.
pub fn members_without_the_house_rules() -> Vec<String> {
    let mut found = Vec::new();
    for package in workspace().packages {
        let text = std::fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
        let takes_lints =
            text.split("\n[").any(|s| s.starts_with("lints]") && s.contains("workspace = true"));
        if !takes_lints {
            found.push(format!("{}: `[lints] workspace = true` is missing", package.manifest_path));
        }
        if package.edition.as_str() != "2024" {
            found.push(format!("{}: edition 2024 is ours", package.manifest_path));
        }
    }
    found
}
