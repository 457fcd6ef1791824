//! Every format by example: `tests/cases/FORMAT.md` holds files and what is read of them. `ASPM_BLESS=1` writes down
//! what is read now, to be looked at.

use std::fmt::Write as _;

use aspm_manifests::{Format, Manifest, Relation, parse};
use proptest::prelude::*;

const FORMATS: [&str; 19] = [
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "requirements.txt",
    "pyproject.toml",
    "poetry.lock",
    "uv.lock",
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "libs.versions.toml",
    "composer.json",
    "composer.lock",
    "Gemfile",
    "Gemfile.lock",
    "Dockerfile",
];

fn read(file: &str) -> String {
    let path = format!("{}/tests/cases/{file}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What is read of a file, a line each.
fn told(text: &str, manifest: &Manifest) -> String {
    let mut lines = Vec::new();
    for package in &manifest.packages {
        let relation = match package.relation {
            Relation::Direct => "direct",
            Relation::Development => "development",
            Relation::Managed => "managed",
            Relation::Transitive => "transitive",
            Relation::Own => "own",
        };
        let mut line = format!("{relation} {}", package.name.text);
        if let Some(version) = &package.version {
            let _ = write!(line, " | {}", version.text);
            let raw = text.get(version.range.clone()).expect("a place in the text");
            if raw != version.text {
                let _ = write!(line, " (written {raw})");
            }
        }
        if let Some(definition) = &package.definition {
            assert_eq!(text.get(definition.range.clone()), Some(definition.text.as_str()));
            let _ = write!(line, " = {}", definition.text);
        }
        if package.pinned_by.is_some() {
            line.push_str(" | pinned");
        }
        let needs: Vec<&str> =
            package.needs.iter().map(|need| manifest.packages[*need as usize].name.text.as_str()).collect();
        if !needs.is_empty() {
            let _ = write!(line, " | needs {}", needs.join(", "));
        }
        assert!(text.get(package.name.range.clone()).is_some(), "{line}");
        lines.push(line);
    }
    for (folder, root) in &manifest.roots {
        let folder = if folder.is_empty() { "." } else { folder };
        lines.push(format!("root {folder}: {}", manifest.packages[*root as usize].name.text));
    }
    lines.extend(manifest.includes.iter().map(|include| format!("include {}", include.text)));
    lines.extend(manifest.notices.iter().map(|notice| format!("notice {notice}")));
    lines.join("\n")
}

#[test]
fn every_format_is_read_as_its_cases_say() {
    let is_blessing = std::env::var_os("ASPM_BLESS").is_some();
    let mut wrong = Vec::new();
    for file in FORMATS {
        let format = Format::of_path(file).expect("known");
        let cases = read(file);
        let mut blessed = String::new();
        let mut count = 0;
        for section in cases.split_inclusive("\n````\n") {
            let Some((head, rest)) = section.split_once("````text\n") else {
                blessed.push_str(section);
                continue;
            };
            // A case is two fences: the file, and what is read of it.
            let (text, expected) = rest.split_once("\n---- is read as\n").unwrap_or_else(|| panic!("{file}: {head}"));
            let expected = expected.trim_end_matches("````\n").trim_end();
            count += 1;
            let text = text.replace("\u{2404}", "");
            let found = told(&text, &parse(format, &text));
            if found != expected {
                wrong.push(format!("{file}: {}\nexpected\n{expected}\nfound\n{found}\n", head.trim()));
            }
            let _ = write!(blessed, "{head}````text\n{text}\n---- is read as\n{found}\n````\n");
        }
        assert!(count >= 6, "{file} has {count} cases");
        if is_blessing {
            let path = format!("{}/tests/cases/{file}.md", env!("CARGO_MANIFEST_DIR"));
            std::fs::write(path, blessed).expect("written");
        }
    }
    assert!(is_blessing || wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files of the cases as they stand, by format.
fn samples() -> Vec<(Format, String)> {
    let mut samples = Vec::new();
    for file in FORMATS {
        let cases = read(file);
        for section in cases.split("````text\n").skip(1) {
            let text = section.split("\n---- is read as\n").next().unwrap_or_default();
            samples.push((Format::of_path(file).expect("known"), text.to_owned()));
        }
    }
    samples
}

fn check(format: Format, text: &str) {
    let manifest = parse(format, text);
    let _ = told_loosely(text, &manifest);
    for package in &manifest.packages {
        // What an edit makes is a text again, and is read again.
        if let Ok(upgrade) = aspm_manifests::upgrade(&manifest, package, "99.9.9") {
            let mut edited = text.to_owned();
            edited.replace_range(upgrade.range, &upgrade.text);
            let _ = parse(format, &edited);
        }
    }
}

fn told_loosely(text: &str, manifest: &Manifest) -> usize {
    manifest
        .packages
        .iter()
        .flat_map(|package| [Some(&package.name), package.version.as_ref(), package.definition.as_ref()])
        .flatten()
        .map(|token| text.get(token.range.clone()).expect("a place in the text").len())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_file_cut_and_stirred_anywhere_is_read_without_panic(
        pick in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, r#"[ \n"'{}\[\]():,@=<>~^$#\\/.\-a1é\u{1F600}]{0,6}"#), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let samples = samples();
        let (format, mut text) = samples[pick.index(samples.len())].clone();
        for (at, len, new) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((start + len).min(text.len())).max(start);
            text.replace_range(start..end, &new);
        }
        if cut.index(3) == 0 {
            text.truncate(text.floor_char_boundary(cut.index(text.len() + 1)));
        }
        check(format, &text);
    }

    #[test]
    fn any_text_is_read_as_every_format(text in r#"([ \n\t"'{}\[\]():,@=<>~^$#\\/.\-é]|[a-c]{1,3}|[0-9]{1,2}|gem |FROM |require |version|dependencies|<dependency>|</version>|\[package\]\n|- ){0,40}"#) {
        for file in FORMATS {
            check(Format::of_path(file).expect("known"), &text);
        }
    }
}
