//! From a method and a raw path to an operation.
//!
//! The operations form a tree by segment, made once. At each level fixed segments are tried before the parameter, so
//! `/v3/auth/tokens` is not a project called `auth`, and a project called `auth` still has its other paths.

use http::Method;

use super::params::{MOST_PARAMS, Params, Value};
use super::segments::{Segment, Segments};
use crate::operation::Operation;

/// What a path and a method lead to.
pub(crate) struct Found {
    /// The operation.
    pub(crate) operation: &'static Operation,
    /// Its place in the order in which the router was given the operations.
    pub(crate) index: usize,
    /// The parameters.
    pub(crate) params: Params,
}

/// Why a list of operations makes no router.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operation {operation} can't be routed: {why}")]
pub struct BadRoute {
    operation: &'static str,
    why: &'static str,
}

/// The tree of operations.
pub(crate) struct Router {
    root: Node,
    operations: Vec<&'static Operation>,
}

#[derive(Default)]
struct Node {
    fixed: Vec<(&'static str, Node)>,
    parameter: Option<Box<Node>>,
    leaves: Vec<Leaf>,
}

/// An operation at the end of its path.
struct Leaf {
    method: Method,
    operation: &'static Operation,
    index: usize,
    params: Vec<(&'static str, usize)>,
}

impl Router {
    pub(crate) fn new(groups: &[&'static [Operation]]) -> Result<Self, BadRoute> {
        let operations: Vec<_> = groups.iter().flat_map(|group| group.iter()).collect();
        let mut root = Node::default();
        for (index, operation) in operations.iter().enumerate() {
            root.add(operation, index).map_err(|why| BadRoute { operation: operation.name, why })?;
        }
        Ok(Self { root, operations })
    }

    /// The operations in the order of their indexes.
    pub(crate) fn operations(&self) -> &[&'static Operation] {
        &self.operations
    }

    /// The operation of a method and a path as it was sent, without its query.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Found> {
        let segments = Segments::of(path)?;
        let leaf = self.root.find(segments.as_slice(), method)?;
        let mut params = Params::default();
        for (name, place) in &leaf.params {
            let segment = segments.as_slice().get(*place)?;
            let is_raw = matches!(segment.text, std::borrow::Cow::Borrowed(_));
            let value =
                if is_raw { Value::Raw(segment.place.clone()) } else { Value::Decoded(segment.text.as_ref().into()) };
            params.push(name, value);
        }
        Some(Found { operation: leaf.operation, index: leaf.index, params })
    }
}

impl Node {
    fn add(&mut self, operation: &'static Operation, index: usize) -> Result<(), &'static str> {
        let mut params = Vec::new();
        let mut node = self;
        let path = operation.path.strip_prefix('/').ok_or("its path does not start with a slash")?;
        for (place, segment) in path.split('/').enumerate() {
            if segment.is_empty() {
                return Err("its path has an empty segment");
            }
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            node = match name {
                Some(name) if params.iter().any(|(known, _)| *known == name) => return Err("a parameter comes twice"),
                Some(name) => {
                    params.push((name, place));
                    node.parameter.get_or_insert_default()
                }
                None => node.fixed_child(segment),
            };
        }
        if params.len() > MOST_PARAMS {
            return Err("it has too many parameters");
        }
        if node.leaves.iter().any(|leaf| leaf.method == operation.method) {
            return Err("another operation has the same method and path");
        }
        node.leaves.push(Leaf { method: operation.method.clone(), operation, index, params });
        Ok(())
    }

    fn fixed_child(&mut self, segment: &'static str) -> &mut Self {
        let place = match self.fixed.iter().position(|(known, _)| *known == segment) {
            Some(place) => place,
            None => {
                self.fixed.push((segment, Self::default()));
                self.fixed.len() - 1
            }
        };
        // The place was just found or made, so the fallback is never taken.
        match self.fixed.get_mut(place) {
            Some((_, node)) => node,
            None => self.parameter.get_or_insert_default(),
        }
    }

    fn find(&self, segments: &[Segment<'_>], method: &Method) -> Option<&Leaf> {
        let Some((first, rest)) = segments.split_first() else {
            return self.leaves.iter().find(|leaf| leaf.method == *method);
        };
        let fixed = self.fixed.iter().find(|(known, _)| *known == first.text);
        let found = fixed.and_then(|(_, node)| node.find(rest, method));
        found.or_else(|| self.parameter.as_ref()?.find(rest, method))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::answer::Answer;
    use crate::operation::Auth;

    const fn operation(name: &'static str, method: Method, path: &'static str) -> Operation {
        Operation {
            name,
            method,
            path,
            document: "none",
            action: "none",
            auth: Auth::Nobody,
            handler: |_| async { Ok(Answer::empty(200)) }.boxed(),
        }
    }

    static OPERATIONS: &[Operation] = &[
        operation("list", Method::GET, "/v2.0/{project_id}/connections"),
        operation("create", Method::POST, "/v2.0/{project_id}/connections"),
        operation("show", Method::GET, "/v2.0/{project_id}/connections/{id}"),
        operation("tokens", Method::POST, "/v3/auth/tokens"),
        operation("projects", Method::GET, "/v3/projects"),
        operation("pools", Method::GET, "/v3/{project_id}/pools"),
        operation("pool-queue", Method::PUT, "/v3/{project_id}/pools/{pool}/queues/{queue}"),
        operation("tagged", Method::GET, "/v3/{project_id}/{kind}/tags"),
    ];

    fn found(method: Method, path: &str) -> Option<String> {
        let router = Router::new(&[OPERATIONS]).unwrap();
        let found = router.find(&method, path)?;
        assert!(std::ptr::eq(router.operations()[found.index], found.operation));
        let names = ["project_id", "id", "pool", "queue", "kind"];
        let params =
            names.iter().filter_map(|name| found.params.get(name, path).map(|value| format!(" {name}={value}")));
        Some(format!("{}{}", found.operation.name, params.collect::<String>()))
    }

    #[test]
    fn methods_and_paths_lead_to_operations() {
        for (method, path, expected) in [
            (Method::GET, "/v2.0/p1/connections", "list project_id=p1"),
            (Method::GET, "/v2.0/p1/connections/", "list project_id=p1"),
            (Method::POST, "/v2.0/p1/connections", "create project_id=p1"),
            (Method::GET, "/v2.0/p1/connections/c%201", "show project_id=p1 id=c 1"),
            (Method::GET, "/v2%2E0/%7Bproject_id%7D/connections", "list project_id={project_id}"),
            (Method::POST, "/v3/auth/tokens", "tokens"),
            (Method::GET, "/v3/auth/pools", "pools project_id=auth"),
            (Method::GET, "/v3/projects", "projects"),
            (Method::GET, "/v3/projects/pools", "pools project_id=projects"),
            (Method::GET, "/v3/p1/pools/tags", "tagged project_id=p1 kind=pools"),
            (Method::PUT, "/v3/p1/pools/a/queues/b", "pool-queue project_id=p1 pool=a queue=b"),
        ] {
            assert_eq!(found(method, path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn everything_else_leads_nowhere() {
        for (method, path) in [
            (Method::PUT, "/v2.0/p1/connections"),
            (Method::HEAD, "/v2.0/p1/connections"),
            (Method::OPTIONS, "/v2.0/p1/connections"),
            (Method::OPTIONS, "*"),
            (Method::GET, ""),
            (Method::GET, "/"),
            (Method::GET, "//"),
            (Method::GET, "/v2.0"),
            (Method::GET, "/v2.0//connections"),
            (Method::GET, "/v2.0/p1/connections//"),
            (Method::GET, "/v2.0/p1%2Fconnections"),
            (Method::GET, "/v2.0/p1/connections/%00"),
            (Method::GET, "/v2.0/p1/connections/%ff"),
            (Method::GET, "/v2.0/p1/Connections"),
            (Method::GET, "/v3/auth/tokens"),
            (Method::GET, "/v2.0/p1/connections/c/x"),
        ] {
            assert_eq!(found(method.clone(), path), None, "{method} {path}");
        }
    }

    #[test]
    fn a_list_that_contradicts_itself_is_refused() {
        for (paths, why) in [
            (&["a"][..], "its path does not start with a slash"),
            (&["/a//b"], "its path has an empty segment"),
            (&["/{x}/{x}"], "a parameter comes twice"),
            (&["/{a}/{b}/{c}/{d}/{e}"], "it has too many parameters"),
            (&["/a/{x}", "/a/{y}"], "another operation has the same method and path"),
        ] {
            let operations: Vec<_> = paths.iter().map(|path| operation("a", Method::GET, path)).collect();
            assert_eq!(Router::new(&[operations.leak()]).err(), Some(BadRoute { operation: "a", why }));
        }
    }
}
