//! Actions that change text: offered by name, made into an edit when it is wanted, refused when the text does not fit.
//!
//! What an action does is found again by the finding's id, so a client that asks for the edit later keeps nothing but
//! names.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use engine::{Document, Shown, Snapshot};
use finding::Safety;
use lsp_types::{
    AnnotatedTextEdit, ChangeAnnotation, CodeAction, CodeActionDisabled, CodeActionKind, CodeActionResponse, Command,
    Diagnostic, Edit, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri,
    WorkspaceEdit,
};
use serde::{Deserialize, Serialize};

use super::{fix, suppress, upgrade};
use crate::lsp::capabilities::{FIX_ALL, Negotiated};
use crate::lsp::position;
use crate::lsp::session::{Open, Session, open};

/// The annotation of every edit.
const ANNOTATION: &str = "aspm";
/// The command of clients that take no edits in actions.
const COMMAND: &str = "aspm.edit";
/// How long an edit waits for the findings to be verified against the newest text.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// A fix of the finding's tool, by its number.
    Fix,
    Upgrade,
    /// A suppression comment, with a prepared reason by its number.
    Suppress,
    /// Every fix of the file that is safe.
    FixAll,
}

/// An action by names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) what: What,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<usize>,
}

/// What a client sends back that asks for the edit later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Data {
    pub(super) uri: String,
    /// Of the document when the action was offered.
    pub(super) version: i32,
    #[serde(flatten)]
    pub(super) named: Named,
}

/// An edit of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Bytes of the text and what to put there.
    pub(super) replacements: Vec<(Range<usize>, String)>,
    /// It may change what the code does in more than the finding.
    pub(super) needs_confirmation: bool,
}

/// An action before it is known how the client takes it.
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) named: Named,
    pub(super) diagnostics: Option<Vec<Diagnostic>>,
    pub(super) is_preferred: bool,
    /// The change or why there is none; `None`: not looked at yet, and dear to find out.
    pub(super) change: Option<Result<Change, String>>,
}

impl Draft {
    /// `None` where the client could not use it. `is_automatic`: nobody asked, so nobody wants to read what cannot be done.
    pub(super) fn action(self, session: &Session, opened: &Open, is_automatic: bool) -> Option<CodeActionResponse> {
        let negotiated = session.negotiated();
        let Open { document, .. } = opened;
        let data = || {
            let named = self.named.clone();
            serde_json::to_value(Data { uri: document.uri.to_string(), version: document.version, named }).ok()
        };
        if !negotiated.code_action_literals {
            let is_possible = negotiated.applies_edits && !matches!(self.change, Some(Err(_)));
            let arguments = data().filter(|_| is_possible).map(|data| vec![data])?;
            let (title, command) = (self.title, COMMAND.to_owned());
            return Some(Command { title, tooltip: None, command, arguments: Some(arguments) }.into());
        }
        let kind = if self.named.what == What::FixAll { FIX_ALL.into() } else { CodeActionKind::QuickFix };
        let base = CodeAction {
            title: self.title.clone(),
            kind: Some(kind),
            diagnostics: self.diagnostics.clone(),
            is_preferred: self.is_preferred.then_some(true),
            ..CodeAction::default()
        };
        match self.change {
            None | Some(Ok(_)) if negotiated.resolves_edits => Some(CodeAction { data: data(), ..base }.into()),
            Some(Ok(change)) => {
                let edit = workspace_edit(negotiated, document, change, &self.title).ok()?;
                Some(CodeAction { edit: Some(edit), ..base }.into())
            }
            Some(Err(reason)) if negotiated.disabled_actions && !is_automatic => {
                let disabled = Some(CodeActionDisabled { reason });
                Some(CodeAction { disabled, is_preferred: None, ..base }.into())
            }
            None | Some(Err(_)) => None,
        }
    }
}

/// The edit that was named earlier, for the text of now; why there is none is a sentence for people.
pub(super) fn made(session: &Session, snapshot: &Snapshot, data: &Data, title: &str) -> Result<WorkspaceEdit, String> {
    let uri = Uri::parse(&data.uri).map_err(|error| error.to_string())?;
    let find = |snapshot: &Snapshot| {
        open(snapshot, &uri)
            .ok_or_else(|| "the document is not open any more; open it and ask for its actions again".to_owned())
    };
    let asked = find(snapshot)?;
    let settled = session.verified(snapshot, &asked, PATIENCE).ok_or(if asked.document.version == data.version {
        "its findings are still being looked for; try once more"
    } else {
        "the document has changed since and is still being looked at; ask for its actions again"
    })?;
    let opened = find(&settled)?;
    let change = of(&settled, &opened, &data.named)?;
    workspace_edit(session.negotiated(), &opened.document, change, title)
}

