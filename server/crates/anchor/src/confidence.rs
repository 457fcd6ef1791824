//! How often each kind of answer is right: the confidence it carries.
//!
//! Measured on followed findings of four public repositories (Python, Java, Rust) and checked on two others (Python,
//! JavaScript) that had no say in it; rounded, and never above what the ground of the answer can bear. A kind of answer
//! is its ground (lines, tokens, the tool's own text) and what could be mistaken for it.

/// All lines are unchanged, in the same place and in another one.
pub(crate) const SAME_LINES: f32 = 0.99;
pub(crate) const SHIFTED_LINES: f32 = 0.985;
/// The same tokens on a line that stands once then and once now.
pub(crate) const ONE_OF_A_KIND: f32 = 0.98;
/// The same tokens where other lines read the same: on the same line, and on another one.
pub(crate) const TWIN_IN_PLACE: f32 = 0.95;
pub(crate) const TWIN_MOVED: f32 = 0.77;
/// There were more places as good as this one than findings for them.
pub(crate) const ONE_OF_SEVERAL: f32 = 0.7;
/// On a line too long for tokens, beside the one edit in it.
pub(crate) const BESIDE_EDIT: f32 = 0.95;
/// The same tokens in another file.
pub(crate) const OTHER_FILE: f32 = 0.93;
/// Like tokens in another file, with the code around it.
pub(crate) const OTHER_FILE_EDITED: f32 = 0.8;
/// A changed place: at the least likeness that is taken for it, and what full likeness adds.
pub(crate) const EDITED: f32 = 0.74;
pub(crate) const EDITED_RANGE: f32 = 0.2;
/// The flagged callee stands, its arguments changed.
pub(crate) const ARGUMENTS: f32 = 0.83;
/// Nothing like it is left, by one way and by two.
pub(crate) const GONE: f32 = 0.94;
/// A guess: at the least likeness worth naming, and what full likeness adds.
pub(crate) const GUESS: f32 = 0.35;
pub(crate) const GUESS_RANGE: f32 = 0.2;
/// Code that does not parse just now, or a file with too much changed.
pub(crate) const BROKEN: f32 = 0.4;
pub(crate) const HURRIED: f32 = 0.2;
/// Two ways lead to different answers.
pub(crate) const WAYS_DIFFER: f32 = 0.5;
/// A scan that names no commit was probably of the one assumed.
pub(crate) const ASSUMED: f32 = 0.95;

/// By the tool's text alone: on the same line and elsewhere, each without and with other places that read the same.
pub(crate) const TOLD_HERE: f32 = 0.97;
pub(crate) const TOLD_HERE_TWIN: f32 = 0.95;
pub(crate) const TOLD_MOVED: f32 = 0.96;
pub(crate) const TOLD_MOVED_TWIN: f32 = 0.92;
pub(crate) const TOLD_MOVED_SHORT: f32 = 0.88;
pub(crate) const TOLD_SEVERAL: f32 = 0.25;
/// By tokens like the tool's text: the same in another layout, changed, and not there.
pub(crate) const TOLD_LAYOUT: f32 = 0.84;
pub(crate) const TOLD_EDITED: f32 = 0.83;
pub(crate) const TOLD_GUESS: f32 = 0.5;
pub(crate) const TOLD_GONE: f32 = 0.79;
/// By the tool's text in another file, and gone with its file.
pub(crate) const TOLD_OTHER_FILE: f32 = 0.9;
pub(crate) const TOLD_FILE_GONE: f32 = 0.8;
/// What is left of it in a file that only has the name of the one that is missing.
pub(crate) const NAMESAKE: f32 = 0.95;
/// By a line hash, and by nothing but a line number.
pub(crate) const HASHED: f32 = 0.9;
pub(crate) const LINE_NUMBER: f32 = 0.35;
