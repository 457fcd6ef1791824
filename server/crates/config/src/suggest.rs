//! "Did you mean".

/// The known word nearest to a mistyped one, if near enough to be meant.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let near = |candidate: &&str| {
        let distance = strsim::osa_distance(&lower, candidate);
        (distance <= candidate.len().div_ceil(3)).then_some(distance)
    };
    known.into_iter().filter_map(|candidate| Some((near(&candidate)?, candidate))).min().map(|(_, candidate)| candidate)
}

/// `; did you mean "x"?` or nothing, then the words there are.
pub(crate) fn hint(word: &str, what: &str, known: &[&str]) -> String {
    let meant =
        nearest(word, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
    let stop = if meant.is_empty() { "." } else { "" };
    format!("{meant}{stop} {what}: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["name", "kind", "path"];
        for (word, expected) in [
            ("nmae", Some("name")),
            ("Path", Some("path")),
            ("paths", Some("path")),
            ("url", None),
            ("", None),
            ("completely-else", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
