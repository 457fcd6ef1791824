//! One sample a language: where the marked place is, in which statement, and of which tokens.

use aspm_syntax::{Edit, Language, Parsed, parse};

struct Sample {
    language: Language,
    /// The place between `«` and `»`.
    text: &'static str,
    symbols: &'static str,
    /// Statement around the place, white space squeezed.
    statement: &'static str,
    /// Tokens of that statement.
    tokens: &'static str,
    kind: &'static str,
}

const SAMPLES: &[Sample] = &[
    Sample {
        language: Language::Python,
        text: "import os\n\nclass Shop:\n    @route('/buy')\n    def buy(self, item):\n        if item:\n            return «os.system('pay ' + item,)»  # pay\n",
        symbols: "Shop.buy",
        statement: "return os.system('pay ' + item,)",
        tokens: "return os . system ( \"pay \" + item )",
        kind: "call",
    },
    Sample {
        language: Language::JavaScript,
        text: "class Shop {\n  buy(item) {\n    return «eval('pay' + item)»;\n  }\n}\n",
        symbols: "Shop.buy",
        statement: "return eval('pay' + item);",
        tokens: "return eval ( \"pay\" + item )",
        kind: "call_expression",
    },
    Sample {
        language: Language::TypeScript,
        text: "namespace Store {\n  export const buy = async (item: string): Promise<void> => {\n    «db.query(`select ${item}`)»;\n  };\n}\n",
        symbols: "Store.buy",
        statement: "db.query(`select ${item}`);",
        tokens: "db . query ( `select  ${ item } ` )",
        kind: "call_expression",
    },
    Sample {
        language: Language::Tsx,
        text: "export function Page({ html }: Props) {\n  return (\n    <main>\n      <div «dangerouslySetInnerHTML={{ __html: html }}» />\n    </main>\n  );\n}\n",
        symbols: "Page",
        statement: "<div dangerouslySetInnerHTML={{ __html: html }} />",
        tokens: "< div dangerouslySetInnerHTML = { { __html : html } } />",
        kind: "jsx_attribute",
    },
    Sample {
        language: Language::Java,
        text: "package shop;\nclass Shop {\n  void buy(String item) {\n    «stmt.execute(\"x\" + item)»;\n  }\n}\n",
        symbols: "Shop.buy",
        statement: "stmt.execute(\"x\" + item);",
        tokens: "stmt . execute ( \"x\" + item ) ;",
        kind: "method_invocation",
    },
    Sample {
        language: Language::Go,
        text: "package shop\n\nfunc (s *Shop[T]) Buy(item string) error {\n\treturn «exec.Command(\"sh\", item,\n\t)».Run()\n}\n",
        symbols: "Shop.Buy",
        statement: "return exec.Command(\"sh\", item, ).Run()",
        tokens: "return exec . Command ( \"sh\" , item ) . Run ( )",
        kind: "call_expression",
    },
    Sample {
        language: Language::Rust,
        text: "mod shop {\n    impl<T> Pay for Shop<T> {\n        fn buy(&self, item: &str) -> String {\n            let c = 'x';\n            «run(item, c,)»\n        }\n    }\n}\n",
        symbols: "shop.Shop.buy",
        statement: "run(item, c,)",
        tokens: "run ( item , c )",
        kind: "call_expression",
    },
    Sample {
        language: Language::C,
        text: "#include <stdio.h>\nstatic char *buy(const char *item) {\n  char b[8];\n  «strcpy(b, item)»;\n  return 0;\n}\n",
        symbols: "buy",
        statement: "strcpy(b, item);",
        tokens: "strcpy ( b , item ) ;",
        kind: "call_expression",
    },
    Sample {
        language: Language::Cpp,
        text: "namespace store {\nint &Shop::buy(std::string item) {\n  return «system(item.c_str())»;\n}\n}\n",
        symbols: "store.Shop.buy",
        statement: "return system(item.c_str());",
        tokens: "return system ( item . c_str ( ) ) ;",
        kind: "call_expression",
    },
    Sample {
        language: Language::CSharp,
        text: "namespace Store {\n  class Shop {\n    public void Buy(string item) {\n      var c = «new SqlCommand($\"select {item}\")»;\n    }\n  }\n}\n",
        symbols: "Store.Shop.Buy",
        statement: "var c = new SqlCommand($\"select {item}\");",
        tokens: "var c = new SqlCommand ( $\"select  { item } \" ) ;",
        kind: "object_creation_expression",
    },
    Sample {
        language: Language::Ruby,
        text: "module Store\n  class Shop < Base\n    def buy(item)\n      «system('pay', \"#{item}\")» if item\n    end\n  end\nend\n",
        symbols: "Store.Shop.buy",
        statement: "system('pay', \"#{item}\") if item",
        tokens: "system ( \"pay\" , \" #{ item } \" ) if item",
        kind: "call",
    },
    Sample {
        language: Language::Php,
        text: "<p>Shop</p>\n<?php\nclass Shop {\n  function buy($item) {\n    echo «shell_exec(\"pay $item\")»;\n  }\n}\n",
        symbols: "Shop.buy",
        statement: "echo shell_exec(\"pay $item\");",
        tokens: "echo shell_exec ( \"pay  $ item \" ) ;",
        kind: "function_call_expression",
    },
    Sample {
        language: Language::Bash,
        text: "buy() {\n  if [ -n \"$1\" ]; then\n    «eval \"pay $1\"»\n  fi\n}\n",
        symbols: "buy",
        statement: "eval \"pay $1\"",
        tokens: "eval \"pay  $ 1 \"",
        kind: "command",
    },
    Sample {
        language: Language::Hcl,
        text: "resource \"aws_s3_bucket\" \"logs\" {\n  tags = {\n    a = 1\n  }\n  «acl = \"public-${var.x}\"»\n}\n",
        symbols: "resource.aws_s3_bucket.logs.acl",
        statement: "acl = \"public-${var.x}\"",
        tokens: "acl = \"public- ${ var . x } \"",
        kind: "attribute",
    },
    Sample {
        language: Language::Yaml,
        text: "services:\n  web:\n    image: nginx\n    «privileged: true» # bad\n    ports:\n      - '80'\n",
        symbols: "services.web.privileged",
        statement: "privileged: true",
        tokens: "privileged : true",
        kind: "block_mapping_pair",
    },
    Sample {
        language: Language::Json,
        text: "{\n  \"db\": {\n    «\"password\": \"hunter2\"»\n  }\n}\n",
        symbols: "db.password",
        statement: "\"password\": \"hunter2\"",
        tokens: "\"password\" : \"hunter2\"",
        kind: "pair",
    },
    Sample {
        language: Language::Toml,
        text: "[tool.shop]\nname = 'a'\n«key = 'secret'»\n",
        symbols: "tool.shop.key",
        statement: "key = 'secret'",
        tokens: "key = \"secret\"",
        kind: "pair",
    },
    Sample {
        language: Language::Dockerfile,
        text: "FROM golang:1 AS build\nRUN go build\nFROM alpine:3\nUSER root\n«RUN apk add curl \\\n    wget»\n",
        symbols: "alpine",
        statement: "RUN apk add curl \\ wget",
        tokens: "RUN apk add curl \\ wget",
        kind: "run_instruction",
    },
    Sample {
        language: Language::Html,
        text: "<html><body>\n<form id='login'>\n  <input type='password' «autocomplete='on'»>\n</form>\n</body></html>\n",
        symbols: "html.body.form#login.input",
        statement: "<input type='password' autocomplete='on'>",
        tokens: "< input type = \"password\" autocomplete = \"on\" >",
        kind: "attribute",
    },
];

