//! What is in force in a root: policies, exceptions, owners, and the commit that a change is told against.
//!
//! What the change at hand alters of these does not count: they are read at the commit before it. Where there is no git
//! to ask, the disk is all there is.

mod bundles;
mod inputs;
mod judge;
mod ruling;
mod source_facts;
mod submodules;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use config::Config;
use dashmap::DashMap;
use finding::wire::PolicyInfo;
use finding::{Application, ExceptionState, Verdict};
use jiff::Timestamp;
use policy::application::{Applications, Bound, Names};
use policy::exceptions::Entry;
use policy::input::GateInput;
use policy::{Gate, Stack};
use repo::Codeowners;

use super::{Inner, lock};
use bundles::Bundles;
use source_facts::SourceFacts;

pub(crate) use bundles::on_disk;
pub(super) use inputs::changed_files;
pub(crate) use inputs::{MORE, changes as gate_changes};
pub(crate) use judge::Case;
pub(crate) use ruling::{Ruled, Saying};
pub(super) use submodules::of as submodule_of;
pub(crate) use submodules::{Submodule, Update};

/// What a change is told against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base<'a> {
    /// This commit.
    Commit(&'a str),
    /// Nothing is committed yet.
    Nothing,
    /// There is no git to ask, or it cannot say.
    Unknown,
}

/// Everything that verdicts depend on besides the findings.
pub(crate) struct Law {
    facts: engine::Law,
    stack: Stack,
    bound: Bound,
    /// The repository's configuration before the change, and as it is.
    configs: [Config; 2],
    from_source: SourceFacts,
    owners: Option<Codeowners>,
    exceptions: Vec<(Entry, ExceptionState)>,
    /// By finding: triage that its source has not confirmed yet, in words.
    pending: HashMap<String, Arc<str>>,
    /// What happened to files of ours, told beside what is wrong with the law.
    remarks: Vec<String>,
    now: Timestamp,
    doubt: Option<String>,
    is_unborn: bool,
    undecided: Vec<String>,
    verdicts: Mutex<HashMap<u64, Vec<Arc<Verdict>>>>,
    applications: Mutex<HashMap<String, Arc<Application>>>,
}

/// How often the law is read again at once because triage was confirmed meanwhile.
const MOST_READ: usize = 3;

/// The law of each root, and the policies compiled so far.
#[derive(Default)]
pub(super) struct Laws {
    by_root: DashMap<PathBuf, Arc<Law>>,
    bundles: Bundles,
}

impl Inner {
    /// What is in force in a root; read when first asked for.
    pub(super) fn law(&self, root: &Path) -> Arc<Law> {
        if let Some(known) = self.laws.by_root.get(root) {
            return known.clone();
        }
        let loaded = self.config(root, true);
        self.load_law(root, &loaded.config, true)
    }

    /// Reads the bundles behind URLs anew: what came of each, in words.
    pub(super) fn pull_policies(&self, root: &Path) -> Vec<Result<String, String>> {
        bundles::pull(self, root)
    }

    /// Whether since the law of a root was read, triage was queued, sent or refused, or a source tells other facts of the
    /// application.
    pub(super) fn is_law_outdated(&self, root: &Path) -> bool {
        let Some(law) = self.laws.by_root.get(root).map(|law| law.clone()) else { return false };
        let [before, now] = &law.configs;
        let pending = super::sync::pending(self);
        let remarks = lock(&self.remarks).clone();
        law.pending != pending
            || law.remarks != remarks
            || law.from_source != SourceFacts::read(self, root, before, now)
    }

    /// Reads what is in force anew.
    pub(super) fn load_law(&self, root: &Path, config: &Config, trusted: bool) -> Arc<Law> {
        let mut law = self.read_law(root, config, trusted);
        for _ in 0..MOST_READ {
            let known = Arc::new(law);
            self.laws.by_root.insert(root.to_path_buf(), known.clone());
            // What was confirmed before this law was there to be compared with, nobody would ever notice.
            if known.pending == super::sync::pending(self) {
                return known;
            }
            law = self.read_law(root, config, trusted);
        }
        let law = Arc::new(law);
        self.laws.by_root.insert(root.to_path_buf(), law.clone());
        law
    }

