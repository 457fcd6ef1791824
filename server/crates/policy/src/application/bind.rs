//! One repository bound to its application, and each path of it to a component and an owner.

use finding::{Application, SourceApplication};

use super::data::{Applications, CRITICALITY, EXPOSURE, Part, Record, folder};
use super::stricter;
use super::url::normalised;

/// What the repository calls itself and its parts. There is no room in it for anything that weighs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names<'a> {
    /// The application's name.
    pub application: Option<&'a str>,
    /// Its parts.
    pub components: &'a [config::Component],
}

impl<'a> Names<'a> {
    /// Those of an `aspm.toml`; give the one of the base.
    #[must_use]
    pub fn of(config: &'a config::Config) -> Self {
        Self { application: config.application.name.as_deref(), components: &config.components }
    }
}

/// A repository's application, from which each path's facts come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    application: Application,
    /// The organisation's parts.
    parts: Vec<Part>,
    /// The repository's.
    named: Vec<Part>,
    problems: Vec<String>,
    /// What the source gave of it, because the organisation's data does not say.
    of_source: SourceApplication,
}

impl Applications {
    /// Binds a repository: by its URLs (all remotes; of several that are known the stricter values hold), what that leaves
    /// open by the source's facts, and the name, if nobody gave one, by the repository itself.
    #[must_use]
    pub fn bind(&self, urls: &[String], from_source: Option<&SourceApplication>, names: Names<'_>) -> Bound {
        let mut record: Option<Record> = None;
        let mut repositories: Vec<String> = Vec::new();
        for repository in urls.iter().filter_map(|url| normalised(url)) {
            let Some(found) = self.get(&repository).filter(|_| !repositories.contains(&repository)) else { continue };
            repositories.push(repository);
            record = Some(match record {
                None => found.clone(),
                Some(known) => stricter::of(known, found.clone()),
            });
        }
        let mut problems = Vec::new();
        if repositories.len() > 1 {
            let all = repositories.join(", ");
            problems.push(format!(
                "policy data knows several remotes of this repository ({all}); the stricter of each value holds"
            ));
        }
        let Record { mut application, components } = record.unwrap_or_default();
        let of_source = from_source.map(|source| fill(&mut application, source)).unwrap_or_default();
        if application.name.is_none() {
            application.name = names.application.map(str::to_owned);
        }
        let own = names.components.iter().filter_map(|component| {
            let (name, owner) = (Some(component.name.clone()), component.owner.clone());
            Some(Part { path: folder(&component.path)?, name, owner, ..Part::default() })
        });
        Bound { application, parts: components, named: own.collect(), problems, of_source }
    }
}

/// Takes what is open from the source; what was taken.
fn fill(application: &mut Application, source: &SourceApplication) -> SourceApplication {
    let known = |word: &Option<String>, words: &[&str]| {
        let word = word.as_deref().map(|word| word.trim().to_ascii_lowercase());
        word.filter(|word| words.contains(&word.as_str()))
    };
    let or = |own: &mut Option<String>, other: Option<String>| {
        let taken = other.filter(|text| own.is_none() && !text.trim().is_empty());
        *own = own.take().or_else(|| taken.clone());
        taken
    };
    SourceApplication {
        name: or(&mut application.name, source.name.clone()),
        criticality: or(&mut application.criticality, known(&source.criticality, &CRITICALITY)),
        exposure: or(&mut application.exposure, known(&source.exposure, &EXPOSURE)),
        platform: or(&mut application.platform, source.platform.clone()),
        lifecycle: or(&mut application.lifecycle, source.lifecycle.clone()),
        owner: or(&mut application.owner, source.owner.clone()),
    }
}

/// What several sources know of one application: the stricter of each value that weighs, the first of the others.
#[must_use]
pub fn of_sources<'a>(facts: impl IntoIterator<Item = &'a SourceApplication>) -> SourceApplication {
    facts.into_iter().fold(SourceApplication::default(), |known, more| SourceApplication {
        name: known.name.or_else(|| more.name.clone()),
        criticality: stricter::higher(known.criticality, more.criticality.clone(), &CRITICALITY),
        exposure: stricter::higher(known.exposure, more.exposure.clone(), &EXPOSURE),
        platform: known.platform.or_else(|| more.platform.clone()),
        lifecycle: known.lifecycle.or_else(|| more.lifecycle.clone()),
        owner: known.owner.or_else(|| more.owner.clone()),
    })
}

impl Bound {
    /// The facts at a path (relative to the root, `/`-separated; empty for a finding without a file). The component with
    /// the longest path, by whole segments, gives its name and what it says of criticality and exposure; the
    /// organisation's components come before the repository's. The owner is the component's as the organisation says it,
    /// else as the repository says it, else `codeowners` of the path, else the application's.
    #[must_use]
    pub fn for_path(&self, path: &str, codeowners: &dyn Fn(&str) -> Vec<String>) -> Application {
        let (part, named) = (longest(&self.parts, path), longest(&self.named, path));
        let mut application = self.application.clone();
        let of_part = |of: fn(&Part) -> &Option<String>| part.and_then(|part| of(part).clone());
        let of_named = |of: fn(&Part) -> &Option<String>| named.and_then(|part| of(part).clone());
        application.component = of_part(|part| &part.name).or_else(|| of_named(|part| &part.name));
        application.criticality = of_part(|part| &part.criticality).or(application.criticality);
        application.exposure = of_part(|part| &part.exposure).or(application.exposure);
        let listed = || {
            let owners = if path.is_empty() { Vec::new() } else { codeowners(path) };
            (!owners.is_empty()).then(|| owners.join(", "))
        };
        let owner = of_part(|part| &part.owner).or_else(|| of_named(|part| &part.owner)).or_else(listed);
        application.owner = owner.or(application.owner);
        application
    }

    /// The application as a whole, without component.
    #[must_use]
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// Whether what the source says is what holds at a path: of its criticality, of its exposure.
    #[must_use]
    pub fn is_of_source(&self, path: &str) -> (bool, bool) {
        let part = longest(&self.parts, path);
        let is_open = |of: fn(&Part) -> &Option<String>| part.is_none_or(|part| of(part).is_none());
        (
            self.of_source.criticality.is_some() && is_open(|part| &part.criticality),
            self.of_source.exposure.is_some() && is_open(|part| &part.exposure),
        )
    }

    /// What is worth knowing about the binding, one sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

fn longest<'p>(parts: &'p [Part], path: &str) -> Option<&'p Part> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let holds = |part: &&Part| {
        let rest = path.strip_prefix(part.path.as_str());
        part.path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // Of two with the same path (the repository's may repeat one) the first.
    parts.iter().filter(holds).rev().max_by_key(|part| part.path.len())
}
