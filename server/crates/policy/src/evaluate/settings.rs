//! The numbers that a bundle tunes: of the right kind, or the bundle is refused; of an unknown name, or somebody is told.

use serde_json::Value;

use super::Error;

/// Compares `data.aspm.settings` with the documented ones. Answers what is worth saying.
pub(crate) fn check_settings(origin: &str, given: &Value, documented: &Value) -> Result<Vec<String>, Error> {
    let mut notices = Vec::new();
    compare(given, documented, "aspm.settings", &mut notices)
        .map_err(|message| Error::Bundle { origin: origin.to_owned(), message })?;
    Ok(notices)
}

fn compare(given: &Value, documented: &Value, path: &str, notices: &mut Vec<String>) -> Result<(), String> {
    match (given, documented) {
        (Value::Object(given), Value::Object(documented)) => {
            for (name, value) in given {
                let path = format!("{path}.{name}");
                match documented.get(name) {
                    Some(known) => compare(value, known, &path, notices)?,
                    // The tables of points may have rows of their own: an organisation's own words for exposure and the like.
                    None if path.starts_with("aspm.settings.points.") && value.is_number() => {}
                    None => notices.push(format!("{path} is not a setting of the built-in policy")),
                }
            }
            Ok(())
        }
        (Value::Array(given), Value::Array(_)) if given.iter().all(Value::is_string) => Ok(()),
        (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) => Ok(()),
        (_, documented) => {
            let wanted = match documented {
                Value::Object(_) => "an object",
                Value::Array(_) => "a list of texts",
                Value::Bool(_) => "true or false",
                _ => "a number",
            };
            Err(format!("{path} must be {wanted}, not {}", given.to_string().chars().take(60).collect::<String>()))
        }
    }
}