    fn read_law(&self, root: &Path, config: &Config, trusted: bool) -> Law {
        let now = self.judging.now.unwrap_or_else(crate::clock::now);
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let inputs = inputs::read(self, root, config, trusted);
        let mut problems = inputs.problems;
        let found = self.laws.bundles.load(self, root, &inputs.bundles, &mut problems);
        let (applications, in_data) = Applications::of(&found.data);
        problems.extend(in_data);
        let from_source = SourceFacts::read(self, root, &inputs.config, config);
        let bound = applications.bind(&inputs.repository_urls, from_source.merged(), Names::of(&inputs.config));
        problems.extend(bound.problems().iter().cloned());
        let states = match (&inputs.exceptions_before, &inputs.exceptions_now) {
            // Nobody can tell what a broken file means; the last good one is the one that was reviewed.
            (before, now) if now.is_broken() => before
                .as_ref()
                .filter(|before| !before.is_broken())
                .map(|before| policy::exceptions::states(Some(before), before)),
            (before, now) => Some(policy::exceptions::states(before.as_ref(), now)),
        };
        let of_file = |problem: &policy::exceptions::Problem| {
            format!("{}:{}: {}", inputs::EXCEPTIONS, problem.line, problem.what)
        };
        problems.extend(inputs.exceptions_now.problems.iter().map(of_file));
        problems.extend(inputs.exceptions_now.expired(today).iter().map(of_file));
        let exceptions = states.unwrap_or_default();
        let owners = inputs.owners;
        let pending = super::sync::pending(self);
        let mut hasher = DefaultHasher::new();
        found.digest.hash(&mut hasher);
        let mut waiting: Vec<(&String, &Arc<str>)> = pending.iter().collect();
        waiting.sort_unstable();
        waiting.hash(&mut hasher);
        format!("{exceptions:?}{today}{:?}{:?}", inputs.base, inputs.repository_urls).hash(&mut hasher);
        format!("{:?}{:?}", inputs.config.application, inputs.config.components).hash(&mut hasher);
        inputs.owners_text.hash(&mut hasher);
        format!("{from_source:?}").hash(&mut hasher);
        let remarks = lock(&self.remarks).clone();
        problems.extend(remarks.iter().cloned());
        // What keeps the gate from deciding is worth knowing before it is asked.
        problems.extend(inputs.undecided.iter().chain(&inputs.doubt).cloned());
        let facts = engine::Law { revision: hasher.finish(), policies: found.infos, base: inputs.base, problems };
        let mut undecided = inputs.undecided;
        undecided.extend(found.undecided);
        Law {
            facts,
            stack: found.stack,
            bound,
            configs: [inputs.config, config.clone()],
            from_source,
            owners,
            exceptions,
            pending,
            remarks,
            now,
            doubt: inputs.doubt,
            is_unborn: inputs.is_unborn,
            undecided,
            verdicts: Mutex::default(),
            applications: Mutex::default(),
        }
    }
}

impl Law {
    pub(crate) fn facts(&self) -> &engine::Law {
        &self.facts
    }

    /// What the change is told against.
    pub(crate) fn base(&self) -> Base<'_> {
        match &self.facts.base {
            Some((commit, _)) => Base::Commit(commit),
            None if self.is_unborn => Base::Nothing,
            None => Base::Unknown,
        }
    }

    /// Why nobody can say what was introduced, where the base is HEAD for want of a better one.
    pub(crate) fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    pub(crate) fn exceptions(&self) -> &[(Entry, ExceptionState)] {
        &self.exceptions
    }

    pub(crate) fn policies(&self) -> &[PolicyInfo] {
        &self.facts.policies
    }

    /// Why no verdict counts, one sentence each.
    pub(crate) fn undecided(&self) -> &[String] {
        &self.undecided
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The gate's own answer; an error is a sentence for people.
    pub(crate) fn gate(&self, input: &GateInput<'_>) -> Result<Gate, String> {
        self.stack.gate(input).map_err(|error| format!("The gate could not decide: {error}."))
    }

    /// Where a factor of the risk at `path` comes from, for people; `None` for what is the finding's own.
    pub(crate) fn origin(&self, factor: &str, path: &str) -> Option<String> {
        let (criticality, exposure) = self.bound.is_of_source(path);
        let is_of_source = match factor {
            "criticality" => criticality,
            "exposure" => exposure,
            _ => return None,
        };
        Some(if is_of_source { self.from_source.words() } else { "policy data".to_owned() })
    }

    /// The application that the code at `path` belongs to.
    pub(crate) fn application(&self, path: &str) -> Arc<Application> {
        if let Some(known) = lock(&self.applications).get(path) {
            return known.clone();
        }
        let owners = |path: &str| self.owners.as_ref().map(|owners| owners.owners(path)).unwrap_or_default();
        let application = self.bound.for_path(path, &owners);
        let mut known = lock(&self.applications);
        // Thousands of paths share a few applications.
        let shared = known.values().find(|known| ***known == application).cloned();
        let shared = shared.unwrap_or_else(|| Arc::new(application));
        known.insert(path.to_owned(), shared.clone());
        shared
    }
}
