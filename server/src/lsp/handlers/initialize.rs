//! `initialize`: agree on what both can do; take the folders. Nothing is read yet.

use std::path::PathBuf;
use std::sync::Arc;

use config::Settings;
use engine::{Change, RootSpec, Survey};
use lsp_types::{InitializeParams, InitializeResult, ServerInfo, Uri, WorkspaceFolder, WorkspaceFolders};

use crate::lsp::capabilities::Negotiated;
use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: InitializeParams) -> InitializeResult {
    let negotiated = Negotiated::new(&params);
    let capabilities = negotiated.server();
    let _ = session.negotiated.set(negotiated);
    if let Some(process) = params.process_id {
        session.lifecycle.watch(process);
    }
    let options = params.initialization_options.unwrap_or_default();
    let trusted = options.get("workspaceTrusted").is_none_or(|trusted| trusted != false);
    session.driver.apply(Change::Trusted(trusted));
    let (settings, problems) = Settings::from_json(&options);
    session.driver.apply(Change::Settings(settings, problems));
    let folders = match params.workspace_folders_initialize_params.workspace_folders {
        Some(WorkspaceFolders::WorkspaceFolderList(folders)) if !folders.is_empty() => {
            folders.iter().filter_map(root).collect()
        }
        #[expect(deprecated, reason = "clients without workspace folders have nothing else")]
        _ => params.root_uri.as_ref().and_then(|uri| root_at(uri, None)).into_iter().collect::<Vec<_>>(),
    };
    session.driver.apply(Change::Roots { added: folders, removed: Vec::new() });
    session.driver.apply(Change::Survey(Survey::All));
    InitializeResult {
        capabilities,
        server_info: Some(ServerInfo { name: "aspm-lsp".to_owned(), version: Some(crate::VERSION.to_owned()) }),
    }
}

/// A workspace folder on this machine.
pub(in crate::lsp) fn root(folder: &WorkspaceFolder) -> Option<RootSpec> {
    root_at(&folder.uri, Some(&folder.name))
}

fn root_at(uri: &Uri, name: Option<&str>) -> Option<RootSpec> {
    let path = uri.to_file_path().ok()?;
    let path: PathBuf = path.components().collect(); // drops a trailing slash
    let own =
        || path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let name = name.filter(|name| !name.is_empty()).map_or_else(own, str::to_owned);
    Some(RootSpec { path, name })
}
