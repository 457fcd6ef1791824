//! `locate`: where code went, for programs. One JSON query a line comes in, one JSON answer a line goes out, in order.
//! Texts come with the query or from a clone on disk; nothing is configured and nothing is remembered.

mod git;
mod placing;
mod query;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use serde_json::{Value, json};

use git::Clones;
use query::Query;

/// Lines read ahead of the one being answered, for each thread.
const AHEAD: usize = 8;

/// Answers the queries of `input` on `output`. Exit code 1 when one of them could not be answered.
pub(super) fn run(input: impl BufRead + Send, output: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(16);
    let clones = Clones::default();
    let (queries, waiting) = mpsc::sync_channel::<(usize, Vec<u8>)>(threads * AHEAD);
    let (answers, done) = mpsc::sync_channel::<(usize, Result<Value, Value>)>(threads * AHEAD);
    let waiting = Arc::new(Mutex::new(waiting));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (answers, waiting, clones) = (answers.clone(), waiting.clone(), &clones);
            scope.spawn(move || {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, line)) = next else { return };
                    if answers.send((number, answered(number, &line, clones))).is_err() {
                        return;
                    }
                }
            });
        }
        // What only the threads hold ends with them: then the reader and the writer see the end, too.
        drop((answers, waiting));
        let reader = scope.spawn(move || read(input, &queries));
        let written = write(&done, output);
        // Nobody reads the answers any more: let the threads find out.
        drop(done);
        let read = reader.join().unwrap_or(Ok(()));
        let is_clean = written?;
        read?;
        Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn read(mut input: impl BufRead, queries: &mpsc::SyncSender<(usize, Vec<u8>)>) -> std::io::Result<()> {
    let mut number = 0;
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if queries.send((number, line)).is_err() {
            return Ok(());
        }
        number += 1;
    }
}

/// Writes answers in the order of the queries, each as soon as it can be. Whether all were answers.
fn write(done: &mpsc::Receiver<(usize, Result<Value, Value>)>, output: &mut dyn Write) -> std::io::Result<bool> {
    let mut early: BTreeMap<usize, Result<Value, Value>> = BTreeMap::new();
    let (mut next, mut is_clean) = (0, true);
    for (number, answer) in done {
        early.insert(number, answer);
        while let Some(answer) = early.remove(&next) {
            is_clean &= answer.is_ok();
            let (Ok(value) | Err(value)) = answer;
            writeln!(output, "{value}")?;
            next += 1;
        }
        output.flush()?;
    }
    Ok(is_clean)
}

fn answered(number: usize, line: &[u8], clones: &Clones) -> Result<Value, Value> {
    let refused = |id: Value, why: String| json!({ "id": id, "error": format!("query {}: {why}", number + 1) });
    let query: Query = serde_json::from_slice(line).map_err(|error| {
        let id = serde_json::from_slice::<Value>(line).ok().and_then(|mut value| Some(value.get_mut("id")?.take()));
        refused(id.unwrap_or(Value::Null), format!("not a query: {error}"))
    })?;
    let answer = catch_unwind(AssertUnwindSafe(|| placing::answer(&query, clones)))
        .unwrap_or_else(|_| Err("placing it failed inside aspm-lsp".to_owned()))
        .map_err(|why| refused(query.id.clone(), why))?;
    serde_json::to_value(answer).map_err(|error| refused(query.id.clone(), error.to_string()))
}
