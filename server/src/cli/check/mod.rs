//! `check`: the gate on the command line.

mod format;
