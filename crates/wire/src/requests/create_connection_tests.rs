use proptest::prelude::*;

use super::*;

fn read(body: &str) -> CreateConnection {
    CreateConnection::from_body(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn fault(body: &str) -> String {
    let error = CreateConnection::from_body(body.as_bytes()).unwrap_err();
    assert_eq!((error.status(), error.code().as_str()), (400, "DLI.0001"), "{body}");
    error.message().to_owned()
}

/// A minimal body with more members in front.
fn with(members: &str) -> String {
    format!("{{{members},\"name\":\"t\",\"dest_vpc_id\":\"v\",\"dest_network_id\":\"n\"}}")
}

#[test]
fn what_the_python_sdk_sends() {
    let full = read(
        r#"{"name": "test2", "dest_vpc_id": "22094d8f-c310-4621-913d-4c4d655d8495", "dest_network_id": "78f2562a-36e4-4b39-95b9-f5aab22e1281", "elastic_resource_pools": ["pool_1"], "queues": ["q1", "q2"], "hosts": [{"name": "ecs-97f8-0001", "ip": "192.168.0.167"}, {"name": "ecs-97f8-0002", "ip": "192.168.0.168"}], "routetable_id": "ad3be945-5920-4b43-a4b2-4a6d7c5a4d8d", "tags": [{"key": "\u9879\u76ee", "value": "\u6d4b\u8bd5"}, {"key": "k", "value": ""}]}"#,
    );
    assert_eq!((full.queues.len(), full.elastic_resource_pools.len(), full.hosts.as_slice().len()), (2, 1, 2));
    assert!(full.tags.has("项目", "测试") && full.tags.has("k", ""));
    insta::assert_snapshot!(serde_json::to_string(&full).unwrap());
    let bare =
        read(r#"{"name": "t", "dest_vpc_id": "v", "dest_network_id": "n", "queues": [], "hosts": [], "tags": []}"#);
    assert!(bare.queues.is_empty() && bare.hosts.is_empty() && bare.routetable_id.is_none());
}

#[test]
fn what_terraform_sends() {
    let body = r#"{"dest_network_id":"3ddc4dcc-07af-4e52-91a2-9e3117dd092f","dest_vpc_id":"60ea1197-603a-4aa9-9e55-e2914e2ce465","hosts":[{"ip":"172.0.0.2","name":"test.test.com"}],"name":"tf_test_zn29y","queues":[],"tags":[{"key":"foo","value":"bar"}]}"#;
    let read_back = read(&format!("{body}\n"));
    assert_eq!(read_back.hosts.as_slice()[0].name, "test.test.com");
    assert!(read_back.tags.has("foo", "bar"));
    assert_eq!(read(&with(r#""queues":[],"tags":null,"hosts":null,"elastic_resource_pools":null"#)).queues.len(), 0);
}

#[test]
fn slips_of_the_documents_are_taken() {
    assert_eq!(
        read(&with(r#""elastic_resource_pools":"elastic_pool_dli""#)).elastic_resource_pools,
        ["elastic_pool_dli"]
    );
    assert!(read(&with(r#""tags":[{"key":"k"}],"routetable_id":"","unknown":{"a":[1]}"#)).tags.has("k", ""));
}

#[test]
fn faults_name_path_and_value() {
    let texts: Vec<_> = [
        "",
        r#"{"name":"a-b"}"#,
        r#"{"name":7}"#,
        r#"{"name":null}"#,
        r#"{"name":"t","dest_vpc_id":""}"#,
        r#"{"name":"t","dest_vpc_id":"v"}"#,
        &with(r#""routetable_id":[]"#),
        &with(r#""queues":["q",null]"#),
        &with(r#""elastic_resource_pools":{}"#),
        &with(r#""hosts":{"name":"h","ip":"10.0.0.1"}"#),
        &with(r#""hosts":[{"name":"h","ip":"10.0.0.1"},{"name":"h"}]"#),
        &with(r#""hosts":["h"]"#),
        &with(r#""hosts":[{"name":"h","ip":"10.0.0.256"}]"#),
        &with(r#""hosts":[{"name":"h","ip":1}]"#),
        &with(r#""tags":[{"key":"k","value":"a,b"}]"#),
        &with(r#""tags":[{"value":"a"}]"#),
        &with(r#""tags":{"k":"v"}"#),
    ]
    .map(fault)
    .into();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn twenty_thousand_hosts_in_twelve_mebibytes_are_read() {
    let name = |i: usize| format!("h{i:0>7}{}", "x".repeat(120));
    let hosts: Vec<_> =
        (0..20_000).map(|i| format!("{{\"name\":\"{}\",\"ip\":\"10.0.0.1\",{:>440}}}", name(i), "\"x\":0")).collect();
    let body = with(&format!("\"hosts\":[{}]", hosts.join(",")));
    assert!(body.len() > 11 << 20 && body.len() <= 12 << 20, "{}", body.len());
    assert_eq!(read(&body).hosts.as_slice().len(), 20_000);
}

prop_compose! {
    fn any_create()(
        name in "[A-Za-z0-9_]{1,64}",
        dest_vpc_id in "[a-z一二\"\\\\ ]{1,40}",
        dest_network_id in prop_oneof![Just("78f2562a-36e4-4b39-95b9-f5aab22e1281".to_owned()), "[A-Z-]{1,36}"],
        routetable_id in prop::option::of("[a-z]{1,8}"),
        queues in prop::collection::btree_set("[a-z\n一]{1,9}", 0..4),
        pools in prop::collection::btree_set("[A-Z]{1,9}", 0..4),
        hosts in prop::collection::btree_map("[a-z][a-z0-9_.-]{0,9}", any::<std::net::Ipv4Addr>(), 0..5),
        tags in prop::collection::btree_map("[a-z项]{1,9}", "[a-z=测]{0,9}", 0..5),
    ) -> CreateConnection {
        let hosts: Vec<_> = hosts.into_iter().map(|(name, ip)| (name, ip.to_string())).collect();
        CreateConnection {
            name: name.parse().unwrap(),
            dest_vpc_id: dest_vpc_id.parse().unwrap(),
            dest_network_id: dest_network_id.parse().unwrap(),
            routetable_id: routetable_id.map(|id| id.parse().unwrap()),
            queues: queues.into_iter().collect(),
            elastic_resource_pools: pools.into_iter().collect(),
            hosts: Hosts::parse(&hosts).unwrap(),
            tags: Tags::parse(&tags.into_iter().collect::<Vec<_>>()).unwrap(),
        }
    }
}

proptest! {
    #[test]
    fn what_the_client_writes_the_server_reads(request in any_create()) {
        let body = serde_json::to_vec(&request).unwrap();
        prop_assert_eq!(CreateConnection::from_body(&body).unwrap(), request);
    }
}
