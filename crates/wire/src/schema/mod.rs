//! What the bodies of the contract look like, as JSON Schema 2020-12 (the dialect of OpenAPI 3.1).
//!
//! The readers of requests are lenient by hand and the writers of answers are quick by hand, so nothing derives these:
//! each body is described here in the same order and words, and the server's tests hold real answers to it.
//!
//! Invariants: a schema with a name is written once, under `components`, and referred to elsewhere; a member that the
//! contract promises is `required`; a request is described as clients should write it, not in every form that is
//! tolerated.
//!
//! It must not check anything: what is refused is the readers' affair.
//!
//! To add one more: a function beside those of its subject that returns a [`Schema`]; give it a name if more than one
//! body holds it.

pub mod compute;
pub mod connection;
pub mod diagnosis;
pub mod foresight;
pub mod identity;
pub mod import;
pub mod network;
mod node;
pub mod own;
pub mod resource;
pub mod topology;

use std::collections::BTreeMap;

pub use node::Node;

/// The shape of a JSON value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    name: Option<&'static str>,
    about: Option<&'static str>,
    keywords: Vec<(&'static str, Node)>,
    fields: Option<Vec<Field>>,
    items: Option<Box<Schema>>,
    values: Option<Box<Schema>>,
    choices: Vec<Schema>,
    example: Option<Node>,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    name: &'static str,
    schema: Schema,
    is_required: bool,
}

/// The named schemas that a document holds, by name.
pub type Components = BTreeMap<&'static str, Node>;

/// A text.
#[must_use]
pub fn text() -> Schema {
    Schema::of_type("string")
}

