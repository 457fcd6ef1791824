//! A TOML text against a schema made from our own types: unknown keys, missing keys, wrong types, unknown words, each
//! at its place. So what is accepted, what is documented and what editors complete cannot differ.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Problems;
use crate::suggest::hint;

/// `name` is the table's dotted path, empty for the whole text.
pub(crate) fn table(table: &DeTable<'_>, at: &Range<usize>, schema: &Value, name: &str, problems: &mut Problems<'_>) {
    let Some(properties) = schema["properties"].as_object() else { return };
    for (key, value) in table {
        let word = key.get_ref().as_ref();
        if let Some(schema) = properties.get(word) {
            let name = if name.is_empty() { word.to_owned() } else { format!("{name}.{word}") };
            self::value(value, schema, &name, problems);
        } else {
            let known: Vec<&str> = properties.keys().map(String::as_str).collect();
            let place = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
            problems.add(&key.span(), format!("unknown key {word:?}{place}{}", hint(word, "Known keys", &known)));
        }
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if table.get(required).is_none() {
            problems.add(at, format!("`{name}` needs the key `{required}`"));
        }
    }
}

fn value(value: &Spanned<DeValue<'_>>, schema: &Value, name: &str, problems: &mut Problems<'_>) {
    let found = value.get_ref();
    if let Some(one) = variant(found, schema) {
        return self::value(value, one, name, problems);
    }
    match found {
        DeValue::Table(inner) if allows(schema, "object") => table(inner, &value.span(), schema, name, problems),
        DeValue::Array(items) if allows(schema, "array") => {
            for item in items {
                self::value(item, &schema["items"], name, problems);
            }
        }
        DeValue::Boolean(_) if allows(schema, "boolean") => {}
        DeValue::String(word) => match words(schema) {
            Some(known) if !known.contains(&word.as_ref()) => {
                let what = format!("`{name}` cannot be {word:?}{}", hint(word, "Possible", &known));
                problems.add(&value.span(), what);
            }
            Some(_) => {}
            None if allows(schema, "string") => {}
            None => wrong_type(value, schema, name, problems),
        },
        _ => wrong_type(value, schema, name, problems),
    }
}

fn wrong_type(value: &Spanned<DeValue<'_>>, schema: &Value, name: &str, problems: &mut Problems<'_>) {
    let found = value.get_ref();
    let message = if allows(schema, "array") && found.is_table() {
        format!("there can be several: write [[{name}]] with two brackets")
    } else if allows(schema, "object") && found.is_array() {
        format!("there is only one: write [{name}] with one bracket")
    } else {
        let wanted = wanted(schema);
        format!("`{name}` must be {wanted}, not {}", named(found))
    };
    problems.add(&value.span(), message);
}

fn wanted(schema: &Value) -> String {
    if let Some(several) = schema["anyOf"].as_array() {
        let real = several.iter().filter(|one| !allows(one, "null"));
        return real.map(wanted).collect::<Vec<_>>().join(" or ");
    }
    match schema {
        _ if words(schema).is_some() || allows(schema, "string") => "a string",
        _ if allows(schema, "boolean") => "true or false",
        _ if allows(schema, "array") && allows(&schema["items"], "string") => "an array of strings",
        _ if allows(schema, "array") => "an array of tables",
        _ => "a table",
    }
    .to_owned()
}

/// Where a key may be one thing or another: the one that a value is meant to be, told by its type.
fn variant<'s>(found: &DeValue<'_>, schema: &'s Value) -> Option<&'s Value> {
    schema["anyOf"].as_array()?.iter().find_map(|one| {
        let is_meant = match found {
            DeValue::String(_) => words(one).is_some() || allows(one, "string"),
            DeValue::Table(_) => allows(one, "object"),
            DeValue::Array(_) => allows(one, "array"),
            DeValue::Boolean(_) => allows(one, "boolean"),
            _ => false,
        };
        if is_meant { Some(one) } else { variant(found, one) }
    })
}

fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// The words an enum allows; `None` when it is none. Variants with a description are `const`s of a `oneOf`.
fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(listed) = schema["enum"].as_array() {
        return Some(listed.iter().filter_map(Value::as_str).collect());
    }
    Some(schema["oneOf"].as_array()?.iter().filter_map(|one| one["const"].as_str()).collect())
}

fn named(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
