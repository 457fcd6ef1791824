//! Any text, any range, any edit: never a panic, and an incremental parse is worth a full one.

use aspm_syntax::{Edit, Language, Parsed, fallback_tokens, parse, suppression::Suppressions};
use proptest::prelude::*;

fn tree(language: Language, text: &str) -> Parsed {
    parse(language, text, None, &|| false).expect("a tree")
}

/// Asks everything there is to ask.
fn ask(parsed: Option<&Parsed>, language: Language, text: &str, range: std::ops::Range<usize>) {
    ask_of(parsed, language, text, range, true);
}

/// The same; `fresh` says that the tree is of this very text.
fn ask_of(parsed: Option<&Parsed>, language: Language, text: &str, range: std::ops::Range<usize>, fresh: bool) {
    for token in fallback_tokens(text, range.clone()) {
        assert!(text.get(token.range).is_some());
    }
    let found = Suppressions::of(Some(language), text);
    for one in found.at(text, range.clone()) {
        assert!(text.get(one.range.clone()).is_some() && text.get(one.covers.clone()).is_some());
    }
    let Some(parsed) = parsed else { return };
    for answer in
        [parsed.snap(text, range.clone()), parsed.statement(text, range.clone()), parsed.head(text, range.clone())]
    {
        assert!(text.get(answer.clone()).is_some(), "{answer:?} of {range:?}");
    }
    let mut at = 0;
    for token in parsed.tokens(text, range.clone()) {
        assert!(!fresh || token.range.start >= at, "tokens stand in order and do not overlap");
        assert!(!token.range.is_empty() && !token.text.is_empty());
        assert!(text.get(token.range.clone()).is_some());
        at = token.range.end;
    }
    for symbol in parsed.symbols(text, range.start) {
        assert!(!symbol.name.is_empty());
    }
    let _ = parsed.has_error_near(range.clone());
    let _ = parsed.node_kind(range.clone());
    let _ = (parsed.is_comment(range.start), parsed.in_string(range.end));
    let _ = parsed.all_symbols(text);
}

const PIECES: &[&str] = &[
    "def f(",
    "):\n",
    "    ",
    "return ",
    "class A",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "'",
    "\"",
    "`",
    "\"\"\"",
    "${",
    "#{",
    "<?php ",
    "<div>",
    "</div>",
    "<a b='",
    "/*",
    "*/",
    "//",
    "# nosec",
    "// eslint-disable",
    "\\",
    "\n",
    "\r\n",
    "\t",
    ";",
    ",",
    ":",
    "- ",
    "a: ",
    "|\n",
    "<<EOF\n",
    "EOF\n",
    "=>",
    "x",
    "12",
    "é",
    "\u{1F600}",
    "\0",
    "@",
    "&",
    "<",
    ">",
    "if ",
    "end\n",
    "do ",
    "FROM x\n",
    "RUN y\n",
    "resource \"a\" \"b\" ",
    "= ",
    "...",
    "#if X\n",
    "#endif\n",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(&Language::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_and_any_range_get_an_answer(
        language in language(), text in soup(), start in 0usize..200, length in 0usize..80,
    ) {
        let parsed = parse(language, &text, None, &|| false);
        ask(parsed.as_ref(), language, &text, start..start + length);
    }

    #[test]
    fn a_tree_that_has_not_caught_up_with_its_text_still_answers(
        language in language(), before in soup(), after in soup(), start in 0usize..200, length in 0usize..80,
    ) {
        let mut parsed = tree(language, &before);
        ask_of(Some(&parsed), language, &after, start..start + length, false);
        if let Some(edit) = Edit::between(&before, &after) {
            parsed.edit(&edit);
        }
        ask_of(Some(&parsed), language, &after, start..start + length, false);
        let caught_up = parse(language, &after, Some(&parsed), &|| false);
        ask(caught_up.as_ref(), language, &after, start..start + length);
    }
}

const PYTHON: &str = "import os\n\n\nclass Shop:\n    name = 'a'\n\n    def buy(self, item, *, count=1):\n        if item:\n            \
                      return os.system(f'pay {item}')\n        for i in [1, 2, 3]:\n            print(i)\n\n\n@route('/x')\n\
                      def main():\n    try:\n        Shop().buy('x')\n    except ValueError as e:\n        raise\n";
const JAVASCRIPT: &str = "import a from 'a';\n\nclass Shop extends Base {\n  name = 'a';\n  buy(item) {\n    if (item) {\n      \
                          return eval(`pay ${item}`);\n    }\n    for (const i of [1, 2, 3]) console.log(i);\n  }\n}\n\n\
                          const main = async () => {\n  const s = { a: 1, b: /x+/g };\n  await new Shop().buy(s.a);\n};\n";
const INSERTIONS: &[&str] = &[
    "",
    "x",
    " ",
    "\n",
    "(",
    ")",
    "'",
    "\"",
    "{",
    "}",
    "a = 1\n",
    "foo(1, 2)",
    ": ",
    ", ",
    "#",
    "//",
    "    ",
    "`",
    "é",
];

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, &'static str)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, prop::sample::select(INSERTIONS)), 1..12)
}

