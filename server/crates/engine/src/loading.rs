//! Configuration, sources, file lists and mappings as they arrive.

use std::sync::Arc;

use finding::Index;
use finding::wire::SourceState;

use crate::change::{Mapping, Pulled, RootFacts};
use crate::effects::{Effects, FileRef, Job};
use crate::files;
use crate::group::{Group, HomeNote, ScannedPath};
use crate::root::{Root, RootId, Source, SourceMeta};
use crate::schedule;
use crate::state::State;

impl State {
    pub(crate) fn root_loaded(&mut self, id: RootId, facts: RootFacts) -> Effects {
        let mut effects = Effects { status: true, ..Effects::default() };
        let is_trusted = self.trusted;
        let Some(root) = self.root_mut(id) else { return effects };
        let RootFacts { config, is_configured, problems, head, law } = facts;
        let head_moved = root.head != head;
        let law_changed = law.revision != root.law.revision;
        root.law = Arc::new(law);
        root.problems = problems;
        root.is_configured = is_configured;
        root.head = head;
        // A source whose configuration stays keeps what it said; all are asked again, which is cheap when unchanged.
        let old = std::mem::replace(&mut root.sources, Arc::new([]));
        root.sources = config
            .sources
            .iter()
            .map(|wanted| match old.iter().find(|source| source.config == *wanted) {
                Some(source) => source.clone(),
                None => Source {
                    config: wanted.clone(),
                    name: wanted.name.as_str().into(),
                    state: SourceState::Loading,
                    meta: SourceMeta::default(),
                    index: Arc::new(Index::default()),
                    failure: None,
                },
            })
            .collect();
        let same_sources = old.len() == root.sources.len()
            && old.iter().zip(root.sources.iter()).all(|(old, new)| old.config == new.config);
        root.config = Some(Arc::new(config));
        effects.jobs.extend(root.sources.iter().map(|source| pull(root, source)));
        // Once a source is named; later when somebody asks.
        let is_new = |source: &&Source| source.config.is_remote() && source.state == SourceState::Loading;
        if is_trusted {
            effects.jobs.extend(root.sources.iter().filter(is_new).map(|source| sync_one(root, source, false)));
        }
        if head_moved || law_changed {
            self.doubt(id);
        }
        if head_moved || !same_sources {
            self.remap(id, &mut effects);
        } else if law_changed {
            schedule::groups(self, id, &mut effects);
        }
        effects
    }

    /// Asks each root what is in force.
    pub(crate) fn reconsider(&mut self) -> Effects {
        let load = |root: &Arc<Root>| Job::LoadRoot { root: root.id, path: root.path.clone(), trusted: self.trusted };
        Effects { jobs: self.roots.values().map(load).collect(), ..Effects::default() }
    }

    /// A checkout changes files that nobody watches, another policy changes verdicts: all is to be looked at again.
    fn doubt(&mut self, id: RootId) {
        let Some(root) = self.root_mut(id) else { return };
        let is_sure = |group: &&Arc<Group>| group.is_verified || group.in_flight.is_some();
        let sure: Vec<Arc<Group>> = root.groups.values().filter(is_sure).cloned().collect();
        for group in sure {
            // What is under way may have been begun under the old law: its result is dropped.
            let doubted = Group { is_verified: false, in_flight: None, ..Group::clone(&group) };
            root.groups.insert_mut(group.home.clone(), Arc::new(doubted));
        }
    }

    pub(crate) fn pulled(&mut self, id: RootId, name: &Arc<str>, result: Result<Pulled, String>) -> Effects {
        let mut effects = Effects { status: true, ..Effects::default() };
        let Some(root) = self.root_mut(id) else { return effects };
        let mut sources: Vec<Source> = root.sources.to_vec();
        let Some(source) = sources.iter_mut().find(|source| source.name == *name) else { return effects };
        let was_loading = source.state == SourceState::Loading;
        let mut has_changed = was_loading;
        match result {
            Ok(Pulled { meta, index, has_data }) => {
                source.failure = None;
                source.state = match has_data {
                    false => SourceState::NoData,
                    true if meta.problems.is_empty() => SourceState::Ready,
                    true => SourceState::Partial,
                };
                has_changed |= meta.revision != source.meta.revision;
                source.meta = meta;
                if let Some(index) = index {
                    source.index = index;
                    has_changed = true;
                }
            }
            Err(why) => {
                let has_data = !source.index.rows().is_empty() || source.meta.revision > 0;
                source.state = if has_data { SourceState::Partial } else { SourceState::NoData };
                source.failure = Some(why);
            }
        }
        root.sources = sources.into();
        if has_changed {
            self.remap(id, &mut effects);
        }
        effects
    }

    pub(crate) fn listed(&mut self, id: RootId, files: Arc<[Arc<str>]>, notices: Vec<String>) -> Effects {
        let mut effects = Effects { status: true, ..Effects::default() };
        let Some(root) = self.root_mut(id) else { return effects };
        let is_new = root.files.as_ref() != Some(&files);
        root.files = Some(files);
        root.listing_notices = notices;
        if is_new {
            self.remap(id, &mut effects);
        }
        effects
    }

