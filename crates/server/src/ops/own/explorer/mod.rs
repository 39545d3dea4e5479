//! The interactive explorer: a page of its own, its scripts and its style, all out of the binary.
//!
//! Invariants: nothing is fetched from anywhere else, no script stands in the page, and a strict policy says so to the
//! browser; requests are signed in the browser, so a secret never reaches the server by way of this page.
//!
//! To add a file, add it to [`FILES`].

use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The page.
pub(in crate::ops) const PAGE: Operation = Operation {
    name: "ShowExplorer",
    method: Method::GET,
    path: "/linkspan/v1/explorer",
    document: "linkspan",
    action: "none",
    auth: Auth::Nobody,
    handler: |_| Box::pin(async { Ok(answer(&INDEX)) }),
};

/// What the page is made of.
pub(in crate::ops) const FILE: Operation = Operation {
    name: "ShowExplorerFile",
    method: Method::GET,
    path: "/linkspan/v1/explorer/{file}",
    document: "linkspan",
    action: "none",
    auth: Auth::Nobody,
    handler: |call| Box::pin(run(call)),
};

struct File {
    name: &'static str,
    media_type: HeaderValue,
    text: &'static str,
}

const fn script(name: &'static str, text: &'static str) -> File {
    File { name, media_type: HeaderValue::from_static("text/javascript; charset=utf-8"), text }
}

static INDEX: File = File {
    name: "index.html",
    media_type: HeaderValue::from_static("text/html; charset=utf-8"),
    text: include_str!("index.html"),
};

static FILES: [File; 7] = [
    script("app.js", include_str!("app.js")),
    script("api.js", include_str!("api.js")),
    script("show.js", include_str!("show.js")),
    script("sign.js", include_str!("sign.js")),
    script("snippets.js", include_str!("snippets.js")),
    script("words.js", include_str!("words.js")),
    File {
        name: "style.css",
        media_type: HeaderValue::from_static("text/css; charset=utf-8"),
        text: include_str!("style.css"),
    },
];

/// Scripts and styles from here only, nothing inline, no frame, and requests to this server alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

async fn run(call: Call) -> Result<Answer, Fault> {
    let name = call.param("file");
    let file = FILES.iter().find(|file| file.name == name);
    file.map(answer).ok_or_else(|| super::unknown(&format!("The explorer has no file {name}.")))
}

fn answer(file: &File) -> Answer {
    let answer = Answer::json(200, file.text).with(CONTENT_TYPE, file.media_type.clone());
    HEADERS.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;
    use super::*;

    #[tokio::test]
    async fn the_page_and_all_that_it_names_are_there() {
        let stage = Stage::open().await;
        let page = stage.get("ShowExplorer", "").await;
        assert_eq!((page.status, page.header("content-type").as_str()), (200, "text/html; charset=utf-8"));
        let texts = std::iter::once(page.text()).chain(FILES.iter().map(|file| file.text.to_owned()));
        let mut named = 0;
        for text in texts {
            for piece in text.split(['"', '\'']) {
                let place = piece.strip_prefix("/linkspan/v1/explorer/").or_else(|| piece.strip_prefix("./"));
                if let Some(name) = place {
                    assert_eq!(stage.on(name).get("ShowExplorerFile", "").await.status, 200, "{name}");
                    named += 1;
                }
            }
        }
        assert!(named >= FILES.len(), "only {named} files are named");
        assert_eq!(stage.on("nope.js").refused("ShowExplorerFile", "").await.0, 404);
    }

    #[tokio::test]
    async fn nothing_inline_and_nothing_from_elsewhere() {
        let stage = Stage::open().await;
        let page = stage.get("ShowExplorer", "").await;
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        assert!(!page.text().contains("style=") && !page.text().contains("<script>") && !page.text().contains(" on"));
        for file in FILES.iter().chain([&INDEX]) {
            assert!(!file.text.contains("http://") && !file.text.contains("https://"), "{}", file.name);
            for kept in ["localStorage", "sessionStorage", "document.cookie", "indexedDB", "innerHTML", "eval("] {
                assert!(!file.text.contains(kept), "{} holds {kept}", file.name);
            }
        }
    }
}
