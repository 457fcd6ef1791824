//! Built-in functions that make large values of small ones, with bounds: the evaluator has none, and a single call
//! could take all memory, or end the process.
//!
//! They answer as the evaluator's own do; what a bound refuses fails the rule that was asked for.

use regorus::{Engine, Value};

use super::Error;

/// Numbers of one range.
const MOST_NUMBERS: i64 = 100_000;
/// Bytes of one text that is put together.
const MOST_BYTES: usize = 8 << 20;
/// Items of one list that is put together.
const MOST_ITEMS: usize = 1_000_000;

/// What a bound refused, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct TooLong(String);

/// Puts them in place of the evaluator's.
pub(super) fn add(origin: &str, engine: &mut Engine) -> Result<(), Error> {
    type Function = fn(&[Value]) -> Result<Value, TooLong>;
    let functions: [(&str, u8, Function); 5] = [
        ("numbers.range", 2, range),
        ("numbers.range_step", 3, range),
        ("concat", 2, concat),
        ("array.concat", 2, array_concat),
        ("replace", 3, replace),
    ];
    for (name, arity, function) in functions {
        let added =
            engine.add_extension(name.to_owned(), arity, Box::new(move |given: Vec<Value>| Ok(function(&given)?)));
        added.map_err(|error| Error::Internal { origin: origin.to_owned(), message: error.to_string() })?;
    }
    Ok(())
}

/// From the first number to the second, both included, upwards or downwards, by one or by the step.
fn range(given: &[Value]) -> Result<Value, TooLong> {
    let whole = |at: usize| given.get(at).and_then(|value| value.as_i64().ok());
    let (Some(from), Some(to)) = (whole(0), whole(1)) else { return Ok(Value::Undefined) };
    let step = match given.len() {
        2 => 1,
        _ => match whole(2).filter(|step| *step > 0) {
            Some(step) => step,
            None => return Ok(Value::Undefined),
        },
    };
    let count = i128::from(from).abs_diff(i128::from(to)) / u128::from(step.unsigned_abs()) + 1;
    if count > u128::from(MOST_NUMBERS.unsigned_abs()) {
        return Err(TooLong(format!("a range of {count} numbers is too long: at most {MOST_NUMBERS}")));
    }
    let step = if from <= to { step } else { -step };
    let numbers = (0..MOST_NUMBERS).take(usize::try_from(count).unwrap_or(0)).map(|at| Value::from(from + at * step));
    Ok(Value::from(numbers.collect::<Vec<Value>>()))
}

fn concat(given: &[Value]) -> Result<Value, TooLong> {
    let [Value::String(between), parts] = given else { return Ok(Value::Undefined) };
    let parts: Vec<&Value> = match parts {
        Value::Array(parts) => parts.iter().collect(),
        Value::Set(parts) => parts.iter().collect(),
        _ => return Ok(Value::Undefined),
    };
    let mut texts: Vec<&str> = Vec::with_capacity(parts.len());
    for part in parts {
        let Value::String(text) = part else { return Ok(Value::Undefined) };
        texts.push(text);
    }
    let bytes = texts.iter().map(|text| text.len()).sum::<usize>();
    within(bytes.saturating_add(between.len().saturating_mul(texts.len())))?;
    Ok(Value::from(texts.join(between)))
}

fn array_concat(given: &[Value]) -> Result<Value, TooLong> {
    let [Value::Array(first), Value::Array(second)] = given else { return Ok(Value::Undefined) };
    let items = first.len().saturating_add(second.len());
    if items > MOST_ITEMS {
        return Err(TooLong(format!("a list of {items} items is too long: at most {MOST_ITEMS}")));
    }
    Ok(Value::from(first.iter().chain(second.iter()).cloned().collect::<Vec<Value>>()))
}

fn replace(given: &[Value]) -> Result<Value, TooLong> {
    let [Value::String(text), Value::String(old), Value::String(new)] = given else { return Ok(Value::Undefined) };
    let found = if new.len() > old.len() { text.matches(&**old).count() } else { 0 };
    within(text.len().saturating_add(found.saturating_mul(new.len().saturating_sub(old.len()))))?;
    Ok(Value::from(text.replace(&**old, new)))
}

fn within(bytes: usize) -> Result<(), TooLong> {
    if bytes > MOST_BYTES {
        return Err(TooLong(format!("a text of {} MiB is too long: at most {} MiB", bytes >> 20, MOST_BYTES >> 20)));
    }
    Ok(())
}
