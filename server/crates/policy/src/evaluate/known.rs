//! Inputs that were judged already: equal ones have the same verdict.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use regorus::Value;

/// Judged inputs and where their verdicts stand.
#[derive(Default)]
pub(crate) struct Known {
    by_hash: HashMap<u64, Vec<(Value, usize)>>,
}

impl Known {
    /// Where the verdict of an equal input stands; else notes that this one's will stand `at`.
    pub(crate) fn find_or_note(&mut self, input: &Value, at: usize) -> Option<usize> {
        let mut hasher = DefaultHasher::new();
        feed(input, &mut hasher);
        let same = self.by_hash.entry(hasher.finish()).or_default();
        if let Some((_, found)) = same.iter().find(|(known, _)| known == input) {
            return Some(*found);
        }
        same.push((input.clone(), at));
        None
    }
}

/// Equal values feed the same bytes; different ones may, which costs a comparison.
fn feed(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null | Value::Undefined => hasher.write_u8(0),
        Value::Bool(flag) => flag.hash(hasher),
        // 1 and 1.0 are equal.
        Value::Number(_) => hasher.write_u64(value.as_f64().map_or(0, f64::to_bits)),
        Value::String(text) => text.hash(hasher),
        Value::Array(items) => {
            hasher.write_usize(items.len());
            items.iter().for_each(|item| feed(item, hasher));
        }
        Value::Set(items) => hasher.write_usize(items.len()),
        Value::Object(fields) => {
            hasher.write_usize(fields.len());
            for (name, field) in fields.iter_sorted() {
                feed(name, hasher);
                feed(field, hasher);
            }
        }
    }
}
