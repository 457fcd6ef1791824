//! Where ranges stand: snapping, statements, heads, errors nearby, symbols, strings and comments.

use aspm_syntax::{Edit, Language, Parsed, SymbolKind, parse};

fn tree(language: Language, text: &str) -> Parsed {
    parse(language, text, None, &|| false).expect("a tree")
}

/// The text without `«»`, and the range they mark.
fn marked(text: &str) -> (String, std::ops::Range<usize>) {
    let start = text.find('«').expect("a mark");
    let text = text.replace('«', "");
    let end = text.find('»').expect("a mark");
    (text.replace('»', ""), start..end)
}

#[test]
fn a_range_snaps_to_the_node_it_means() {
    for (language, text, expected) in [
        (Language::Python, "x = «eval(a) »\n", "eval(a)"),
        (Language::Python, "x = e«va»l(a)\n", "eval"),
        (Language::Python, "«    x = eval(a)\n»y = 1\n", "x = eval(a)"),
        (Language::Python, "«x = eval(»\n    a)\n", "x = eval(\n    a)"),
        (Language::Python, "f(«a, b»)\n", "(a, b)"),
        (Language::JavaScript, "if (a) {\n  «eval(b);»\n}\n", "eval(b);"),
        (Language::Yaml, "a:\n«  b: c»\n", "b: c"),
        (Language::Python, "« »\n", ""),
    ] {
        let (text, range) = marked(text);
        let found = tree(language, &text).snap(&text, range);
        assert_eq!(&text[found], expected, "{text}");
    }
}

#[test]
fn nodes_of_a_kind_are_those_that_start_in_the_range() {
    let text = "a[1]\nf(b[i], c[j][k])\nd[2]\n";
    let parsed = tree(Language::Python, text);
    let found = |range: std::ops::Range<usize>, limit| -> Vec<&str> {
        parsed.nodes_of_kind(range, "subscript", limit).into_iter().map(|node| &text[node]).collect()
    };
    assert_eq!(found(0..text.len(), 9), ["a[1]", "b[i]", "c[j][k]", "c[j]", "d[2]"]);
    assert_eq!(found(5..21, 9), ["b[i]", "c[j][k]", "c[j]"]);
    assert_eq!(found(8..text.len(), 2), ["c[j][k]", "c[j]"], "one that began before is left out, and two are enough");
    assert!(found(3..3, 9).is_empty());
}

#[test]
fn a_head_is_a_statement_without_its_block() {
    for (language, text, expected) in [
        (Language::Python, "if «eval(a)»:\n    b()\n    c()\n", "if eval(a):"),
        (Language::Python, "def «f»(a):\n    b()\n", "def f(a):"),
        (Language::Python, "if a:\n    «b()»\n", "b()"),
        (Language::JavaScript, "const f = «async» (a) => {\n  b();\n};\n", "const f = async (a) =>"),
        (Language::JavaScript, "on('x', () => {\n  b();\n}, «eval(c)»);\n", "on('x', () => {\n  b();\n}, eval(c));"),
        (Language::Java, "class «A» extends B {\n  int c;\n}\n", "class A extends B"),
        (Language::Hcl, "resource «\"a\"» \"b\" {\n  c = 1\n}\n", "resource \"a\" \"b\" {"),
        (Language::Html, "<div «class='a'»>\n  <p>b</p>\n</div>\n", "<div class='a'>"),
    ] {
        let (text, range) = marked(text);
        let found = tree(language, &text).head(&text, range);
        assert_eq!(&text[found], expected, "{text}");
    }
}

#[test]
fn an_error_counts_where_it_is_near() {
    for (language, text, expected) in [
        (Language::Python, "x = «eval(a)»\ny = 2\n", false),
        (Language::Python, "x = 1\ny = foo(«eval(a)», (\n", true),
        (Language::Python, "def a():\n    x = (1 +\n\ndef b():\n    pass\n\n\n\n\n\ndef c():\n    «eval(a)»\n", false),
        (Language::JavaScript, "function a() {\n  «eval(b)»;\n}\n\nfunction c() {\n  d( ;\n}\n", false),
        (Language::JavaScript, "function a() {\n  «eval(b)»;\n  if (\n}\n", false),
        (Language::JavaScript, "function a() {\n  e = «eval(b)» +;\n}\n", true),
        (Language::JavaScript, "function a() {\n  e = f(«eval(b)»;\n}\n", true),
        (Language::Json, "{\"a\": «1» \"b\": 2}", true),
    ] {
        let (text, range) = marked(text);
        let parsed = tree(language, &text);
        let tree = parsed.tree().root_node().to_sexp();
        assert_eq!(parsed.has_error_near(range), expected, "{text}\n{tree}");
    }
}