    /// Asks where scanned paths are, once everything that needs is here; gives open documents a home meanwhile.
    fn remap(&mut self, id: RootId, effects: &mut Effects) {
        let Some(root) = self.root_mut(id) else { return };
        root.mapping_generation += 1;
        if !root.is_mapped {
            let open: Vec<FileRef> = self
                .documents
                .values()
                .filter_map(|document| document.file.clone())
                .filter(|file| file.root == id)
                .collect();
            for file in open {
                files::adopt_home(self, &file);
                schedule::file(self, &file, false, effects);
            }
        }
        let Some(root) = self.roots.get(&id) else { return };
        let (Some(files), true) = (&root.files, root.is_loaded()) else { return };
        effects.jobs.push(Job::Map {
            root: id,
            generation: root.mapping_generation,
            path: root.path.clone(),
            indexes: root.indexes(),
            commits: root
                .sources
                .iter()
                .map(|source| source.meta.scan_commit.clone().or_else(|| source.meta.assumed_commit.clone()))
                .collect(),
            files: files.clone(),
            rules: root.rules(),
        });
    }

    pub(crate) fn mapped(&mut self, id: RootId, generation: u64, mapping: Mapping) -> Effects {
        let mut effects = Effects::default();
        let Some(root) = self.root_mut(id).filter(|root| root.mapping_generation == generation) else { return effects };
        effects.status = true;
        effects.publish = files::shown_files(root);
        let indexes = root.indexes();
        let old = std::mem::take(&mut root.groups);
        // New files may hold steps of data flows that were not found before.
        let has_lost_steps = |group: &Group| {
            let mut steps = group.placed.iter().filter_map(|placed| placed.steps.as_deref()).flatten();
            steps.any(|step| !step.state.is_on_code())
        };
        let unsettled: Vec<Arc<str>> =
            old.values().filter(|group| has_lost_steps(group)).map(|group| group.home.clone()).collect();
        for (home, (scanned, note)) in mapping.homes {
            let group = match old.get(&home) {
                Some(group) if is_same(group, &scanned, &note, &indexes) => {
                    // New files may hold what was gone before; all else stands as it stood.
                    let is_verified = group.is_verified && group.counts.gone == 0 && !group.is_of_packages();
                    Group { is_verified, ..Group::clone(group) }
                }
                // What was placed stays shown until it is placed anew.
                Some(group) => Group {
                    placed: group.placed.clone(),
                    placed_in: group.placed_in.clone(),
                    details: group.details.clone(),
                    is_placed: group.is_placed,
                    consulted: group.consulted.clone(),
                    counts: group.counts,
                    ..Group::new(home.clone(), note, scanned.into(), indexes.clone())
                },
                None => Group::new(home.clone(), note, scanned.into(), indexes.clone()),
            };
            root.groups.insert_mut(home, Arc::new(group));
        }
        root.is_mapped = true;
        files::rebuild_visitors(root);
        effects.publish.extend(files::shown_files(root));
        effects.publish.sort_unstable();
        effects.publish.dedup();
        for home in unsettled {
            schedule::group(self, id, &home, true, &mut effects);
        }
        schedule::groups(self, id, &mut effects);
        effects
    }
}

/// The job that reads a source's stored findings, and where they lie at hand, their origin.
pub(crate) fn pull(root: &Root, source: &Source) -> Job {
    let (path, config, known) = (root.path.clone(), source.config.clone(), known(source));
    Job::Pull { root: root.id, path, source: config, known }
}

/// The jobs that synchronise what lies behind the network.
pub(crate) fn sync(root: &Root, is_asked: bool) -> impl Iterator<Item = Job> {
    root.sources.iter().filter(|source| source.config.is_remote()).map(move |source| sync_one(root, source, is_asked))
}

fn sync_one(root: &Root, source: &Source, is_asked: bool) -> Job {
    let (path, config, known) = (root.path.clone(), source.config.clone(), known(source));
    Job::Sync { is_asked, root: root.id, path, source: config, known }
}

fn known(source: &Source) -> Option<u64> {
    matches!(source.state, SourceState::Ready | SourceState::Partial).then_some(source.meta.revision)
}

fn is_same(group: &Group, scanned: &[ScannedPath], note: &HomeNote, indexes: &[Arc<Index>]) -> bool {
    *group.scanned == *scanned
        && group.note == *note
        && group.indexes.len() == indexes.len()
        && group.indexes.iter().zip(indexes).all(|(old, new)| Arc::ptr_eq(old, new))
}

impl HomeNote {
    /// In words, for the hover; `None` when there is nothing to say.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Same | Self::Packages => None,
            Self::Mapped(words) | Self::Ambiguous(words) | Self::Missing(words) => Some(words.to_string()),
            Self::Renamed(from) => Some(format!("renamed from {from}")),
            Self::Deleted => Some("the file was deleted".to_owned()),
        }
    }
}
