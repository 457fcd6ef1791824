//! Places as SARIF writes them: relative, percent-encoded addresses and regions in code points.

use finding::wire::Range;
use serde_json::{Value, json};

use crate::cli::check::format::{Checkout, FindingInfo};
use crate::present::safe;

/// What relative addresses are relative to.
pub(super) const ROOT: &str = "%SRCROOT%";

/// Where a finding is now, else where it was scanned, else the checkout as a whole: hosts refuse a log in which a result
/// has no location at all.
pub(super) fn of(info: &FindingInfo) -> Value {
    let physical = match (&info.placement.path, &info.scanned.path) {
        (Some(path), _) if !path.is_empty() => {
            let mut physical = json!({ "artifactLocation": artifact(path) });
            if let Some(range) = info.placement.range {
                physical["region"] = region(range);
            }
            physical
        }
        (_, Some(path)) if !path.is_empty() => json!({ "artifactLocation": artifact(path) }),
        _ => json!({ "artifactLocation": { "uri": ".", "uriBaseId": ROOT } }),
    };
    json!({ "physicalLocation": physical })
}

fn artifact(path: &str) -> Value {
    let path = path.replace('\\', "/");
    let has_drive =
        path.as_bytes().get(1) == Some(&b':') && path.starts_with(|first: char| first.is_ascii_alphabetic());
    if has_drive {
        let (drive, rest) = path.split_at(2);
        return json!({ "uri": format!("file:///{drive}{}", encoded(rest)) });
    }
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", encoded(&path)) });
    }
    json!({ "uri": encoded(&path), "uriBaseId": ROOT })
}

/// Lines and columns count from 1 on both sides, and the end is exclusive on both.
fn region(range: Range) -> Value {
    let line = range.start.line.max(1);
    let end_line = range.end.line.max(line);
    let column = range.start.column.max(1);
    let end_column = range.end.column.max(if end_line == line { column } else { 1 });
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// `path` with everything encoded that could mean something in an address.
pub(super) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
    }
    out
}

/// The checkout, where its repository has an address that others may see.
pub(super) fn provenance(checkout: &Checkout<'_>) -> Option<Value> {
    let mut details = json!({ "repositoryUri": safe::link(checkout.repository?)?, "mappedTo": { "uriBaseId": ROOT } });
    if let Some(head) = checkout.head {
        details["revisionId"] = Value::from(safe::line(head));
    }
    if let Some(branch) = checkout.branch {
        details["branch"] = Value::from(safe::line(branch));
    }
    Some(details)
}
