//! What is known, gathered for whoever asks: every finding with its place and verdict, and the gate's answer. The same
//! for the editor and the terminal; only positions differ.

mod doubt;
pub(crate) mod entries;
pub(crate) mod gate;
mod info;
pub(crate) mod listed;
pub(crate) mod texts;
mod unmapped;
pub(crate) mod whole;

pub(crate) use info::{details, info, of_whole, placement, scanned};
