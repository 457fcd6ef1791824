//! The one mutator. `apply` works on a copy and swaps it in, so a panic leaves the state as it was.

use std::path::PathBuf;
use std::sync::Arc;

use config::Settings;
use finding::text::LineIndex;
use syntax::Language;

use crate::change::{ByteEdit, Change, RootSpec};
use crate::document::Document;
use crate::effects::{Effects, Job};
use crate::root::{Root, RootId};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::{files, loading, schedule};

/// Owner of the state.
#[derive(Debug)]
pub struct Host {
    state: Arc<State>,
}

impl Default for Host {
    fn default() -> Self {
        Self { state: Arc::new(State::new()) }
    }
}

impl Host {
    /// The state of now, immutable.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.state.clone())
    }

    /// Lets one thing happen.
    pub fn apply(&mut self, change: Change) -> Effects {
        let mut state = State::clone(&self.state);
        let effects = state.apply(change);
        self.state = Arc::new(state);
        effects
    }
}

impl State {
    fn apply(&mut self, change: Change) -> Effects {
        match change {
            Change::Trusted(trusted) => {
                self.trusted = trusted;
                Effects::default()
            }
            Change::Settings(settings, problems) => self.set_settings(settings, problems),
            Change::Roots { added, removed } => self.change_roots(added, &removed),
            Change::RootLoaded { root, facts } => self.root_loaded(root, *facts),
            Change::Pulled { root, source, result } => self.pulled(root, &source, result),
            Change::Listed { root, files, notices } => self.listed(root, files, notices),
            Change::Mapped { root, generation, mapping } => self.mapped(root, generation, mapping),
            Change::Placed { root, placing } => self.placed(root, *placing),
            Change::Late { root, home, generation } => self.late(root, &home, generation),
            Change::Failed { root, home, generation, why } => self.failed(root, &home, generation, why),
            Change::Opened { uri, path, language, version, text } => self.opened(uri, path, &language, version, &text),
            Change::Edited { uri, version, edits } => self.edited(&uri, version, &edits),
            Change::Closed { uri } => self.closed(&uri),
            Change::Saved { uri } => self.saved(&uri),
            Change::Disk { changes } => files::disk_changed(self, &changes),
            Change::Refresh => self.refresh(true),
            Change::Due => self.refresh(false),
            Change::Peek => self.peek(),
            Change::Reconsider => self.reconsider(),
            Change::Survey(survey) => {
                self.survey = survey;
                let mut effects = Effects::default();
                for id in self.root_ids() {
                    schedule::groups(self, id, &mut effects);
                }
                effects
            }
        }
    }

    pub(crate) fn root_ids(&self) -> Vec<RootId> {
        self.roots.keys().copied().collect()
    }

    fn set_settings(&mut self, settings: Settings, problems: Vec<String>) -> Effects {
        self.settings = settings;
        self.settings_problems = problems.into();
        let publish = self.roots.values().flat_map(|root| files::shown_files(root)).collect();
        Effects { publish, status: true, ..Effects::default() }
    }

    fn change_roots(&mut self, added: Vec<RootSpec>, removed: &[PathBuf]) -> Effects {
        let mut effects = Effects { status: true, ..Effects::default() };
        self.roots.retain(|_, root| {
            let goes = removed.contains(&root.path);
            if goes {
                effects.publish.extend(files::shown_files(root));
            }
            !goes
        });
        for RootSpec { path, name } in added {
            if self.roots.values().any(|root| root.path == path) {
                continue;
            }
            let id = RootId(self.next_root);
            self.next_root += 1;
            self.roots.insert(id, Arc::new(Root::new(id, path.clone(), name)));
            effects.jobs.push(Job::LoadRoot { root: id, path: path.clone(), trusted: self.trusted });
            effects.jobs.push(Job::List { root: id, path });
        }
        self.bind_documents(&mut effects);
        effects
    }