/// One of some texts.
#[must_use]
pub fn one_of(words: &[&'static str]) -> Schema {
    let words = words.iter().map(|word| Node::from(*word)).collect();
    text().with("enum", Node::Array(words))
}

/// A UUID in lower case.
#[must_use]
pub fn uuid() -> Schema {
    text().with("format", "uuid")
}

/// A whole number.
#[must_use]
pub fn integer() -> Schema {
    Schema::of_type("integer")
}

/// Milliseconds since 1970, UTC.
#[must_use]
pub fn millis() -> Schema {
    integer().with("format", "int64").example(1_566_889_577_861_i64)
}

/// A time in RFC 3339.
#[must_use]
pub fn time() -> Schema {
    text().with("format", "date-time").example("2027-01-15T08:00:00.000Z")
}

/// True or false.
#[must_use]
pub fn flag() -> Schema {
    Schema::of_type("boolean")
}

/// An array.
#[must_use]
pub fn list(items: Schema) -> Schema {
    Schema { items: Some(Box::new(items)), ..Schema::of_type("array") }
}

/// An object with members of these names.
#[must_use]
pub fn object(fields: impl IntoIterator<Item = Field>) -> Schema {
    Schema { fields: Some(fields.into_iter().collect()), ..Schema::of_type("object") }
}

/// An object with members of any name.
#[must_use]
pub fn map(values: Schema) -> Schema {
    Schema { values: Some(Box::new(values)), ..Schema::of_type("object") }
}

/// Any of several shapes.
#[must_use]
pub fn any_of(choices: impl IntoIterator<Item = Schema>) -> Schema {
    Schema { choices: choices.into_iter().collect(), ..Schema::default() }
}

/// A member that is always there.
#[must_use]
pub fn must(name: &'static str, schema: Schema) -> Field {
    Field { name, schema, is_required: true }
}

/// A member that may be absent.
#[must_use]
pub fn may(name: &'static str, schema: Schema) -> Field {
    Field { name, schema, is_required: false }
}

/// The answer of the vendor's calls: `is_success`, `message` and what the call adds.
#[must_use]
pub fn envelope(fields: impl IntoIterator<Item = Field>) -> Schema {
    let head = [
        must("is_success", flag().about("Whether the call succeeded.").example(true)),
        must("message", text().about("What was done; may be empty.").example("")),
    ];
    object(head.into_iter().chain(fields))
}

impl Schema {
    fn of_type(name: &'static str) -> Self {
        Self::default().with("type", name)
    }

    /// The schema under a name of its own.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The schema with what it means, in a sentence.
    #[must_use]
    pub fn about(self, text: &'static str) -> Self {
        Self { about: Some(text), ..self }
    }

    /// The schema with an example.
    #[must_use]
    pub fn example(self, value: impl Into<Node>) -> Self {
        Self { example: Some(value.into()), ..self }
    }

    /// The schema with one more keyword.
    #[must_use]
    pub fn with(mut self, keyword: &'static str, value: impl Into<Node>) -> Self {
        self.keywords.push((keyword, value.into()));
        self
    }

    /// A number between two, both included.
    #[must_use]
    pub fn between(self, least: i64, most: i64) -> Self {
        self.with("minimum", least).with("maximum", most)
    }

    /// A text of so many characters.
    #[must_use]
    pub fn chars(self, least: i64, most: i64) -> Self {
        let schema = if least == 0 { self } else { self.with("minLength", least) };
        schema.with("maxLength", most)
    }

    /// A value that may be null too.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        if let Some((_, kind)) = self.keywords.iter_mut().find(|(keyword, _)| *keyword == "type") {
            *kind = Node::Array(vec![std::mem::take(kind), Node::from("null")]);
        }
        self
    }

    /// An object with no member beside those described.
    #[must_use]
    pub fn closed(self) -> Self {
        self.with("additionalProperties", false)
    }

    /// Whether there are values that it refuses because something is missing: without, an absent body is as good as `{}`.
    #[must_use]
    pub fn requires_something(&self) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field.is_required))
    }

    /// The schema as JSON; what has a name goes into `components` and is referred to.
    pub fn render(&self, components: &mut Components) -> Node {
        let body = self.body(components);
        let Some(name) = self.name else { return self.described(body) };
        components.insert(name, Node::Object(body));
        let reference = vec![("$ref".to_owned(), Node::from(format!("#/components/schemas/{name}")))];
        self.described(reference)
    }

    fn described(&self, mut members: Vec<(String, Node)>) -> Node {
        if let Some(about) = self.about {
            members.push(("description".into(), about.into()));
        }
        Node::Object(members)
    }

    fn body(&self, components: &mut Components) -> Vec<(String, Node)> {
        let mut members: Vec<(String, Node)> =
            self.keywords.iter().map(|(keyword, value)| ((*keyword).to_owned(), value.clone())).collect();
        if let Some(fields) = &self.fields {
            let required = fields.iter().filter(|field| field.is_required).map(|field| Node::from(field.name));
            let required: Vec<_> = required.collect();
            if !required.is_empty() {
                members.push(("required".into(), Node::Array(required)));
            }
            let properties = fields.iter().map(|field| (field.name.to_owned(), field.schema.render(components)));
            members.push(("properties".into(), Node::Object(properties.collect())));
        }
        if let Some(items) = &self.items {
            members.push(("items".into(), items.render(components)));
        }
        if let Some(values) = &self.values {
            members.push(("additionalProperties".into(), values.render(components)));
        }
        if !self.choices.is_empty() {
            let choices = self.choices.iter().map(|choice| choice.render(components)).collect();
            members.push(("anyOf".into(), Node::Array(choices)));
        }
        if let Some(example) = &self.example {
            members.push(("examples".into(), Node::Array(vec![example.clone()])));
        }
        members
    }

    /// A value of this shape: its example, or one made of the examples within.
    #[must_use]
    pub fn sample(&self) -> Node {
        if let Some(example) = &self.example {
            return example.clone();
        }
        if let Some(fields) = &self.fields {
            let sampled = fields.iter().map(|field| (field.name.to_owned(), field.schema.sample()));
            return Node::Object(sampled.collect());
        }
        if let Some(items) = &self.items {
            return Node::Array(vec![items.sample()]);
        }
        if let Some(choice) = self.choices.first() {
            return choice.sample();
        }
        self.plain_sample()
    }

    fn plain_sample(&self) -> Node {
        let keyword = |wanted| self.keywords.iter().find(|(keyword, _)| *keyword == wanted).map(|(_, value)| value);
        if let Some(default) = keyword("default") {
            return default.clone();
        }
        if let Some(Node::Array(words)) = keyword("enum") {
            return words.first().cloned().unwrap_or_default();
        }
        let is_uuid = keyword("format") == Some(&Node::from("uuid"));
        match keyword("type") {
            Some(Node::Text(kind)) => match kind.as_str() {
                "string" if is_uuid => Node::from("2a620c33-5609-40c9-affd-2b6453071b0f"),
                "string" => Node::from(""),
                "integer" => Node::from(0),
                "boolean" => Node::from(false),
                "array" => Node::Array(Vec::new()),
                _ => Node::Object(Vec::new()),
            },
            _ => Node::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> Schema {
        object([must("key", text().chars(1, 128).example("env")), may("value", text().chars(0, 255))]).named("Tag")
    }

    #[test]
    fn what_has_a_name_is_written_once_and_referred_to() {
        let mut components = Components::new();
        let schema = envelope([must("tags", list(tag()).about("Its tags.")), may("first", tag().about("One."))]);
        insta::assert_snapshot!(schema.render(&mut components).to_json());
        insta::assert_snapshot!(components["Tag"].to_json());
        assert_eq!(components.len(), 1);
    }

    #[test]
    fn a_sample_is_made_of_the_examples_within() {
        let schema = object([
            must("name", text()),
            must("mode", one_of(&["a", "b"])),
            must("count", integer().with("default", 3)),
            must("id", uuid()),
            must("tags", list(tag())),
            must("extra", map(flag())),
            must("none", text().or_null()),
        ]);
        insta::assert_snapshot!(schema.sample().to_json());
    }
}