/// Applies the edits one by one with an incremental parse after each, and compares with a full parse.
fn follow(
    language: Language,
    start: &str,
    edits: &[(prop::sample::Index, usize, &'static str)],
) -> Result<(), TestCaseError> {
    let mut text = start.to_owned();
    let mut parsed = tree(language, &text);
    for (index, removed, inserted) in edits {
        let mut from = index.index(text.len() + 1);
        let mut to = (from + removed).min(text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to += 1;
        }
        parsed.edit(&Edit::replace(&text, from..to, inserted));
        text.replace_range(from..to, inserted);
        parsed = parse(language, &text, Some(&parsed), &|| false).expect("a tree");
        same(&parsed, &tree(language, &text), &text)?;
    }
    // And home again.
    let edit = Edit::between(&text, start);
    if let Some(edit) = edit {
        parsed.edit(&edit);
    }
    parsed = parse(language, start, Some(&parsed), &|| false).expect("a tree");
    same(&parsed, &tree(language, start), start)?;
    prop_assert!(parsed.is_whole());
    Ok(())
}

/// Equal trees where the text has no error; where it has some, both say so.
fn same(incremental: &Parsed, full: &Parsed, text: &str) -> Result<(), TestCaseError> {
    let sexp = |parsed: &Parsed| parsed.tree().root_node().to_sexp();
    prop_assert_eq!(incremental.is_whole(), full.is_whole(), "{}", text);
    if full.is_whole() {
        prop_assert_eq!(sexp(incremental), sexp(full), "{}", text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_python_equals_a_full_parse(edits in edits()) {
        follow(Language::Python, PYTHON, &edits)?;
    }

    #[test]
    fn incremental_javascript_equals_a_full_parse(edits in edits()) {
        follow(Language::JavaScript, JAVASCRIPT, &edits)?;
    }
}

#[test]
fn a_hundred_thousand_brackets_do_not_exhaust_the_stack() {
    let deep = 100_000;
    for language in [Language::Python, Language::JavaScript, Language::Json, Language::Yaml] {
        for text in ["[".repeat(deep) + &"]".repeat(deep), "[".repeat(deep), "]".repeat(deep)] {
            let parsed = parse(language, &text, None, &|| false);
            ask(parsed.as_ref(), language, &text, deep - 1..deep + 1);
            ask(parsed.as_ref(), language, &text, text.len()..text.len());
        }
    }
    let open = "<div>".repeat(20_000);
    let parsed = parse(Language::Html, &open, None, &|| false);
    ask(parsed.as_ref(), Language::Html, &open, open.len() - 5..open.len());
}