fn tree(language: Language, text: &str) -> Parsed {
    parse(language, text, None, &|| false).expect("a tree")
}

fn joined(parsed: &Parsed, text: &str, range: std::ops::Range<usize>) -> String {
    parsed.tokens(text, range).iter().map(|token| token.text.as_ref()).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_language_has_a_sample_and_finds_its_place() {
    let mut wrong = Vec::new();
    for language in Language::ALL {
        assert!(SAMPLES.iter().any(|sample| sample.language == language), "no sample of {}", language.name());
    }
    for sample in SAMPLES {
        let start = sample.text.find('«').expect("a mark");
        let text = sample.text.replace('«', "");
        let end = text.find('»').expect("a mark");
        let text = text.replace('»', "");
        let parsed = tree(sample.language, &text);
        let name = sample.language.name();
        if !parsed.is_whole() {
            wrong.push(format!("{name}: does not parse: {}", parsed.tree().root_node().to_sexp()));
        }
        let statement = parsed.statement(&text, start..end);
        let snapped = parsed.snap(&text, start..end);
        let squeezed = text[statement.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        for (what, found, expected) in [
            ("symbols", parsed.symbol_path(&text, start), sample.symbols),
            ("statement", squeezed, sample.statement),
            ("tokens", joined(&parsed, &text, statement), sample.tokens),
            ("kind", parsed.node_kind(snapped).to_owned(), sample.kind),
        ] {
            if found != expected {
                wrong.push(format!("{name}: {what} is {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_tree_that_broke_and_healed_equals_a_fresh_one_in_every_language() {
    for sample in SAMPLES {
        let text = sample.text.replace(['«', '»'], "");
        let fresh = tree(sample.language, &text).tree().root_node().to_sexp();
        let mut parsed = tree(sample.language, &text);
        for at in 0..text.len() {
            let mut broken = text.clone();
            broken.replace_range(at..=at, "");
            parsed.edit(&Edit::replace(&text, at..at + 1, ""));
            parsed = parse(sample.language, &broken, Some(&parsed), &|| false).expect("a tree");
            parsed.edit(&Edit::replace(&broken, at..at, &text[at..=at]));
            parsed = parse(sample.language, &text, Some(&parsed), &|| false).expect("a tree");
            let healed = parsed.tree().root_node().to_sexp();
            assert_eq!(healed, fresh, "{} at {at}", sample.language.name());
        }
    }
}
