//! `init --pre-commit`: our hook in the configuration that pre-commit and prek share.
//!
//! The entry is `language: python`: the wheel carries the built binary, so nobody needs Rust, or aspm-lsp, beforehand.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::hook_config::{self, Change};
use crate::cli::Usage;

/// What pre-commit and prek read.
const YAML: &str = ".pre-commit-config.yaml";
/// Read by prek alone, and only where the one above is not there.
const YML: &str = ".pre-commit-config.yml";
/// Read by prek instead of both.
const TOML: &str = "prek.toml";

/// Adds our entry, or sets its version to ours.
pub(super) fn run(root: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let top = top(root);
    let entry = entry(&below(root, &top));
    let is_there = |name: &str| top.join(name).symlink_metadata().is_ok();
    if is_there(TOML) {
        let path = top.join(TOML);
        let why = "is what prek reads here, and is yours to write; this is our entry as YAML:";
        return Err(Usage(format!("{} {why}\n\n{entry}", path.display())).into());
    }
    let path = top.join(if is_there(YML) && !is_there(YAML) { YML } else { YAML });
    let told = path.display();
    if path.is_symlink() {
        return Err(Usage(format!("{told} is a link; nothing was changed. Name what it points to instead")).into());
    }
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Usage(format!("{told}: {error}")).into()),
    };
    match hook_config::with_hook(&text, &entry, crate::VERSION) {
        Change::Added(new) => {
            fs::write(&path, new)?;
            writeln!(out, "Wrote {told}: the security gate, as aspm-lsp {}.", crate::VERSION)?;
        }
        Change::Pinned { text, from } => {
            fs::write(&path, text)?;
            writeln!(out, "Wrote {told}: aspm-lsp {from} became {}.", crate::VERSION)?;
        }
        Change::None => {
            writeln!(out, "{told} names aspm-lsp already; nothing was changed.")?;
        }
        Change::Unclear => {
            let why = "is written in a way that cannot be added to safely; add this below `repos:` by hand:";
            return Err(Usage(format!("{told} {why}\n\n{entry}")).into());
        }
    }
    writeln!(out, "Switch it on, once for each clone, with one of:")?;
    for tool in ["pre-commit", "prek"] {
        writeln!(out, "  {tool} install --hook-type pre-commit --hook-type pre-push")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where hooks are run and their configuration is read: the top of the work tree, else the root itself.
fn top(root: &Path) -> PathBuf {
    root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(root).to_path_buf()
}

/// The root as seen from the top, `/`-separated; empty where they are the same.
fn below(root: &Path, top: &Path) -> String {
    let parts = root.strip_prefix(top).map(|path| path.to_string_lossy().replace('\\', "/"));
    parts.unwrap_or_default()
}

fn entry(folder: &str) -> String {
    let mut entry = format!(
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
      always_run: true  # the gate judges the index or the refs, not the names it is handed
      verbose: true     # a notice that comes with a pass has to be seen
      stages: [pre-commit, pre-push, manual]
",
        crate::VERSION
    );
    if !folder.is_empty() {
        use std::fmt::Write;
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let (files, argument) = (quoted(&format!("^{}/", escaped(folder))), quoted(folder));
        let _ = write!(entry, "      files: {files}\n      args: [--root, {argument}]\n");
    }
    entry
}

/// A regular expression, in Python's and in Rust's dialect, for these very characters.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$#&-~ ".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_of_a_folder_is_about_that_folder() {
        assert!(!entry("").contains("--root"));
        let entry = entry("it's/a.b");
        assert!(entry.ends_with("      files: '^it''s/a\\.b/'\n      args: [--root, 'it''s/a.b']\n"), "{entry}");
    }

    #[test]
    fn the_configuration_is_at_the_top_of_the_work_tree() {
        let folder = tempfile::tempdir().expect("a folder");
        let service = folder.path().join("services/api");
        fs::create_dir_all(&service).expect("folders");
        assert_eq!(below(&service, &top(&service)), "");
        fs::create_dir(folder.path().join(".git")).expect("a folder");
        assert_eq!(top(&service), folder.path());
        assert_eq!(below(&service, &top(&service)), "services/api");
    }
}
