//! The layer rule: every crate states its layer number, and a dependency may only point to a lower one.
//!
//! Normal, dev and build dependencies count alike, whatever target or feature they hang on. There is no exception;
//! `docs/adr/0003-layer-rule.md` says why. A crate that is not published is test support: it stands above the others,
//! and none of them may depend on it, wherever it stands.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::{fs, io};

use thiserror::Error;
use toml::{Table, Value};

/// The page whose table names every crate beside its layer.
const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Why the layers could not be read, or do not hold.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum LayersError {
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not a manifest")]
    Manifest {
        path: String,
        #[source]
        source: Box<toml::de::Error>,
    },
    #[error("{count} breach(es) of the layer rule, first: {first}")]
    Breached { count: usize, first: Breach },
}

/// One breach of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Breach {
    /// The manifest has no `package.metadata.layer`.
    NoLayer { name: String },
    /// A dependency on a layer that is not lower.
    Arrow { from: String, from_layer: i64, to: String, to_layer: i64, table: String },
    /// A dependency by path on something that is not among the crates.
    Unlisted { from: String, to: String },
    /// A dependency on a crate that is not published.
    Unpublished { from: String, to: String },
    /// The table of the architecture page does not name the crate at its layer.
    Undocumented { name: String, layer: i64 },
}

impl fmt::Display for Breach {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayer { name } => write!(out, "{name} has no package.metadata.layer"),
            Self::Arrow { from, from_layer, to, to_layer, table } => {
                let way = if to_layer > from_layer { "up" } else { "sideways" };
                write!(out, "{from} ({from_layer}) points {way} to {to} ({to_layer}) in {table}")
            }
            Self::Unlisted { from, to } => {
                write!(out, "{from} depends by path on {to}, which is not under crates/")
            }
            Self::Unpublished { from, to } => {
                write!(out, "{from} depends on {to}, which is not published")
            }
            Self::Undocumented { name, layer } => {
                write!(out, "{ARCHITECTURE} has no row for {name} at layer {layer}")
            }
        }
    }
}

