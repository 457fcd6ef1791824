//! pip's requirements files, written by hand or by pip-compile, uv and `pip freeze`.

use std::collections::HashMap;
use std::ops::Range;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};

const HASHES: &str = "its line carries hashes of this version: compile the file anew (pip-compile, uv pip compile)";

pub(super) fn read(text: &str, manifest: &mut Manifest) {
    let mut via: Vec<(u32, String)> = Vec::new();
    let mut last = None;
    let mut is_listing = false;
    for line in logical_lines(text) {
        let said = text[line.clone()].trim_start();
        if let Some(comment) = said.strip_prefix('#') {
            // Indented comments belong to the package above.
            let is_indented = text[line.clone()].starts_with([' ', '\t']);
            if let Some(at) = last.filter(|_| is_indented) {
                is_listing = note_via(at, comment, is_listing, &mut via);
            }
            continue;
        }
        is_listing = false;
        last = None;
        if said.starts_with('-') {
            option(text, line, manifest);
        } else if let Some(package) = requirement(text, line.clone()) {
            last = manifest.push(package);
            let comment = text[line.clone()].split_once(" #").map(|(_, comment)| comment);
            if let (Some(at), Some(comment)) = (last, comment) {
                is_listing = note_via(at, comment, false, &mut via);
            }
        }
    }
    bring(&via, manifest);
}

/// `# via flask`, `# via -r requirements.in`, or a list of them below; whether a list is under way.
fn note_via(at: u32, comment: &str, is_listing: bool, via: &mut Vec<(u32, String)>) -> bool {
    let comment = comment.trim();
    let names = match comment.strip_prefix("via") {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest,
        _ if is_listing => comment,
        _ => return false,
    };
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()).take(64) {
        via.push((at, name.to_owned()));
    }
    true
}

/// Who needs whom, as the comments say.
fn bring(via: &[(u32, String)], manifest: &mut Manifest) {
    let ecosystem = Format::Requirements.ecosystem();
    let by_key: HashMap<String, u32> =
        (0..).zip(&manifest.packages).map(|(at, package)| (package.key.clone(), at)).collect();
    let mut is_declared = vec![true; manifest.packages.len()];
    for (at, _) in via {
        is_declared[*at as usize] = false;
    }
    for (at, name) in via {
        match by_key.get(&ecosystem.key(name.split('[').next().unwrap_or(name))) {
            Some(above) => manifest.packages[*above as usize].needs.push(*at),
            // A file (`-r requirements.in`) or the project itself (`shop (pyproject.toml)`).
            None => is_declared[*at as usize] = true,
        }
    }
    for (package, is_declared) in manifest.packages.iter_mut().zip(is_declared) {
        if !is_declared {
            package.relation = Relation::Transitive;
        }
    }
}

/// Lines with those that a backslash continues.
fn logical_lines(text: &str) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    // Some editors begin a file with a mark of its encoding.
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut start, mut at) = (mark, mark);
    for line in text[mark..].split_inclusive('\n') {
        at += line.len();
        let said = line.trim_end_matches(['\n', '\r']);
        if said.ends_with('\\') && !said.trim_start().starts_with('#') {
            continue;
        }
        lines.push(start..at);
        start = at;
    }
    if start < at {
        lines.push(start..at);
    }
    lines
}

/// `-r base.txt`, `--constraint=c.txt`; a package behind `-e` is an address.
fn option(text: &str, line: Range<usize>, manifest: &mut Manifest) {
    let said = &text[line.clone()];
    let at = line.start + (said.len() - said.trim_start().len());
    let said = said.trim();
    for name in ["--requirement", "--constraint", "-r", "-c"] {
        let Some(rest) = said.strip_prefix(name) else { continue };
        let path = rest.trim_start_matches([' ', '=', '\t']);
        let path = path.split(" #").next().unwrap_or(path).trim_end();
        if path.is_empty() || path.contains("://") || (rest == path && name.starts_with("--")) {
            return;
        }
        let start = at + name.len() + (rest.len() - rest.trim_start_matches([' ', '=', '\t']).len());
        manifest.includes.push(Token::new(path, start..start + path.len()));
        return;
    }
}

/// `name[extra] >=1,<2 ; marker  # comment`, with ` --hash=…` behind.
fn requirement(text: &str, line: Range<usize>) -> Option<Package> {
    let whole = &text[line.clone()];
    let comment = whole.find(" #").unwrap_or(whole.len());
    let options = whole.find(" --").unwrap_or(whole.len());
    let said = &whole[..comment.min(options)];
    let mut package = pep508(text, line.start..line.start + said.len(), Format::Requirements)?;
    if whole[..comment].contains("--hash") {
        package.pinned_by = Some(HASHES);
    }
    Some(package)
}

/// A requirement by PEP 508, in `range` of the text.
pub(super) fn pep508(text: &str, range: Range<usize>, format: Format) -> Option<Package> {
    let whole = text.get(range.clone())?;
    let said = whole.split(';').next().unwrap_or(whole);
    let start = range.start + (said.len() - said.trim_start().len());
    let said = said.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name_len = said.find(|c| !is_name(c)).unwrap_or(said.len());
    let name = said[..name_len].trim_end_matches(['-', '_', '.']);
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut at = name_len;
    if said[at..].trim_start().starts_with('[') {
        at += said[at..].find(']')? + 1;
    }
    let rest = &said[at..];
    let name = Token::new(name, start..start + name.len());
    if rest.trim_start().starts_with('@') {
        let mut package = Package::new(format, name, None, Relation::Direct);
        package.pinned_by = Some("it is taken from an address, not from the index");
        return Some(package);
    }
    let inner = rest.trim().trim_matches(['(', ')', '\\']).trim_end_matches(['\\', ' ', '\r', '\n', '\t']);
    // Two words are no requirement: `see README`.
    if !inner.is_empty() && !inner.starts_with(['=', '<', '>', '!', '~']) {
        return None;
    }
    let version = rest.find(inner).filter(|_| !inner.is_empty()).map(|found| {
        let from = start + at + found;
        Token::of(text, from..from + inner.len())
    });
    let mut package = Package::new(format, name, version, Relation::Direct);
    if package.version.is_none() {
        package.pinned_by = Some("no version is declared; the newest is installed with `pip install --upgrade`");
    }
    Some(package)
}
