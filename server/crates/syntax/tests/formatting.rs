//! What a formatter does to code changes no token; what a developer does to it changes some.

use aspm_syntax::{Language, parse};

fn tokens(language: Language, text: &str) -> Vec<String> {
    let parsed = parse(language, text, None, &|| false).expect("a tree");
    assert!(parsed.is_whole(), "{}: {}", language.name(), parsed.tree().root_node().to_sexp());
    parsed.tokens(text, 0..text.len()).into_iter().map(|token| token.text.into_owned()).collect()
}

/// (what it shows, language, before, after)
const SAME: &[(&str, Language, &str, &str)] = &[
    (
        "black explodes a call and adds a trailing comma",
        Language::Python,
        "subprocess.run(cmd, shell=True, check=False)\n",
        "subprocess.run(\n    cmd,\n    shell=True,\n    check=False,\n)\n",
    ),
    (
        "black unifies quotes and prefixes",
        Language::Python,
        "x = F'it\\'s {a[\"k\"]} \"now\"' + '' + u'b' + b'\\\\\\''\n",
        "x = f\"it's {a['k']} \\\"now\\\"\" + \"\" + u\"b\" + b\"\\\\'\"\n",
    ),
    ("black unifies long quotes", Language::Python, "'''a 'b' c'''\n", "\"\"\"a 'b' c\"\"\"\n"),
    (
        "black puts brackets around a long right side",
        Language::Python,
        "result = first_value + second_value\n",
        "result = (\n    first_value\n    + second_value\n)\n",
    ),
    ("black removes brackets that say nothing", Language::Python, "if (a):\n    return (b)\n", "if a:\n    return b\n"),
    ("black explodes an import", Language::Python, "from m import a, b\n", "from m import (\n    a,\n    b,\n)\n"),
    (
        "a continued line, a comment and a semicolon",
        Language::Python,
        "x = a + \\\n    b  # why\ny = 1;\n",
        "x = a + b\n# other\ny = 1\n",
    ),
    (
        "prettier: double quotes, semicolons, trailing commas",
        Language::JavaScript,
        "const q = run('SELECT \"a\"', { shell: true })\nnext(q)\n",
        "const q = run(\"SELECT \\\"a\\\"\", {\n  shell: true,\n});\nnext(q);\n",
    ),
    (
        "prettier: brackets around one parameter",
        Language::TypeScript,
        "items.map(item => eval(item))\n",
        "items.map((item) => eval(item));\n",
    ),
    (
        "prettier: brackets around returned markup, and its line breaks",
        Language::Tsx,
        "const A = () => <p className='a b'>Hello dear {name} and all</p>\n",
        "const A = () => (\n  <p className=\"a b\">\n    Hello dear\n    {name} and all\n  </p>\n);\n",
    ),
    (
        "gofmt: tabs, alignment and semicolons",
        Language::Go,
        "package a\nfunc f() { x := exec.Command(\"sh\",a); x.Run() }\n",
        "package a\n\nfunc f() {\n\tx := exec.Command(\"sh\", a)\n\tx.Run()\n}\n",
    ),
    (
        "rustfmt explodes a call",
        Language::Rust,
        "fn f() { Command::new(a).args(&[\"-c\", b]).spawn() }\n",
        "fn f() {\n    Command::new(a)\n        .args(&[\n            \"-c\",\n            b,\n        ])\n        .spawn()\n}\n",
    ),
    (
        "google-java-format",
        Language::Java,
        "class A { void f(){ s.execute(\"a\"+b); } }\n",
        "class A {\n  void f() {\n    s.execute(\n        \"a\" + b); // sql\n  }\n}\n",
    ),
    ("clang-format", Language::C, "int f(){return system(a);}\n", "int\nf()\n{\n  return system(a); /* run */\n}\n"),
    ("rubocop: quotes", Language::Ruby, "def f\n  system('a', b)\nend\n", "def f\n  system(\"a\", b)\nend\n"),
    ("php-cs-fixer: quotes", Language::Php, "<?php\nf(\"a\", $b);\n", "<?php\nf(\n    'a',\n    $b,\n);\n"),
    (
        "shfmt: semicolons and line breaks",
        Language::Bash,
        "if [ -n \"$a\" ]; then eval \"$a\"; fi\n",
        "if [ -n \"$a\" ]\nthen\n  eval \"$a\"\nfi\n",
    ),
    ("terraform fmt", Language::Hcl, "a \"b\" {\nx = [1,2]\n}\n", "a \"b\" {\n  x = [\n    1,\n    2,\n  ]\n}\n"),
    ("prettier on YAML", Language::Yaml, "a:\n    b:   'it''s'\n", "a:\n  b: \"it's\" # yes\n"),
    ("a JSON printer", Language::Json, "{\"a\":[1,2]}", "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n"),
    ("taplo", Language::Toml, "a = ['b','c']\n", "a = [\n  \"b\",\n  \"c\",\n] # two\n"),
    ("prettier on HTML", Language::Html, "<p class='a'>one two</p>", "<p\n  class=\"a\"\n>\n  one\n  two\n</p>\n"),
    ("a Dockerfile laid out", Language::Dockerfile, "RUN  apk add  curl\n", "# tools\nRUN apk add curl\n"),
];

