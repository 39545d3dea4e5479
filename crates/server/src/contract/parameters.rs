//! Parameters: those of a query, each with its schema, and those of paths, known by their names.

use linkspan_wire::schema::{Schema, flag, integer, one_of, text};

/// A parameter of a query or a header.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    /// `query` or `header`.
    pub(super) place: &'static str,
    pub(super) schema: Schema,
    pub(super) about: &'static str,
}

/// A parameter of a query that may be absent.
pub(super) fn query(name: &'static str, schema: Schema, about: &'static str) -> Parameter {
    Parameter { name, place: "query", schema, about }
}

/// A header that may be absent.
pub(super) fn header(name: &'static str, schema: Schema, about: &'static str) -> Parameter {
    Parameter { name, place: "header", schema, about }
}

/// `limit` and `offset`.
pub(super) fn paging(default: i32) -> [Parameter; 2] {
    let count = || integer().with("format", "int64").with("minimum", 0);
    [
        query("limit", count().with("default", default), "Most rows; 0 = all from the offset on."),
        query("offset", count().with("default", 0), "Rows to skip; past the end the page is empty."),
    ]
}

/// `limit` and `offset` of the tag calls, which know no "all".
pub(super) fn tag_paging() -> [Parameter; 2] {
    let limit = integer().with("minimum", 1).with("maximum", 1000).with("default", 1000);
    let [_, offset] = paging(1000);
    [query("limit", limit, "Most rows."), offset]
}

/// `tags`.
pub(super) fn tags() -> Parameter {
    let about = "Pairs `key=value` joined by commas, at most 20; a row must bear them all.";
    query("tags", text().example("env=test"), about)
}

/// `status`, `name`, `tags` and `order` of the list of connections.
pub(super) fn of_connections() -> [Parameter; 4] {
    let status = one_of(&["ACTIVE", "DELETED"]);
    let about = "Only connections of this status, in any letter case. Absent = all of them, deleted ones too while they are \
         kept: send `ACTIVE` to look a name up.";
    [
        query("status", status, about),
        query("name", text(), "Only the connection of exactly this name."),
        tags(),
        query("order", one_of(&["desc", "asc"]).with("default", "desc"), "By creation; an addition of Linkspan."),
    ]
}

/// The parameters of the list of queues.
pub(super) fn of_queues() -> [Parameter; 7] {
    let order = one_of(&["queue_name_asc", "queue_name_desc", "cu_asc", "cu_desc"]);
    let page = || integer().with("minimum", 1);
    [
        query("queue_type", one_of(&["sql", "general", "all"]).with("default", "sql"), "Only queues of this type."),
        tags(),
        query("with-priv", flag(), "Accepted; changes nothing."),
        query("with-charge-info", flag(), "Accepted; how a queue is charged is always shown."),
        query("page-size", page(), "Most rows; absent = all."),
        query("current-page", page().with("default", 1), "The page, counted from 1."),
        query("order", order.with("default", "queue_name_asc"), "The order."),
    ]
}

/// What a parameter of a path is, by its name.
pub(super) fn of_path(name: &str) -> (Schema, &'static str) {
    match name {
        "project_id" => (text().chars(1, 64), "The project that the call is about."),
        "connection_id" => (linkspan_wire::schema::connection::connection_id(), "The connection."),
        "queue_name" => (text().example("q1"), "The queue, in any letter case."),
        "elastic_resource_pool_name" => (text().example("pool_1"), "The pool, in any letter case."),
        "task_id" => (text().example("9"), "The number that the test's creation answered."),
        "name" => (text().example("lab"), "The name of the route."),
        "resource_type" => (
            one_of(&[
                "dli_enhanced_datasource",
                "dli_queue",
                "dli_elastic_resource_pool",
                "dli_database",
                "dli_package_resource",
                "dli_flink_job",
            ]),
            "The kind of resource.",
        ),
        "resource_id" => (text(), "A connection's id, a queue's number or a pool's `resource_id`."),
        "file" => (text().example("app.js"), "The name of the file."),
        "vpc_id" => (text().example("vpc-1"), "The VPC."),
        "subnet_id" => (text().example("net-1"), "The subnet."),
        "routetable_id" => (text(), "The route table."),
        _ => (text(), "What the call is about."),
    }
}
