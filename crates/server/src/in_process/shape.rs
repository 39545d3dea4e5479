//! Compares JSON by shape, by the rules of `compat/replay/shape.py`: an answer has at least the fields of the sample,
//! each of the sample's kind; of a list every entry is compared with the sample's first.

use serde_json::Value;

/// A sentence for each place where the answer's shape is not the sample's.
pub(super) fn differences(sample: &Value, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare((sample, answer), "$", &mut found);
    found
}

fn compare((sample, answer): (&Value, &Value), path: &str, found: &mut Vec<String>) {
    if kind(sample) != kind(answer) {
        found.push(format!("{path} is {} and should be {}", kind(answer), kind(sample)));
        return;
    }
    match (sample, answer) {
        (Value::Object(sample), Value::Object(answer)) => {
            for (name, value) in sample {
                match answer.get(name) {
                    Some(other) => compare((value, other), &format!("{path}.{name}"), found),
                    None => found.push(format!("{path}.{name} is missing")),
                }
            }
        }
        (Value::Array(sample), Value::Array(answer)) => {
            let Some(first) = sample.first() else { return };
            for (index, entry) in answer.iter().enumerate() {
                compare((first, entry), &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn the_same_shape_passes_and_another_is_named() {
    use serde_json::json;
    for (sample, answer) in [
        (json!({"a": 1}), json!({"a": 2, "b": "more"})),
        (json!({"list": [{"a": ""}]}), json!({"list": []})),
        (json!({"list": []}), json!({"list": [{"a": 1}]})),
    ] {
        assert_eq!(differences(&sample, &answer), Vec::<String>::new());
    }
    for (sample, answer, difference) in [
        (json!({"a": 1}), json!({}), "$.a is missing"),
        (json!({"a": 1}), json!({"a": true}), "$.a is boolean and should be integer"),
        (json!({"a": 1}), json!({"a": 1.0}), "$.a is number and should be integer"),
        (json!({"list": [{"a": ""}]}), json!({"list": [{"a": ""}, {}]}), "$.list[1].a is missing"),
        (json!([]), json!(null), "$ is null and should be array"),
    ] {
        assert_eq!(differences(&sample, &answer), [difference]);
    }
}
