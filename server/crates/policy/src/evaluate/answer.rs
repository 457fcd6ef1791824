//! What a policy answered, checked: a wrong answer is an error that says where, never a verdict.

use finding::wire::Violation;
use finding::{Action, Clause, Factor, Verdict};
use regorus::Value;
use regorus::value::Object;

use super::Error;
use super::bounds::{CLAUSE_CHARS, MESSAGE_CHARS, VERDICT_ITEMS, VIOLATIONS};

/// May the change pass?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// It may.
    pub pass: bool,
    /// Why not.
    pub violations: Vec<Violation>,
}

/// May somebody say this of a finding?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// They may.
    pub allow: bool,
    /// Why not; what is to be told with it otherwise.
    pub reasons: Vec<Clause>,
}

/// What is wrong with an answer: the part of it, and the problem.
type Wrong = (String, String);

/// Reads `data.aspm.verdict`.
pub(crate) fn verdict(origin: &str, rule: &str, value: &Value) -> Result<Verdict, Error> {
    answer(origin, rule, value, |answer| {
        let action = match text(answer, "action")? {
            "block" => Action::Block,
            "warn" => Action::Warn,
            "inform" => Action::Inform,
            "hide" => Action::Hide,
            other => return Err(wrong("action", format!("is {other:?}: it must be block, warn, inform or hide"))),
        };
        let reasons = items(answer, "reasons", VERDICT_ITEMS, clause)?;
        if action == Action::Block && reasons.is_empty() {
            return Err(wrong("reasons", "is empty: what blocks must say why".to_owned()));
        }
        Ok(Verdict {
            action,
            risk: risk(answer)?,
            due: due(answer)?,
            factors: items(answer, "factors", VERDICT_ITEMS, factor)?,
            reasons,
        })
    })
}

/// Reads `data.aspm.gate`.
pub(crate) fn gate(origin: &str, rule: &str, value: &Value) -> Result<Gate, Error> {
    answer(origin, rule, value, |answer| {
        let Value::Bool(pass) = *required(answer, "pass")? else {
            return Err(wrong("pass", "must be true or false".to_owned()));
        };
        let violations = items(answer, "violations", VIOLATIONS, violation)?;
        if pass && !violations.is_empty() {
            return Err(wrong("pass", format!("is true although there are {} violations", violations.len())));
        }
        Ok(Gate { pass, violations })
    })
}

/// Reads `data.aspm.triage`.
pub(crate) fn ruling(origin: &str, rule: &str, value: &Value) -> Result<Ruling, Error> {
    answer(origin, rule, value, |answer| {
        let Value::Bool(allow) = *required(answer, "allow")? else {
            return Err(wrong("allow", "must be true or false".to_owned()));
        };
        let reasons = items(answer, "reasons", VERDICT_ITEMS, clause)?;
        if !allow && reasons.is_empty() {
            return Err(wrong("reasons", "is empty: what is not allowed must say why".to_owned()));
        }
        Ok(Ruling { allow, reasons })
    })
}

fn answer<T>(
    origin: &str,
    rule: &str,
    value: &Value,
    read: impl FnOnce(&Object) -> Result<T, Wrong>,
) -> Result<T, Error> {
    let wrong = |(field, problem)| Error::Answer { origin: origin.to_owned(), rule: rule.to_owned(), field, problem };
    match value {
        Value::Undefined => Err(Error::Undefined { origin: origin.to_owned(), rule: rule.to_owned() }),
        Value::Object(answer) => read(answer).map_err(wrong),
        other => Err(wrong(("it".to_owned(), format!("must be an object, not {}", kind(other))))),
    }
}

fn wrong(field: &str, problem: String) -> Wrong {
    (field.to_owned(), problem)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "undefined",
    }
}

fn field<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(&Value::from(name)).filter(|value| !matches!(value, Value::Undefined))
}

fn required<'a>(object: &'a Object, name: &str) -> Result<&'a Value, Wrong> {
    field(object, name).ok_or_else(|| wrong(name, "is missing".to_owned()))
}

fn text<'a>(object: &'a Object, name: &str) -> Result<&'a str, Wrong> {
    match required(object, name)? {
        Value::String(text) => Ok(text),
        other => Err(wrong(name, format!("must be a text, not {}", kind(other)))),
    }
}

