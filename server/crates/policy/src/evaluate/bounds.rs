//! How much a policy may be and take.

use std::time::Duration;

use super::Error;
use crate::bundle::Module;

/// Bounds of one policy. The defaults are far above what a real policy needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Rego files of a bundle, without tests.
    pub modules: usize,
    /// Bytes of one Rego file.
    pub module_bytes: usize,
    /// Bytes of all Rego files.
    pub all_module_bytes: usize,
    /// Values in a bundle's data, counted with every key.
    pub data_values: usize,
    /// Bytes of text in a bundle's data.
    pub data_bytes: usize,
    /// How deep data may nest.
    pub data_depth: usize,
    /// Rules that may wait for one another, one calling the next.
    pub chain: usize,
    /// Findings of one gate.
    pub gate_findings: usize,
    /// Wall-clock time of one verdict.
    pub verdict: Duration,
    /// Wall-clock time of one gate.
    pub gate: Duration,
    /// Verdicts of one batch that may run out of time before the rest is not tried.
    pub late_verdicts: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            modules: 256,
            module_bytes: 256 << 10,
            all_module_bytes: 2 << 20,
            data_values: 1_000_000,
            data_bytes: 64 << 20,
            data_depth: 64,
            chain: 64,
            gate_findings: 50_000,
            verdict: Duration::from_secs(1),
            gate: Duration::from_secs(10),
            late_verdicts: 3,
        }
    }
}

/// Characters of a clause's name, of its message, of a factor's name and value, of a URL.
pub(crate) const CLAUSE_CHARS: usize = 100;
/// See [`CLAUSE_CHARS`].
pub(crate) const MESSAGE_CHARS: usize = 500;
/// Factors and reasons of one verdict.
pub(crate) const VERDICT_ITEMS: usize = 50;
/// Violations of one gate; more are not read, the gate is closed all the same.
pub(crate) const VIOLATIONS: usize = 10_000;
/// Characters of any one text of an input; longer ones are cut, which the policy sees as an ending `…`.
pub(crate) const INPUT_CHARS: usize = 2_000;
/// Items of any one list of an input.
pub(crate) const INPUT_ITEMS: usize = 200;

impl Bounds {
    /// Refuses too many or too long modules.
    pub(crate) fn check_modules(&self, origin: &str, modules: &[Module]) -> Result<(), Error> {
        let all: usize = modules.iter().map(|module| module.text.len()).sum();
        if modules.len() > self.modules {
            return Err(too_large(origin, "the number of its Rego files", &format!("{} files", self.modules)));
        }
        if let Some(module) = modules.iter().find(|module| module.text.len() > self.module_bytes) {
            return Err(too_large(origin, &module.path, &format!("{} bytes", self.module_bytes)));
        }
        if all > self.all_module_bytes {
            return Err(too_large(origin, "the size of its Rego files", &format!("{} bytes", self.all_module_bytes)));
        }
        Ok(())
    }

    /// Refuses too much or too deep data.
    pub(crate) fn check_data(&self, origin: &str, data: &serde_json::Value) -> Result<(), Error> {
        let (mut values, mut bytes) = (0usize, 0usize);
        let mut open = vec![(data, 0usize)];
        while let Some((value, depth)) = open.pop() {
            values += 1;
            match value {
                serde_json::Value::String(text) => bytes += text.len(),
                serde_json::Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
                serde_json::Value::Object(fields) => {
                    bytes += fields.keys().map(String::len).sum::<usize>();
                    open.extend(fields.values().map(|field| (field, depth + 1)));
                }
                _ => {}
            }
            if depth > self.data_depth {
                return Err(too_large(origin, "the depth of its data", &format!("{} levels", self.data_depth)));
            }
            if values > self.data_values {
                return Err(too_large(origin, "its data", &format!("{} values", self.data_values)));
            }
            if bytes > self.data_bytes {
                return Err(too_large(origin, "its data", &format!("{} bytes", self.data_bytes)));
            }
        }
        Ok(())
    }
}

fn too_large(origin: &str, what: &str, limit: &str) -> Error {
    Error::TooLarge { origin: origin.to_owned(), what: what.to_owned(), limit: limit.to_owned() }
}
