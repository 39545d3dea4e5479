use super::super::stage::{Answered, Stage};
use super::*;

const LIST: &str = "ListEnhancedConnections";

/// Names in the order of the list.
fn names(answer: &Answered) -> String {
    let json = answer.json();
    let rows = json["connections"].as_array().unwrap_or_else(|| panic!("{json}"));
    assert_eq!(json["count"], rows.len());
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

/// `c0` to `c4`, `c1` and `c3` deleted, `c0` and `c4` tagged `n=0` and `n=4`, both and `c2` tagged `even=yes`.
async fn five() -> Stage {
    let stage = Stage::open().await;
    for number in 0..5 {
        let tags = if number % 2 == 0 {
            format!(r#"[{{"key":"even","value":"yes"}},{{"key":"n","value":"{number}"}}]"#)
        } else {
            "[]".to_owned()
        };
        let body = format!(r#"{{"name":"c{number}","dest_vpc_id":"v","dest_network_id":"n","tags":{tags}}}"#);
        stage.ok("CreateEnhancedConnection", &body).await;
    }
    for name in ["c1", "c3"] {
        let id = stage.id_of(name).await;
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
    }
    stage
}

#[tokio::test]
async fn an_empty_list() {
    let stage = Stage::open().await;
    let answer = stage.get(LIST, "").await;
    let body = r#"{"is_success":true,"message":"","connections":[],"count":0}"#;
    assert_eq!((answer.status, answer.text().as_str()), (200, body));
    assert_eq!(answer.header("x-total-count"), "0");
}

#[tokio::test]
async fn every_field() {
    let stage = Stage::open().await;
    stage.full_connection("withvpc").await;
    stage.connection("bare").await;
    stage.settle_peers().await;
    insta::assert_json_snapshot!(stage.get(LIST, "").await.json());
}

#[tokio::test]
async fn filters_and_orders() {
    let stage = five().await;
    for (query, expected) in [
        ("", "c4 c3 c2 c1 c0"),
        ("status=", "c4 c3 c2 c1 c0"),
        ("status=active", "c4 c2 c0"),
        ("status=DELETED", "c3 c1"),
        ("order=asc", "c0 c1 c2 c3 c4"),
        ("order=asc&status=ACTIVE&limit=2", "c0 c2"),
        ("name=c3", "c3"),
        ("name=c", ""),
        ("name=a%2Ab", ""),
        ("name=c3&status=active", ""),
        ("tags=even%3Dyes", "c4 c2 c0"),
        ("tags=even%3Dyes%2Cn%3D2", "c2"),
        ("tags=n%3D2%2Cn%3D4", ""),
        ("tags=even%3Dyes&limit=1&offset=1", "c2"),
        ("limit=0", "c4 c3 c2 c1 c0"),
        ("limit=0&offset=4", "c0"),
        ("limit=2&offset=1&status=Active", "c2 c0"),
        ("offset=5", ""),
        ("offset=9223372036854775807&limit=9223372036854775807", ""),
        ("unknown=1&limit=1&limit=2", "c4"),
    ] {
        assert_eq!(names(&stage.get(LIST, query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn the_total_is_that_of_the_filter() {
    let stage = five().await;
    for (query, total) in [("limit=1", "5"), ("status=ACTIVE&offset=9", "3"), ("name=c0", "1"), ("tags=even%3Dno", "0")]
    {
        let answer = stage.get(LIST, query).await;
        assert_eq!(answer.header("x-total-count"), total, "{query}");
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
    }
}

#[tokio::test]
async fn pages_partition_the_list() {
    let stage = five().await;
    for (order, status) in [("desc", ""), ("asc", ""), ("desc", "ACTIVE"), ("asc", "DELETED")] {
        let filter = format!("order={order}&status={status}");
        let whole = names(&stage.get(LIST, &filter).await);
        for limit in 1..4 {
            let (mut pages, mut offset) = (Vec::new(), 0);
            loop {
                let page = names(&stage.get(LIST, &format!("{filter}&limit={limit}&offset={offset}")).await);
                if page.is_empty() {
                    break;
                }
                offset += page.split(' ').count();
                pages.push(page);
            }
            assert_eq!(pages.join(" "), whole, "{filter} {limit}");
        }
    }
}

#[tokio::test]
async fn the_server_may_leave_deleted_ones_out_by_default() {
    let stage = Stage::with(|settings| settings.list_active_by_default = true).await;
    for name in ["a", "b"] {
        stage.connection(name).await;
    }
    let id = stage.id_of("a").await;
    stage.on(&id).ok("DeleteEnhancedConnection", "").await;
    assert_eq!(names(&stage.get(LIST, "").await), "b");
    assert_eq!(names(&stage.get(LIST, "status=DELETED").await), "a");
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let stage = five().await;
    let first = stage.get(LIST, "limit=2").await;
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let tag = first.header("etag");
    let again = |query: &'static str, known: String| {
        let stage = stage.clone();
        async move { stage.get_with(LIST, query, &[("if-none-match", &known)]).await }
    };
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let answer = again("limit=2", known).await;
        assert_eq!((answer.status, answer.text().as_str(), answer.header("etag")), (304, "", tag.clone()));
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
    }
    assert_eq!(again("limit=3", tag.clone()).await.status, 200, "another query");
    stage.ok("CreateQueue", r#"{"queue_name":"q","cu_count":16}"#).await;
    assert_eq!(again("limit=2", tag.clone()).await.status, 304, "a commit that is none of the list's");
    stage.connection("new").await;
    let changed = again("limit=2", tag.clone()).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test]
async fn a_peers_change_is_a_change_of_the_list() {
    let stage = Stage::open().await;
    stage.full_connection("c").await;
    let tag = stage.get(LIST, "").await.header("etag");
    stage.settle_peers().await;
    assert_eq!(stage.get_with(LIST, "", &[("if-none-match", &tag)]).await.status, 200);
}

#[tokio::test]
async fn a_long_scan_elsewhere_finds_the_same() {
    let stage = five().await;
    let query = PageQuery { tags: vec![("even".into(), "yes".into())], ..PageQuery::default() };
    let view = Arc::clone(&stage.app.engine.view());
    let scope = stage.scope();
    let mut found = Vec::new();
    for inline_rows in [0, 5] {
        let page = page_of(&view, &scope, query.clone(), inline_rows).await.unwrap();
        assert_eq!((page.count, page.total), (3, 3));
        found.push(page.into_pieces().collect::<Vec<_>>().concat());
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test]
async fn bad_parameters() {
    let stage = Stage::open().await;
    for (query, text) in [
        ("limit=-1", "limit must be"),
        ("limit=1.0", "limit must be"),
        ("limit=%2B5", "limit must be"),
        ("limit=9223372036854775808", "limit must be"),
        ("offset=+5", "offset must be"),
        ("order=up", "order must be asc or desc, got \"up\""),
        ("status=CREATING", "status must be ACTIVE or DELETED, got \"CREATING\""),
        ("tags=a", "tags must be"),
        ("name=%ff", "name is not valid UTF-8"),
        ("tags=x&status=x&limit=x", "limit must be"),
    ] {
        let answer = stage.get(LIST, query).await;
        let json = answer.json();
        assert_eq!((answer.status, json["error_code"].as_str()), (400, Some("DLI.0001")), "{query}");
        assert!(json["error_msg"].as_str().unwrap().starts_with(text), "{query}: {json}");
    }
}
