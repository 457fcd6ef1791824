//! Siblings share places: each place taken once, the best total.

/// Above this many rows or columns the best pairs are taken first instead (the exact way costs their cube).
const EXACT_UP_TO: usize = 64;

/// For each row the column it gets. `score[row][column]` is `None` where the pair is impossible; scores are positive;
/// leaving a row out is worth nothing.
pub(crate) fn assign(score: &[Vec<Option<f32>>]) -> Vec<Option<usize>> {
    let columns = score.first().map_or(0, Vec::len);
    if score.len() == 1 {
        let best = (0..columns).filter(|&column| score[0][column].is_some()).max_by(|&a, &b| {
            let of = |column: usize| score[0][column].unwrap_or(0.0);
            of(a).total_cmp(&of(b)).then(b.cmp(&a))
        });
        return vec![best];
    }
    if score.len().max(columns) > EXACT_UP_TO { greedy(score, columns) } else { exact(score, columns) }
}

fn greedy(score: &[Vec<Option<f32>>], columns: usize) -> Vec<Option<usize>> {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (row, of_row) in score.iter().enumerate() {
        pairs.extend(of_row.iter().enumerate().filter_map(|(column, score)| Some(((*score)?, row, column))));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut result = vec![None; score.len()];
    let mut taken = vec![false; columns];
    for (_, row, column) in pairs {
        if result[row].is_none() && !taken[column] {
            result[row] = Some(column);
            taken[column] = true;
        }
    }
    result
}

/// The Hungarian method on costs `1 - score`, with one spare column a row at cost 1 for "none of these".
fn exact(score: &[Vec<Option<f32>>], columns: usize) -> Vec<Option<usize>> {
    const IMPOSSIBLE: f64 = 1e6;
    let (rows, width) = (score.len(), columns + score.len());
    let cost = |row: usize, column: usize| -> f64 {
        if column >= columns { 10.0 } else { score[row][column].map_or(IMPOSSIBLE, |score| 10.0 - f64::from(score)) }
    };
    // Rows and columns count from 1; index 0 is the start of each search.
    let mut row_potential = vec![0.0; rows + 1];
    let mut column_potential = vec![0.0; width + 1];
    let mut row_of = vec![0usize; width + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut at = 0;
        let mut cheapest = vec![f64::INFINITY; width + 1];
        let mut came_from = vec![0usize; width + 1];
        let mut done = vec![false; width + 1];
        while row_of[at] != 0 {
            done[at] = true;
            let (mut step, mut next) = (f64::INFINITY, 0);
            for column in 1..=width {
                if done[column] {
                    continue;
                }
                let reduced = cost(row_of[at] - 1, column - 1) - row_potential[row_of[at]] - column_potential[column];
                if reduced < cheapest[column] {
                    (cheapest[column], came_from[column]) = (reduced, at);
                }
                if cheapest[column] < step {
                    (step, next) = (cheapest[column], column);
                }
            }
            for column in 0..=width {
                if done[column] {
                    row_potential[row_of[column]] += step;
                    column_potential[column] -= step;
                } else {
                    cheapest[column] -= step;
                }
            }
            at = next;
        }
        while at != 0 {
            row_of[at] = row_of[came_from[at]];
            at = came_from[at];
        }
    }
    let mut result = vec![None; rows];
    for column in 1..=columns {
        if let Some(row) = row_of[column].checked_sub(1)
            && score[row][column - 1].is_some()
        {
            result[row] = Some(column - 1);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(score: &[Vec<Option<f32>>], chosen: &[Option<usize>]) -> f32 {
        chosen.iter().zip(score).map(|(column, row)| column.and_then(|column| row[column]).unwrap_or(0.0)).sum()
    }

    /// Tries everything.
    fn best_total(score: &[Vec<Option<f32>>], taken: &mut Vec<usize>) -> f32 {
        let Some((row, rest)) = score.split_first() else { return 0.0 };
        let mut best = best_total(rest, taken);
        for (column, score) in row.iter().enumerate() {
            if let Some(score) = score.filter(|_| !taken.contains(&column)) {
                taken.push(column);
                best = best.max(score + best_total(rest, taken));
                taken.pop();
            }
        }
        best
    }

    #[test]
    fn the_total_decides_not_the_first_come() {
        let score = [vec![Some(0.9), Some(0.8)], vec![Some(0.85), None]];
        assert_eq!(assign(&score), [Some(1), Some(0)]);
        assert_eq!(greedy(&score, 2), [Some(0), None]);
    }

    proptest! {
        #[test]
        fn each_column_goes_once_and_no_other_choice_is_worth_more(
            score in (1usize..5, 0usize..5).prop_flat_map(|(rows, columns)| prop::collection::vec(
                prop::collection::vec(prop::option::of(0.1f32..1.0), columns), rows)),
        ) {
            let chosen = assign(&score);
            let mut taken: Vec<usize> = chosen.iter().flatten().copied().collect();
            taken.sort_unstable();
            prop_assert!(taken.windows(2).all(|pair| pair[0] != pair[1]));
            prop_assert!(chosen.iter().zip(&score).all(|(column, row)| column.is_none_or(|column| row[column].is_some())));
            let best = best_total(&score, &mut Vec::new());
            prop_assert!((total(&score, &chosen) - best).abs() < 1e-4);
        }
    }
}
