//! What every request of the API goes through: an id, a time limit, a line in the log, the counts.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use tokio::sync::watch;

use super::metrics::Metrics;
use super::problem::Problem;

/// The header with a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What says that it is this server: `opsctl dev-vars` looks for it.
pub const SERVER: &str = "opsctl-timestamps";

/// What the guard needs.
#[derive(Clone)]
pub struct Guard {
    /// Where it counts.
    pub metrics: Arc<Metrics>,
    /// Limit of a request.
    pub limit: Duration,
    /// The server was told to end: clients go elsewhere with their next request.
    pub ending: watch::Receiver<bool>,
}

/// Watches a request until it is answered.
pub async fn watch(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = id_of(request.headers());
    let method = name_of(request.method());
    let path = request.uri().path().to_owned();
    let route = route(request.extensions().get::<MatchedPath>().map(MatchedPath::as_str));
    let mut response = match tokio::time::timeout(guard.limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("redis did not answer in time; a change may happen all the same")
            .into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::SERVER, HeaderValue::from_static(SERVER));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if *guard.ending.borrow() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let (status, took) = (response.status(), began.elapsed());
    guard.metrics.answered(method, route, status.as_u16(), took);
    let ms = (took.as_secs_f64() * 1e6).round() / 1e3;
    let status = u64::from(status.as_u16());
    if status >= 500 {
        tracing::warn!(request_id = id, method, path, route, status, ms, "request");
    } else {
        tracing::info!(request_id = id, method, path, route, status, ms, "request");
    }
    response
}

/// The client's own id, if it is one; else a new one.
fn id_of(headers: &HeaderMap) -> String {
    let fits = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(fits);
    given.map_or_else(new_id, str::to_owned)
}

/// Sixteen digits that no other request of this process has, nor, most likely, of another.
fn new_id() -> String {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut hasher = SEED.build_hasher();
    hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
    format!("{:016x}", hasher.finish())
}

/// A route as a label: whatever clients make up has one and the same.
fn route(matched: Option<&str>) -> &'static str {
    match matched {
        Some("/") => "/",
        Some("/openapi.json") => "/openapi.json",
        Some("/timestamps") => "/timestamps",
        Some("/timestamps/{name}") => "/timestamps/{name}",
        _ => "other",
    }
}

fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_over_only_if_it_can_stand_in_a_log() {
        let id = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(value).unwrap());
            id_of(&headers)
        };
        assert_eq!(id("abc-1.2_3"), "abc-1.2_3");
        for bad in ["", "a b", "a\"b", &"x".repeat(65)] {
            assert_eq!(id(bad).len(), 16, "{bad:?}");
        }
        assert_ne!(new_id(), new_id());
    }
}
