//! The SARIF connector from the outside: files in, findings out.

mod features;
mod files;
mod hostile;
mod real_logs;
mod support;