/// (what it shows, language, before, after)
const DIFFERENT: &[(&str, Language, &str, &str)] = &[
    ("an argument changed", Language::Python, "run(a, shell=True)\n", "run(a, shell=False)\n"),
    ("a string changed", Language::Python, "f('a b')\n", "f('a  b')\n"),
    ("a prefix changed", Language::Python, "f('a')\n", "f(b'a')\n"),
    ("code became interpolated", Language::Python, "f('{a}')\n", "f(f'{a}')\n"),
    ("a name changed", Language::JavaScript, "eval(a)\n", "evil(a)\n"),
    ("brackets that bind", Language::JavaScript, "x = (a + b) * c\n", "x = a + b * c\n"),
    ("a character is no string", Language::Java, "class A { char a = 'b'; }\n", "class A { char a = \"b\"; }\n"),
    ("an argument was added", Language::Java, "class A { void f(){ a(); } }\n", "class A { void f(){ a(b); } }\n"),
    ("a key changed", Language::Yaml, "a: 1\n", "b: 1\n"),
    ("a word of the text changed", Language::Html, "<p>one two</p>", "<p>one three</p>"),
];

#[test]
fn formatters_change_no_token() {
    for (what, language, before, after) in SAME {
        assert_eq!(tokens(*language, before), tokens(*language, after), "{what}");
    }
}

#[test]
fn edits_change_tokens() {
    for (what, language, before, after) in DIFFERENT {
        assert_ne!(tokens(*language, before), tokens(*language, after), "{what}");
    }
}

#[test]
fn a_finding_that_reformatting_moved_has_the_same_identity() {
    let before = "class A:\n    def f(self):\n        x = run('a', shell=True)\n";
    let after = "import os\n\n\nclass A:\n\n    def f(self):\n        x = run(\n            \"a\",\n            shell=True,\n        )\n";
    let identity = |text: &str| {
        let parsed = parse(Language::Python, text, None, &|| false).expect("a tree");
        let start = text.find("run(").expect("a call");
        let end = start + text[start..].find(')').expect("its end") + 1;
        let range = parsed.snap(text, start..end);
        let tokens: Vec<String> =
            parsed.tokens(text, range.clone()).into_iter().map(|token| token.text.into_owned()).collect();
        (parsed.symbol_path(text, range.start), parsed.node_kind(range), tokens)
    };
    assert_eq!(identity(before), identity(after));
    assert_eq!(identity(before).0, "A.f");
}

#[test]
fn a_line_inside_a_long_string_counts_by_its_words() {
    let text = "q = '''\nselect a from b\nwhere c = 'secret'\n'''\n";
    let parsed = parse(Language::Python, text, None, &|| false).expect("a tree");
    let start = text.find("where").expect("a line");
    let tokens = parsed.tokens(text, start..start + "where c = 'secret'".len());
    assert_eq!(tokens.iter().map(|token| token.text.as_ref()).collect::<Vec<_>>(), ["where", "c", "=", "'secret'"]);
    assert!(tokens.iter().all(|token| text[token.range.clone()] == token.text));
}

#[test]
fn a_comment_on_its_own_counts_by_its_words() {
    let text = "# password: hunter2\nx = 1\n";
    let parsed = parse(Language::Python, text, None, &|| false).expect("a tree");
    let tokens = parsed.tokens(text, 0..19);
    assert_eq!(tokens.iter().map(|token| token.text.as_ref()).collect::<Vec<_>>(), ["#", "password", ":", "hunter2"]);
}