    /// Says anew which file each document is; what another folder has to say of it is placed.
    fn bind_documents(&mut self, effects: &mut Effects) {
        let documents: Vec<Arc<Document>> = self.documents.values().cloned().collect();
        for document in documents {
            let file = document.path.as_deref().and_then(|path| self.file_of(path));
            if file != document.file {
                let document = Document { file: file.clone(), ..Document::clone(&document) };
                self.documents.insert_mut(document.uri.clone(), Arc::new(document));
                if let Some(file) = file {
                    schedule::file(self, &file, true, effects);
                }
            }
        }
    }

    fn opened(&mut self, uri: Arc<str>, path: Option<PathBuf>, language: &str, version: i32, text: &str) -> Effects {
        let file = path.as_deref().and_then(|path| self.file_of(path));
        let by_path = path.as_deref().and_then(|path| path.to_str()).and_then(Language::of_path);
        let document = Document {
            uri: uri.clone(),
            path,
            file: file.clone(),
            version,
            edition: self.next_edition(),
            text: text.into(),
            lines: Arc::new(LineIndex::new(text)),
            language: by_path.or_else(|| Language::of_id(language)),
            parsed: None,
            is_parse_current: false,
            parsed_at: 0,
        };
        self.documents.insert_mut(uri, Arc::new(document));
        let mut effects = Effects::default();
        if let Some(file) = file {
            files::adopt_home(self, &file);
            schedule::file(self, &file, true, &mut effects);
            effects.publish.push(file);
        }
        effects
    }

    fn next_edition(&mut self) -> u64 {
        self.edition += 1;
        self.edition
    }

    fn edited(&mut self, uri: &Arc<str>, version: i32, edits: &[ByteEdit]) -> Effects {
        let mut effects = Effects::default();
        let Some(document) = self.documents.get(uri) else { return effects };
        let mut document = Document::clone(document);
        document.version = version;
        document.edition = self.next_edition();
        let done = document.edit(edits);
        let file = document.file.clone();
        self.documents.insert_mut(uri.clone(), Arc::new(document));
        if let Some(file) = file {
            files::shift_placements(self, &file, &done);
            schedule::file(self, &file, false, &mut effects);
        }
        effects
    }

    fn closed(&mut self, uri: &Arc<str>) -> Effects {
        let mut effects = Effects::default();
        let Some(document) = self.documents.get(uri).cloned() else { return effects };
        self.documents.remove_mut(uri);
        if let Some(file) = &document.file {
            // What stands on disk counts again, and the whole findings need not stay in memory.
            schedule::file(self, file, true, &mut effects);
            effects.publish.push(file.clone());
        }
        effects
    }

    /// Code cut here and pasted there is two edits; while typing nobody looks for it in other files.
    fn saved(&mut self, uri: &Arc<str>) -> Effects {
        let mut effects = Effects::default();
        let file = self.documents.get(uri).and_then(|document| document.file.clone());
        let Some(file) = file else { return effects };
        let Some(root) = self.roots.get(&file.root) else { return effects };
        let (id, gone) = (root.id, root.groups.values().filter(|group| group.counts.gone > 0));
        let mut homes: Vec<Arc<str>> = gone.map(|group| group.home.clone()).collect();
        homes.extend(root.passers.get(&file.path).into_iter().flatten().cloned());
        for home in homes {
            schedule::group(self, id, &home, true, &mut effects);
        }
        effects
    }

    fn refresh(&mut self, is_asked: bool) -> Effects {
        let mut effects = Effects { status: true, ..Effects::default() };
        for root in self.roots.values() {
            effects.jobs.push(Job::LoadRoot { root: root.id, path: root.path.clone(), trusted: self.trusted });
            effects.jobs.push(Job::List { root: root.id, path: root.path.clone() });
            if self.trusted {
                effects.jobs.extend(loading::sync(root, is_asked));
            }
        }
        effects
    }

    fn peek(&self) -> Effects {
        let jobs = self.roots.values().flat_map(|root| {
            root.sources.iter().filter(|source| source.config.is_remote()).map(|source| loading::pull(root, source))
        });
        Effects { jobs: jobs.collect(), ..Effects::default() }
    }
}
