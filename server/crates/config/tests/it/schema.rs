//! The schemas say what the parsers do.

use aspm_config::{Config, Settings, schema};
use serde_json::Value;

#[test]
fn schemas_are_json_without_references_and_the_same_every_time() {
    for make in [schema::aspm_toml, schema::settings, schema::user_config] {
        let text = make();
        assert_eq!(text, make());
        assert!(text.ends_with("}\n"));
        assert!(!text.contains("$ref"), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(value["additionalProperties"], false);
    }
}

#[test]
fn every_key_of_the_schema_is_described_and_accepted() {
    let value: Value = serde_json::from_str(&schema::aspm_toml()).unwrap();
    let tables = value["properties"].as_object().unwrap();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["application", "component", "path_map", "policy", "source"]);
    let mut text = String::new();
    for (name, table) in tables {
        assert!(table["description"].is_string(), "{name}");
        let (header, inner) = if table["type"] == "array" {
            (format!("[[{name}]]"), &table["items"])
        } else {
            (format!("[{name}]"), table)
        };
        text.extend([header.as_str(), "\n"]);
        assert_eq!(inner["additionalProperties"], false, "{name}");
        for (key, schema) in inner["properties"].as_object().unwrap() {
            assert!(schema["description"].is_string(), "{name}.{key}");
            let word = match key.as_str() {
                "kind" => "sarif",
                // What has no meaning beside the keys of a log on disk.
                "url" | "product" | "engagement" => continue,
                _ => "x",
            };
            text.extend([key, " = '", word, "'\n"]);
        }
    }
    Config::parse(&text, "generated").unwrap();
}

#[test]
fn every_key_of_the_user_configuration_is_described() {
    let value: Value = serde_json::from_str(&schema::user_config()).unwrap();
    let tables = value["properties"].as_object().unwrap();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["bundle_key", "policy", "server"]);
    for (name, table) in tables {
        let inner = if table["type"] == "array" { &table["items"] } else { table };
        assert_eq!(inner["additionalProperties"], false, "{name}");
        for (key, schema) in inner["properties"].as_object().unwrap() {
            assert!(schema["description"].is_string(), "{name}.{key}");
        }
    }
}

#[test]
fn the_settings_schema_has_the_defaults_of_the_code() {
    let value: Value = serde_json::from_str(&schema::settings()).unwrap();
    let Value::Object(defaults) = serde_json::to_value(Settings::default()).unwrap() else { panic!("an object") };
    for (name, default) in defaults {
        assert_eq!(value["properties"][&name]["default"], default, "{name}");
        assert!(value["properties"][&name]["description"].is_string(), "{name}");
    }
}
