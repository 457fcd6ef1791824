//! A product of a server written into the text of an `aspm.toml`: as a source of its own, or into the one that names the
//! server already. Comments, order and everything else stay.

use toml_edit::{DocumentMut, Item, TableLike, Value};
use url::Url;

use crate::{Config, ConfigError, Origin, SourceConfig, SourceKind};

/// The source's usual name, where it is free.
const USUAL: &str = "central";

/// What is to be read of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The server.
    pub url: Url,
    /// The product's name.
    pub product: String,
    /// The engagement's; `None`: all that belong to this repository.
    pub engagement: Option<String>,
    /// The logs below `.aspm/` are read on: without another source they were, and with one they would not be.
    pub keep_logs: bool,
}

/// What became of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// It says so already.
    Kept {
        /// The source's name.
        source: String,
    },
    /// The text that says so.
    Changed {
        /// All of it.
        text: String,
        /// The source's name.
        source: String,
        /// The source is a new one.
        is_new: bool,
    },
}

/// Why the text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// It has mistakes.
    #[error(transparent)]
    Broken(#[from] ConfigError),
    /// Two sources read this server already.
    #[error("several sources read this server ({}); say in the one that is meant:\n{by_hand}", .sources.join(", "))]
    Several {
        /// Their names.
        sources: Vec<String>,
        /// What is wanted.
        by_hand: String,
    },
    /// It is written in a way that cannot be changed safely.
    #[error("it is written in a way that cannot be changed safely; write this into it yourself:\n\n{by_hand}")]
    ByHand {
        /// What is wanted.
        by_hand: String,
    },
}

impl Config {
    /// Makes `text` say that `wanted` is read. `file_name` is only for messages.
    pub fn bind(text: &str, file_name: &str, wanted: &Wanted) -> Result<Bound, BindError> {
        let before = Self::parse(text, file_name)?;
        let is_it = |source: &&SourceConfig| {
            source.kind == SourceKind::DefectDojo && source.url.as_ref().is_some_and(|url| is_same(url, &wanted.url))
        };
        let mut known = before.sources.iter().filter(is_it);
        let by_hand = |name: &str| entry(name, wanted, "\n");
        match (known.next(), known.next()) {
            (Some(first), Some(_)) => {
                let sources = before.sources.iter().filter(is_it).map(|source| source.name.clone()).collect();
                Err(BindError::Several { sources, by_hand: by_hand(&first.name) })
            }
            (Some(source), None) => {
                let is_said = source.product.as_deref() == Some(&*wanted.product)
                    && (wanted.engagement.is_none() || source.engagement == wanted.engagement);
                if is_said {
                    return Ok(Bound::Kept { source: source.name.clone() });
                }
                let number = before.sources.iter().position(|other| other.name == source.name).unwrap_or(0);
                let text = changed(text, number, wanted);
                let text = text.filter(|text| holds(text, file_name, &before, &source.name, wanted));
                let text = text.ok_or_else(|| BindError::ByHand { by_hand: by_hand(&source.name) })?;
                Ok(Bound::Changed { text, source: source.name.clone(), is_new: false })
            }
            (None, _) => {
                let name = free_name(&before);
                let text = appended(text, &name, wanted);
                if !holds(&text, file_name, &before, &name, wanted) {
                    return Err(BindError::ByHand { by_hand: by_hand(&name) });
                }
                Ok(Bound::Changed { text, source: name, is_new: true })
            }
        }
    }
}

/// The same server, however its address ends.
fn is_same(one: &Url, other: &Url) -> bool {
    Origin::of(one) == Origin::of(other) && one.path().trim_end_matches('/') == other.path().trim_end_matches('/')
}

