//! The methods this server has, each in a file of its own.

use std::sync::{Arc, Mutex, OnceLock};

use finding::wire::{FindingDetail, FindingsPage, GateReport, LoginAnswer};
use lsp_types::{
    CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, DidChangeConfigurationParams,
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DocumentDiagnosticParams, DocumentDiagnosticReport, ExecuteCommandParams, Hover,
    HoverParams, InitializeParams, InitializeResult, InitializedParams, LspAny, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReport,
};
use tokio::sync::watch;
use tower_lsp::jsonrpc::Result;
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService};

use super::closed::Closed;
use super::handlers;
use super::lifecycle::Lifecycle;
use super::outgoing::{self, Announcer, Outgoing};
use super::session::Session;
use crate::driver::{Driver, Judging, Network, Places};
use crate::report::texts::Kept;

/// The service that the transport calls.
pub(crate) struct Server {
    session: Arc<Session>,
    /// For what belongs to one request; everything else goes out through [`outgoing`].
    client: Client,
}

pub(crate) fn build(places: Places, lifecycle: &Arc<Lifecycle>) -> (LspService<Server>, ClientSocket) {
    LspService::build_with_lifecycle_methods(|client| {
        let (outgoing, messages) = Outgoing::new();
        let (ticks, ticking) = watch::channel(0);
        let cache = places.cache.clone();
        let driver = Driver::new(
            places,
            Judging { network: Network::InTurn, ..Judging::default() },
            Box::new(Announcer { outgoing: outgoing.clone(), ticks }),
        );
        let negotiated = OnceLock::new();
        let lifecycle = lifecycle.clone();
        let session = Arc::new(Session {
            driver,
            outgoing,
            lifecycle,
            negotiated,
            ticks: ticking,
            closed: Closed::default(),
            texts: Kept::default(),
            cache,
            forms: handlers::triage::Forms::default(),
            watching: Mutex::default(),
        });
        tokio::spawn(outgoing::run(Arc::downgrade(&session), client.clone(), messages));
        Server { session, client }
    })
    .custom_method("textDocument/didOpen", Server::did_open)
    .custom_method("textDocument/didChange", Server::did_change)
    .custom_method("textDocument/didClose", Server::did_close)
    .custom_method("textDocument/didSave", Server::did_save)
    .custom_method("workspace/didChangeConfiguration", Server::did_change_configuration)
    .custom_method("workspace/didChangeWatchedFiles", Server::did_change_watched_files)
    .custom_method("workspace/didChangeWorkspaceFolders", Server::did_change_workspace_folders)
    .custom_method("textDocument/hover", Server::hover)
    .custom_method("textDocument/codeAction", Server::code_action)
    .custom_method("codeAction/resolve", Server::resolve_code_action)
    .custom_method("textDocument/codeLens", Server::code_lens)
    .custom_method("textDocument/diagnostic", Server::diagnostic)
    .custom_method("workspace/diagnostic", Server::workspace_diagnostic)
    .custom_method("workspace/executeCommand", Server::execute_command)
    .custom_method("aspm/finding", Server::finding)
    .custom_method("aspm/findings", Server::findings)
    .custom_method("aspm/gate", Server::gate)
    .custom_method("aspm/login", Server::login)
    .custom_method("aspm/text", Server::text)
    .finish()
}

impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        Ok(handlers::initialize::handle(&self.session, params))
    }

    async fn initialized(&self, _: InitializedParams) {
        handlers::initialized::handle(&self.session);
    }

    async fn shutdown(&self) -> Result<()> {
        self.session.lifecycle.shut_down();
        Ok(())
    }
}

/// Notifications: plain functions, done when they return.
#[expect(clippy::unused_async, reason = "the transport takes async handlers; these never await, see `ordered`")]
impl Server {
    pub(crate) fn driver(&self) -> Driver {
        self.session.driver.clone()
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        handlers::did_open::handle(&self.session, params);
    }

    async fn did_change(&self, params: handlers::did_change::DidChangeParams) {
        handlers::did_change::handle(&self.session, params);
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        handlers::did_close::handle(&self.session, &params);
    }

    async fn did_save(&self, params: lsp_types::DidSaveTextDocumentParams) {
        handlers::did_save::handle(&self.session, &params);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        handlers::did_change_configuration::handle(&self.session, &params.settings);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        handlers::did_change_watched_files::handle(&self.session, params);
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        handlers::did_change_workspace_folders::handle(&self.session, &params);
    }
}

/// Requests.
impl Server {
    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        handlers::hover::handle(&self.session, params).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<Vec<CodeActionResponse>>> {
        handlers::code_action::handle(&self.session, params).await
    }

    async fn resolve_code_action(&self, action: CodeAction) -> Result<CodeAction> {
        handlers::resolve::handle(&self.session, action).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        handlers::code_lens::handle(&self.session, params).await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReport> {
        handlers::diagnostic::handle(&self.session, params).await
    }

    async fn workspace_diagnostic(&self, params: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReport> {
        handlers::workspace_diagnostic::handle(&self.session, &self.client, params).await
    }

    async fn finding(&self, params: LspAny) -> Result<FindingDetail<lsp_types::Range>> {
        handlers::findings::one(&self.session, params).await
    }

    async fn findings(&self, params: LspAny) -> Result<FindingsPage<lsp_types::Range>> {
        handlers::findings::list(&self.session, params).await
    }

    async fn gate(&self, params: handlers::gate::GateParams) -> Result<GateReport<lsp_types::Range>> {
        handlers::gate::handle(&self.session, params).await
    }

    async fn text(&self, params: handlers::text::TextParams) -> Result<Option<handlers::text::TextAnswer>> {
        handlers::text::handle(&self.session, params).await
    }

    async fn login(&self, params: serde_json::Value) -> Result<LoginAnswer> {
        handlers::login::handle(&self.session, params).await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LspAny>> {
        handlers::execute_command::handle(&self.session, params).await
    }
}
