//! The house is in order: file sizes, headers, layers, and nothing left lying about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Table;

/// Lines of a Rust file without its tests, with them, and of a file that is only tests.
const MOST_RUST: usize = 500;
const MOST_WITH_TESTS: usize = 700;
/// Lines of a TypeScript or Lua file.
const MOST_SCRIPT: usize = 400;

/// Our crates from the ground up. A crate may know those of the lines above its own, and no other.
const LAYERS: [&[&str]; 5] = [
    &["aspm-finding"],
    &["aspm-config", "aspm-syntax"],
    &["aspm-repo", "aspm-connectors", "aspm-store", "aspm-anchor", "aspm-manifests", "aspm-policy"],
    &["aspm-engine"],
    &["aspm-lsp"],
];

/// What the engine joins in memory; it must not reach for disk, git or SQL.
const NOT_FOR: [(&str, &[&str]); 4] = [
    ("aspm-engine", &["aspm-repo", "aspm-store", "aspm-connectors"]),
    ("aspm-syntax", &["aspm-finding", "aspm-config"]),
    ("aspm-anchor", &["aspm-config"]),
    ("aspm-manifests", &["aspm-config", "aspm-syntax"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files of the repository as git sees them: what is committed or about to be.
fn files() -> Vec<String> {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output();
    let listed = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let mut files: Vec<String> = match listed {
        Some(listed) => {
            listed.split(|byte| *byte == 0).map(|path| String::from_utf8_lossy(path).into_owned()).collect()
        }
        // Unpacked from an archive: everything there is, build results aside.
        None => below(&root()),
    };
    files.retain(|file| !file.is_empty() && root().join(file).is_file());
    assert!(files.len() > 100, "the files of the repository are found");
    files
}

fn below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !["target", "node_modules", ".git", ".rig"].contains(&name.as_str()) {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(root()) {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}

fn with_ending(ending: &str) -> Vec<(String, String)> {
    let has_ending = |file: &String| file.rsplit_once('.').is_some_and(|(_, end)| end == ending);
    files()
        .into_iter()
        .filter(has_ending)
        .map(|file| {
            let text = std::fs::read_to_string(root().join(&file)).unwrap_or_default();
            (file, text)
        })
        .collect()
}

/// What a program or a person wrote for the demonstration or as a case is not the house's own code.
fn is_material(file: &str) -> bool {
    ["/assets/", "/fixtures/", "/cases/", "/corpus/", "/samples/"].iter().any(|folder| file.contains(folder))
}

fn is_test(file: &str) -> bool {
    file.starts_with("tests/") || file.contains("/tests/") || file.contains("/benches/") || file.ends_with("tests.rs")
}

#[track_caller]
fn none(what: &str, mut found: Vec<String>) {
    found.sort();
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn no_file_is_too_long_to_be_read_in_one_sitting() {
    let mut long = Vec::new();
    for (file, text) in with_ending("rs").into_iter().filter(|(file, _)| !is_material(file)) {
        let lines: Vec<&str> = text.lines().collect();
        let code = lines.iter().position(|line| line.trim() == "#[cfg(test)]").unwrap_or(lines.len());
        let most = if is_test(&file) { MOST_WITH_TESTS } else { MOST_RUST };
        if code > most || lines.len() > MOST_WITH_TESTS {
            long.push(format!("{file}: {code} lines of code, {} in all", lines.len()));
        }
    }
    for ending in ["ts", "mts", "mjs", "lua"] {
        for (file, text) in with_ending(ending).into_iter().filter(|(file, _)| !is_material(file)) {
            let lines = text.lines().count();
            if lines > MOST_SCRIPT && !file.contains("/dist/") {
                long.push(format!("{file}: {lines} lines"));
            }
        }
    }
    none("files to split by topic", long);
}

#[test]
fn every_rust_file_begins_by_saying_what_it_is() {
    let without = with_ending("rs")
        .into_iter()
        .filter(|(file, text)| !is_material(file) && !text.starts_with("//! "))
        .map(|(file, _)| file)
        .collect();
    none("files that do not begin with //!", without);
}

#[test]
fn every_crate_says_what_it_must_never_do() {
    let without = with_ending("rs")
        .into_iter()
        .filter(|(file, _)| file.ends_with("src/lib.rs"))
        .filter(|(_, text)| {
            let header: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
            !["In: ", "Out: ", "Never: "].iter().all(|word| header.contains(word))
        })
        .map(|(file, _)| file)
        .collect();
    none("crates whose header lacks In:, Out: or Never:", without);
}

/// Our crates with the packages of ours that they name, development aside.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let read = |path: PathBuf| -> Table {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let top = read(root().join("Cargo.toml"));
    let short = top["workspace"]["dependencies"].as_table().expect("a table");
    let package_of = |name: &str| -> String {
        let package = short.get(name).and_then(|entry| entry.get("package")).and_then(toml::Value::as_str);
        package.unwrap_or(name).to_owned()
    };
    let mut manifests = vec![top.clone()];
    for entry in std::fs::read_dir(root().join("server/crates")).expect("crates") {
        manifests.push(read(entry.expect("an entry").path().join("Cargo.toml")));
    }
    manifests
        .iter()
        .map(|manifest| {
            let name = manifest["package"]["name"].as_str().expect("a name").to_owned();
            let dependencies = ["dependencies", "build-dependencies"]
                .iter()
                .filter_map(|table| manifest.get(*table)?.as_table())
                .flat_map(|table| table.keys())
                .map(|name| package_of(name))
                .filter(|package| package.starts_with("aspm-"))
                .collect();
            (name, dependencies)
        })
        .collect()
}

#[test]
fn data_flows_one_way_between_crates() {
    let layer = |name: &str| LAYERS.iter().position(|crates| crates.contains(&name));
    let mut wrong = Vec::new();
    for (name, dependencies) in dependencies() {
        let Some(own) = layer(&name) else {
            wrong.push(format!("{name} has no layer yet: give it one in this test"));
            continue;
        };
        for dependency in dependencies {
            if layer(&dependency).is_none_or(|below| below >= own) {
                wrong.push(format!("{name} must not depend on {dependency}"));
            }
            if NOT_FOR.iter().any(|(who, what)| *who == name && what.contains(&dependency.as_str())) {
                wrong.push(format!("{name} must not reach for {dependency}"));
            }
        }
    }
    none("edges against the direction of data", wrong);
}

#[test]
fn every_crate_of_the_layers_exists() {
    let known = dependencies();
    let missing = LAYERS
        .iter()
        .flat_map(|crates| crates.iter())
        .filter(|name| !known.contains_key(**name))
        .map(|n| (*n).to_owned());
    none("crates of the layers that do not exist", missing.collect());
}

#[test]
fn no_machine_of_ours_is_named_in_any_file() {
    // Put together here, so that this file does not name them.
    let home = |user: &str| format!("/ho{}/{user}", "me");
    let examples = ["ci", "dev", "runner", "user", "me", "you", "alice", "build", "app", "node", "a/", "it"];
    let mut examples: Vec<String> = examples.map(home).to_vec();
    // Where a container had the sources, in a case of path mapping.
    examples.push(format!("/wo{}/src/a.ts", "rk"));
    let words =
        ["wo".to_owned() + "rk/", "ro".to_owned() + "ot/", "ho".to_owned() + "me/"].map(|word| format!("/{word}"));
    let mut named = Vec::new();
    for file in files().into_iter().filter(|file| !is_material(file)) {
        let Ok(text) = std::fs::read_to_string(root().join(&file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let mut rest = line.to_owned();
            for example in &examples {
                rest = rest.replace(example, "");
            }
            for word in &words {
                let starts_a_path = rest.match_indices(word.as_str()).any(|(at, _)| {
                    rest[..at]
                        .chars()
                        .next_back()
                        .is_none_or(|before| !before.is_alphanumeric() && !"_-.}]/~".contains(before))
                });
                if starts_a_path {
                    named.push(format!("{file}:{}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    none("paths of one machine", named);
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not hold them.
    let words =
        ["TO-DO", "FIX-ME", "XX-X", "unimple-mented!", "dbg-!(", "to-do!(", "#[ign-ore"].map(|w| w.replace('-', ""));
    let mut left = Vec::new();
    for ending in ["rs", "ts", "mjs", "lua", "toml", "md", "sh", "py", "yml", "yaml"] {
        for (file, text) in with_ending(ending).into_iter().filter(|(file, _)| !is_material(file)) {
            for (number, line) in text.lines().enumerate() {
                // A list of words that lints look for is not one of them.
                if words.iter().any(|word| line.contains(word.as_str())) && !line.contains("// tidy: ") {
                    left.push(format!("{file}:{}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    none("left for later", left);
}
