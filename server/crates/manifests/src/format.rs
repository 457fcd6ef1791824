//! Which file is of which format, by its name, and what to run after a change of it.

use crate::ecosystem::Ecosystem;

/// A format of dependency file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// `package.json`
    PackageJson,
    /// `package-lock.json`, `npm-shrinkwrap.json`
    PackageLock,
    /// `yarn.lock`
    YarnLock,
    /// `pnpm-lock.yaml`
    PnpmLock,
    /// `requirements*.txt`, `constraints*.txt`
    Requirements,
    /// `pyproject.toml`
    Pyproject,
    /// `poetry.lock`
    PoetryLock,
    /// `uv.lock`
    UvLock,
    /// `Cargo.toml`
    CargoToml,
    /// `Cargo.lock`
    CargoLock,
    /// `go.mod`
    GoMod,
    /// `pom.xml`
    Pom,
    /// `build.gradle`, `build.gradle.kts`
    Gradle,
    /// `*.versions.toml`
    Catalog,
    /// `composer.json`
    ComposerJson,
    /// `composer.lock`
    ComposerLock,
    /// `Gemfile`, `gems.rb`
    Gemfile,
    /// `Gemfile.lock`, `gems.locked`
    GemfileLock,
    /// `Dockerfile`, `Containerfile`
    Dockerfile,
}

impl Format {
    /// Of a file's name; `None`: no dependency file that is understood.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        Some(match name {
            "package.json" => Self::PackageJson,
            "package-lock.json" | "npm-shrinkwrap.json" => Self::PackageLock,
            "yarn.lock" => Self::YarnLock,
            "pnpm-lock.yaml" => Self::PnpmLock,
            "pyproject.toml" => Self::Pyproject,
            "poetry.lock" => Self::PoetryLock,
            "uv.lock" => Self::UvLock,
            "Cargo.toml" => Self::CargoToml,
            "Cargo.lock" => Self::CargoLock,
            "go.mod" => Self::GoMod,
            "pom.xml" => Self::Pom,
            "build.gradle" | "build.gradle.kts" => Self::Gradle,
            "composer.json" => Self::ComposerJson,
            "composer.lock" => Self::ComposerLock,
            "Gemfile" | "gems.rb" => Self::Gemfile,
            "Gemfile.lock" | "gems.locked" => Self::GemfileLock,
            _ if name.ends_with(".versions.toml") => Self::Catalog,
            _ if is_requirements(path, name) => Self::Requirements,
            _ if is_dockerfile(name) => Self::Dockerfile,
            _ => return None,
        })
    }

    /// Whose packages it holds.
    #[must_use]
    pub fn ecosystem(self) -> Ecosystem {
        match self {
            Self::PackageJson | Self::PackageLock | Self::YarnLock | Self::PnpmLock => Ecosystem::Npm,
            Self::Requirements | Self::Pyproject | Self::PoetryLock | Self::UvLock => Ecosystem::Pypi,
            Self::CargoToml | Self::CargoLock => Ecosystem::Cargo,
            Self::GoMod => Ecosystem::Golang,
            Self::Pom | Self::Gradle | Self::Catalog => Ecosystem::Maven,
            Self::ComposerJson | Self::ComposerLock => Ecosystem::Composer,
            Self::Gemfile | Self::GemfileLock => Ecosystem::Gem,
            Self::Dockerfile => Ecosystem::Docker,
        }
    }

    /// Whether a tool writes it, with all packages in and the versions that were chosen.
    #[must_use]
    pub fn is_lock(self) -> bool {
        matches!(
            self,
            Self::PackageLock
                | Self::YarnLock
                | Self::PnpmLock
                | Self::PoetryLock
                | Self::UvLock
                | Self::CargoLock
                | Self::ComposerLock
                | Self::GemfileLock
        )
    }

    /// What brings a lock file of this format in line with its manifest.
    pub(crate) fn relock(self) -> &'static str {
        match self {
            Self::PackageLock => "npm install",
            Self::YarnLock => "yarn install",
            Self::PnpmLock => "pnpm install",
            Self::PoetryLock => "poetry lock",
            Self::UvLock => "uv lock",
            Self::CargoLock => "cargo update",
            Self::ComposerLock => "composer update",
            Self::GemfileLock => "bundle install",
            other => other.after_edit(),
        }
    }

    /// What chooses a newer version of one package within the declared ranges.
    pub(crate) fn update(self, name: &str) -> String {
        match self {
            Self::PackageJson | Self::PackageLock => format!("npm update {name}"),
            Self::YarnLock => format!("yarn upgrade {name} (yarn up -R {name} from version 2 on)"),
            Self::PnpmLock => format!("pnpm update {name} --depth Infinity"),
            Self::PoetryLock => format!("poetry update {name}"),
            Self::UvLock => format!("uv lock --upgrade-package {name}"),
            Self::CargoToml | Self::CargoLock => format!("cargo update -p {name}"),
            Self::ComposerJson | Self::ComposerLock => format!("composer update {name} --with-all-dependencies"),
            Self::Gemfile | Self::GemfileLock => format!("bundle update {name} --conservative"),
            Self::GoMod => format!("go get {name}@latest"),
            Self::Requirements | Self::Pyproject => format!("pip install --upgrade {name}"),
            Self::Pom | Self::Gradle | Self::Catalog | Self::Dockerfile => "a new build".to_owned(),
        }
    }

    /// What has to be run after a manifest of this format was edited, where no lock file says.
    pub(crate) fn after_edit(self) -> &'static str {
        match self {
            Self::PackageJson | Self::PackageLock => "npm install",
            Self::YarnLock => "yarn install",
            Self::PnpmLock => "pnpm install",
            Self::Requirements => "pip install -r on this file",
            Self::Pyproject => "pip install . (or poetry lock, uv lock)",
            Self::PoetryLock => "poetry lock",
            Self::UvLock => "uv lock",
            Self::CargoToml | Self::CargoLock => "cargo update",
            Self::GoMod => "go mod tidy",
            Self::Pom => "mvn verify",
            Self::Gradle | Self::Catalog => "gradle build",
            Self::ComposerJson | Self::ComposerLock => "composer update",
            Self::Gemfile | Self::GemfileLock => "bundle install",
            Self::Dockerfile => "docker build --pull",
        }
    }
}

/// `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `requirements/base.txt`, `constraints.txt`.
fn is_requirements(path: &str, name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".in")) else { return false };
    let parts = |word: &str| stem.split(['-', '_', '.']).any(|part| part.eq_ignore_ascii_case(word));
    parts("requirements")
        || parts("constraints")
        || path.rsplit('/').nth(1).is_some_and(|folder| folder.eq_ignore_ascii_case("requirements"))
}

/// `Dockerfile`, `Dockerfile.prod`, `api.Dockerfile`, `Containerfile`.
fn is_dockerfile(name: &str) -> bool {
    let mut parts = name.split('.');
    let is_one = |part: &str| part.eq_ignore_ascii_case("dockerfile") || part.eq_ignore_ascii_case("containerfile");
    parts.next().is_some_and(is_one) || parts.next_back().is_some_and(is_one)
}
