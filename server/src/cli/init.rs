//! `init`: starter files, added to what is there, never over it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::args::InitArgs;
use super::{Usage, root};

const HOOKS: &str = ".pre-commit-config.yaml";
const STARTER: &str = include_str!("init/aspm.toml");

pub(super) fn run(args: &InitArgs, given: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    if args.pre_commit {
        return pre_commit(&root.path, out);
    }
    let path = root.path.join(config::FILE_NAME);
    if path.symlink_metadata().is_ok() {
        return Err(Usage(format!("{} is there already; nothing was changed", path.display())).into());
    }
    fs::write(&path, STARTER)?;
    writeln!(out, "Wrote {}: every key in it is a comment to be taken out.", path.display())?;
    writeln!(out, "Without sources in it, findings come from the SARIF logs below .aspm/.")?;
    Ok(ExitCode::SUCCESS)
}

/// Adds our entry to the hooks' configuration.
fn pre_commit(root: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let path = root.join(HOOKS);
    let entry = entry();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Usage(format!("{}: {error}", path.display())).into()),
    };
    if text.contains("aspm-lsp") {
        writeln!(out, "{} names aspm-lsp already; nothing was changed.", path.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let new = match added(&text, &entry) {
        Some(new) => new,
        None => {
            let why = "is written in a way that cannot be added to safely; add this by hand:";
            return Err(Usage(format!("{} {why}\n\n{entry}", path.display())).into());
        }
    };
    fs::write(&path, new)?;
    writeln!(out, "Wrote {}. Switch the hooks on with: pre-commit install", path.display())?;
    Ok(ExitCode::SUCCESS)
}

/// `language: python` needs no Rust at the user's: the wheel carries the built binary.
fn entry() -> String {
    format!(
        "\
- repo: local
  hooks:
    - id: aspm
      name: security gate (aspm-lsp)
      entry: aspm-lsp check --hook --no-data warn
      language: python
      additional_dependencies: [\"aspm-lsp=={}\"]
      pass_filenames: true
      require_serial: true
      stages: [pre-commit, pre-push, manual]
",
        crate::VERSION
    )
}

/// `text` with `entry` at the end of its list of repositories; `None` when that is not plain to see.
fn added(text: &str, entry: &str) -> Option<String> {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if text.trim().is_empty() {
        return Some(format!("repos:\n{entry}"));
    }
    let repos = text.lines().position(|line| line.trim_end() == "repos:")?;
    let after: Vec<&str> = text.lines().skip(repos + 1).collect();
    // The list's own indent, and nothing of another key behind it: what is appended must belong to the list.
    let first = after.iter().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let indent = first.len() - first.trim_start().len();
    let is_item = first.trim_start().starts_with("- ");
    let leaves = |line: &&&str| {
        let own = line.len() - line.trim_start().len();
        let is_text = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        is_text && (own < indent || (own == indent && !line.trim_start().starts_with('-')))
    };
    if !is_item || after.iter().any(|line| leaves(&line)) {
        return None;
    }
    let mut new = text.to_owned();
    if !new.ends_with('\n') {
        new.push_str(ending);
    }
    for line in entry.lines() {
        new.push_str(&" ".repeat(indent));
        new.push_str(line);
        new.push_str(ending);
    }
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_joins_the_list_and_leaves_everything_else() {
        let entry = "- repo: local\n  hooks: []\n";
        assert_eq!(added("", entry).expect("empty"), "repos:\n- repo: local\n  hooks: []\n");
        assert_eq!(
            added("# mine\nrepos:\n  - repo: x # why\n    rev: v1", entry).expect("a list"),
            "# mine\nrepos:\n  - repo: x # why\n    rev: v1\n  - repo: local\n    hooks: []\n"
        );
        assert_eq!(
            added("repos:\r\n- repo: x\r\n", entry).expect("CRLF"),
            "repos:\r\n- repo: x\r\n- repo: local\r\n  hooks: []\r\n"
        );
    }

    #[test]
    fn what_cannot_be_added_to_safely_is_left_alone() {
        for text in
            ["repos: []\n", "repos:\n- repo: x\nci:\n  skip: []\n", "minimum_pre_commit_version: 4.0\n", "repos:\n"]
        {
            assert_eq!(added(text, "- repo: local\n"), None, "{text:?}");
        }
    }
}
