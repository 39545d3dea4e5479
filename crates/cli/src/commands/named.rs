//! Picking one of a list by its id or its name.

use crate::failure::{Exit, Failure};

/// The one that bears this id, or else the only one that bears this name.
pub(super) fn pick<T>(kind: &str, word: &str, all: Vec<T>, handles: impl Fn(&T) -> (&str, &str)) -> Result<T, Failure> {
    let with_id = all.iter().position(|item| handles(item).0 == word);
    let with_name: Vec<usize> =
        all.iter().enumerate().filter(|(_, item)| handles(item).1 == word).map(|(index, _)| index).collect();
    let index = match (with_id, &with_name[..]) {
        (Some(index), _) => index,
        (None, [index]) => *index,
        (None, []) => return Err(Failure::new(Exit::NotFound, format!("there is no {kind} `{word}`"))),
        (None, many) => {
            let ids: Vec<&str> = many.iter().filter_map(|index| all.get(*index)).map(|item| handles(item).0).collect();
            let text = format!("{} {kind}s are named {word}; name one by its id: {}", ids.len(), ids.join(", "));
            return Err(Failure::usage(text));
        }
    };
    let missing = || Failure::new(Exit::NotFound, format!("there is no {kind} `{word}`"));
    all.into_iter().nth(index).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(word: &str) -> Result<&'static str, Failure> {
        let all = vec![("1", "a"), ("2", "b"), ("3", "b"), ("a", "c")];
        pick("user", word, all, |item| *item).map(|(id, _)| id)
    }

    #[test]
    fn ids_win_over_names_and_names_must_be_clear() {
        assert_eq!(picked("1").unwrap(), "1");
        assert_eq!(picked("a").unwrap(), "a");
        assert_eq!(picked("c").unwrap(), "a");
        assert_eq!(picked("d").unwrap_err().exit(), Exit::NotFound);
        assert!(picked("b").unwrap_err().text().contains("2 users are named b; name one by its id: 2, 3"));
    }
}
