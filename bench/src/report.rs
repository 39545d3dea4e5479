//! The tables' way into the page: each section's Markdown lies in a file of its own until then, so that sections can
//! be measured one at a time.

use std::path::PathBuf;

use crate::arguments::Bench;
use crate::outcome::Outcome;
use crate::sections;

/// Keeps the Markdown of a section.
pub fn keep(bench: &Bench, section: &str, markdown: &str) -> Outcome<()> {
    let path = kept(bench, section);
    std::fs::write(&path, markdown).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Writes every section that was ever measured into the page.
pub fn write(bench: &Bench) -> Outcome<()> {
    let shown = bench.page.display();
    let mut page = std::fs::read_to_string(&bench.page).map_err(|error| format!("{shown}: {error}"))?;
    for section in sections::ALL {
        let Ok(markdown) = std::fs::read_to_string(kept(bench, section.name)) else { continue };
        page = replaced(&page, section.name, &markdown)
            .ok_or_else(|| format!("{shown} has no marker lines for `{}`", section.name))?;
    }
    std::fs::write(&bench.page, page).map_err(|error| format!("{shown}: {error}"))?;
    println!("written: {shown}");
    Ok(())
}

fn kept(bench: &Bench, section: &str) -> PathBuf {
    bench.work.join(format!("{section}.md"))
}

/// The page with what lies between the two marker lines replaced, or nothing if they are not there.
fn replaced(page: &str, marker: &str, body: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- measured: {marker} -->"), format!("<!-- end: {marker} -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", body.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_between_the_markers_changes() {
        let page = "a\n<!-- measured: x -->\nold\n<!-- end: x -->\nb\n";
        let new = replaced(page, "x", "new\n").expect("markers");
        assert_eq!(new, "a\n<!-- measured: x -->\n\nnew\n\n<!-- end: x -->\nb\n");
        assert_eq!(replaced(&new, "x", "new"), Some(new.clone()));
        assert_eq!(replaced(&new, "y", "new"), None);
    }
}
