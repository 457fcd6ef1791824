//! JSON Schemas, generated from the types that are parsed, the same text on every run.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::Settings;
use crate::document::Document;
use crate::user::UserDocument;

/// The schema of `aspm.toml`.
#[must_use]
pub fn aspm_toml() -> String {
    text(of::<Document>())
}

/// The schema of the editor settings (the section `aspm`).
#[must_use]
pub fn settings() -> String {
    text(of::<Settings>())
}

/// The schema of the user's configuration.
#[must_use]
pub fn user_config() -> String {
    text(of::<UserDocument>())
}

pub(crate) fn user_config_value() -> Value {
    of::<UserDocument>().into()
}

pub(crate) fn aspm_toml_value() -> Value {
    of::<Document>().into()
}

/// Without references, so that it reads top to bottom and can be walked without resolving any.
fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<T>()
}

fn text(schema: Schema) -> String {
    format!("{:#}\n", Value::from(schema))
}
