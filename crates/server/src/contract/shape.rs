//! Whether a value has the shape that the document promises.
//!
//! Stricter than JSON Schema in one thing: a member that the document does not name is a fault, so that an answer
//! cannot grow unnoticed. It knows the keywords that the document uses and fails on any other.

use serde_json::Value;

/// What is wrong with the value, and where; nothing = it fits.
pub(super) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Judge { document, found: &mut found }.check(schema, value, "$");
    found
}

struct Judge<'a> {
    document: &'a Value,
    found: &'a mut Vec<String>,
}

impl Judge<'_> {
    fn check(&mut self, schema: &Value, value: &Value, at: &str) {
        for (keyword, wanted) in schema.as_object().unwrap() {
            let fits = match keyword.as_str() {
                "$ref" => {
                    let place = wanted.as_str().unwrap().trim_start_matches('#');
                    let target = self.document.pointer(place).unwrap_or_else(|| panic!("nothing at {place}"));
                    self.check(target, value, at);
                    true
                }
                "type" => is_of_type(wanted, value),
                "enum" => wanted.as_array().unwrap().contains(value),
                "required" => {
                    let names = wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                    !value.is_object() || names.into_iter().all(|name| value.get(name).is_some())
                }
                "properties" | "additionalProperties" => {
                    self.check_members(schema, value, at);
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{at}[{index}]"));
                    }
                    true
                }
                "anyOf" => {
                    let choices = wanted.as_array().unwrap();
                    choices.iter().any(|choice| faults(self.document, choice, value).is_empty())
                }
                "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
                "maximum" => value.as_i64().is_none_or(|number| number <= wanted.as_i64().unwrap()),
                "multipleOf" => value.as_i64().is_none_or(|number| number % wanted.as_i64().unwrap() == 0),
                "minLength" => chars(value).is_none_or(|count| count >= wanted.as_u64().unwrap()),
                "maxLength" => chars(value).is_none_or(|count| count <= wanted.as_u64().unwrap()),
                "minItems" => count(value).is_none_or(|count| count >= wanted.as_u64().unwrap()),
                "maxItems" => count(value).is_none_or(|count| count <= wanted.as_u64().unwrap()),
                // Those of patterns are tested with the readers; the rest says nothing about shape.
                "pattern" | "format" | "default" | "examples" | "description" => true,
                other => panic!("the keyword {other} is not known here"),
            };
            if !fits {
                self.found.push(format!("{at}: {value} against {keyword} {wanted}"));
            }
        }
    }

    fn check_members(&mut self, schema: &Value, value: &Value, at: &str) {
        let Some(members) = value.as_object() else { return };
        for (name, member) in members {
            let at = format!("{at}.{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(known), _) => self.check(known, member, &at),
                (None, Some(any @ Value::Object(_))) => self.check(any, member, &at),
                (None, _) => self.found.push(format!("{at} is not described")),
            }
        }
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(choices) => choices.iter().any(|choice| is_of_type(choice, value)),
        _ => match wanted.as_str().unwrap() {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            other => panic!("the type {other} is not known here"),
        },
    }
}

fn chars(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn count(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}
