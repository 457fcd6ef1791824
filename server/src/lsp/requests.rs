//! Requests to the client: one task sends them one after the other, and each has a deadline.

use std::collections::HashMap;
use std::time::Duration;

use finding::wire::{InputAnswer, InputRequest, LocationList};
use lsp_types::{
    ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, LspNotificationMethod, LspRequestMethod, MessageDirection,
    MessageType, Notification, ProgressNotification, ProgressParams, ProgressToken, Registration, Request,
    ShowDocumentParams, WorkspaceEdit,
};
use serde_json::json;
use tokio::sync::mpsc;
use tower_lsp::Client;

use super::capabilities::Negotiated;
use crate::driver::Progress;
use crate::present::safe;

/// A client that has not answered by then is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Who has not said anything by then has gone home.
const TYPING: Duration = Duration::from_hours(8);

/// The notification `aspm/copy` to clients that can put text on a clipboard.
pub(crate) enum Copy {}

impl Notification for Copy {
    type Params = serde_json::Value;
    const METHOD: LspNotificationMethod<'static> = LspNotificationMethod::Custom("aspm/copy");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// The notification `aspm/locations` to clients that show places in a list.
pub(crate) enum Locations {}

impl Notification for Locations {
    type Params = LocationList<lsp_types::Range>;
    const METHOD: LspNotificationMethod<'static> = LspNotificationMethod::Custom("aspm/locations");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// Something to ask of the client.
#[derive(Debug)]
pub(crate) enum Ask {
    Register(Vec<Registration>),
    RefreshDiagnostics,
    RefreshLenses,
    ShowDocument(ShowDocumentParams),
    Copy(String),
    Locations(LocationList<lsp_types::Range>),
    Progress(Progress),
    /// An edit that the client did not ask for, and what to call it.
    Apply(String, Box<WorkspaceEdit>),
    /// Fields to fill in, and what is done with the answer; a person takes their time.
    Input(InputRequest, Then),
}

/// What is done with an answer, on a thread that may block; `None`: cancelled, or there was none.
pub(crate) struct Then(Box<dyn FnOnce(Option<InputAnswer>) + Send>);

impl Then {
    pub(crate) fn new(work: impl FnOnce(Option<InputAnswer>) + Send + 'static) -> Self {
        Self(Box::new(work))
    }
}

impl std::fmt::Debug for Then {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Then")
    }
}

/// The request `aspm/input` to clients that can ask a person.
enum Input {}

impl Request for Input {
    type Params = InputRequest;
    type Result = Option<InputAnswer>;
    const METHOD: LspRequestMethod<'static> = LspRequestMethod::Custom("aspm/input");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// The queue in front of the task.
pub(crate) struct Requests {
    queue: mpsc::UnboundedSender<Ask>,
}

impl Requests {
    pub(crate) fn start(client: Client) -> Self {
        let (queue, mut asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut bars = Bars::default();
            while let Some(ask) = asked.recv().await {
                // Refreshes that pile up while the client is busy are one.
                let (mut diagnostics, mut lenses) = (false, false);
                let mut next = Some(ask);
                while let Some(ask) = next {
                    match ask {
                        Ask::RefreshDiagnostics => diagnostics = true,
                        Ask::RefreshLenses => lenses = true,
                        other => perform(&client, &mut bars, other).await,
                    }
                    next = asked.try_recv().ok();
                }
                if diagnostics {
                    patiently("workspace/diagnostic/refresh", client.workspace_diagnostic_refresh()).await;
                }
                if lenses {
                    patiently("workspace/codeLens/refresh", client.code_lens_refresh()).await;
                }
            }
        });
        Self { queue }
    }

    pub(crate) fn ask(&self, ask: Ask) {
        let _ = self.queue.send(ask);
    }

    pub(crate) fn progress(&self, progress: Progress, negotiated: &Negotiated) {
        if negotiated.work_done_progress {
            self.ask(Ask::Progress(progress));
        }
    }
}

async fn perform(client: &Client, bars: &mut Bars, ask: Ask) {
    match ask {
        Ask::Register(registrations) => {
            patiently("client/registerCapability", client.register_capability(registrations)).await;
        }
        Ask::ShowDocument(params) => {
            patiently("window/showDocument", client.show_document(params)).await;
        }
        Ask::Apply(label, edit) => {
            let params = ApplyWorkspaceEditParams { edit: *edit, label: Some(label.clone()), metadata: None };
            let asking = client.send_request::<ApplyWorkspaceEditRequest>(params);
            // Without an answer it may have been applied, and the person sees whether it was.
            if let Some(answer) = patiently("workspace/applyEdit", asking).await
                && !answer.applied
            {
                let why = answer.failure_reason.map(|why| format!(": {}", safe::line(&why))).unwrap_or_default();
                client.show_message(MessageType::Warning, format!("{label}: the editor did not apply it{why}")).await;
            }
        }
        Ask::Locations(list) => client.send_notification::<Locations>(list).await,
        Ask::Copy(text) => client.send_notification::<Copy>(json!({ "text": text })).await,
        Ask::Progress(progress) => bars.show(client, progress).await,
        Ask::Input(request, then) => {
            let client = client.clone();
            // Nothing else waits for somebody who is typing.
            tokio::spawn(async move {
                let asking = tokio::time::timeout(TYPING, client.send_request::<Input>(request));
                let answer = match asking.await {
                    Ok(Ok(answer)) => answer,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "aspm/input was refused");
                        None
                    }
                    Err(_) => None,
                };
                tokio::task::spawn_blocking(move || (then.0)(answer));
            });
        }
        Ask::RefreshDiagnostics | Ask::RefreshLenses => {}
    }
}

async fn patiently<T>(what: &str, asking: impl Future<Output = tower_lsp::jsonrpc::Result<T>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(%error, what, "the client refused");
            None
        }
        Err(_) => {
            tracing::warn!(what, "the client did not answer");
            None
        }
    }
}

/// Work-done progress by source.
#[derive(Default)]
struct Bars {
    shown: HashMap<String, Option<ProgressToken>>,
    next: i32,
}

impl Bars {
    async fn show(&mut self, client: &Client, progress: Progress) {
        let Progress { source, state } = progress;
        let Some(state) = state else {
            if let Some(Some(token)) = self.shown.remove(&source) {
                send(client, token, json!({ "kind": "end" })).await;
            }
            return;
        };
        if let Some(token) = self.shown.get(&source) {
            if let Some(token) = token {
                send(client, token.clone(), json!({ "kind": "report", "message": state })).await;
            }
            return;
        }
        self.next += 1;
        let token = ProgressToken::String(format!("aspm-{}", self.next));
        let created =
            patiently("window/workDoneProgress/create", client.create_work_done_progress(token.clone())).await;
        let token = created.map(|()| token);
        if let Some(token) = token.clone() {
            let title = format!("Reading findings of {source}");
            send(client, token, json!({ "kind": "begin", "title": title, "message": state, "cancellable": false }))
                .await;
        }
        self.shown.insert(source, token);
    }
}

async fn send(client: &Client, token: ProgressToken, value: serde_json::Value) {
    client.send_notification::<ProgressNotification>(ProgressParams { token, value }).await;
}
