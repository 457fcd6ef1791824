//! How much of a hostile or broken log is read.

/// Bounds on reading. Each one that is reached leaves a problem in the outcome and whatever was read before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Logs of one source.
    pub logs: usize,
    /// Folder entries looked at while searching for logs.
    pub entries: usize,
    /// Folder levels below the root that are searched.
    pub depth: usize,
    /// Bytes of one log as text, after decompression.
    pub log_bytes: u64,
    /// Bytes of all logs of one pull together, as text.
    pub total_bytes: u64,
    /// Runs of one log.
    pub runs: usize,
    /// Results of one pull.
    pub results: usize,
    /// Bytes of one result, rule or other single object, as JSON.
    pub object_bytes: usize,
    /// Bytes of a run's tables (rules, artifacts, taxa, shared flow places) that are kept while it is read.
    pub table_bytes: usize,
    /// Bytes of file contents embedded in a log that are kept while it is read.
    pub embedded_bytes: usize,
    /// Bytes of one text of a finding (message, snippet, explanation).
    pub text_bytes: usize,
    /// Steps of one data flow, related places, tags or fingerprints of one finding.
    pub list: usize,
    /// Problems told apart; further ones are only counted.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            logs: 1_000,
            entries: 200_000,
            depth: 32,
            log_bytes: 1 << 30,
            total_bytes: 4 << 30,
            runs: 1_000,
            results: 1_000_000,
            object_bytes: 8 << 20,
            table_bytes: 64 << 20,
            embedded_bytes: 16 << 20,
            text_bytes: 64 << 10,
            list: 1_000,
            problems: 200,
        }
    }
}
