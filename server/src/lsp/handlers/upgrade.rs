//! "Upgrade lodash to 4.17.21": the declared range raised in its own style, once for all findings of one package.

use std::ops::Range;
use std::sync::Arc;

use engine::{Packaged, Shown};
use lsp_types::{CodeAction, CodeActionDisabled, CodeActionKind, CodeActionResponse, Diagnostic};
use manifests::{Ecosystem, Format, Manifest, Version};

use super::fix;
use crate::lsp::capabilities::Negotiated;
use crate::lsp::session::Open;
use crate::present::safe;

/// What is wanted of the packages at one place.
#[derive(Default)]
pub(super) struct Upgrades {
    wanted: Vec<Wanted>,
}

/// One package and the version that fixes most of what is asked about.
struct Wanted {
    range: Option<Range<usize>>,
    package: Arc<Packaged>,
    diagnostics: Vec<Diagnostic>,
}

impl Upgrades {
    /// Takes note of what is shown.
    pub(super) fn add(&mut self, shown: &Shown, diagnostics: Option<&Vec<Diagnostic>>) {
        let diagnostics = || diagnostics.cloned().unwrap_or_default();
        for member in 0..shown.len() {
            let Some(package) = shown.package(member) else { continue };
            let range = shown.placement_of(member).range.clone();
            let is_same = |wanted: &&mut Wanted| {
                wanted.package.name == package.name && wanted.range == range && wanted.package.fix == package.fix
            };
            match self.wanted.iter_mut().find(is_same) {
                Some(known) if member == 0 => known.diagnostics.extend(diagnostics()),
                Some(_) => {}
                None => self.wanted.push(Wanted { range, package: package.clone(), diagnostics: diagnostics() }),
            }
        }
    }

    /// One action for each, the version that fixes most first.
    pub(super) fn actions(mut self, negotiated: &Negotiated, opened: &Open) -> Vec<CodeActionResponse> {
        let Some(format) = Format::of_path(&opened.file.path).filter(|_| !self.wanted.is_empty()) else {
            return Vec::new();
        };
        let ecosystem = format.ecosystem();
        self.wanted.sort_by(|a, b| {
            let fix = |wanted: &Wanted| wanted.package.fix.as_deref().and_then(|fix| Version::of(ecosystem, fix));
            a.package
                .name
                .cmp(&b.package.name)
                .then_with(|| fix(b).partial_cmp(&fix(a)).unwrap_or(std::cmp::Ordering::Equal))
        });
        // A lock file may be large, and it is not edited.
        let manifest = (!format.is_lock()).then(|| manifests::parse(format, &opened.document.text));
        let mut is_preferred_given = false;
        let actions = self.wanted.iter().filter_map(|wanted| {
            let action = wanted.action(negotiated, opened, (ecosystem, manifest.as_ref()), is_preferred_given)?;
            is_preferred_given |= action.is_preferred == Some(true);
            Some(action.into())
        });
        actions.collect()
    }
}

impl Wanted {
    fn action(
        &self,
        negotiated: &Negotiated,
        opened: &Open,
        (ecosystem, manifest): (Ecosystem, Option<&Manifest>),
        has_preferred: bool,
    ) -> Option<CodeAction> {
        let package = &self.package;
        let name = safe::line(&package.name);
        let title = match &package.fix {
            Some(fix) => format!("Upgrade {name} to {}", safe::line(fix)),
            None => format!("Upgrade {name}"),
        };
        let base = CodeAction {
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(self.diagnostics.clone()).filter(|known| !known.is_empty()),
            ..CodeAction::default()
        };
        match self.edit(ecosystem, manifest) {
            Ok(upgrade) => {
                let note = if upgrade.is_breaking { ", a major step" } else { "" };
                let edit =
                    fix::workspace_edit(negotiated, &opened.document, vec![(upgrade.range, upgrade.text)]).ok()?;
                Some(CodeAction {
                    title: format!("{title}{note} (then run {})", package.run),
                    edit: Some(edit),
                    is_preferred: Some(!upgrade.is_breaking && !has_preferred),
                    ..base
                })
            }
            Err(reason) if negotiated.disabled_actions => {
                let disabled = Some(CodeActionDisabled { reason: safe::line(&reason) });
                Some(CodeAction { title, disabled, ..base })
            }
            Err(_) => None,
        }
    }

    fn edit(&self, ecosystem: Ecosystem, manifest: Option<&Manifest>) -> Result<manifests::Upgrade, String> {
        let package = &self.package;
        if let Some(advice) = &package.advice {
            return Err(advice.clone());
        }
        let fix = package.fix.as_deref().ok_or("no version is known that fixes it")?;
        let Some(manifest) = manifest else {
            return Err("a lock file is written by its tool".to_owned());
        };
        let key = ecosystem.key(&package.name);
        let named = || manifest.named(&key).map(|(_, package)| package);
        let declared = named().find(|declared| Some(declared.span()) == self.range.as_ref());
        let declared = declared.ok_or("the declaration changed; wait for it to be looked at again")?;
        manifests::upgrade(manifest, declared, fix)
    }
}
