use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use http::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue};
use linkspan_engine::{Access, Order, Page, PageQuery, Refusal, Scope, State};
use linkspan_wire::{LIST_HEAD, Limit, ListConnectionsQuery, Order as WireOrder, StatusFilter, list_tail};

use super::list_tag::{ListTag, knows};
use crate::answer::{Answer, AnswerBody, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The connections of a project, newest first (dli_02_0190).
pub(super) const OPERATION: Operation = Operation {
    name: "ListEnhancedConnections",
    method: Method::GET,
    path: "/v2.0/{project_id}/datasource/enhanced-connections",
    document: "dli_02_0190",
    action: "dli:edsconnection:list",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

/// A list with more rows than this is scanned for tags off the workers that answer calls.
const SCAN_INLINE_ROWS: usize = 100_000;

/// How many connections match, whatever the page.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = page_query(ListConnectionsQuery::parse(call.query())?, call.app.settings.list_active_by_default);
    let view = call.view();
    let scope = call.scope()?;
    let project = view.project(scope);
    let head = view.head();
    let tag = ListTag { epoch: head.epoch, list_revision: project.list_revision(), query: &query }.value();
    let revision = HeaderValue::from(head.revision);
    if knows(&call.parts.headers, &tag) {
        return Ok(revised(Answer::empty(304), revision, tag));
    }
    let page = page_of(&view, scope, query, SCAN_INLINE_ROWS).await?;
    let total = HeaderValue::from(page.total);
    Ok(revised(answer(page), revision, tag).with(TOTAL_COUNT, total))
}

/// The page, scanned for elsewhere if more than `inline_rows` rows have to be looked at.
async fn page_of(view: &Arc<State>, scope: &Scope, query: PageQuery, inline_rows: usize) -> Result<Page, Fault> {
    let project = view.project(scope);
    let scans = !query.tags.is_empty() && query.name.is_none();
    if !scans || project.row_count() <= inline_rows {
        return Ok(project.page(&query));
    }
    let (view, scope) = (Arc::clone(view), scope.clone());
    let scan = tokio::task::spawn_blocking(move || view.project(&scope).page(&query));
    Ok(scan.await.map_err(|_| Refusal::Internal)?)
}

fn answer(page: Page) -> Answer {
    let tail = Bytes::from(list_tail(page.count));
    let body = AnswerBody::Page { head: Bytes::from_static(LIST_HEAD), page: Box::new(page), tail };
    Answer { status: 200, headers: Vec::with_capacity(4), body }
}

fn revised(answer: Answer, revision: HeaderValue, tag: HeaderValue) -> Answer {
    const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("private, no-cache");
    answer.with(super::REVISION, revision).with(ETAG, tag).with(CACHE_CONTROL, ALWAYS_ASK)
}

/// What the view is asked; an absent `status` means what the server is told it means.
fn page_query(asked: ListConnectionsQuery, active_by_default: bool) -> PageQuery {
    let active = match asked.status {
        Some(StatusFilter::Active) => Some(true),
        Some(StatusFilter::Deleted) => Some(false),
        None => active_by_default.then_some(true),
    };
    let limit = match asked.limit {
        Limit::All => None,
        Limit::Rows(rows) => Some(rows.get()),
    };
    let order = match asked.order {
        WireOrder::Asc => Order::Asc,
        WireOrder::Desc => Order::Desc,
    };
    PageQuery { active, name: asked.name, tags: asked.tags, offset: asked.offset, limit, order }
}

#[cfg(test)]
#[path = "list_enhanced_connections_tests.rs"]
mod tests;
