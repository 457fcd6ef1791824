//! Everything shown to a person: the same words in the editor and in the terminal.
//!
//! In: a finding, where it stands, and text that strangers wrote (messages, rule help, paths). Out: Markdown and plain
//! text that is safe to render. Untrusted text is read into a small document tree ([`document`]) and only that tree is
//! written out again, by two writers; nothing hostile can be syntax, because no writer passes text through unescaped.
//! Never: files, network, clock, an opinion about a finding.

pub mod age;
mod clean;
mod document;
mod escape;
mod html;
mod link;
pub mod page;
mod plain;
mod read;
pub mod safe;
mod spans;
pub mod verdict;
mod write;