fn risk(answer: &Object) -> Result<u8, Wrong> {
    let value = required(answer, "risk")?;
    let problem = || wrong("risk", format!("is {}: it must be a whole number from 0 to 100", shown(value)));
    let Value::Number(_) = value else { return Err(problem()) };
    let risk = value.as_f64().map_err(|_| problem())?;
    (0u8..=100).find(|whole| f64::from(*whole).total_cmp(&(risk + 0.0)).is_eq()).ok_or_else(problem)
}

fn due(answer: &Object) -> Result<Option<String>, Wrong> {
    match field(answer, "due") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(due)) if due.parse::<jiff::civil::Date>().is_ok() && due.len() == 10 => {
            Ok(Some(due.to_string()))
        }
        Some(other) => Err(wrong("due", format!("is {}: it must be a date such as 2026-03-01", shown(other)))),
    }
}

/// An array, or a set in its order; what is beyond `most` is left out.
fn items<T>(
    object: &Object,
    name: &str,
    most: usize,
    read: impl Fn(&Object) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let values: Vec<&Value> = match required(object, name)? {
        Value::Array(array) => array.iter().take(most).collect(),
        Value::Set(set) => set.iter().take(most).collect(),
        other => return Err(wrong(name, format!("must be an array or a set, not {}", kind(other)))),
    };
    let read = |(at, value): (usize, &Value)| match value {
        Value::Object(item) => read(item).map_err(|(field, problem)| (format!("{name}[{at}].{field}"), problem)),
        other => Err((format!("{name}[{at}]"), format!("must be an object, not {}", kind(other)))),
    };
    values.into_iter().enumerate().map(read).collect()
}

fn clause(reason: &Object) -> Result<Clause, Wrong> {
    let url = match field(reason, "url") {
        None | Some(Value::Null) => None,
        Some(Value::String(url)) if is_web(url) => Some(url.to_string()),
        Some(other) => return Err(wrong("url", format!("is {}: it must be an http or https URL", shown(other)))),
    };
    Ok(Clause { clause: name(reason, "clause")?, message: sentence(reason, "message")?, url })
}

fn is_web(url: &str) -> bool {
    url.len() <= 2_000
        && (url.starts_with("https://") || url.starts_with("http://"))
        && !url.contains(|character: char| character.is_whitespace() || character.is_control())
}

fn factor(factor: &Object) -> Result<Factor, Wrong> {
    let weight = required(factor, "weight")?;
    let number = match weight {
        Value::Number(_) => weight.as_f64().ok().filter(|weight| weight.is_finite()),
        _ => None,
    };
    let weight = number.ok_or_else(|| wrong("weight", format!("is {}: it must be a number", shown(weight))))?;
    Ok(Factor { name: name(factor, "name")?, value: sentence(factor, "value")?, weight })
}

fn violation(violation: &Object) -> Result<Violation, Wrong> {
    let finding = match field(violation, "finding") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id.chars().take(MESSAGE_CHARS).collect()),
        Some(other) => return Err(wrong("finding", format!("must be a finding's id, not {}", kind(other)))),
    };
    Ok(Violation { finding, clause: name(violation, "clause")?, message: sentence(violation, "message")? })
}

fn name(object: &Object, field: &str) -> Result<String, Wrong> {
    match plain(text(object, field)?, CLAUSE_CHARS) {
        name if name.is_empty() => Err(wrong(field, "is empty".to_owned())),
        name => Ok(name),
    }
}

fn sentence(object: &Object, field: &str) -> Result<String, Wrong> {
    Ok(plain(text(object, field)?, MESSAGE_CHARS))
}

/// One line without control characters, cut to `most` characters.
fn plain(text: &str, most: usize) -> String {
    let clean = |character: char| if character.is_control() { ' ' } else { character };
    let mut cut: String = text.trim().chars().take(most).map(clean).collect();
    if text.trim().chars().nth(most).is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}

/// A value in an error message.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Set(_) | Value::Object(_) | Value::Undefined => kind(value).to_owned(),
        scalar => plain(&scalar.to_string(), 60),
    }
}
