//! What the client can do, and what is offered to it: negotiated, never assumed.

use lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeLensOptions, DiagnosticOptions, ExecuteCommandOptions,
    InitializeParams, PositionEncodingKind, ServerCapabilities, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use serde_json::Value;

use super::position::Encoding;

/// Commands of `workspace/executeCommand`.
pub(crate) const COMMANDS: [&str; 11] = [
    "aspm.open",
    "aspm.copyMarkdown",
    "aspm.edit",
    "aspm.sync",
    "aspm.finding",
    "aspm.findings",
    "aspm.flow",
    "aspm.gate",
    "aspm.status",
    "aspm.suppress",
    "aspm.triage",
];

/// The kind of the action that applies all fixes that are safe.
pub(crate) const FIX_ALL: &str = "source.fixAll.aspm";

/// What both sides agreed on.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one of the client's yes or no answers")]
pub(crate) struct Negotiated {
    pub(crate) encoding: Encoding,
    /// The client asks for diagnostics and can be told to ask again; else they are pushed.
    pub(crate) pulls: bool,
    pub(crate) related_information: bool,
    pub(crate) code_description: bool,
    pub(crate) tags: bool,
    pub(crate) markdown: bool,
    pub(crate) code_action_literals: bool,
    pub(crate) disabled_actions: bool,
    /// Edits of code actions are asked for when one is chosen.
    pub(crate) resolves_edits: bool,
    pub(crate) document_changes: bool,
    /// Edits say what they are and whether to ask first.
    pub(crate) change_annotations: bool,
    /// The client applies edits that it did not ask for.
    pub(crate) applies_edits: bool,
    pub(crate) work_done_progress: bool,
    pub(crate) show_document: bool,
    pub(crate) watches_files: bool,
    pub(crate) code_lens_refresh: bool,
    /// The client copies text when told `aspm/copy`.
    pub(crate) copies: bool,
    /// The client shows places in a list when told `aspm/locations`.
    pub(crate) locations: bool,
    /// The client fills in fields when asked `aspm/input`.
    pub(crate) asks: bool,
}

impl Negotiated {
    pub(crate) fn new(params: &InitializeParams) -> Self {
        let client = serde_json::to_value(&params.capabilities).unwrap_or_default();
        let has = |pointer: &str| {
            client.pointer(pointer).is_some_and(|value| *value != Value::Bool(false) && !value.is_null())
        };
        let encodings: Option<Vec<PositionEncodingKind>> =
            params.capabilities.general.as_ref().and_then(|general| general.position_encodings.clone());
        let formats = client.pointer("/textDocument/hover/contentFormat").and_then(Value::as_array);
        Self {
            encoding: Encoding::negotiate(encodings.as_deref()),
            pulls: has("/textDocument/diagnostic") && has("/workspace/diagnostics/refreshSupport"),
            related_information: has("/textDocument/publishDiagnostics/relatedInformation"),
            code_description: has("/textDocument/publishDiagnostics/codeDescriptionSupport"),
            tags: has("/textDocument/publishDiagnostics/tagSupport"),
            // The first format is the preferred one; without a word the protocol's old default is plain text.
            markdown: formats.and_then(|formats| formats.first()).is_some_and(|first| first == "markdown"),
            code_action_literals: has("/textDocument/codeAction/codeActionLiteralSupport"),
            disabled_actions: has("/textDocument/codeAction/disabledSupport"),
            resolves_edits: has("/textDocument/codeAction/dataSupport")
                && client
                    .pointer("/textDocument/codeAction/resolveSupport/properties")
                    .and_then(Value::as_array)
                    .is_some_and(|properties| properties.iter().any(|property| property == "edit")),
            document_changes: has("/workspace/workspaceEdit/documentChanges"),
            change_annotations: has("/workspace/workspaceEdit/documentChanges")
                && has("/workspace/workspaceEdit/changeAnnotationSupport"),
            applies_edits: has("/workspace/applyEdit"),
            work_done_progress: has("/window/workDoneProgress"),
            show_document: has("/window/showDocument/support"),
            watches_files: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            code_lens_refresh: has("/workspace/codeLens/refreshSupport"),
            copies: has("/experimental/aspm/copy"),
            locations: has("/experimental/aspm/locations"),
            asks: has("/experimental/aspm/input"),
        }
    }

    /// Edits are made when an action is chosen, not when it is offered.
    pub(crate) fn edits_later(&self) -> bool {
        self.resolves_edits || !self.code_action_literals
    }

    pub(crate) fn server(&self) -> ServerCapabilities {
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(
                TextDocumentSyncOptions {
                    open_close: Some(true),
                    change: Some(TextDocumentSyncKind::Incremental),
                    save: Some(true.into()),
                    ..TextDocumentSyncOptions::default()
                }
                .into(),
            ),
            hover_provider: Some(true.into()),
            code_action_provider: Some(
                CodeActionOptions {
                    code_action_kinds: Some(vec![CodeActionKind::QuickFix, FIX_ALL.into()]),
                    resolve_provider: Some(self.resolves_edits),
                    ..CodeActionOptions::default()
                }
                .into(),
            ),
            code_lens_provider: Some(CodeLensOptions::default()),
            diagnostic_provider: self.pulls.then(|| {
                DiagnosticOptions {
                    inter_file_dependencies: true,
                    workspace_diagnostics: true,
                    ..DiagnosticOptions::default()
                }
                .into()
            }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: COMMANDS.map(str::to_owned).to_vec(),
                ..ExecuteCommandOptions::default()
            }),
            workspace: Some(WorkspaceOptions {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(ChangeNotifications::Bool(true)),
                }),
                ..WorkspaceOptions::default()
            }),
            ..ServerCapabilities::default()
        }
    }
}
