//! Lists among each other: revisions that never go back, and one content for each.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Anomaly;

/// A list that was answered.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Who asked whom, for people.
    pub who: String,
    /// When it was asked.
    pub began: Duration,
    /// When it was answered.
    pub ended: Duration,
    /// Its revision.
    pub revision: u64,
    /// Whose list it is: lists of one project are compared.
    pub project: usize,
    /// All that it says.
    pub content: String,
}

/// Whether no list is of an earlier revision than one that was answered before it was asked for, and lists of one
/// project and revision say the same.
///
/// # Errors
/// The first two lists of which that is not so.
pub fn check_lists(lists: &[Listed]) -> Result<(), Anomaly> {
    let mut contents: BTreeMap<(usize, u64), &Listed> = BTreeMap::new();
    for list in lists {
        let first = contents.entry((list.project, list.revision)).or_insert(list);
        if first.content != list.content {
            return Err(pair("two lists of one revision differ", first, list));
        }
    }
    let (mut begun, mut ended): (Vec<&Listed>, Vec<&Listed>) = (lists.iter().collect(), lists.iter().collect());
    begun.sort_by_key(|list| list.began);
    ended.sort_by_key(|list| list.ended);
    let mut newest: Option<&Listed> = None;
    let mut ended = ended.into_iter().peekable();
    for list in begun {
        while let Some(before) = ended.next_if(|before| before.ended < list.began) {
            newest = newest.filter(|newest| newest.revision >= before.revision).or(Some(before));
        }
        if let Some(newest) = newest.filter(|newest| newest.revision > list.revision) {
            return Err(pair("a list is older than one that was answered before it was asked for", newest, list));
        }
    }
    Ok(())
}

fn pair(what: &str, first: &Listed, second: &Listed) -> Anomaly {
    let line = |list: &Listed| {
        let Listed { who, began, ended, revision, content, .. } = list;
        format!("  {began:.6?} to {ended:.6?}, {who}, revision {revision}: {content}")
    };
    Anomaly(format!("{what}:\n{}\n{}", line(first), line(second)))
}
