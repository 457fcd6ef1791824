//! How much an incremental parse saves: a generated file of 12,000 lines, one character typed in its middle.
//!
//! Run alone: `cargo run --release -p aspm-syntax --example bench_parse`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use aspm_syntax::{Edit, Language, Parsed, parse};

const ROUNDS: usize = 21;

fn main() {
    for (language, text) in [(Language::Python, python()), (Language::JavaScript, javascript())] {
        let Some(first) = parse(language, &text, None, &|| false) else { continue };
        let full = median(|| drop(parse(language, &text, None, &|| false)));
        let at = text.len() / 2 + text[text.len() / 2..].find("item").unwrap_or(0);
        let edit = Edit::replace(&text, at..at, "x");
        let mut typed = text.clone();
        typed.insert(at, 'x');
        let incremental = median(|| drop(retype(language, &first, &typed, &edit)));
        let Some(now) = retype(language, &first, &typed, &edit) else { continue };
        let statement = median(|| drop(now.statement(&typed, at..at + 4)));
        let symbols = median(|| drop(now.symbol_path(&typed, at)));
        let suppressions = median(|| drop(aspm_syntax::suppression::Suppressions::of(Some(language), &typed)));
        println!("{}: {} lines, {} bytes", language.name(), text.lines().count(), text.len());
        println!("  full parse {full:?}, incremental {incremental:?}: {:.0} times", ratio(full, incremental));
        println!("  statement {statement:?}, symbol path {symbols:?}, all suppressions {suppressions:?}");
    }
}

fn retype(language: Language, first: &Parsed, typed: &str, edit: &Edit) -> Option<Parsed> {
    let mut moved = first.clone();
    moved.edit(edit);
    parse(language, typed, Some(&moved), &|| false)
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

fn python() -> String {
    let mut text = String::new();
    for class in 0..600 {
        let _ = writeln!(text, "class Shop{class}:");
        for method in 0..3 {
            let _ = writeln!(
                text,
                "    def buy{method}(self, item, count=1):\n        if item:\n            total = self.price(item) * count\n\
                 \x20           os.system(f'pay {{total}}')\n        return [item, {{'count': count}}]\n"
            );
        }
        text.push('\n');
    }
    text
}

fn javascript() -> String {
    let mut text = String::new();
    for class in 0..600 {
        let _ = writeln!(text, "class Shop{class} {{");
        for method in 0..3 {
            let _ = writeln!(
                text,
                "  buy{method}(item, count = 1) {{\n    if (item) {{\n      eval(`pay ${{item}}`);\n    }}\n    return [item, \
                 {{ count: count }}];\n  }}"
            );
        }
        text.push_str("}\n");
    }
    text
}
