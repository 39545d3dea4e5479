use std::borrow::Cow;
use std::ops::Range;

/// Most segments of a path that can match anything.
const MOST_SEGMENTS: usize = 12;

/// One segment of a path: where it is, and what it says.
#[derive(Clone)]
pub(super) struct Segment<'a> {
    pub(super) place: Range<u32>,
    pub(super) text: Cow<'a, str>,
}

/// A path, split raw at `/` and then decoded segment by segment.
pub(super) struct Segments<'a> {
    items: [Segment<'a>; MOST_SEGMENTS],
    count: usize,
}

impl<'a> Segments<'a> {
    /// None for a path that can match nothing: not absolute, with an empty segment, with one that decodes to a `/`, a NUL
    /// or no UTF-8, or with too many. One slash at the end counts for nothing.
    pub(super) fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix('/')?;
        let mut items = [const { Segment { place: 0..0, text: Cow::Borrowed("") } }; MOST_SEGMENTS];
        let mut count = 0;
        if !rest.is_empty() {
            let mut start = 1;
            for raw in rest.strip_suffix('/').unwrap_or(rest).split('/') {
                let end = start + u32::try_from(raw.len()).ok()?;
                *items.get_mut(count)? = Segment { place: start..end, text: decoded(raw)? };
                count += 1;
                start = end + 1;
            }
        }
        Some(Self { items, count })
    }

    pub(super) fn as_slice(&self) -> &[Segment<'a>] {
        self.items.get(..self.count).unwrap_or_default()
    }
}

fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    if raw.is_empty() {
        return None;
    }
    if !raw.contains('%') {
        return Some(Cow::Borrowed(raw));
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        // A `%` without two digits behind it stands for itself.
        match (first, tail) {
            (b'%', [high, low, behind @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = behind;
            }
            _ => bytes.push(*first),
        }
    }
    let cannot_match = bytes.iter().any(|byte| matches!(byte, b'/' | b'\0'));
    if cannot_match { None } else { String::from_utf8(bytes).ok().map(Cow::Owned) }
}

fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => byte.wrapping_sub(b'A').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(path: &str) -> Option<Vec<String>> {
        Some(Segments::of(path)?.as_slice().iter().map(|segment| segment.text.to_string()).collect())
    }

    #[test]
    fn paths_are_split_raw_and_decoded_by_segment() {
        for (path, expected) in [
            ("/", Some(vec![])),
            ("/a", Some(vec!["a"])),
            ("/a/", Some(vec!["a"])),
            ("/a/b%20c", Some(vec!["a", "b c"])),
            ("/%7Bproject_id%7d/x", Some(vec!["{project_id}", "x"])),
            ("/%e9%98%9f", Some(vec!["队"])),
            ("/a+b", Some(vec!["a+b"])),
            ("/100%", Some(vec!["100%"])),
            ("/%zz/%4", Some(vec!["%zz", "%4"])),
            ("/%2541", Some(vec!["%41"])),
            ("/.", Some(vec!["."])),
            ("/..", Some(vec![".."])),
            ("", None),
            ("*", None),
            ("a", None),
            ("//", None),
            ("//a", None),
            ("/a//", None),
            ("/a//b", None),
            ("/a%2Fb", None),
            ("/a%2fb", None),
            ("/a%00", None),
            ("/%ff", None),
            ("/%c3%28", None),
        ] {
            let expected = expected.map(|segments| segments.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(split(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_of_too_many_segments_matches_nothing() {
        assert_eq!(split(&"/a".repeat(MOST_SEGMENTS)).unwrap().len(), MOST_SEGMENTS);
        assert_eq!(split(&"/a".repeat(MOST_SEGMENTS + 1)), None);
    }

    #[test]
    fn a_place_is_where_the_raw_segment_is() {
        let path = "/ab/%20c/d/";
        let segments = Segments::of(path).unwrap();
        let raw: Vec<_> = segments
            .as_slice()
            .iter()
            .map(|segment| &path[segment.place.start as usize..segment.place.end as usize])
            .collect();
        assert_eq!(raw, ["ab", "%20c", "d"]);
    }
}
