//! The CWE tree.

/// CWE numbers named in `text` (`CWE-79`, `external/cwe/cwe-079`, `CWE79`, `cwe:79`), in order, without repeats.
#[must_use]
pub fn cwe_in(_text: &str) -> Vec<u32> {
    Vec::new()
}

/// The weakness's name; `None` for a number this build does not know.
#[must_use]
pub fn cwe_name(_cwe: u32) -> Option<&'static str> {
    None
}

/// Whether `ancestor` is `cwe` or one of its ancestors in the research view (CWE-1000). Unknown numbers: `false`.
#[must_use]
pub fn is_ancestor_or_equal(_ancestor: u32, _cwe: u32) -> bool {
    false
}
