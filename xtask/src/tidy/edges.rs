//! The permitted dependencies between the crates of the workspace.

use std::path::Path;

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};

use super::problem::Problem;
use super::tree::Tree;

/// A crate, and the crates of the workspace that it may use.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("oncue-types", &[]),
    ("oncue-calendar", &["oncue-types"]),
    ("oncue-core", &["oncue-types"]),
    ("oncue-manifest", &["oncue-types"]),
    ("oncue-wire", &["oncue-types"]),
    ("oncue-broker", &["oncue-calendar", "oncue-core", "oncue-manifest", "oncue-types", "oncue-wire"]),
    ("oncue", &["oncue-types", "oncue-wire"]),
    (
        "oncue-cli",
        &["oncue", "oncue-broker", "oncue-calendar", "oncue-manifest", "oncue-types", "oncue-wire"],
    ),
    ("xtask", &["oncue", "oncue-calendar", "oncue-core", "oncue-manifest", "oncue-types", "oncue-wire"]),
    ("windows-suite", &["oncue"]),
];

/// The crates that every package below `examples/` may use.
const EXAMPLE: &[&str] = &["oncue", "oncue-broker"];

/// The external crates that a pure crate may use, none of which does I/O as used there.
const PURE: [(&str, &[&str]); 3] = [
    ("oncue-types", &["thiserror"]),
    ("oncue-calendar", &["jiff", "thiserror"]),
    ("oncue-core", &["hashbrown", "slab"]),
];

/// The SDK's feature that runs the real core; no other feature may.
const TESTING: &str = "testing";

/// The crates that this feature adds: the decisions, the schedules, and the manifests that a test
/// installs.
const FOR_TESTING: [&str; 3] = ["oncue-calendar", "oncue-core", "oncue-manifest"];

/// Every dependency between crates of the workspace is an allowed one, and the core is pure.
pub(super) fn rule(tree: &Tree) -> Vec<Problem> {
    let manifest = tree.root.join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec();
    match metadata {
        Ok(metadata) => judge(tree, &metadata),
        Err(error) => {
            let what = format!("cargo cannot read the workspace: {error}");
            vec![Problem::new("Cargo.toml", 1, what, "fix the manifests")]
        }
    }
}

fn judge(tree: &Tree, metadata: &Metadata) -> Vec<Problem> {
    let packages = metadata.workspace_packages();
    let names: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in &packages {
        let manifest = Manifest::of(tree, package);
        for dependency in &package.dependencies {
            // A crate may enable its own features for its tests.
            let own = dependency.name == package.name.as_str();
            if names.contains(&dependency.name.as_str()) && !own {
                problems.extend(inner_edge(&manifest, dependency));
            } else if !own {
                problems.extend(foreign_edge(&manifest, dependency));
            }
        }
        problems.extend(core_features(&manifest));
    }
    problems
}

/// A package with its manifest's place and text.
struct Manifest<'a> {
    package: &'a Package,
    path: String,
    text: &'a str,
}

impl<'a> Manifest<'a> {
    fn of(tree: &'a Tree, package: &'a Package) -> Self {
        let full = package.manifest_path.as_std_path();
        // cargo reports paths with links resolved.
        let root = tree.root.canonicalize();
        let root = root.as_deref().unwrap_or(&tree.root);
        let path = full.strip_prefix(root).unwrap_or(full);
        let path = slashed(path);
        let text = tree.texts().find(|(known, _)| *known == path);
        Self { package, text: text.map_or("", |(_, text)| text), path }
    }

    fn name(&self) -> &str {
        self.package.name.as_str()
    }

