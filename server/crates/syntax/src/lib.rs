//! The only tree-sitter: language table, incremental parse, enclosing symbols
