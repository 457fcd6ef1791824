//! Which dependency files belong together: a lock file with the manifests it is made from, a module with what it
//! inherits from.

use std::sync::Arc;

use crate::format::Format;

/// Files looked at for one finding.
pub(crate) const MOST_FILES: usize = 400;

/// The folder of a file, `""` for the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a folder is another or lies below it.
pub(crate) fn is_in(folder: &str, top: &str) -> bool {
    top.is_empty() || folder == top || folder.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'))
}

/// Of the dependency files of a repository (`paths`) those that say something about a package reported in `home`, the
/// home first.
#[must_use]
pub fn of_home(home: &str, paths: &[Arc<str>]) -> Vec<Arc<str>> {
    let Some(format) = Format::of_path(home) else { return Vec::new() };
    let ecosystem = format.ecosystem();
    let of_ecosystem: Vec<(&Arc<str>, Format)> = paths
        .iter()
        .filter_map(|path| Some((path, Format::of_path(path)?)))
        .filter(|(_, other)| other.ecosystem() == ecosystem)
        .collect();
    let locks: Vec<&str> =
        of_ecosystem.iter().filter(|(_, format)| format.is_lock()).map(|(path, _)| folder(path)).collect();
    let top = if format.is_lock() { Some(folder(home)) } else { governing(folder(home), &locks) };
    let is_wanted = |path: &str, other: Format| {
        let here = folder(path);
        if format.is_lock() {
            // One project may have lock files of several tools; each has its own findings.
            return !other.is_lock() && governing(here, &locks) == top;
        }
        (other.is_lock() && Some(here) == top) || inherits(format, folder(home), other, here)
    };
    let home = paths.iter().find(|path| ***path == *home).cloned().unwrap_or_else(|| home.into());
    let others = of_ecosystem.into_iter().filter(|(path, other)| **path != home && is_wanted(path, *other));
    let others: Vec<Arc<str>> = others.map(|(path, _)| path.clone()).collect();
    std::iter::once(home).chain(others).take(MOST_FILES).collect()
}

/// The nearest folder upwards that has a lock file.
pub(crate) fn governing<'f>(folder: &str, locks: &[&'f str]) -> Option<&'f str> {
    locks.iter().copied().filter(|lock| is_in(folder, lock)).max_by_key(|lock| lock.len())
}

/// Whether a manifest in `here` may say versions for one of `format` in `folder`.
fn inherits(format: Format, folder: &str, other: Format, here: &str) -> bool {
    match (format, other) {
        (Format::Pom, Format::Pom) | (Format::CargoToml, Format::CargoToml) | (Format::Gradle, Format::Gradle) => {
            is_in(folder, here)
        }
        (Format::Gradle, Format::Catalog) => {
            is_in(folder, here.strip_suffix("gradle").map_or(here, |up| up.trim_end_matches('/')))
        }
        (Format::Requirements, Format::Requirements) => {
            let up = here.strip_suffix("requirements").map_or(here, |up| up.trim_end_matches('/'));
            here == folder || up == folder || is_in(folder, here)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_belongs_to_the_manifests_below_it_that_have_none_of_their_own() {
        let paths: Vec<Arc<str>> = [
            "package-lock.json",
            "package.json",
            "packages/a/package.json",
            "other/package.json",
            "other/yarn.lock",
            "api/pom.xml",
            "pom.xml",
            "Cargo.toml",
            "crates/x/Cargo.toml",
            "Cargo.lock",
        ]
        .map(Arc::from)
        .to_vec();
        let of = |home: &str| of_home(home, &paths).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of("package-lock.json"), ["package-lock.json", "package.json", "packages/a/package.json"]);
        assert_eq!(of("other/yarn.lock"), ["other/yarn.lock", "other/package.json"]);
        assert_eq!(of("packages/a/package.json"), ["packages/a/package.json", "package-lock.json"]);
        assert_eq!(of("api/pom.xml"), ["api/pom.xml", "pom.xml"]);
        assert_eq!(of("crates/x/Cargo.toml"), ["crates/x/Cargo.toml", "Cargo.toml", "Cargo.lock"]);
        assert_eq!(of("src/main.rs"), Vec::<String>::new());
    }
}
