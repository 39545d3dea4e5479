use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use crate::error::{Fault, Outcome};
use crate::names::NamespaceName;

/// The mounts that this process sees.
const TABLE: &str = "/proc/self/mountinfo";

/// The table of mounts, which tells (by a priority event) that it changed. A namespace that this process has open does
/// not end when its handle is taken away, so nothing else would tell.
#[derive(Debug)]
pub(super) struct Mounts {
    pub(super) file: File,
    handles: BTreeSet<Handle>,
}

/// Where it is, and which namespace is mounted there.
type Handle = (Box<str>, Box<str>);

impl Mounts {
    pub(super) fn open() -> Outcome<Self> {
        let open = || Ok((File::open(TABLE)?, fs::read_to_string(TABLE)?));
        let (file, text) = open().map_err(|error| Fault::io("watch the table of mounts", &error))?;
        Ok(Self { file, handles: handles(&text) })
    }

    /// Whether a handle that was there is there no longer, or is another namespace's.
    pub(super) fn lost_one(&mut self) -> bool {
        // What can't be read now can be by the next pass.
        let Ok(text) = fs::read_to_string(TABLE) else { return true };
        let now = handles(&text);
        let lost = !self.handles.is_subset(&now);
        self.handles = now;
        lost
    }
}

/// `36 35 0:4 net:[4026532] /run/linkspan/netns/q-… rw - nsfs nsfs rw`
fn handles(table: &str) -> BTreeSet<Handle> {
    let handle = |line: &str| {
        let mut fields = line.split(' ').skip(3);
        let (namespace, at) = (fields.next()?, fields.next()?);
        let file = Path::new(at).file_name()?.to_str()?;
        NamespaceName::of_handle(file).filter(|_| namespace.starts_with("net:"))?;
        Some((at.into(), namespace.into()))
    };
    table.lines().filter_map(handle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_handles_are_read_out_of_the_table() {
        let name = "q-7c04233338efbbae20d8a1583e489c00";
        let table = format!(
            "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
             30 22 0:4 net:[4026532] /run/netns/mine rw - nsfs nsfs rw\n\
             31 22 0:4 net:[4026533] /run/linkspan/netns/{name} rw shared:3 - nsfs nsfs rw\n\
             32 22 0:9 /x /elsewhere/{name} rw - tmpfs tmpfs rw\nnonsense\n"
        );
        let at = format!("/run/linkspan/netns/{name}");
        assert_eq!(handles(&table), BTreeSet::from([(at.into(), "net:[4026533]".into())]));
    }
}
