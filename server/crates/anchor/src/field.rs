//! Where a finding may have gone: the new lines of one text as one run of tokens, indexed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::Source;
use crate::portrait::statement_range;
use crate::tokens::{Lexer, Tok, lex, lex_outline};

/// Bytes of new text searched at most; beyond it a file is generated or minified.
const SEARCHED_BYTES: usize = 2 << 20;

/// Places looked at for one finding; more of the same tokens tell nothing apart.
const TRIED: usize = 80;

/// Places looked at for all findings of a file, as long as each gets a few: what an edit may take.
const TRIED_IN_ALL: usize = 1600;
const TRIED_AT_LEAST: usize = 4;

/// Some lines of a text, as tokens.
pub(crate) struct Field<'a> {
    pub(crate) source: &'a Source,
    pub(crate) tokens: Vec<Tok>,
    pub(crate) lexer: Lexer,
    /// Some of the lines were left out because there are too many: nothing is gone for not being found here.
    pub(crate) is_cut: bool,
    /// Places looked at for one finding.
    pub(crate) tried: usize,
    /// Places were left out for lack of time: nothing is gone for not being found here.
    pub(crate) is_hurried: Cell<bool>,
    at: HashMap<u64, Vec<usize>>,
    statements: RefCell<HashMap<usize, Rc<Statement>>>,
}

/// A statement of the field.
pub(crate) struct Statement {
    pub(crate) range: Range<usize>,
    pub(crate) tokens: Vec<Tok>,
}

impl<'a> Field<'a> {
    /// Of the lines that `is_free`; lines of brackets alone between two free ones count as free.
    pub(crate) fn new(source: &'a Source, lexer: Lexer, is_free: &dyn Fn(usize) -> bool) -> Self {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for line in 0..source.lines.lines() {
            if !is_free(line) {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.end == line || (run.end..line).all(|between| is_bare(source, between)) => {
                    run.end = line + 1;
                }
                _ => runs.push(line..line + 1),
            }
        }
        Self::of_runs(source, lexer, &runs)
    }

    /// Of these runs of lines.
    pub(crate) fn of_runs(source: &'a Source, lexer: Lexer, runs: &[Range<usize>]) -> Self {
        let mut tokens = Vec::new();
        let (mut read, mut is_cut) = (0, false);
        for run in runs {
            let (Some(first), Some(last)) =
                (source.lines.line(run.start), source.lines.line(run.end.saturating_sub(1)))
            else {
                continue;
            };
            let bytes = first.start..last.end.max(first.start);
            read += bytes.len();
            if read > SEARCHED_BYTES {
                is_cut = true;
                break;
            }
            tokens.push(Tok::barrier(first.start));
            tokens.extend(lex(source, bytes, lexer));
        }
        let mut at: HashMap<u64, Vec<usize>> = HashMap::new();
        for (position, token) in tokens.iter().enumerate().filter(|(_, token)| !token.is_barrier()) {
            at.entry(token.hash).or_default().push(position);
        }
        Self {
            source,
            tokens,
            lexer,
            is_cut,
            tried: TRIED,
            is_hurried: Cell::new(false),
            at,
            statements: RefCell::default(),
        }
    }

    /// Searched for this many findings: the more there are, the fewer places are looked at for each.
    /// `is_part`: not all new lines are in here.
    pub(crate) fn shared_by(self, findings: usize, is_part: bool) -> Self {
        self.is_hurried.set(is_part);
        Self { tried: (TRIED_IN_ALL / findings.max(1)).clamp(TRIED_AT_LEAST, TRIED), ..self }
    }

    /// Those of `positions` that are looked at: the nearest to byte `near`.
    pub(crate) fn nearest(&self, positions: &[usize], near: usize) -> Vec<usize> {
        let mut positions = positions.to_vec();
        if positions.len() > self.tried {
            self.is_hurried.set(self.is_hurried.get() || self.tried < TRIED);
            positions.sort_by_key(|&at| self.tokens[at].range.start.abs_diff(near));
            positions.truncate(self.tried);
        }
        positions
    }

    /// Positions of the tokens with this hash.
    pub(crate) fn positions(&self, hash: u64) -> &[usize] {
        self.at.get(&hash).map_or(&[], Vec::as_slice)
    }

    /// The statement around a token, without the block below it.
    pub(crate) fn statement(&self, range: &Range<usize>) -> Rc<Statement> {
        if let Some(known) = self.statements.borrow().get(&range.start).filter(|known| known.range.end >= range.end) {
            return known.clone();
        }
        let around = statement_range(self.source, range);
        let tokens = lex_outline(self.source, around.clone(), self.lexer);
        let statement = Rc::new(Statement { range: around, tokens });
        self.statements.borrow_mut().insert(range.start, statement.clone());
        statement
    }

    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.source.lines.line_of(offset)
    }
}

/// Brackets and separators alone: formatters add such lines, and a diff pairs them with any others.
fn is_bare(source: &Source, line: usize) -> bool {
    !crate::lines::line(source, line).contains(char::is_alphanumeric)
}
