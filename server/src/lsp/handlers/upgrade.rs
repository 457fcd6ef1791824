//! "Upgrade lodash to 4.17.21": the declared range raised in its own style, once for all findings of one package.

use std::ops::Range;
use std::sync::Arc;

use engine::{Packaged, Shown};
use lsp_types::{CodeActionResponse, Diagnostic};
use manifests::{Ecosystem, Format, Manifest, Version};

use super::change::{Change, Draft, Named, What};
use crate::lsp::session::{Open, Session};
use crate::present::safe;

/// What is wanted of the packages at one place.
#[derive(Default)]
pub(super) struct Upgrades {
    wanted: Vec<Wanted>,
}

/// One package and the version that fixes most of what is asked about.
struct Wanted {
    /// One of the findings.
    id: String,
    range: Option<Range<usize>>,
    package: Arc<Packaged>,
    diagnostics: Vec<Diagnostic>,
}

impl Upgrades {
    /// Takes note of what is shown.
    pub(super) fn add(&mut self, shown: &Shown, diagnostics: Option<&Vec<Diagnostic>>) {
        let diagnostics = || diagnostics.cloned().unwrap_or_default();
        for (member, id) in shown.ids().enumerate() {
            let Some(package) = shown.package(member) else { continue };
            let range = shown.placement_of(member).range.clone();
            let is_same = |wanted: &&mut Wanted| {
                wanted.package.name == package.name && wanted.range == range && wanted.package.fix == package.fix
            };
            match self.wanted.iter_mut().find(is_same) {
                Some(known) if member == 0 => known.diagnostics.extend(diagnostics()),
                Some(_) => {}
                None => {
                    let (id, package) = (id.to_string(), package.clone());
                    self.wanted.push(Wanted { id, range, package, diagnostics: diagnostics() });
                }
            }
        }
    }

    /// One action for each, the version that fixes most first.
    pub(super) fn actions(mut self, session: &Session, opened: &Open, is_automatic: bool) -> Vec<CodeActionResponse> {
        let Some(declared) = Declared::of(opened).filter(|_| !self.wanted.is_empty()) else { return Vec::new() };
        self.wanted.sort_by(|a, b| {
            let fix =
                |wanted: &Wanted| wanted.package.fix.as_deref().and_then(|fix| Version::of(declared.ecosystem, fix));
            a.package
                .name
                .cmp(&b.package.name)
                .then_with(|| fix(b).partial_cmp(&fix(a)).unwrap_or(std::cmp::Ordering::Equal))
        });
        let mut is_preferred_given = false;
        let actions = self.wanted.iter().filter_map(|wanted| {
            let draft = wanted.draft(&declared, is_preferred_given);
            is_preferred_given |= draft.is_preferred;
            draft.action(session, opened, is_automatic)
        });
        actions.collect()
    }
}

/// What the open file declares.
struct Declared {
    ecosystem: Ecosystem,
    /// A lock file may be large, and it is not edited.
    manifest: Option<Manifest>,
}

impl Declared {
    fn of(opened: &Open) -> Option<Self> {
        let format = Format::of_path(&opened.file.path)?;
        let manifest = (!format.is_lock()).then(|| manifests::parse(format, &opened.document.text));
        Some(Self { ecosystem: format.ecosystem(), manifest })
    }
}

/// The same change once more, by the finding it was offered for.
pub(super) fn change(opened: &Open, shown: &Shown, member: usize) -> Result<Change, String> {
    let gone = || "the finding is not about a package of this file any more".to_owned();
    let package = shown.package(member).ok_or_else(gone)?.clone();
    let range = shown.placement_of(member).range.clone();
    let wanted = Wanted { id: String::new(), range, package, diagnostics: Vec::new() };
    wanted.change(&Declared::of(opened).ok_or_else(gone)?).map(|(change, _)| change)
}

impl Wanted {
    fn draft(&self, declared: &Declared, has_preferred: bool) -> Draft {
        let package = &self.package;
        let name = safe::line(&package.name);
        let title = match &package.fix {
            Some(fix) => format!("Upgrade {name} to {}", safe::line(fix)),
            None => format!("Upgrade {name}"),
        };
        let base = Draft {
            title: title.clone(),
            named: Named { what: What::Upgrade, id: Some(self.id.clone()), at: None },
            diagnostics: Some(self.diagnostics.clone()).filter(|known| !known.is_empty()),
            is_preferred: false,
            change: None,
        };
        match self.change(declared) {
            Ok((change, is_breaking)) => {
                let note = if is_breaking { ", a major step" } else { "" };
                Draft {
                    title: format!("{title}{note} (then run {})", package.run),
                    is_preferred: !is_breaking && !has_preferred,
                    change: Some(Ok(change)),
                    ..base
                }
            }
            Err(reason) => Draft { change: Some(Err(safe::line(&reason))), ..base },
        }
    }

    /// The change, and whether it may break what uses the package.
    fn change(&self, declared: &Declared) -> Result<(Change, bool), String> {
        let package = &self.package;
        if let Some(advice) = &package.advice {
            return Err(advice.clone());
        }
        let fix = package.fix.as_deref().ok_or("no version is known that fixes it")?;
        let Some(manifest) = &declared.manifest else {
            return Err("a lock file is written by its tool".to_owned());
        };
        let key = declared.ecosystem.key(&package.name);
        let named = || manifest.named(&key).map(|(_, package)| package);
        let here = named().find(|declared| Some(declared.span()) == self.range.as_ref());
        let here = here.ok_or("the declaration changed; wait for it to be looked at again")?;
        let upgrade = manifests::upgrade(manifest, here, fix)?;
        let change =
            Change { replacements: vec![(upgrade.range, upgrade.text)], needs_confirmation: upgrade.is_breaking };
        Ok((change, upgrade.is_breaking))
    }
}