    /// What the package may use of the workspace; nothing if it is in no table.
    fn allowed(&self) -> Option<&'static [&'static str]> {
        if self.path.starts_with("examples/") {
            return Some(EXAMPLE);
        }
        ALLOWED.iter().find(|(name, _)| *name == self.name()).map(|(_, allowed)| *allowed)
    }

    /// The line that mentions `key`, or the first.
    fn line_of(&self, key: &str) -> usize {
        let speaks = |line: &str| {
            let rest = line.trim_start().trim_start_matches('"');
            rest.strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '.', '=', '"']))
        };
        let at = self.text.lines().position(speaks);
        at.map_or(1, |index| index + 1)
    }

    fn problem(&self, key: &str, what: String, remedy: impl Into<String>) -> Problem {
        Problem::new(&self.path, self.line_of(key), what, remedy)
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn inner_edge(manifest: &Manifest<'_>, dependency: &Dependency) -> Option<Problem> {
    let (user, used) = (manifest.name(), dependency.name.as_str());
    let Some(allowed) = manifest.allowed() else {
        let what = format!("`{user}` uses `{used}` but has no place in the order of crates");
        let remedy = "give it one in xtask/src/tidy/edges.rs";
        return Some(manifest.problem(used, what, remedy));
    };
    let for_testing = user == "oncue" && FOR_TESTING.contains(&used) && dependency.optional;
    if allowed.contains(&used) || for_testing {
        return None;
    }
    let remedy = match (user, used) {
        ("oncue", used) if FOR_TESTING.contains(&used) => {
            format!("make it optional and let only the feature `{TESTING}` turn it on")
        }
        ("oncue", "oncue-broker") | ("oncue-broker", "oncue") => {
            "broker and SDK share only oncue-types and oncue-wire: move what both need there".to_owned()
        }
        _ if allowed.is_empty() => format!("`{user}` uses no crate of the workspace: remove it"),
        _ => format!("`{user}` may use {} only", allowed.join(", ")),
    };
    let what = format!("`{user}` must not use `{used}`");
    Some(manifest.problem(used, what, remedy))
}

fn foreign_edge(manifest: &Manifest<'_>, dependency: &Dependency) -> Option<Problem> {
    let used = dependency.name.as_str();
    let (_, pure) = PURE.iter().find(|(name, _)| *name == manifest.name())?;
    let bound = dependency.kind != DependencyKind::Development;
    (bound && !pure.contains(&used)).then(|| {
        let what = format!("`{used}` is not on the list of crates that do no I/O");
        manifest.problem(used, what, format!("keep `{}` pure: do this outside it", manifest.name()))
    })
}

/// Only the feature for testing may add the core and related crates to the SDK, and no other
/// feature may imply it.
fn core_features(manifest: &Manifest<'_>) -> Vec<Problem> {
    if manifest.name() != "oncue" {
        return Vec::new();
    }
    let features = manifest.package.features.iter();
    features
        .filter(|(name, implied)| {
            let named = |item: &String| FOR_TESTING.iter().any(|used| item.contains(used));
            let brings = |item: &String| named(item) || item == TESTING;
            *name != TESTING && implied.iter().any(brings)
        })
        .map(|(name, _)| {
            let what = format!("the feature `{name}` of `oncue` turns on what is for testing");
            let remedy = format!("let only `{TESTING}` do so, by `dep:`");
            manifest.problem(name, what, remedy)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture::Fixture;

    /// A workspace of crates, each with the lines of its manifest after the name.
    fn workspace(crates: &[(&str, &str)]) -> Vec<String> {
        let root = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n";
        let mut tree = Fixture::new().file("Cargo.toml", root);
        for (name, lines) in crates {
            let text = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{lines}\n");
            tree = tree
                .file(&format!("crates/{name}/Cargo.toml"), &text)
                .file(&format!("crates/{name}/src/lib.rs"), "//! A crate.\n");
        }
        rule(&tree.tree()).iter().map(ToString::to_string).collect()
    }

    fn uses(name: &str) -> String {
        format!("[dependencies]\n{name} = {{ path = \"../{name}\" }}")
    }

    #[test]
    fn the_allowed_edges_pass() {
        let (types, wire) = (uses("oncue-types"), uses("oncue-wire"));
        let found = workspace(&[
            ("oncue-types", "[dependencies]\nthiserror = \"2\""),
            ("oncue-core", &types),
            ("oncue-wire", &types),
            ("oncue", &wire),
            ("oncue-broker", &wire),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn the_wire_knows_the_vocabulary_and_not_the_engine() {
        let found = workspace(&[("oncue-wire", &uses("oncue-core")), ("oncue-core", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`oncue-wire` may use oncue-types only"), "{found:?}");
    }

    #[test]
    fn broker_and_sdk_meet_only_in_the_wire() {
        let found = workspace(&[("oncue", &uses("oncue-broker")), ("oncue-broker", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/oncue/Cargo.toml:5: `oncue` must not use `oncue-broker`"));
    }

    #[test]
    fn the_vocabulary_uses_no_other_crate() {
        let found = workspace(&[("oncue-types", &uses("oncue-core")), ("oncue-core", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/oncue-types/Cargo.toml:5: `oncue-types` must not use"));
    }

    #[test]
    fn a_crate_without_a_place_in_the_order_is_found() {
        let found = workspace(&[("oncue-core", ""), ("newcomer", &uses("oncue-core"))]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("no place in the order"));
    }

    #[test]
    fn the_core_uses_no_crate_that_may_do_io() {
        let found = workspace(&[("oncue-core", "[dependencies]\ntokio = \"1\"")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/oncue-core/Cargo.toml:5: `tokio`"));
        let tests_only = "[dev-dependencies]\nproptest = \"1\"";
        assert!(workspace(&[("oncue-core", tests_only)]).is_empty());
        let calendar =
            |used: &str| workspace(&[("oncue-calendar", &format!("[dependencies]\n{used} = \"1\""))]);
        assert!(calendar("jiff").is_empty());
        assert!(calendar("chrono")[0].starts_with("crates/oncue-calendar/Cargo.toml:5: `chrono`"));
    }

    #[test]
    fn the_sdk_uses_the_core_for_testing_only() {
        let sdk = |optional: bool, features: &str| {
            let lines = format!(
                "[features]\n{features}\n[dependencies]\n\
                 oncue-core = {{ path = \"../oncue-core\", optional = {optional} }}"
            );
            workspace(&[("oncue-core", ""), ("oncue", &lines)]).len()
        };
        assert_eq!(sdk(true, "testing = [\"dep:oncue-core\"]"), 0);
        assert_eq!(sdk(false, ""), 1);
        assert_eq!(sdk(true, "fast = [\"dep:oncue-core\"]"), 1);
        let by_default = "default = [\"testing\"]\ntesting = [\"dep:oncue-core\"]";
        assert_eq!(sdk(true, by_default), 1);
        let manifest = "[dependencies]\noncue-manifest = { path = \"../oncue-manifest\", optional = true }";
        let workspace = |features: &str| {
            let lines = format!("[features]\n{features}\n{manifest}");
            workspace(&[("oncue-core", ""), ("oncue-manifest", ""), ("oncue", &lines)]).len()
        };
        assert_eq!(workspace("testing = [\"dep:oncue-manifest\"]"), 0);
        assert_eq!(workspace("fast = [\"dep:oncue-manifest\"]"), 1);
    }

    #[test]
    fn a_workspace_that_cargo_refuses_is_found() {
        let tree = Fixture::new().file("Cargo.toml", "[workspace\n");
        assert_eq!(tree.places(rule), ["Cargo.toml:1"]);
    }
}
