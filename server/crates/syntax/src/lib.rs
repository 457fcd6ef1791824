//! The only tree-sitter: one language table, incremental parse, enclosing symbols, structural identity, suppressions.
//!
//! In: a text, its language, and the edits since the last parse. Out: a [`Parsed`] tree that answers where things are
//! ([`Parsed::snap`], [`Parsed::statement`]), inside what ([`Parsed::symbols`]), and made of what ([`Parsed::tokens`],
//! the same for the same code however a formatter laid it out), and the suppression comments that tools would honour.
//! Offsets and ranges are bytes of the text that was parsed. They must lie on character boundaries; a range past the end
//! is cut, an inverted one is empty at its start, one inside a character is widened to it. Nothing here panics on any
//! text or range, and nothing recurses, so nesting depth is no danger.
//! Never: files, clock, threads, findings; an opinion about where a finding stands (that is `anchor`).

mod edit;
mod gaps;
mod grammar;
mod language;
mod parse;
mod place;
mod plain;
pub mod suppression;
mod symbols;
mod table;
mod tokens;

pub use edit::{Edit, Position};
pub use language::Language;
pub use parse::{MAX_PARSE_BYTES, Parsed, parse};
pub use plain::fallback_tokens;
pub use symbols::{Symbol, SymbolKind};
pub use tokens::{Token, TokenKind};
