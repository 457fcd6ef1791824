//! One reader for each format.

mod cargo;
mod npm;
mod requirements;

use crate::format::Format;
use crate::manifest::Manifest;

pub(crate) fn read(format: Format, text: &str, manifest: &mut Manifest) {
    match format {
        Format::PackageJson => npm::package_json(text, manifest),
        Format::PackageLock => npm::package_lock(text, manifest),
        Format::Requirements => requirements::read(text, manifest),
        Format::CargoToml => cargo::manifest(text, manifest),
        Format::CargoLock => cargo::lock(text, manifest),
        _ => {}
    }
}