#[test]
fn symbols_go_from_the_outside_in() {
    let text =
        "class Shop:\n    class Till:\n        @cached\n        def pay(self):\n            key = lambda x: eval(x)\n";
    let parsed = tree(Language::Python, text);
    let at = text.find("eval").expect("a call");
    let symbols = parsed.symbols(text, at);
    let seen: Vec<_> = symbols.iter().map(|symbol| (symbol.kind, symbol.name.as_str())).collect();
    let expected = [
        (SymbolKind::Class, "Shop"),
        (SymbolKind::Class, "Till"),
        (SymbolKind::Function, "pay"),
        (SymbolKind::Function, "key"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(&text[symbols[0].range.clone()], text.trim_end());
    assert_eq!(parsed.symbol_path(text, text.find("cached").expect("it")), "Shop.Till.pay");
    assert_eq!(parsed.symbol_path(text, text.trim_end().len()), "Shop.Till.pay.key");
    assert_eq!(parsed.symbol_path(text, text.len()), "");
    let all: Vec<String> = parsed.all_symbols(text).into_iter().map(|symbol| symbol.name).collect();
    assert_eq!(all, ["Shop", "Till", "pay", "key"]);
}

#[test]
fn every_kind_of_name_is_read() {
    for (language, text, expected) in [
        (Language::JavaScript, "exports.buy = function () { «a» }\n", "exports.buy"),
        (Language::JavaScript, "const o = { buy: () => «a» }\n", "buy"),
        (Language::JavaScript, "class A { #buy = () => «a» }\n", "A.#buy"),
        (Language::TypeScript, "interface A { b(c: «string»): void }\n", "A.b"),
        (Language::Rust, "impl Shop { fn f() { «a» } }\n", "Shop.f"),
        (Language::Go, "package a\nfunc (Shop) F() { «a» }\n", "Shop.F"),
        (Language::C, "int (*f(int a))(int) { «a»; }\n", "f"),
        (Language::Cpp, "Shop::~Shop() { «a»; }\n", "Shop.~Shop"),
        (Language::Cpp, "struct A { bool operator==(B b) { «a»; } };\n", "A.operator=="),
        (Language::Ruby, "class Store::Shop\n  def self.f\n    «a»\n  end\nend\n", "Store.Shop.f"),
        (Language::Php, "<?php\nnamespace A\\B { trait C { function d() { «e»(); } } }\n", "A.B.C.d"),
        (Language::CSharp, "namespace A.B { record C { string D { get { «e»(); } } } }\n", "A.B.C.D"),
        (Language::Java, "record A(int b) { A { «c»(); } }\n", "A.A"),
        (Language::Toml, "[[a.b]]\nc = «1»\n", "a.b.c"),
        (Language::Yaml, "on: { push: { «a»: 1 } }\n", "on.push.a"),
        (Language::Dockerfile, "FROM a AS b\n«RUN c»\nFROM d\n", "b"),
        (Language::Bash, "function f { «a»; }\n", "f"),
    ] {
        let (text, range) = marked(text);
        let parsed = tree(language, &text);
        assert_eq!(parsed.symbol_path(&text, range.start), expected, "{}", parsed.tree().root_node().to_sexp());
    }
}

#[test]
fn a_stage_reaches_to_the_next() {
    let text = "FROM a AS one\nRUN b\n\nFROM c\nRUN d\n";
    let stages = tree(Language::Dockerfile, text).all_symbols(text);
    let seen: Vec<_> = stages.iter().map(|stage| (stage.name.as_str(), &text[stage.range.clone()])).collect();
    assert_eq!(seen, [("one", "FROM a AS one\nRUN b"), ("c", "FROM c\nRUN d")]);
}

#[test]
fn comments_and_strings_are_known_by_offset() {
    let text = "x = f'a {b} c'  # d\n";
    let parsed = tree(Language::Python, text);
    let at = |word: char| text.rfind(word).expect("a word");
    assert!(parsed.in_string(at('a')) && parsed.in_string(at('c')));
    assert!(!parsed.in_string(at('b')) && !parsed.in_string(at('x')));
    assert!(parsed.is_comment(at('d')) && parsed.is_comment(text.len() - 1));
    assert!(!parsed.is_comment(at('x')) && !parsed.is_comment(at('a')));
}

#[test]
fn statements_after_an_edit_are_found_before_the_next_parse() {
    let before = "a()\nb()\neval(c)\n";
    let after = "a()\nlonger(b)\neval(c)\n";
    let mut parsed = tree(Language::Python, before);
    parsed.edit(&Edit::between(before, after).expect("a change"));
    let at = after.find("eval").expect("a call");
    assert_eq!(&after[parsed.statement(after, at..at + 4)], "eval(c)");
    let moved = parsed.clone();
    let newer = parse(Language::Python, after, Some(&parsed), &|| false).expect("a tree");
    assert!(newer.is_whole());
    assert!(moved.changed_ranges(&newer).iter().all(|range| range.end <= at));
}

#[test]
fn a_node_that_only_wraps_counts_as_what_it_wraps() {
    let with = "eval(a);\n";
    let without = "eval(a)\n";
    let kind = |text: &str| {
        let parsed = tree(Language::JavaScript, text);
        parsed.node_kind(parsed.snap(text, 0..text.len()))
    };
    assert_eq!(kind(with), "call_expression");
    assert_eq!(kind(without), "call_expression");
}
