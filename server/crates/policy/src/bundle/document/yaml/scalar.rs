//! What an unquoted word means: the table of YAML 1.1 as OPA's reader has it, numbers spelled as Go's JSON encoder does.

use super::super::Document;

/// A scalar's value.
pub(super) struct Scalar {
    pub(super) document: Document,
    /// Whether the reader holds it as a float, however it is spelled.
    pub(super) is_float: bool,
}

/// The value of a scalar. Only plain ones, and quoted ones with a tag, mean anything but their text.
pub(super) fn resolve(text: &str, is_plain: bool, tag: Option<&str>) -> Result<Scalar, String> {
    match tag {
        None if !is_plain => return Ok(other(Document::Text(text.to_owned()))),
        Some("str") => return Ok(other(Document::Text(text.to_owned()))),
        None | Some("null" | "bool" | "int" | "float") => {}
        Some(tag) => return Err(format!("the tag !!{tag} has no meaning in data")),
    }
    let scalar = plain(text)?;
    match (tag, &scalar.document) {
        (None, _) | (Some("null"), Document::Null) | (Some("bool"), Document::Bool(_)) => Ok(scalar),
        (Some("int"), Document::Number(_)) if !scalar.is_float => Ok(scalar),
        (Some("float"), Document::Number(spelled)) => match spelled.parse() {
            Ok(value) => Ok(float(value)),
            Err(_) => Err(format!("{text:?} is no !!float")),
        },
        (Some(tag), _) => Err(format!("{text:?} is no !!{tag}")),
    }
}

fn other(document: Document) -> Scalar {
    Scalar { document, is_float: false }
}

/// A key is always text in JSON; booleans and whole numbers become one.
pub(super) fn key(document: Document, is_float: bool) -> Result<String, String> {
    match document {
        Document::Number(spelled) if is_float => {
            Err(format!("the number {spelled} cannot be a key; write it in quotes"))
        }
        Document::Text(text) => Ok(text),
        Document::Bool(value) => Ok(value.to_string()),
        Document::Number(spelled) if spelled.parse::<i64>().is_ok() => Ok(spelled),
        other => Err(format!("{} cannot be a key; write it in quotes", other.kind())),
    }
}

fn plain(text: &str) -> Result<Scalar, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => other(Document::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            other(Document::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            other(Document::Bool(false))
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf"
        | "-.INF" => {
            return Err(format!("{text} is no number in JSON; write it in quotes if it is a text"));
        }
        _ => number(text)?.unwrap_or_else(|| other(Document::Text(text.to_owned()))),
    })
}

/// `None`: not a number.
fn number(text: &str) -> Result<Option<Scalar>, String> {
    let first = text.as_bytes().first();
    if first == Some(&b'.') {
        // Here, unlike below, an underscore counts only between two digits.
        let between = |at: usize| {
            let digit = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
            digit(at.checked_sub(1)) && digit(at.checked_add(1))
        };
        let is_spelled = text.match_indices('_').all(|(at, _)| between(at));
        let text = text.replace('_', "");
        return Ok(if is_spelled && is_float(&text) { finite(&text) } else { None });
    }
    if !first.is_some_and(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-')) {
        return Ok(None);
    }
    let text = text.replace('_', "");
    let (sign, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(unsigned) => (&text[..1], unsigned),
        None => ("", text.as_str()),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)) {
        let spelled = match u64::from_str_radix(digits, radix) {
            // The reader's unsigned numbers have no sign, so above the signed ones a plus makes it a float.
            Ok(value) if sign == "-" => (value <= i64::MIN.unsigned_abs()).then(|| (-i128::from(value)).to_string()),
            Ok(value) => (sign.is_empty() || i64::try_from(value).is_ok()).then(|| value.to_string()),
            Err(_) => None,
        };
        match spelled {
            Some(spelled) => return Ok(Some(other(Document::Number(spelled)))),
            None if is_float(&text) => {}
            None => return Err(format!("the number {text} does not fit into 64 bits; write it as text")),
        }
    }
    if is_float(&text) {
        return Ok(finite(&text));
    }
    // The reader takes a sign after the prefix too.
    let signed = text.strip_prefix("0b").and_then(|digits| i64::from_str_radix(digits, 2).ok());
    Ok(signed.map(|value| other(Document::Number(value.to_string()))))
}

/// A float too large for 64 bits stays text, as for the reader.
fn finite(text: &str) -> Option<Scalar> {
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(float)
}

fn is_float(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa_fits && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

/// Shortest digits; an exponent only below 1e-6 and from 1e21 on.
fn float(value: f64) -> Scalar {
    let size = value.abs();
    let spelled = if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let spelled = format!("{value:e}");
        if spelled.contains("e-") { spelled } else { spelled.replace('e', "e+") }
    } else {
        value.to_string()
    };
    Scalar { document: Document::Number(spelled), is_float: true }
}