fn free_name(config: &Config) -> String {
    let is_free = |name: &String| config.sources.iter().all(|source| source.name != *name);
    let numbered = (2..).map(|number| format!("{USUAL}-{number}"));
    std::iter::once(USUAL.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// Whether the new text says what is wanted, and of all else what the old one said.
fn holds(text: &str, file_name: &str, before: &Config, name: &str, wanted: &Wanted) -> bool {
    let Ok(after) = Config::parse(text, file_name) else { return false };
    let says = |source: &SourceConfig| {
        source.name == name
            && source.product.as_deref() == Some(&*wanted.product)
            && source.engagement == wanted.engagement
            && source.url.as_ref().is_some_and(|url| is_same(url, &wanted.url))
    };
    let others = |config: &Config| -> Vec<SourceConfig> {
        // The logs that are read without any source may be named now.
        let is_other = |source: &&SourceConfig| source.name != name && source.path != ".aspm";
        config.sources.iter().filter(is_other).cloned().collect()
    };
    let rest = |config: &Config| {
        (config.application.clone(), config.components.clone(), config.path_map.clone(), config.policy_bundle.clone())
    };
    after.sources.iter().any(says) && others(&after) == others(before) && rest(&after) == rest(before)
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn entry(name: &str, wanted: &Wanted, ending: &str) -> String {
    let mut lines = vec![
        "[[source]]".to_owned(),
        format!("name = {}", quoted(name)),
        "kind = \"defectdojo\"".to_owned(),
        format!("url = {}", quoted(wanted.url.as_str().trim_end_matches('/'))),
        format!("product = {}", quoted(&wanted.product)),
    ];
    lines.extend(wanted.engagement.as_ref().map(|engagement| format!("engagement = {}", quoted(engagement))));
    if wanted.keep_logs {
        lines.extend(["", "[[source]]", "kind = \"sarif\"", "path = \".aspm\""].map(str::to_owned));
    }
    lines.push(String::new());
    lines.join(ending)
}

/// At the very end, which changes nothing of what stands before.
fn appended(text: &str, name: &str, wanted: &Wanted) -> String {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = match text {
        "" => String::new(),
        text if text.ends_with('\n') => ending.to_owned(),
        _ => ending.repeat(2),
    };
    format!("{text}{gap}{}", entry(name, wanted, ending))
}

fn changed(text: &str, number: usize, wanted: &Wanted) -> Option<String> {
    let (body, mark) = text.strip_prefix('\u{feff}').map_or((text, ""), |body| (body, "\u{feff}"));
    let mut document: DocumentMut = body.parse().ok()?;
    let table: &mut dyn TableLike = match document.get_mut("source")? {
        Item::ArrayOfTables(tables) => tables.get_mut(number)?,
        Item::Value(Value::Array(tables)) => tables.get_mut(number)?.as_inline_table_mut()?,
        _ => return None,
    };
    set(table, "product", &wanted.product);
    match &wanted.engagement {
        Some(engagement) => set(table, "engagement", engagement),
        // Of another product it means nothing.
        None => drop(table.remove("engagement")),
    }
    let new = document.to_string();
    // The editor of documents knows one line ending only.
    let is_crlf = body.contains('\n') && body.matches('\n').count() == body.matches("\r\n").count();
    let new = if is_crlf { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new };
    Some(format!("{mark}{new}"))
}

fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    let mut value = Value::from(text);
    match table.get_mut(key) {
        // Spaces and a remark behind it stay.
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        _ => drop(table.insert(key, Item::Value(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(product: &str) -> Wanted {
        let url = Url::parse("https://dojo.example.com/").unwrap();
        Wanted { url, product: product.to_owned(), engagement: None, keep_logs: false }
    }

    fn bound(text: &str, wanted: &Wanted) -> String {
        match Config::bind(text, "aspm.toml", wanted).unwrap() {
            Bound::Changed { text, .. } => text,
            Bound::Kept { .. } => text.to_owned(),
        }
    }

    const SHOP: &str = "[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = \"https://dojo.example.com\"\nproduct = \"shop\"\n";

    #[test]
    fn a_source_is_added_behind_what_is_there() {
        for (before, expected) in [
            ("", SHOP.to_owned()),
            ("# ours\n[application]\nname = \"x\" # y\n", format!("# ours\n[application]\nname = \"x\" # y\n\n{SHOP}")),
            ("[application]\nname = \"x\"", format!("[application]\nname = \"x\"\n\n{SHOP}")),
            (
                "[application]\r\nname = \"x\"\r\n",
                format!("[application]\nname = \"x\"\n\n{SHOP}").replace('\n', "\r\n"),
            ),
        ] {
            assert_eq!(bound(before, &wanted("shop")), expected);
            assert_eq!(bound(&expected, &wanted("shop")), expected, "once is enough");
        }
    }

    #[test]
    fn the_source_that_reads_the_server_already_is_changed_where_it_stands() {
        let before = "# a\n[[source]] # b\nkind = \"defectdojo\"\nurl = \"https://Dojo.example.com:443/\" # c\nproduct = \"old\" # d\nengagement = \"e\"\n\n[policy]\nbundle = \"p/\"\n";
        let after = before.replace("\"old\" # d\nengagement = \"e\"\n", "\"shop\" # d\n");
        assert_eq!(bound(before, &wanted("shop")), after);
        let without = before.replace("product = \"old\" # d\nengagement = \"e\"\n", "");
        assert_eq!(bound(&without, &wanted("shop")), without.replace("# c\n", "# c\nproduct = \"shop\"\n"));
        let inline = "source = [{ kind = \"defectdojo\", url = \"https://dojo.example.com\" }] # x\n";
        let expected =
            "source = [{ kind = \"defectdojo\", url = \"https://dojo.example.com\" , product = \"shop\" }] # x\n";
        assert_eq!(bound(inline, &wanted("shop")), expected);
    }

    #[test]
    fn a_taken_name_is_not_taken_twice_and_logs_are_read_on() {
        let before = "[[source]]\nname = \"central\"\nkind = \"sarif\"\npath = \"a.sarif\"\n";
        assert!(bound(before, &wanted("shop")).contains("name = \"central-2\"\n"));
        let with_logs = bound("", &Wanted { keep_logs: true, ..wanted("shop") });
        assert_eq!(with_logs, format!("{SHOP}\n[[source]]\nkind = \"sarif\"\npath = \".aspm\"\n"));
    }

    #[test]
    fn a_name_of_the_server_cannot_write_more_than_a_name() {
        for name in ["a\"b", "a\nb = 1", "a\\", "\u{1b}[31m", "]]"] {
            // Either it is refused, or it is the name and nothing else.
            match Config::bind("", "aspm.toml", &wanted(name)) {
                Ok(Bound::Changed { text, .. }) => {
                    let read = Config::parse(&text, "aspm.toml").unwrap();
                    assert_eq!((read.sources.len(), read.sources[0].product.as_deref()), (1, Some(name)));
                }
                Ok(Bound::Kept { .. }) => panic!("{name:?}"),
                Err(error) => assert!(matches!(error, BindError::ByHand { .. }), "{error}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_changed_safely_is_left_alone() {
        let error = |text: &str| Config::bind(text, "aspm.toml", &wanted("shop")).unwrap_err();
        assert!(matches!(error("[[sources]]\n"), BindError::Broken(_)));
        let inline = "source = [{ kind = \"sarif\", path = \"a.sarif\" }]\n";
        assert!(error(inline).to_string().contains("[[source]]\nname = \"central\""), "{}", error(inline));
        let one = "[[source]]\nname = \"a\"\nkind = \"defectdojo\"\nurl = \"https://dojo.example.com\"\n";
        let twice = format!("{one}{}", one.replace("\"a\"", "\"b\""));
        assert!(error(&twice).to_string().starts_with("several sources read this server (a, b)"));
    }
}
