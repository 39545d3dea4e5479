use super::super::stage::Stage;

/// What can bear tags: its id, its two operations, and the codes of bad values and of what is unknown.
const BEARERS: [(&str, [&str; 2], [&str; 2]); 2] = [
    ("vpc-1", ["BatchCreateVpcTags", "ShowVpcTags"], ["VPC.0101", "VPC.0003"]),
    ("net-1", ["BatchCreateSubnetTags", "ShowSubnetTags"], ["VPC.0201", "VPC.0202"]),
];

#[tokio::test]
async fn set_shown_and_taken_away() {
    let stage = Stage::open().await;
    stage.networks().await;
    for (id, [change, show], [invalid, unknown]) in BEARERS {
        let target = stage.on(id);
        let shown = async || target.ok(show, "").await.text();
        assert_eq!(shown().await, r#"{"tags":[]}"#);
        let create = r#"{"action":"create","tags":[{"key":"env","value":"test"},{"key":"k","value":""}]}"#;
        let answer = target.ok(change, create).await;
        assert_eq!((answer.status, answer.text()), (204, String::new()));
        assert_eq!(shown().await, r#"{"tags":[{"key":"env","value":"test"},{"key":"k","value":""}]}"#);
        let delete = r#"{"action":"delete","tags":[{"key":"env"},{"key":"never"}]}"#;
        target.ok(change, delete).await;
        assert_eq!(shown().await, r#"{"tags":[{"key":"k","value":""}]}"#);
        let bad = r#"{"action":"create","tags":[{"key":"_sys_x","value":""}]}"#;
        assert_eq!(target.refused(change, bad).await.1, invalid);
        let (status, code, _) = stage.on("nope").refused(change, create).await;
        assert_eq!((status, code.as_str()), (404, unknown));
        assert_eq!(stage.on("nope").refused(show, "").await.1, unknown);
    }
}