/// The change that a name stands for, in the document as it is now.
pub(super) fn of(snapshot: &Snapshot, opened: &Open, named: &Named) -> Result<Change, String> {
    if named.what == What::FixAll {
        let (change, _) = all_safe(&snapshot.shown(&opened.file), &opened.document);
        return (!change.replacements.is_empty()).then_some(change).ok_or_else(|| {
            "no fix of this file is marked as safe by its tool and fits the code as it is now".to_owned()
        });
    }
    let id = named.id.as_deref().unwrap_or_default();
    let here = snapshot.shown(&opened.file).into_iter().find_map(|shown| {
        let member = shown.ids().position(|other| other.as_str() == id)?;
        Some((shown, member))
    });
    let (shown, member) = here.ok_or("the finding is not in this file any more")?;
    match named.what {
        What::Fix => fixed(&opened.document, &shown, member, named.at.unwrap_or_default()),
        What::Upgrade => upgrade::change(opened, &shown, member),
        What::Suppress => suppress::change(&opened.document, &shown, member, suppress::prepared(named.at)),
        What::FixAll => Err("it is about no one finding".to_owned()),
    }
}

/// A fix of the finding's tool.
pub(super) fn fixed(document: &Document, shown: &Shown, member: usize, at: usize) -> Result<Change, String> {
    let finding = shown.finding(member).ok_or("the finding is being read again; try once more")?;
    let proposed = finding.fixes.get(at).ok_or("the tool does not propose this fix any more")?;
    let fitted = fix::fitted(document, finding, shown.placement_of(member), proposed)?;
    let needs_confirmation = proposed.safety == Safety::Unsafe || !fitted.is_in_flagged;
    Ok(Change { replacements: fitted.replacements, needs_confirmation })
}

/// All fixes together that are marked as safe, fit, and do not touch one another; and how many there are.
pub(super) fn all_safe(all: &[Shown], document: &Document) -> (Change, usize) {
    let mut fixes: Vec<Vec<(Range<usize>, String)>> = Vec::new();
    for shown in all {
        for member in 0..shown.len() {
            let Some(finding) = shown.finding(member) else { continue };
            let safe = finding.fixes.iter().filter(|fix| fix.safety == Safety::Safe);
            let fits = safe.filter_map(|fix| fix::fitted(document, finding, shown.placement_of(member), fix).ok());
            // Nobody looks at each: only code that is known to be what the tool saw.
            fixes.extend(fits.filter(|fitted| fitted.is_in_flagged).map(|fitted| fitted.replacements).next());
        }
    }
    fixes.sort_by_key(|fix| (fix[0].0.start, fix[0].0.end));
    // Several tools that propose the same.
    fixes.dedup();
    let mut taken: Vec<(Range<usize>, String)> = Vec::new();
    let mut count = 0;
    for fix in fixes {
        let touches = |new: &Range<usize>| taken.iter().any(|(old, _)| old.start <= new.end && new.start <= old.end);
        if !fix.iter().any(|(range, _)| touches(range)) {
            taken.extend(fix);
            count += 1;
        }
    }
    taken.sort_by_key(|(range, _)| range.start);
    (Change { replacements: taken, needs_confirmation: false }, count)
}

/// The edit of one document, refused by the client when the document has changed meanwhile.
pub(super) fn workspace_edit(
    negotiated: &Negotiated,
    document: &Document,
    change: Change,
    label: &str,
) -> Result<WorkspaceEdit, String> {
    let uri = Uri::parse(&document.uri).map_err(|error| error.to_string())?;
    let edits = change
        .replacements
        .into_iter()
        .map(|(range, new_text)| TextEdit {
            range: position::range(&document.text, &document.lines, &range, negotiated.encoding),
            new_text,
        })
        .collect::<Vec<_>>();
    if !negotiated.document_changes {
        return Ok(WorkspaceEdit { changes: Some(HashMap::from([(uri, edits)])), ..WorkspaceEdit::default() });
    }
    let annotated = |text_edit: TextEdit| -> Edit {
        if negotiated.change_annotations {
            Edit::AnnotatedTextEdit(AnnotatedTextEdit { annotation_id: ANNOTATION.to_owned(), text_edit })
        } else {
            text_edit.into()
        }
    };
    let text_document = OptionalVersionedTextDocumentIdentifier {
        version: Some(document.version),
        text_document_identifier: TextDocumentIdentifier { uri },
    };
    let edits = edits.into_iter().map(annotated).collect();
    let annotation = || ChangeAnnotation {
        label: label.to_owned(),
        needs_confirmation: Some(change.needs_confirmation),
        description: None,
    };
    let annotations = || HashMap::from([(ANNOTATION.to_owned(), annotation())]);
    Ok(WorkspaceEdit {
        document_changes: Some(vec![TextDocumentEdit { text_document, edits }.into()]),
        change_annotations: negotiated.change_annotations.then(annotations),
        ..WorkspaceEdit::default()
    })
}
