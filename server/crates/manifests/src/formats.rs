//! One reader for each format.

mod cargo;
mod docker;
mod go;
mod gradle;
mod maven;
mod npm;
mod php;
mod python;
mod requirements;
mod ruby;
mod yarn;

pub(crate) use maven::property;

use crate::format::Format;
use crate::manifest::Manifest;

pub(crate) fn read(format: Format, text: &str, manifest: &mut Manifest) {
    match format {
        Format::PackageJson => npm::package_json(text, manifest),
        Format::PackageLock => npm::package_lock(text, manifest),
        Format::YarnLock => yarn::lock(text, manifest),
        Format::PnpmLock => yarn::pnpm(text, manifest),
        Format::Requirements => requirements::read(text, manifest),
        Format::Pyproject => python::pyproject(text, manifest),
        Format::PoetryLock | Format::UvLock => python::lock(format, text, manifest),
        Format::CargoToml => cargo::manifest(text, manifest),
        Format::CargoLock => cargo::lock(text, manifest),
        Format::GoMod => go::read(text, manifest),
        Format::Pom => maven::read(text, manifest),
        Format::Gradle => gradle::script(text, manifest),
        Format::Catalog => gradle::catalog(text, manifest),
        Format::ComposerJson => php::json(text, manifest),
        Format::ComposerLock => php::lock(text, manifest),
        Format::Gemfile => ruby::gemfile(text, manifest),
        Format::GemfileLock => ruby::lock(text, manifest),
        Format::Dockerfile => docker::read(text, manifest),
    }
}
