//! What kinds of client there are, as the capabilities they send.

use serde_json::{Value, json};

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) capabilities: Value,
    pub(crate) options: Value,
    /// Whether changes are sent as whole texts.
    pub(crate) full_sync: bool,
    pub(crate) process_id: Option<u32>,
}

impl Profile {
    fn new(capabilities: Value) -> Self {
        Self { capabilities, options: Value::Null, full_sync: false, process_id: Some(std::process::id()) }
    }

    /// Knows nothing beyond the protocol's first version.
    pub(crate) fn plain() -> Self {
        Self::new(json!({}))
    }

    /// Like VS Code without pull diagnostics: UTF-16, watches files, shows progress and documents.
    pub(crate) fn push() -> Self {
        Self::new(json!({
            "general": { "positionEncodings": ["utf-16"] },
            "window": { "workDoneProgress": true, "showDocument": { "support": true } },
            "workspace": {
                "workspaceFolders": true,
                "didChangeWatchedFiles": { "dynamicRegistration": true },
                "codeLens": { "refreshSupport": true },
                "workspaceEdit": { "documentChanges": true }
            },
            "textDocument": {
                "publishDiagnostics": {
                    "relatedInformation": true, "versionSupport": true, "codeDescriptionSupport": true,
                    "dataSupport": true, "tagSupport": { "valueSet": [1, 2] }
                },
                "hover": { "contentFormat": ["markdown", "plaintext"] },
                "codeAction": {
                    "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["", "quickfix"] } },
                    "disabledSupport": true, "dataSupport": true, "isPreferredSupport": true
                },
                "codeLens": {}
            }
        }))
    }

    /// Like Neovim 0.11: UTF-8 first, pulls diagnostics and refreshes them, no own file watcher.
    pub(crate) fn pull() -> Self {
        Self::new(json!({
            "general": { "positionEncodings": ["utf-8", "utf-16", "utf-32"] },
            "window": { "workDoneProgress": true, "showDocument": { "support": true } },
            "workspace": {
                "workspaceFolders": true,
                "diagnostics": { "refreshSupport": true },
                "didChangeWatchedFiles": { "dynamicRegistration": false },
                "workspaceEdit": { "documentChanges": true }
            },
            "textDocument": {
                "diagnostic": { "dynamicRegistration": true, "relatedDocumentSupport": true },
                "publishDiagnostics": { "relatedInformation": true, "codeDescriptionSupport": true },
                "hover": { "contentFormat": ["markdown", "plaintext"] },
                "codeAction": {
                    "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["", "quickfix"] } },
                    "disabledSupport": false
                }
            }
        }))
    }

    /// Like Emacs: UTF-32 first, plain text where it can choose, one whole text a change is not its way but allowed.
    pub(crate) fn utf32() -> Self {
        Self::new(json!({
            "general": { "positionEncodings": ["utf-32"] },
            "workspace": { "workspaceEdit": { "documentChanges": true } },
            "textDocument": {
                "publishDiagnostics": { "relatedInformation": true },
                "hover": { "contentFormat": ["plaintext"] },
                "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } }
            }
        }))
    }

    /// With `initializationOptions`.
    pub(crate) fn options(mut self, options: Value) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn full_sync(mut self) -> Self {
        self.full_sync = true;
        self
    }

    pub(crate) fn process(mut self, id: Option<u32>) -> Self {
        self.process_id = id;
        self
    }

    /// With one capability set, by JSON pointer (`/window/showDocument/support`).
    pub(crate) fn with(mut self, pointer: &str, value: Value) -> Self {
        let mut at = &mut self.capabilities;
        for name in pointer.split('/').skip(1) {
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[name];
        }
        *at = value;
        self
    }

    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.capabilities.pointer(pointer).is_some_and(|value| *value != Value::Bool(false) && !value.is_null())
    }

    pub(crate) fn pulls(&self) -> bool {
        self.has("/textDocument/diagnostic") && self.has("/workspace/diagnostics/refreshSupport")
    }
}
