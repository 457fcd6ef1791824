//! The one language table. To add a language: its grammar crate, a variant of [`Language`], a row here, a sample in
//! `tests/samples.rs`. Lists are words separated by blanks; `*_statement` stands for every node kind with that ending,
//! and `-kind` takes one out again.
//! A test refuses a kind that the grammar does not have.

use tree_sitter::Language as Grammar;

use crate::{Language, SymbolKind as Kind};

/// Everything the crate knows about one language.
pub(crate) struct Row {
    pub(crate) language: Language,
    pub(crate) name: &'static str,
    /// LSP language identifiers.
    pub(crate) ids: &'static str,
    /// Extensions in lower case, without the dot.
    pub(crate) extensions: &'static str,
    /// File names in lower case, with at most one `*`; they win over extensions.
    pub(crate) file_names: &'static str,
    pub(crate) grammar: fn() -> Grammar,
    /// What starts a comment up to the line's end, the usual one first.
    pub(crate) line_comments: &'static str,
    pub(crate) block_comment: Option<(&'static str, &'static str)>,
    /// Nodes that name what they enclose.
    pub(crate) symbols: &'static [(&'static str, Kind, Name)],
    /// Statements, declarations, elements and pairs: what one finding is about.
    pub(crate) statements: &'static str,
    /// Nodes whose every named child is a statement, where the grammar marks statements in no other way.
    pub(crate) statement_lists: &'static str,
    /// Blocks that follow a statement's head.
    pub(crate) bodies: &'static str,
    /// Nodes that formatters move, add or drop: no tokens come from them.
    pub(crate) comments: &'static str,
    /// String literals, kept as one token between interpolations.
    pub(crate) strings: &'static str,
    /// Code inside string literals.
    pub(crate) interpolations: &'static str,
    /// Leaves that hold running text or foreign code, cut into words.
    pub(crate) prose: &'static str,
    /// Nodes under which the brackets of a `parenthesized_expression` say nothing.
    pub(crate) loose_parentheses: &'static str,
    /// Nodes whose own round brackets say nothing.
    pub(crate) bare_parentheses: &'static str,
    /// `'` and `"` mean the same.
    pub(crate) equal_quotes: bool,
    /// `;` only ends what a line's end would end too.
    pub(crate) idle_semicolons: bool,
}

