//! The compressed bitmaps of a split index (EWAH: runs of equal words, then words as they are).

/// A decoded bitmap: the positions that are set, ascending.
pub(super) struct Positions {
    pub(super) set: Vec<usize>,
}

/// Decodes a bitmap at the start of `data`; gives it and what follows. `None`: damaged, or a position at or above `end`.
pub(super) fn decode(data: &[u8], end: usize) -> Option<(Positions, &[u8])> {
    let (_bits, data) = number(data)?;
    let (words, data) = number(data)?;
    let (words, data) = data.split_at_checked(usize::try_from(words).ok()?.checked_mul(8)?)?;
    let (_last_run, data) = number(data)?;
    let mut words = words.chunks_exact(8).map(|word| word.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)));
    let mut set = Vec::new();
    let mut position = 0_usize;
    while let Some(marker) = words.next() {
        let run = usize::try_from(marker >> 1 & 0xffff_ffff).ok()?.checked_mul(64)?;
        let literals = marker >> 33;
        let after = position.checked_add(run)?;
        if marker & 1 == 1 {
            if after > end.checked_add(64)? {
                return None;
            }
            set.extend(position..after.min(end));
        }
        position = after;
        for _ in 0..literals {
            let word = words.next()?;
            for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                let at = position.checked_add(bit)?;
                if at >= end {
                    return None;
                }
                set.push(at);
            }
            position = position.checked_add(64)?;
        }
    }
    Some((Positions { set }, data))
}

fn number(data: &[u8]) -> Option<(u32, &[u8])> {
    let (bytes, rest) = data.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*bytes), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(words: &[u64]) -> Vec<u8> {
        let mut data = vec![0, 0, 0, 200];
        data.extend(u32::try_from(words.len()).unwrap().to_be_bytes());
        data.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        data.extend([0; 4]);
        data.push(b'!');
        data
    }

    #[test]
    fn runs_and_literal_words_give_positions_and_the_rest_is_handed_back() {
        // One word of ones, then one literal word with bits 0 and 3.
        let data = encoded(&[1 | 1 << 1 | 1 << 33, 0b1001]);
        let (bitmap, rest) = decode(&data, 1000).unwrap();
        assert_eq!(bitmap.set, (0..64).chain([64, 67]).collect::<Vec<_>>());
        assert_eq!(rest, b"!");
    }

    #[test]
    fn a_bitmap_that_is_cut_or_names_positions_beyond_the_end_is_refused() {
        for (words, end) in
            [(vec![1 | 1 << 1 | 5 << 33, 1], 1000), (vec![1 << 33, 1 << 63], 10), (vec![1 | 0xffff_ffff << 1], 1000)]
        {
            assert!(decode(&encoded(&words), end).is_none(), "{words:?}");
        }
        assert!(decode(&encoded(&[0])[..9], 1000).is_none());
    }
}
