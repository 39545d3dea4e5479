use proptest::prelude::*;

use super::*;

fn fault(body: impl AsRef<[u8]>) -> String {
    let error = parse_object(body.as_ref()).unwrap_err();
    assert_eq!((error.status(), error.code().as_str()), (400, "DLI.0001"));
    assert!(error.message().len() < 600, "a message that grows with its input");
    error.message().to_owned()
}

#[test]
fn an_empty_body_is_an_empty_object() {
    for body in ["", "\n", " \r\n", "{}", "{}\n"] {
        assert_eq!(parse_object(body.as_bytes()).unwrap(), vec![], "{body:?}");
    }
}

#[test]
fn what_is_not_an_object_of_utf8_json_is_refused() {
    assert!(fault(b"\xff").contains("UTF-8"));
    assert!(fault("\u{feff}{}").contains("byte order mark"));
    assert!(fault("[]").contains("must be a JSON object, got an array"));
    assert!(fault("null").contains("got null"));
    for body in
        ["{", "{}x", "{}{}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "\0"]
    {
        fault(body);
    }
}

#[test]
fn a_key_that_comes_twice_is_refused_at_every_level() {
    assert!(fault(r#"{"name":"a","name":"a"}"#).contains("\"name\" comes twice"));
    assert!(fault(r#"{"x":[{"y":{"k":1,"\u006b":2}}]}"#).contains("\"k\" comes twice"), "escapes do not hide it");
    for many in [15, 16, 17, 40] {
        let members: Vec<_> = (0..many).chain([many / 2]).map(|i| format!("\"k{i}\":{i}")).collect();
        assert!(fault(format!("{{{}}}", members.join(","))).contains("comes twice"), "{many}");
        let unique = members[..many].join(",");
        assert_eq!(parse_object(format!("{{{unique}}}").as_bytes()).unwrap().len(), many);
    }
}

#[test]
fn depth_and_number_of_values_are_bounded() {
    fault(format!("{{\"a\":{}", "[".repeat(1_000_000)));
    fault("{\"a\":".repeat(1_000_000));
    let zeros = vec!["0"; MOST_VALUES].join(",");
    assert!(fault(format!("{{\"a\":[{zeros}]}}")).contains("more than 500000"));
    let keys: Vec<_> = (0..MOST_VALUES / 2).map(|i| format!("\"{i}\":0")).collect();
    assert!(fault(format!("{{{}}}", keys.join(","))).contains("more than 500000"));
}

#[test]
fn numbers_keep_their_kind() {
    let body = br#"{"a":9223372036854775807,"b":9223372036854775808,"c":-9223372036854775808,"d":16.0,"e":1e3}"#;
    let object = parse_object(body).unwrap();
    let kinds: Vec<_> = object.iter().map(|(_, value)| matches!(value, Json::Int(_))).collect();
    assert_eq!(kinds, [true, false, true, false, false]);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..20)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Writes a value with the `n`-th object's first key doubled, if there are that many objects with keys.
fn doubled(value: &serde_json::Value, n: &mut usize) -> String {
    match value {
        serde_json::Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| doubled(item, n)).collect();
            format!("[{}]", items.join(","))
        }
        serde_json::Value::Object(map) => {
            let mut members = Vec::new();
            if let (0, Some((key, _))) = (*n, map.iter().next()) {
                members.push(format!("{}:null", serde_json::Value::from(key.as_str())));
            }
            if !map.is_empty() {
                *n = n.wrapping_sub(1);
            }
            for (key, value) in map {
                members.push(format!("{}:{}", serde_json::Value::from(key.as_str()), doubled(value, n)));
            }
            format!("{{{}}}", members.join(","))
        }
        leaf => leaf.to_string(),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_object(&body);
    }

    #[test]
    fn what_serde_json_reads_is_read_alike(value in any_json()) {
        let body = serde_json::json!({ "value": value }).to_string();
        let object = Json::Object(parse_object(body.as_bytes()).unwrap());
        prop_assert_eq!(serde_json::to_value(&object).unwrap(), serde_json::from_str::<serde_json::Value>(&body).unwrap());
    }

    #[test]
    fn a_doubled_key_is_refused_wherever_it_is(value in any_json(), place in 0usize..6) {
        let value = serde_json::json!({ "value": value });
        let mut left = place;
        let body = doubled(&value, &mut left);
        let hit = left > place;
        prop_assert_eq!(parse_object(body.as_bytes()).is_err(), hit, "{}", body);
    }
}
