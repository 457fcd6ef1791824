//! Reads SARIF logs and tells how long that took and how much memory it needed.
//!
//! `cargo run --release -p aspm-connectors --example read_sarif -- FOLDER PATTERN` reads logs that are there.
//! `… -- --json FOLDER PATTERN` prints every finding as a line of JSON.
//! `… -- --generate FILE MEGABYTES` writes a log of that size first: one run, 500 rules, the tool behind the results.

#![expect(clippy::print_stdout, reason = "an example tells what it measured")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use aspm_connectors::sarif::{Limits, SarifFiles};
use aspm_connectors::{Connector, Sink};
use finding::Finding;

#[derive(Default)]
struct Count {
    findings: usize,
    bytes: usize,
}

impl Sink for Count {
    fn finding(&mut self, finding: Finding) -> Result<(), String> {
        self.findings += 1;
        self.bytes += finding.message.len();
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--generate", file, megabytes] => Ok(generate(Path::new(file), megabytes.parse()?)?),
        ["--json", root, pattern] => print(Path::new(root), pattern),
        [root, pattern] => read(Path::new(root), pattern),
        _ => Err("give FOLDER PATTERN, or --generate FILE MEGABYTES".into()),
    }
}

fn read(root: &Path, pattern: &str) -> Result<(), Box<dyn std::error::Error>> {
    let files = SarifFiles::new(root, "example", pattern, Limits::default())?;
    let mut count = Count::default();
    let start = Instant::now();
    let outcome = files.pull(None, &mut count, &|| false, &|_| {})?;
    println!("{} findings of {} logs in {:?}", count.findings, outcome.logs, start.elapsed());
    println!("complete: {}, messages: {} bytes", outcome.complete, count.bytes);
    for problem in &outcome.problems {
        println!("problem: {problem}");
    }
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("peak memory: {line}"));
    }
    Ok(())
}

fn print(root: &Path, pattern: &str) -> Result<(), Box<dyn std::error::Error>> {
    struct Print;
    impl Sink for Print {
        fn finding(&mut self, finding: Finding) -> Result<(), String> {
            println!("{}", serde_json::to_string(&finding).map_err(|error| error.to_string())?);
            Ok(())
        }
    }
    let files = SarifFiles::new(root, "example", pattern, Limits::default())?;
    let outcome = files.pull(None, &mut Print, &|| false, &|_| {})?;
    println!("{outcome:?}");
    Ok(())
}

fn generate(file: &Path, megabytes: usize) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    write!(out, "{{\"version\": \"2.1.0\", \"runs\": [{{\n\"results\": [")?;
    let (mut written, mut index) = (0, 0_usize);
    while written < megabytes << 20 {
        let (rule, module, line) = (index % 500, index % 4_000, index % 900 + 1);
        let result = format!(
            r#"{comma}
  {{"ruleId": "R{rule}", "level": "warning", "message": {{"text": "The value of `input_{index}` reaches a query without being checked."}},
   "fingerprints": {{"matchBasedId/v1": "{index:064x}"}},
   "partialFingerprints": {{"primaryLocationLineHash": "{index:016x}:1"}},
   "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "src/module_{module}/handler.py", "uriBaseId": "%SRCROOT%"}},
     "region": {{"startLine": {line}, "startColumn": 5, "endColumn": 40, "snippet": {{"text": "    cursor.execute(query_{index})"}}}}}}}}],
   "codeFlows": [{{"threadFlows": [{{"locations": [
     {{"location": {{"message": {{"text": "source"}}, "physicalLocation": {{"artifactLocation": {{"uri": "src/module_{module}/handler.py"}}, "region": {{"startLine": {line}}}}}}}}},
     {{"location": {{"message": {{"text": "sink"}}, "physicalLocation": {{"artifactLocation": {{"uri": "src/module_{module}/store.py"}}, "region": {{"startLine": {line}}}}}}}}}]}}]}}]}}"#,
            comma = if index == 0 { "" } else { "," },
        );
        written += result.len();
        index += 1;
        out.write_all(result.as_bytes())?;
    }
    write!(out, "],\n\"tool\": {{\"driver\": {{\"name\": \"Generator\", \"rules\": [")?;
    for rule in 0..500 {
        let comma = if rule == 0 { "" } else { "," };
        let words = "Explains at some length what is wrong. ".repeat(40);
        write!(
            out,
            "{comma}{{\"id\": \"R{rule}\", \"fullDescription\": {{\"text\": \"{words}\"}}, \"properties\": {{\"tags\": [\"CWE-89: SQL\"]}}}}"
        )?;
    }
    write!(out, "]}}}}}}]}}")?;
    out.flush()
}
