//! From SARIF's regions (lines and columns, characters or bytes) to ours.

use finding::{Columns, Region};

use super::embedded::EmbeddedText;
use super::schema;

/// How the log of a region counts, and what text there is to count in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counting<'a> {
    /// What columns and character offsets count.
    pub(super) columns: Columns,
    /// The whole scanned file, where the log embeds it.
    pub(super) file: Option<&'a EmbeddedText>,
    /// The lines around, where the log has them.
    pub(super) context: Option<&'a schema::Region>,
}

/// The region in lines and columns; `Ok(None)` when it names none (the whole file is meant), an error (reads on after
/// the place) when it is named in a way that cannot be turned into lines.
pub(super) fn region(from: &schema::Region, how: Counting<'_>) -> Result<Option<Region>, &'static str> {
    if from.start_line.is_some() {
        return Ok(lines(from, how.columns));
    }
    let (offset, length, count) = match (from.char_offset, from.byte_offset) {
        (Some(offset), _) if offset >= 0 => (offset, from.char_length, how.columns),
        (_, Some(offset)) if offset >= 0 => (offset, from.byte_length, Columns::Bytes),
        _ => return Ok(None),
    };
    let offset = offset.unsigned_abs();
    let length = length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
    let found = match how.file {
        Some(file) => file.region(offset, length, count, how.columns),
        None => how.context.and_then(|context| in_context(context, offset, length, count, how.columns)),
    };
    found.map(Some).ok_or(
        "is given as an offset only, and the log does not carry the file's text to count in: the finding has no line; \
         let the tool write startLine",
    )
}

fn lines(from: &schema::Region, columns: Columns) -> Option<Region> {
    // 0 and -1 are what tools write for "no line".
    let line = from.start_line.filter(|&line| line > 0)?;
    // No file has such a line: the finding then says so itself, which beats standing on its file's first line.
    let number = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    let optional = |value: Option<i64>| value.filter(|&value| value > 0).map(number);
    let line = number(line);
    let end_line = optional(from.end_line);
    let is_backwards = end_line.is_some_and(|end| end < line);
    let end_line = end_line.unwrap_or(line).max(line);
    let column = optional(from.start_column);
    let mut end_column = optional(from.end_column);
    if is_backwards || (end_line == line && end_column.is_some_and(|end| end < column.unwrap_or(1))) {
        end_column = None;
    }
    if let (None, Some(start), Some(length)) = (end_column, column, optional(from.char_length))
        && from.end_line.is_none()
    {
        end_column = start.checked_add(length);
    }
    Some(Region { line, column, end_line, end_column, columns })
}

/// A region within the lines around it, when those say both their first line and their offset.
fn in_context(context: &schema::Region, offset: u64, length: u64, count: Columns, columns: Columns) -> Option<Region> {
    let first = u32::try_from(context.start_line?).ok().filter(|&line| line > 0)?;
    if context.start_column.is_some_and(|column| column != 1) {
        return None;
    }
    let start = if count == Columns::Bytes { context.byte_offset? } else { context.char_offset? };
    let within = offset.checked_sub(u64::try_from(start).ok()?)?;
    let text = EmbeddedText::new(context.snippet.as_ref()?.text.clone()?);
    let region = text.region(within, length, count, columns)?;
    let shift = |line: u32| (line - 1).checked_add(first);
    Some(Region { line: shift(region.line)?, end_line: shift(region.end_line)?, ..region })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ALONE: Counting<'static> = Counting { columns: Columns::Utf16, file: None, context: None };

    type Plain = (u32, Option<u32>, u32, Option<u32>);

    fn read(from: &serde_json::Value, how: Counting<'_>) -> Result<Option<Plain>, &'static str> {
        let from: schema::Region = super::super::lenient::from_bytes(from.to_string().as_bytes()).expect("an object");
        region(&from, how).map(|found| found.map(|r| (r.line, r.column, r.end_line, r.end_column)))
    }

    #[test]
    fn lines_and_columns_take_the_standards_defaults() {
        for (from, region) in [
            (json!({"startLine": 3}), Some((3, None, 3, None))),
            (json!({"startLine": 3, "startColumn": 5}), Some((3, Some(5), 3, None))),
            (json!({"startLine": 3, "startColumn": 5, "endColumn": 9}), Some((3, Some(5), 3, Some(9)))),
            (json!({"startLine": 3, "endLine": 5}), Some((3, None, 5, None))),
            (json!({"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 1}), Some((3, Some(5), 4, Some(1)))),
            (json!({"startLine": 3, "startColumn": 5, "endColumn": 5}), Some((3, Some(5), 3, Some(5)))),
            (json!({"startLine": 3, "startColumn": 5, "endColumn": 2}), Some((3, Some(5), 3, None))),
            (json!({"startLine": 3, "endLine": 1, "endColumn": 7}), Some((3, None, 3, None))),
            (json!({"startLine": 3, "startColumn": 5, "charLength": 4}), Some((3, Some(5), 3, Some(9)))),
            (json!({"startLine": "3", "startColumn": 0}), Some((3, None, 3, None))),
            (json!({"startLine": 0}), None),
            (json!({"startLine": -1}), None),
            (json!({}), None),
            (json!({"charOffset": -1}), None),
        ] {
            assert_eq!(read(&from, ALONE), Ok(region), "{from}");
        }
    }

    #[test]
    fn what_cannot_be_counted_says_so() {
        let past_all = read(&json!({"startLine": 4_294_967_296_i64}), ALONE);
        assert_eq!(
            past_all,
            Ok(Some((u32::MAX, None, u32::MAX, None))),
            "a line that no file has is still no first line"
        );
        assert!(read(&json!({"charOffset": 12, "charLength": 3}), ALONE).is_err());
        assert!(read(&json!({"byteOffset": 12}), ALONE).is_err());
    }

    #[test]
    fn offsets_are_counted_in_the_embedded_file_or_in_the_lines_around() {
        let file = EmbeddedText::new("one\ntwo\nmd5(x)\n".to_owned());
        let how = Counting { file: Some(&file), ..ALONE };
        assert_eq!(read(&json!({"charOffset": 8, "charLength": 3}), how), Ok(Some((3, Some(1), 3, Some(4)))));
        assert_eq!(read(&json!({"byteOffset": 4, "byteLength": 3}), how), Ok(Some((2, Some(1), 2, Some(4)))));
        assert!(read(&json!({"charOffset": 80}), how).is_err());
        let context = json!({"startLine": 2, "charOffset": 4, "snippet": {"text": "two\nmd5(x)\n"}});
        let context: schema::Region = serde_json::from_value(context).expect("a region");
        let how = Counting { context: Some(&context), ..ALONE };
        assert_eq!(read(&json!({"charOffset": 8, "charLength": 3}), how), Ok(Some((3, Some(1), 3, Some(4)))));
        assert!(read(&json!({"charOffset": 2, "charLength": 3}), how).is_err());
    }
}