/// One crate as its manifest states it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Crate {
    name: String,
    layer: Option<i64>,
    publication: Publication,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Publication {
    Published,
    Unpublished,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Dependency {
    package: String,
    by_path: bool,
    table: String,
}

/// Checks the crates under `root` and prints one line for each layer, then one for each breach.
pub(crate) fn check(root: &Path) -> Result<(), LayersError> {
    let workspace = read_manifest(&root.join("Cargo.toml"))?;
    let inherited = workspace
        .get("workspace")
        .and_then(|table| table.get("dependencies"))
        .and_then(Value::as_table)
        .cloned()
        .unwrap_or_default();
    let mut crates = Vec::new();
    for path in manifests(&root.join("crates"))? {
        crates.push(parse(&read_manifest(&path)?, &inherited));
    }
    let page = read_text(&root.join(ARCHITECTURE))?;
    report_layers(&crates);
    let breaches: Vec<Breach> = breaches(&crates)
        .into_iter()
        .chain(on_unpublished(&crates))
        .chain(undocumented(&crates, &page))
        .collect();
    for breach in &breaches {
        println!("{breach}");
    }
    match breaches.first() {
        None => Ok(()),
        Some(first) => Err(LayersError::Breached { count: breaches.len(), first: first.clone() }),
    }
}

fn report_layers(crates: &[Crate]) {
    let mut layers: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for item in crates {
        if let Some(layer) = item.layer {
            layers.entry(layer).or_default().push(&item.name);
        }
    }
    for (layer, names) in layers {
        println!("layer {layer}: {}", names.join(", "));
    }
}

fn breaches(crates: &[Crate]) -> Vec<Breach> {
    let layer_of: BTreeMap<&str, Option<i64>> =
        crates.iter().map(|item| (item.name.as_str(), item.layer)).collect();
    let mut found = Vec::new();
    for item in crates {
        let Some(from_layer) = item.layer else {
            found.push(Breach::NoLayer { name: item.name.clone() });
            continue;
        };
        for dependency in &item.dependencies {
            match layer_of.get(dependency.package.as_str()) {
                Some(Some(to_layer)) if *to_layer >= from_layer => found.push(Breach::Arrow {
                    from: item.name.clone(),
                    from_layer,
                    to: dependency.package.clone(),
                    to_layer: *to_layer,
                    table: dependency.table.clone(),
                }),
                None if dependency.by_path => {
                    found.push(Breach::Unlisted { from: item.name.clone(), to: dependency.package.clone() });
                }
                // Lower layers are allowed; a crate without a layer has its own line; the rest is not ours.
                Some(_) | None => {}
            }
        }
    }
    found
}

/// Dependencies on crates that are not published.
fn on_unpublished(crates: &[Crate]) -> Vec<Breach> {
    let is_unpublished = |name: &str| {
        crates.iter().any(|item| item.name == name && item.publication == Publication::Unpublished)
    };
    crates
        .iter()
        .flat_map(|item| item.dependencies.iter().map(move |dependency| (item, dependency)))
        .filter(|(_, dependency)| is_unpublished(&dependency.package))
        .map(|(item, dependency)| Breach::Unpublished {
            from: item.name.clone(),
            to: dependency.package.clone(),
        })
        .collect()
}

/// Crates without a row `| layer | `name` | …` in the architecture page.
fn undocumented(crates: &[Crate], page: &str) -> Vec<Breach> {
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let documented = |name: &str, layer: i64| {
        let (number, quoted) = (layer.to_string(), format!("`{name}`"));
        rows.iter()
            .any(|row| row.get(1) == Some(&number.as_str()) && row.get(2).is_some_and(|cell| *cell == quoted))
    };
    crates
        .iter()
        .filter_map(|item| item.layer.map(|layer| (item, layer)))
        .filter(|(item, layer)| !documented(&item.name, *layer))
        .map(|(item, layer)| Breach::Undocumented { name: item.name.clone(), layer })
        .collect()
}

fn parse(manifest: &Table, inherited: &Table) -> Crate {
    let package = manifest.get("package").and_then(Value::as_table);
    let name = package.and_then(|table| table.get("name")).and_then(Value::as_str).unwrap_or("(unnamed)");
    let layer = package
        .and_then(|table| table.get("metadata"))
        .and_then(|metadata| metadata.get("layer"))
        .and_then(Value::as_integer);
    let mut dependencies = dependencies_of(manifest, inherited, "");
    for (target, tables) in manifest.get("target").and_then(Value::as_table).into_iter().flatten() {
        if let Some(tables) = tables.as_table() {
            dependencies.extend(dependencies_of(tables, inherited, &format!("target.{target}.")));
        }
    }
    let publication = match package.and_then(|table| table.get("publish")).and_then(Value::as_bool) {
        Some(false) => Publication::Unpublished,
        _ => Publication::Published,
    };
    Crate { name: name.to_owned(), layer, publication, dependencies }
}

fn dependencies_of(tables: &Table, inherited: &Table, prefix: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for kind in DEPENDENCY_TABLES {
        for (key, own) in tables.get(kind).and_then(Value::as_table).into_iter().flatten() {
            let from_workspace = own.get("workspace").and_then(Value::as_bool) == Some(true);
            let stated = if from_workspace { inherited.get(key).unwrap_or(own) } else { own };
            found.push(Dependency {
                package: stated.get("package").and_then(Value::as_str).unwrap_or(key).to_owned(),
                by_path: stated.get("path").is_some(),
                table: format!("{prefix}{kind}"),
            });
        }
    }
    found
}

/// The manifests of the folders right under `crates`, in order of their names.
fn manifests(crates: &Path) -> Result<Vec<std::path::PathBuf>, LayersError> {
    let read = |source| LayersError::Read { path: crates.display().to_string(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(crates).map_err(read)? {
        let path = entry.map_err(read)?.path().join("Cargo.toml");
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_text(path: &Path) -> Result<String, LayersError> {
    fs::read_to_string(path).map_err(|source| LayersError::Read { path: path.display().to_string(), source })
}

fn read_manifest(path: &Path) -> Result<Table, LayersError> {
    read_text(path)?
        .parse()
        .map_err(|error| LayersError::Manifest { path: path.display().to_string(), source: Box::new(error) })
}

#[cfg(test)]
mod tests {
    use super::{Breach, Crate, breaches, on_unpublished, parse, undocumented};
    use toml::Table;

    const WORKSPACE: &str = r#"
        low = { path = "crates/low" }
        renamed = { path = "crates/high", package = "high" }
        serde = "1"
    "#;

    fn manifest(text: &str) -> Crate {
        let inherited: Table = WORKSPACE.parse().expect("the fixture is TOML");
        parse(&text.parse().expect("the fixture is TOML"), &inherited)
    }

    fn at_layer(name: &str, layer: i64, rest: &str) -> Crate {
        manifest(&format!("[package]\nname = \"{name}\"\nmetadata.layer = {layer}\n{rest}"))
    }

    fn arrow(from: (&str, i64), to: (&str, i64), table: &str) -> Breach {
        Breach::Arrow {
            from: from.0.to_owned(),
            from_layer: from.1,
            to: to.0.to_owned(),
            to_layer: to.1,
            table: table.to_owned(),
        }
    }

    #[test]
    fn an_arrow_down_and_a_foreign_crate_are_allowed() {
        let crates = [
            at_layer("low", 0, "[dependencies]\nserde = { workspace = true }\nhex = \"1\""),
            at_layer("high", 2, "[dependencies]\nlow = { workspace = true }"),
        ];
        assert_eq!(breaches(&crates), []);
    }

    #[test]
    fn an_arrow_up_is_refused_under_any_name() {
        let crates = [
            at_layer("low", 0, "[dependencies]\nrenamed = { workspace = true }"),
            at_layer("high", 1, "[dependencies]"),
        ];
        assert_eq!(breaches(&crates), [arrow(("low", 0), ("high", 1), "dependencies")]);
        assert_eq!(breaches(&crates)[0].to_string(), "low (0) points up to high (1) in dependencies");
    }

    #[test]
    fn an_arrow_sideways_is_refused() {
        let crates =
            [at_layer("low", 1, ""), at_layer("side", 1, "[dependencies]\nlow = { path = \"../low\" }")];
        assert_eq!(breaches(&crates), [arrow(("side", 1), ("low", 1), "dependencies")]);
        assert!(breaches(&crates)[0].to_string().contains("sideways"));
    }

    #[test]
    fn dev_build_and_target_dependencies_count() {
        for table in ["dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            let crates = [
                at_layer("low", 0, &format!("[{table}]\nhigh = {{ path = \"../high\" }}")),
                at_layer("high", 1, ""),
            ];
            let expected = arrow(("low", 0), ("high", 1), &table.replace('\'', ""));
            assert_eq!(breaches(&crates), [expected], "{table}");
        }
    }

    #[test]
    fn a_crate_that_depends_on_itself_is_refused() {
        let crates = [at_layer("low", 0, "[dev-dependencies]\nlow = { path = \".\" }")];
        assert_eq!(breaches(&crates), [arrow(("low", 0), ("low", 0), "dev-dependencies")]);
    }

    #[test]
    fn nobody_depends_on_test_support() {
        let support = "[package]\nname = \"support\"\npublish = false\nmetadata.layer = 1";
        let on = at_layer("high", 2, "[dev-dependencies]\nsupport = { path = \"../support\" }");
        let expected = Breach::Unpublished { from: "high".to_owned(), to: "support".to_owned() };
        assert_eq!(on_unpublished(&[manifest(support), on.clone()]), [expected]);
        let published = support.replace("publish = false\n", "");
        assert_eq!(on_unpublished(&[manifest(&published), on]), []);
    }

    #[test]
    fn a_crate_without_a_layer_number_is_refused() {
        let crates = [manifest("[package]\nname = \"low\"\nmetadata.layer = \"zero\"")];
        assert_eq!(breaches(&crates), [Breach::NoLayer { name: "low".to_owned() }]);
    }

    #[test]
    fn a_path_outside_the_crates_is_refused() {
        let crates = [at_layer("low", 0, "[dev-dependencies]\nxtask = { path = \"../../xtask\" }")];
        assert_eq!(breaches(&crates), [Breach::Unlisted { from: "low".to_owned(), to: "xtask".to_owned() }]);
    }

    #[test]
    fn the_architecture_page_names_each_crate_at_its_layer() {
        let crates = [at_layer("low", 0, ""), at_layer("high", 1, "")];
        let complete = "| layer | crate |\n|---|---|\n| 0 | `low` | x |\n| 1 | `high` | y |\n";
        assert_eq!(undocumented(&crates, complete), []);
        let wrong_layer = complete.replace("| 1 |", "| 2 |");
        assert_eq!(
            undocumented(&crates, &wrong_layer),
            [Breach::Undocumented { name: "high".to_owned(), layer: 1 }]
        );
    }
}
