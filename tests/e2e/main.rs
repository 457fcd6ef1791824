//! The contract of docs/lsp.md, tested on the real server process.

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod actions;
mod cancelling;
mod central;
mod delivery;
mod dependencies;
mod doctor;
mod edits;
mod flow;
mod folders;
mod fuzzed;
mod gate;
mod history;
mod hover;
mod init;
mod lens;
mod lifecycle;
mod lists;
mod log_by_url;
mod login;
mod look;
mod ordering;
mod policy;
mod sending;
mod settings;
mod status;
mod sync;
mod triage;
mod twins;
mod unanswered;
mod watching;
mod workspace_pull;

mod bad_cache;
mod bad_central_cache;
mod bad_disk;
mod bad_files;
mod bad_logs;
mod bad_network;
mod bad_outbox;
mod bad_paths;
mod bad_protocol;
mod killed;
mod large;
mod locked;
mod two_servers;
