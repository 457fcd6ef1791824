//! One method, one file.

mod change;
pub(super) mod code_action;
pub(super) mod code_lens;
pub(super) mod diagnostic;
pub(super) mod did_change;
pub(super) mod did_change_configuration;
pub(super) mod did_change_watched_files;
pub(super) mod did_change_workspace_folders;
pub(super) mod did_close;
pub(super) mod did_open;
pub(super) mod did_save;
pub(super) mod execute_command;
pub(super) mod findings;
mod fix;
mod flow;
pub(super) mod gate;
pub(super) mod hover;
pub(super) mod initialize;
pub(super) mod initialized;
pub(super) mod login;
mod page;
pub(super) mod resolve;
mod suppress;
pub(super) mod text;
pub(super) mod triage;
mod upgrade;
pub(super) mod workspace_diagnostic;
