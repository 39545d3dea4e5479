//! Names of namespaces and interfaces, made from what they stand for.
//!
//! Tenants choose the names of queues and VPCs, so a name is a cryptographic digest: nobody can make two things of
//! different owners share one. Interface names have 15 characters, too few for that; whoever finds one there looks at
//! its mark before using it.

use std::fmt;
use std::sync::Arc;

use linkspan_model::{ExternalId, ProjectId};
use linkspan_plane::{DestNet, SourceRef};
use sha2::{Digest, Sha256};

/// The name of a namespace: the file that holds it in the directory of handles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceName(Arc<str>);

/// What a namespace is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The network of a queue or pool.
    Source,
    /// The router of a VPC.
    Router,
    /// A subnet that was given a namespace of its own.
    Subnet,
    /// Something of the host that a network is bound to. It is no namespace of ours, and has no handle.
    Bound,
    /// Likewise; what is sent there bears the router's address.
    Masqueraded,
}

impl Role {
    const ALL: [Self; 5] = [Self::Source, Self::Router, Self::Subnet, Self::Bound, Self::Masqueraded];

    fn letter(self) -> char {
        match self {
            Self::Source => 'q',
            Self::Router => 'v',
            Self::Subnet => 's',
            Self::Bound => 'b',
            Self::Masqueraded => 'm',
        }
    }
}

impl NamespaceName {
    /// That of a queue's or pool's network.
    pub(crate) fn of_source(source: &SourceRef) -> Self {
        let kind = (source.name.kind() as u64).to_string();
        Self::new(Role::Source, &[source.project.as_str(), &kind, source.name.as_str()])
    }

    /// That of a VPC's router.
    pub(crate) fn of_router(destination: &DestNet) -> Self {
        Self::new(Role::Router, &[destination.project.as_str(), &destination.vpc.to_string()])
    }

    /// That of a subnet.
    pub(crate) fn of_subnet(project: &ProjectId, network: &ExternalId) -> Self {
        Self::new(Role::Subnet, &[project.as_str(), &network.to_string()])
    }

    /// That of what an entry of `netd.toml` stands for, given everything that it says.
    pub(crate) fn of_binding(masquerade: bool, parts: &[&str]) -> Self {
        Self::new(if masquerade { Role::Masqueraded } else { Role::Bound }, parts)
    }

    /// That of the host's own namespace. It has no handle.
    pub(crate) fn of_host() -> Self {
        Self("host".into())
    }

    fn new(role: Role, parts: &[&str]) -> Self {
        Self(format!("{}-{}", role.letter(), digest(parts, 32)).into())
    }

    /// Reads the name of a handle; none if it is none of ours.
    pub(crate) fn of_handle(file: &str) -> Option<Self> {
        let (letter, rest) = file.split_once('-')?;
        let ours = Role::ALL.iter().any(|role| letter.chars().eq([role.letter()]));
        let digest = rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
        (ours && digest).then(|| Self(file.into()))
    }

    pub(crate) fn role(&self) -> Role {
        let letter = self.0.chars().next();
        Role::ALL.into_iter().find(|role| letter == Some(role.letter())).unwrap_or(Role::Source)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The interface that leads to this namespace, seen from the one it is joined to.
    pub(crate) fn interface(&self) -> InterfaceName {
        let hex = self.0.get(2..14).unwrap_or_default();
        InterfaceName(format!("{}{hex}", self.role().letter()).into())
    }

    /// The other end of a link to what a network is bound to: it lies among interfaces of others, whose names must not
    /// be taken for ours.
    pub(crate) fn outer_interface(&self) -> InterfaceName {
        let hex = self.0.get(2..13).unwrap_or_default();
        InterfaceName(format!("lsp-{hex}").into())
    }
}

impl fmt::Display for NamespaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of an interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InterfaceName(Arc<str>);

impl InterfaceName {
    /// Any name that the kernel gave out.
    pub(crate) fn known(name: &str) -> Self {
        Self(name.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads to the network of a queue or pool.
    pub(crate) fn leads_to_source(&self) -> bool {
        self.0.starts_with(Role::Source.letter())
    }

    /// Whether it has the form of one that leads to something of the host.
    pub(crate) fn leads_outside(&self) -> bool {
        let hex = self.0.strip_prefix([Role::Bound.letter(), Role::Masqueraded.letter()]);
        hex.is_some_and(|hex| hex.len() == 12 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first `length` hexadecimal digits of a digest over the parts, each with its length before it.
fn digest(parts: &[&str], length: usize) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(length);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use linkspan_plane::conformance::samples;

    #[test]
    fn names_are_pinned_because_handles_outlive_a_release() {
        let name = NamespaceName::of_source(&samples::queue("q"));
        assert_eq!(name.as_str(), "q-7c04233338efbbae20d8a1583e489c00");
        assert_eq!(name.interface().as_str(), "q7c04233338ef");
        assert_eq!(NamespaceName::of_handle(name.as_str()), Some(name));
    }

    #[test]
    fn parts_do_not_run_together_and_kinds_differ() {
        assert_ne!(digest(&["ab", "c"], 32), digest(&["a", "bc"], 32));
        let net = samples::destination("n", None);
        let names = [
            NamespaceName::of_router(&net),
            NamespaceName::of_subnet(&net.project, &net.network),
            NamespaceName::of_subnet(&net.project, &net.vpc),
        ];
        assert!(names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1), "{names:?}");
    }

    #[test]
    fn a_file_that_is_no_handle_has_no_name() {
        for file in
            ["", "q", "q-", "x-0123456789abcdef0123456789abcdef", "q-0123456789abcdef0123456789abcdeg", "lost+found"]
        {
            assert_eq!(NamespaceName::of_handle(file), None, "{file}");
        }
    }
}
