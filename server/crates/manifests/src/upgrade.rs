//! Raising a declared range to a fixed version, in the range's own style. What comes out is read again and must admit
//! the version and nothing older: else it is refused, in words.

use std::ops::Range;

use crate::manifest::{Manifest, Package};
use crate::requirement::{Requirement, Style};
use crate::version::Version;

/// An edit of one declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// What goes.
    pub range: Range<usize>,
    /// What comes.
    pub text: String,
    /// Whether the step is to another major version (below 1: another minor), which may break what uses it.
    pub is_breaking: bool,
}

/// The edit of `package` in `manifest` that makes `to` its lowest version; an error continues "… cannot be upgraded
/// here: ".
pub fn upgrade(manifest: &Manifest, package: &Package, to: &str) -> Result<Upgrade, String> {
    let format = manifest.format;
    if format.is_lock() {
        return Err(format!("a lock file is written by its tool; run {}", format.update(&package.name.text)));
    }
    if let Some(why) = package.pinned_by {
        return Err(why.to_owned());
    }
    let Some(token) = package.definition.as_ref().or(package.version.as_ref()) else {
        return Err("no version is declared here".to_owned());
    };
    let ecosystem = format.ecosystem();
    let target = Version::of(ecosystem, to).ok_or_else(|| format!("{to} is no version that can be compared"))?;
    let not_understood = || format!("the declared version `{}` is not understood", token.text);
    let declared = Requirement::of(format, &token.text).ok_or_else(not_understood)?;
    if declared.has_alternatives() {
        return Err(format!("`{}` names several ranges; choose by hand", token.text));
    }
    if declared.lower().is_some_and(|lower| *lower >= target) {
        return Err(format!("`{}` asks for {target} or later already", token.text));
    }
    let raised = declared
        .parts
        .iter()
        .rev()
        .find(|part| !matches!(part.style, Style::Limit | Style::Wildcard | Style::Any))
        .ok_or_else(|| without_floor(&declared, &target, &token.text))?;
    let old = &token.text[raised.version.clone()];
    let prefix = if old.starts_with(['v', 'V']) { &old[..1] } else { "" };
    // Semantic versions are written with all three numbers.
    let mut text = token.text.clone();
    text.replace_range(raised.version.clone(), &format!("{prefix}{}", target.text()));
    // `> 1.2` with the fixed version would leave it out.
    if raised.style == Style::Above {
        text = above_to_at_least(&text, raised.version.start).ok_or_else(not_understood)?;
    }
    let after = Requirement::of(format, &text).ok_or_else(not_understood)?;
    if !after.admits(&target) {
        return Err(format!("`{}` leaves {target} out; raise its upper end by hand", token.text));
    }
    if after.lower().is_none_or(|lower| *lower < target) {
        return Err(format!("`{}` cannot be made to begin at {target}; choose by hand", token.text));
    }
    // What an escape stands for is not where it is written.
    if token.range.len() != token.text.len() {
        return Err("the declared version is written with escapes; change it by hand".to_owned());
    }
    let from = declared.lower().cloned().or_else(|| Version::of(ecosystem, old));
    Ok(Upgrade { range: token.range.clone(), text, is_breaking: from.is_none_or(|from| from.is_breaking_to(&target)) })
}

fn without_floor(declared: &Requirement, target: &Version, text: &str) -> String {
    if declared.admits(target) {
        format!("`{text}` admits {target} already; the package manager has to choose it")
    } else {
        format!("`{text}` leaves {target} out and has no lower end to raise; choose by hand")
    }
}

/// `> 1.2` as `>= 1.2`; `at` is where the version begins.
fn above_to_at_least(text: &str, at: usize) -> Option<String> {
    let sign = text.get(..at)?.rfind('>')?;
    Some(format!("{}>={}", &text[..sign], &text[sign + 1..]))
}
