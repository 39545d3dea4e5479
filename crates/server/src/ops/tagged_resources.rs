//! What the tag API is about: the resource or the kind of resource in the path, and which resources a filter lets
//! through. Counting and listing share it, so that the two can't disagree.

use linkspan_engine::command::{ResourceKind, ResourceRef};
use linkspan_engine::{Refusal, Scope, State, TaggedThing};
use linkspan_model::Tags;
use linkspan_wire::{FilterResources, ResourceField, ResourceType, TagFilter};

use crate::answer::Fault;
use crate::call::Call;

/// More things than this are looked through off the workers that answer calls.
const SCAN_INLINE_ROWS: usize = 100_000;

/// The kind of resource that the path names.
pub(super) fn kind_of(call: &Call) -> Result<ResourceKind, Fault> {
    Ok(match ResourceType::from_path(call.param("resource_type"))? {
        ResourceType::Connection => ResourceKind::Connection,
        ResourceType::Queue => ResourceKind::Queue,
        ResourceType::Pool => ResourceKind::Pool,
    })
}

/// The resource that the path names.
pub(super) fn resource_of(call: &Call) -> Result<ResourceRef, Fault> {
    Ok(ResourceRef { kind: kind_of(call)?, id: call.param("resource_id").into() })
}

/// Asks something of all things of a project, elsewhere if there are many of them.
pub(super) async fn ask<T: Send + 'static>(
    call: &Call,
    question: impl FnOnce(&State, &Scope) -> T + Send + 'static,
) -> Result<(std::sync::Arc<State>, T), Fault> {
    let (view, scope) = (call.view(), call.scope()?.clone());
    if view.project(&scope).row_count() <= SCAN_INLINE_ROWS {
        let answer = question(&view, &scope);
        return Ok((view, answer));
    }
    let looked_at = std::sync::Arc::clone(&view);
    let answer = tokio::task::spawn_blocking(move || question(&looked_at, &scope)).await;
    Ok((view, answer.map_err(|_| Refusal::Internal)?))
}

/// Whether a filter lets a thing through.
pub(super) fn admits(filter: &FilterResources, thing: &TaggedThing<'_>) -> bool {
    let fields = filter.matches.iter().all(|field| match field.key {
        ResourceField::Name => holds(thing.name, &field.value),
        ResourceField::Id => thing.id == field.value,
    });
    fields && if filter.without_any_tag { thing.tags.is_empty() } else { admits_tags(filter, thing.tags) }
}

fn admits_tags(filter: &FilterResources, tags: &Tags) -> bool {
    let bears = |wanted: &TagFilter| {
        let of_key = tags.as_slice().iter().find(|tag| tag.key.as_str() == wanted.key);
        of_key.is_some_and(|tag| wanted.values.is_empty() || wanted.values.iter().any(|it| it == tag.value.as_str()))
    };
    // An absent filter lets everything through, which is not what "any of none" and "not all of none" say.
    filter.tags.iter().all(bears)
        && (filter.tags_any.is_empty() || filter.tags_any.iter().any(bears))
        && (filter.not_tags.is_empty() || !filter.not_tags.iter().all(bears))
        && !filter.not_tags_any.iter().any(bears)
}

/// Whether a name holds a text, in any letter case. Names are ASCII.
fn holds(name: &str, part: &str) -> bool {
    name.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of three things a filter lets through: `plain` without tags, `Orders` with two, `other` with one.
    fn through(body: &str) -> String {
        let tags: Vec<Tags> = [&[][..], &[("env", "test"), ("team", "")], &[("env", "prod")]]
            .into_iter()
            .map(|pairs: &[(&str, &str)]| Tags::parse(pairs).unwrap())
            .collect();
        let filter = FilterResources::from_body(body.as_bytes()).unwrap();
        let names = ["plain", "Orders", "other"];
        let things =
            names.into_iter().zip(&tags).map(|(name, tags)| TaggedThing { id: format!("id-{name}"), name, tags });
        let through: Vec<_> = things.filter(|thing| admits(&filter, thing)).map(|thing| thing.name).collect();
        through.join(" ")
    }

    #[test]
    fn filters() {
        for (body, names) in [
            ("", "plain Orders other"),
            (r#"{"without_any_tag":false}"#, "plain Orders other"),
            (r#"{"without_any_tag":true}"#, "plain"),
            (r#"{"without_any_tag":true,"tags":[{"key":"env"}]}"#, "plain"),
            (r#"{"tags":[{"key":"env"}]}"#, "Orders other"),
            (r#"{"tags":[{"key":"env","values":["test","prod"]}]}"#, "Orders other"),
            (r#"{"tags":[{"key":"env","values":["test"]},{"key":"team","values":[""]}]}"#, "Orders"),
            (r#"{"tags":[{"key":"env","values":["test"]},{"key":"team","values":["x"]}]}"#, ""),
            (r#"{"tags":[{"key":"ENV"}]}"#, ""),
            (r#"{"tags_any":[{"key":"team"},{"key":"env","values":["prod"]}]}"#, "Orders other"),
            (r#"{"tags_any":[{"key":"nope"}]}"#, ""),
            (r#"{"not_tags":[{"key":"env"},{"key":"team"}]}"#, "plain other"),
            (r#"{"not_tags_any":[{"key":"env"},{"key":"team"}]}"#, "plain"),
            (r#"{"not_tags_any":[{"key":"env","values":["prod"]}],"tags":[{"key":"env"}]}"#, "Orders"),
            (r#"{"matches":[{"key":"resource_name","value":"ORD"}]}"#, "Orders"),
            (r#"{"matches":[{"key":"resource_name","value":"o"},{"key":"resource_id","value":"id-other"}]}"#, "other"),
            (r#"{"matches":[{"key":"resource_id","value":"id"}]}"#, ""),
            (r#"{"without_any_tag":true,"matches":[{"key":"resource_name","value":"other"}]}"#, ""),
        ] {
            assert_eq!(through(body), names, "{body}");
        }
    }
}