/// How a symbol's name is read from its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// The child in this field.
    Field(&'static str),
    /// The first named child.
    First,
    /// The name that the child in this field has (a decorated definition).
    Inner(&'static str),
    /// The first field names it, but only when the second holds a function or class.
    Bound(&'static str, &'static str),
    /// C's declarators, followed to the identifier.
    Declarator,
    /// Go's receiver type, then the method's name.
    Receiver,
    /// HCL: the block's type and labels.
    Labels,
    /// HTML: the tag, with `#id`.
    Tag,
    /// Dockerfile: the stage's alias, else its image; it reaches to the next stage.
    Stage,
}

const ROW: Row = Row {
    language: Language::Json,
    name: "",
    ids: "",
    extensions: "",
    file_names: "",
    grammar: || tree_sitter_json::LANGUAGE.into(),
    line_comments: "//",
    block_comment: Some(("/*", "*/")),
    symbols: &[],
    statements: "",
    statement_lists: "",
    bodies: "",
    comments: "comment",
    strings: "",
    interpolations: "",
    prose: "",
    loose_parentheses: "",
    bare_parentheses: "",
    equal_quotes: false,
    idle_semicolons: false,
};

const NAME: Name = Name::Field("name");

const JAVASCRIPT: Row = Row {
    language: Language::JavaScript,
    name: "JavaScript",
    ids: "javascript javascriptreact",
    extensions: "js jsx mjs cjs es6",
    grammar: || tree_sitter_javascript::LANGUAGE.into(),
    symbols: &[
        ("class_declaration class", Kind::Class, NAME),
        ("function_declaration generator_function_declaration", Kind::Function, NAME),
        ("method_definition", Kind::Method, NAME),
        ("variable_declarator", Kind::Function, Name::Bound("name", "value")),
        ("assignment_expression", Kind::Function, Name::Bound("left", "right")),
        ("pair", Kind::Function, Name::Bound("key", "value")),
        ("field_definition", Kind::Method, Name::Bound("property", "value")),
    ],
    statements: "*_statement *_declaration method_definition field_definition class_static_block switch_case \
                 switch_default pair jsx_element jsx_self_closing_element",
    bodies: "statement_block class_body switch_body",
    comments: "comment html_comment",
    strings: "string template_string",
    interpolations: "template_substitution",
    prose: "jsx_text",
    loose_parentheses: "return_statement arrow_function variable_declarator assignment_expression pair \
                        expression_statement throw_statement jsx_expression",
    bare_parentheses: "formal_parameters",
    equal_quotes: true,
    idle_semicolons: true,
    ..ROW
};

const TYPESCRIPT: Row = Row {
    language: Language::TypeScript,
    name: "TypeScript",
    ids: "typescript",
    extensions: "ts mts cts",
    grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    symbols: &[
        ("class_declaration abstract_class_declaration class", Kind::Class, NAME),
        ("interface_declaration", Kind::Interface, NAME),
        ("enum_declaration type_alias_declaration", Kind::Class, NAME),
        ("internal_module module", Kind::Module, NAME),
        ("function_declaration generator_function_declaration function_signature", Kind::Function, NAME),
        ("method_definition method_signature abstract_method_signature", Kind::Method, NAME),
        ("variable_declarator", Kind::Function, Name::Bound("name", "value")),
        ("assignment_expression", Kind::Function, Name::Bound("left", "right")),
        ("pair", Kind::Function, Name::Bound("key", "value")),
        ("public_field_definition", Kind::Method, Name::Bound("name", "value")),
    ],
    statements: "*_statement *_declaration method_definition public_field_definition *_signature class_static_block \
                 switch_case switch_default pair",
    bodies: "statement_block class_body switch_body interface_body enum_body",
    comments: "comment html_comment",
    prose: "",
    loose_parentheses: "return_statement arrow_function variable_declarator assignment_expression pair \
                        expression_statement throw_statement",
    ..JAVASCRIPT
};

const C: Row = Row {
    language: Language::C,
    name: "C",
    ids: "c objective-c",
    extensions: "c",
    grammar: || tree_sitter_c::LANGUAGE.into(),
    symbols: &[
        ("function_definition", Kind::Function, Name::Declarator),
        ("struct_specifier union_specifier enum_specifier", Kind::Class, NAME),
        ("preproc_function_def", Kind::Function, NAME),
    ],
    statements: "*_statement declaration field_declaration function_definition type_definition enumerator \
                 linkage_specification preproc_include preproc_def preproc_function_def preproc_call",
    bodies: "compound_statement field_declaration_list enumerator_list declaration_list",
    strings: "string_literal char_literal system_lib_string",
    prose: "preproc_arg",
    ..ROW
};

pub(crate) static ROWS: [Row; 19] = [
    Row {
        language: Language::Python,
        name: "Python",
        ids: "python starlark",
        extensions: "py pyi pyw py3 bzl star",
        file_names: "sconstruct sconscript wscript",
        grammar: || tree_sitter_python::LANGUAGE.into(),
        line_comments: "#",
        block_comment: None,
        symbols: &[
            ("class_definition", Kind::Class, NAME),
            ("function_definition", Kind::Function, NAME),
            ("decorated_definition", Kind::Function, Name::Inner("definition")),
            ("assignment", Kind::Function, Name::Bound("left", "right")),
        ],
        statements: "*_statement *_definition decorator pair case_clause elif_clause else_clause except_clause \
                     finally_clause",
        bodies: "block",
        comments: "comment line_continuation",
        strings: "string",
        interpolations: "interpolation",
        loose_parentheses: "assignment augmented_assignment return_statement assert_statement expression_statement \
                            if_statement elif_clause while_statement for_statement keyword_argument pair \
                            delete_statement raise_statement",
        bare_parentheses: "import_from_statement future_import_statement with_clause",
        equal_quotes: true,
        idle_semicolons: true,
        ..ROW
    },
    JAVASCRIPT,
    TYPESCRIPT,
    Row {
        language: Language::Tsx,
        name: "TSX",
        ids: "typescriptreact",
        extensions: "tsx",
        grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
        statements: "*_statement *_declaration method_definition public_field_definition *_signature \
                     class_static_block switch_case switch_default pair jsx_element jsx_self_closing_element",
        prose: "jsx_text",
        loose_parentheses: JAVASCRIPT.loose_parentheses,
        ..TYPESCRIPT
    },
    Row {
        language: Language::Java,
        name: "Java",
        ids: "java",
        extensions: "java jav",
        grammar: || tree_sitter_java::LANGUAGE.into(),
        symbols: &[
            ("class_declaration enum_declaration record_declaration", Kind::Class, NAME),
            ("interface_declaration annotation_type_declaration", Kind::Interface, NAME),
            ("method_declaration", Kind::Method, NAME),
            ("constructor_declaration compact_constructor_declaration", Kind::Method, NAME),
        ],
        statements: "*_statement *_declaration explicit_constructor_invocation enum_constant static_initializer \
                     switch_block_statement_group switch_rule resource",
        bodies: "block class_body interface_body enum_body annotation_type_body constructor_body switch_block",
        comments: "line_comment block_comment",
        strings: "string_literal character_literal",
        interpolations: "string_interpolation",
        ..ROW
    },
    Row {
        language: Language::Go,
        name: "Go",
        ids: "go",
        extensions: "go",
        grammar: || tree_sitter_go::LANGUAGE.into(),
        symbols: &[
            ("function_declaration", Kind::Function, NAME),
            ("method_declaration", Kind::Method, Name::Receiver),
            ("type_spec type_alias", Kind::Class, NAME),
        ],
        statements: "*_statement *_declaration -parameter_declaration -variadic_parameter_declaration \
                     -type_parameter_declaration var_spec const_spec type_spec import_spec package_clause \
                     expression_case type_case default_case communication_case keyed_element",
        bodies: "block field_declaration_list",
        strings: "interpreted_string_literal raw_string_literal rune_literal",
        idle_semicolons: true,
        ..ROW
    },
    Row {
        language: Language::Rust,
        name: "Rust",
        ids: "rust",
        extensions: "rs",
        grammar: || tree_sitter_rust::LANGUAGE.into(),
        symbols: &[
            ("mod_item", Kind::Module, NAME),
            ("struct_item enum_item union_item type_item", Kind::Class, NAME),
            ("trait_item", Kind::Interface, NAME),
            ("impl_item", Kind::Class, Name::Field("type")),
            ("function_item function_signature_item", Kind::Function, NAME),
            ("macro_definition", Kind::Function, NAME),
        ],
        statements: "expression_statement *_declaration *_item macro_definition match_arm field_initializer \
                     enum_variant",
        statement_lists: "block",
        bodies: "block declaration_list match_block field_declaration_list enum_variant_list",
        comments: "line_comment block_comment",
        strings: "string_literal raw_string_literal char_literal",
        ..ROW
    },
    C,
    Row {
        language: Language::Cpp,
        name: "C++",
        ids: "cpp cuda-cpp objective-cpp",
        // A bare `.h` may be either; this grammar reads more of C's headers than C's own does.
        extensions: "h cc cpp cxx c++ hpp hh hxx h++ inl ipp tpp ino cu cuh",
        grammar: || tree_sitter_cpp::LANGUAGE.into(),
        symbols: &[
            ("namespace_definition", Kind::Module, NAME),
            ("class_specifier struct_specifier union_specifier enum_specifier", Kind::Class, NAME),
            ("function_definition", Kind::Function, Name::Declarator),
            ("preproc_function_def", Kind::Function, NAME),
        ],
        statements: "*_statement declaration field_declaration function_definition type_definition enumerator \
                     linkage_specification preproc_include preproc_def preproc_function_def preproc_call \
                     namespace_definition template_declaration using_declaration alias_declaration for_range_loop \
                     catch_clause static_assert_declaration friend_declaration",
        strings: "string_literal char_literal system_lib_string raw_string_literal",
        ..C
    },
    Row {
        language: Language::CSharp,
        name: "C#",
        ids: "csharp",
        extensions: "cs csx cake",
        grammar: || tree_sitter_c_sharp::LANGUAGE.into(),
        symbols: &[
            ("namespace_declaration", Kind::Module, NAME),
            ("class_declaration struct_declaration record_declaration enum_declaration", Kind::Class, NAME),
            ("interface_declaration", Kind::Interface, NAME),
            ("method_declaration constructor_declaration destructor_declaration", Kind::Method, NAME),
            ("local_function_statement", Kind::Function, NAME),
            ("property_declaration", Kind::Method, NAME),
        ],
        statements: "*_statement *_declaration -variable_declaration -catch_declaration using_directive \
                     switch_section catch_clause switch_expression_arm",
        bodies: "block declaration_list switch_body accessor_list enum_member_declaration_list",
        comments: "comment preproc_region preproc_endregion",
        strings: "string_literal verbatim_string_literal raw_string_literal character_literal \
                  interpolated_string_expression",
        interpolations: "interpolation",
        ..ROW
    },
    Row {
        language: Language::Ruby,
        name: "Ruby",
        ids: "ruby",
        extensions: "rb rake gemspec ru rbi podspec",
        file_names: "gemfile rakefile vagrantfile podfile guardfile capfile fastfile brewfile berksfile",
        grammar: || tree_sitter_ruby::LANGUAGE.into(),
        line_comments: "#",
        block_comment: Some(("=begin", "=end")),
        symbols: &[
            ("module", Kind::Module, NAME),
            ("class", Kind::Class, NAME),
            ("method singleton_method", Kind::Method, NAME),
            ("assignment", Kind::Function, Name::Bound("left", "right")),
        ],
        statements: "method singleton_method class module singleton_class if unless while until for case when return \
                     if_modifier unless_modifier while_modifier until_modifier rescue ensure pair",
        statement_lists: "program body_statement block_body then else begin do",
        bodies: "body_statement then do do_block block",
        comments: "comment",
        strings: "string subshell bare_string heredoc_body delimited_symbol regex character",
        interpolations: "interpolation",
        equal_quotes: true,
        idle_semicolons: true,
        ..ROW
    },
    Row {
        language: Language::Php,
        name: "PHP",
        ids: "php",
        extensions: "php phtml php3 php4 php5 php7 php8 inc phps",
        grammar: || tree_sitter_php::LANGUAGE_PHP.into(),
        line_comments: "// #",
        symbols: &[
            ("namespace_definition", Kind::Module, NAME),
            ("class_declaration trait_declaration enum_declaration", Kind::Class, NAME),
            ("interface_declaration", Kind::Interface, NAME),
            ("function_definition", Kind::Function, NAME),
            ("method_declaration", Kind::Method, NAME),
        ],
        statements: "*_statement *_declaration function_definition namespace_definition match_conditional_expression \
                     array_element_initializer enum_case catch_clause",
        bodies: "compound_statement declaration_list colon_block enum_declaration_list match_block switch_block",
        strings: "string encapsed_string heredoc nowdoc shell_command_expression",
        interpolations: "variable_name dynamic_variable_name member_access_expression member_call_expression \
                         nullsafe_member_access_expression subscript_expression scoped_property_access_expression",
        prose: "text",
        equal_quotes: true,
        ..ROW
    },
    Row {
        language: Language::Bash,
        name: "Shell",
        ids: "shellscript bash sh zsh",
        extensions: "sh bash zsh ksh bats ebuild eclass",
        file_names: ".bashrc .bash_profile .bash_aliases .bash_login .bash_logout .profile .zshrc .zshenv .zprofile \
                     .zlogin .kshrc .envrc pkgbuild apkbuild",
        grammar: || tree_sitter_bash::LANGUAGE.into(),
        line_comments: "#",
        block_comment: None,
        symbols: &[("function_definition", Kind::Function, NAME)],
        statements: "*_statement command pipeline list function_definition variable_assignment declaration_command \
                     unset_command test_command negated_command subshell case_item",
        bodies: "compound_statement do_group",
        strings: "string raw_string ansi_c_string heredoc_body",
        interpolations: "simple_expansion expansion command_substitution arithmetic_expansion",
        equal_quotes: true,
        idle_semicolons: true,
        ..ROW
    },
    Row {
        language: Language::Hcl,
        name: "HCL",
        ids: "terraform terraform-vars hcl opentofu nomad packer",
        extensions: "tf tfvars hcl nomad tofu",
        grammar: || tree_sitter_hcl::LANGUAGE.into(),
        line_comments: "# //",
        symbols: &[("block", Kind::Block, Name::Labels), ("attribute", Kind::Key, Name::First)],
        statements: "block attribute object_elem",
        bodies: "body",
        strings: "string_lit quoted_template heredoc_template",
        interpolations: "template_interpolation template_directive",
        ..ROW
    },
    Row {
        language: Language::Yaml,
        name: "YAML",
        ids: "yaml dockercompose github-actions-workflow helm ansible",
        extensions: "yaml yml",
        file_names: ".clang-format .clang-tidy",
        grammar: || tree_sitter_yaml::LANGUAGE.into(),
        line_comments: "#",
        block_comment: None,
        symbols: &[("block_mapping_pair flow_pair", Kind::Key, Name::Field("key"))],
        statements: "block_mapping_pair flow_pair block_sequence_item",
        bodies: "block_node",
        strings: "double_quote_scalar single_quote_scalar",
        prose: "block_scalar",
        equal_quotes: true,
        ..ROW
    },
    Row {
        language: Language::Json,
        name: "JSON",
        ids: "json jsonc json5 jsonl",
        extensions: "json jsonc json5 geojson webmanifest sarif ipynb tfstate har code-workspace avsc jsonl ndjson",
        file_names: "composer.lock pipfile.lock .babelrc .eslintrc .prettierrc .swcrc .jshintrc flake.lock",
        symbols: &[("pair", Kind::Key, Name::Field("key"))],
        statements: "pair",
        bodies: "object array",
        strings: "string",
        ..ROW
    },
    Row {
        language: Language::Toml,
        name: "TOML",
        ids: "toml",
        extensions: "toml",
        file_names: "cargo.lock poetry.lock uv.lock pdm.lock pipfile gopkg.lock",
        grammar: || tree_sitter_toml_ng::LANGUAGE.into(),
        line_comments: "#",
        block_comment: None,
        symbols: &[("table table_array_element", Kind::Block, Name::First), ("pair", Kind::Key, Name::First)],
        statements: "pair table table_array_element",
        bodies: "inline_table array",
        strings: "string quoted_key",
        equal_quotes: true,
        ..ROW
    },
    Row {
        language: Language::Dockerfile,
        name: "Dockerfile",
        ids: "dockerfile containerfile",
        extensions: "dockerfile containerfile",
        file_names: "dockerfile containerfile dockerfile.* containerfile.* dockerfile-* *-dockerfile",
        grammar: || tree_sitter_containerfile::LANGUAGE.into(),
        line_comments: "#",
        block_comment: None,
        symbols: &[("from_instruction", Kind::Stage, Name::Stage)],
        statements: "*_instruction",
        comments: "comment line_continuation",
        strings: "double_quoted_string single_quoted_string json_string",
        interpolations: "expansion",
        prose: "shell_command heredoc_block",
        equal_quotes: true,
        ..ROW
    },
    Row {
        language: Language::Html,
        name: "HTML",
        ids: "html xhtml",
        extensions: "html htm xhtml",
        grammar: || tree_sitter_html::LANGUAGE.into(),
        line_comments: "",
        block_comment: Some(("<!--", "-->")),
        symbols: &[("element script_element style_element", Kind::Element, Name::Tag)],
        statements: "element script_element style_element doctype",
        bodies: "element script_element style_element text raw_text",
        strings: "quoted_attribute_value",
        prose: "text raw_text",
        equal_quotes: true,
        ..ROW
    },
];
