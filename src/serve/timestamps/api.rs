//! The API: what it answers, and its description, made from the same code.

use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use super::guard::{self, Guard};
use super::problem::Problem;
use super::settings::Settings;
use super::stamp::{Moment, Name};
use super::store::{Answer, Ask, Entry, Store};

/// The most timestamps of a page.
pub const PAGE: usize = 1000;
/// As many as a page has unless the client says otherwise.
const USUAL_PAGE: usize = 100;

/// A name with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Timestamp {
    /// Its name.
    #[schema(example = "deployed", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    pub name: String,
    /// Its time: RFC 3339, in UTC.
    #[schema(example = "2026-11-26T12:00:00Z", format = DateTime)]
    pub time: String,
}

/// Timestamps in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// The timestamps.
    pub timestamps: Vec<Timestamp>,
    /// There are more: ask again with `after` = this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// The time to set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(default = json!({}))]
pub struct SetTo {
    /// The time, in RFC 3339 with any offset. Without it: the server's own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-26T13:00:00+01:00", format = DateTime, nullable = true)]
    pub time: Option<String>,
}

impl From<Entry> for Timestamp {
    fn from(entry: Entry) -> Self {
        Self { name: entry.name, time: entry.time }
    }
}

/// What the handlers share.
#[derive(Clone)]
pub struct Shared {
    store: Store,
    body_limit: usize,
    body_time: Duration,
}

/// The description, as `OpenAPI` 3.1 has it.
#[derive(OpenApi)]
#[openapi(
    info(title = "Timestamps", description = "Gets, sets, lists and resets named timestamps."),
    paths(list, read, set, reset),
    components(schemas(Problem)),
    tags((name = "timestamps", description = "Named moments in UTC"))
)]
struct Description;

/// The description as a document.
pub fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// The API as a service.
pub fn app(store: Store, settings: &Settings, guard: Guard) -> Router {
    // What a slow body leaves is enough for redis.
    let body_time = settings.request_timeout.saturating_sub(settings.redis_timeout);
    let shared = Shared { store, body_limit: settings.body_limit, body_time };
    Router::new()
        .route("/", get(page))
        .route("/openapi.json", get(|| async { Json(description()) }))
        .route("/timestamps", get(list))
        .route("/timestamps/{name}", get(read).put(set).delete(reset))
        .fallback(|uri: Uri| async move {
            Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
        })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the header Allow has the methods of this path")
        })
        .layer(middleware::from_fn_with_state(guard, guard::watch))
        .with_state(shared)
}

/// A page to try the API with. It fetches nothing from anywhere else.
async fn page() -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                          connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let policy = HeaderValue::from_static(POLICY);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(include_str!("page.html"))).into_response()
}

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    limit: Option<usize>,
    after: Option<String>,
}

/// List timestamps in the order of their names
#[utoipa::path(
    get,
    path = "/timestamps",
    tag = "timestamps",
    params(
        ("limit" = Option<u32>, Query, description = "how many at most (default 100)", minimum = 1, maximum = 1000),
        ("after" = Option<String>, Query, description = "begin after this name",
            pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"),
    ),
    responses(
        (status = 200, description = "a page", body = Page),
        (status = 400, description = "the request is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "redis is away; try again after Retry-After seconds", body = Problem,
            content_type = "application/problem+json", headers(("Retry-After" = u32))),
    )
)]
async fn list(
    State(shared): State<Shared>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let Query(wanted) = wanted.map_err(|e| Problem::bad(e.body_text()))?;
    let limit = wanted.limit.unwrap_or(USUAL_PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(Problem::bad(format!("limit is a number from 1 to {PAGE}")));
    }
    let after = wanted
        .after
        .as_deref()
        .map(Name::new)
        .transpose()
        .map_err(|e| Problem::bad(format!("after: {e}")))?;
    // One more, to know whether there is more.
    let Answer::Page(mut entries) = ask(&shared, Ask::Page { after, limit: limit + 1 }).await? else {
        return Err(unexpected());
    };
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|entry| entry.name.clone());
    Ok(Json(Page { timestamps: entries.into_iter().map(Into::into).collect(), next }))
}

/// Get a timestamp
#[utoipa::path(
    get,
    path = "/timestamps/{name}",
    tag = "timestamps",
    params(("name" = String, Path, description = "its name", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")),
    responses(
        (status = 200, description = "the timestamp", body = Timestamp),
        (status = 400, description = "the request is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "there is none of this name", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "redis is away; try again after Retry-After seconds", body = Problem,
            content_type = "application/problem+json", headers(("Retry-After" = u32))),
    )
)]
async fn read(State(shared): State<Shared>, name: NameOf) -> Result<Json<Timestamp>, Problem> {
    match ask(&shared, Ask::Get(name.0?)).await? {
        Answer::Entry(Some(entry)) => Ok(Json(entry.into())),
        Answer::Entry(None) => Err(Problem::missing()),
        _ => Err(unexpected()),
    }
}

/// Set a timestamp, to a time or to now
#[utoipa::path(
    put,
    path = "/timestamps/{name}",
    tag = "timestamps",
    params(("name" = String, Path, description = "its name", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")),
    request_body(content = Option<SetTo>, content_type = "application/json",
        description = "the time; without a body the server's own"),
    responses(
        (status = 200, description = "it was there and is this now", body = Timestamp),
        (status = 201, description = "it is new", body = Timestamp),
        (status = 400, description = "the request is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "the body did not come in time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too long", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "the body is not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "redis is away; it may be set all the same: set it again", body = Problem,
            content_type = "application/problem+json", headers(("Retry-After" = u32))),
    )
)]
async fn set(State(shared): State<Shared>, name: NameOf, request: Request) -> Result<Response, Problem> {
    let name = name.0?;
    let moment = match wanted_time(&shared, request).await? {
        Some(text) => Moment::parse(&text).map_err(|e| Problem::bad(format!("time: {e}")))?,
        None => Moment::now(),
    };
    let Answer::Set { created } = ask(&shared, Ask::Set(name.clone(), moment)).await? else {
        return Err(unexpected());
    };
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let set = Timestamp { name: name.to_string(), time: moment.to_string() };
    Ok((status, Json(set)).into_response())
}

/// Reset a timestamp: remove it, and return what it was
#[utoipa::path(
    delete,
    path = "/timestamps/{name}",
    tag = "timestamps",
    params(("name" = String, Path, description = "its name", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")),
    responses(
        (status = 200, description = "what it was", body = Timestamp),
        (status = 400, description = "the request is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "there is none of this name", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "redis is away; it may be reset all the same", body = Problem,
            content_type = "application/problem+json", headers(("Retry-After" = u32))),
    )
)]
async fn reset(State(shared): State<Shared>, name: NameOf) -> Result<Json<Timestamp>, Problem> {
    match ask(&shared, Ask::Reset(name.0?)).await? {
        Answer::Entry(Some(entry)) => Ok(Json(entry.into())),
        Answer::Entry(None) => Err(Problem::missing()),
        _ => Err(unexpected()),
    }
}

async fn ask(shared: &Shared, ask: Ask) -> Result<Answer, Problem> {
    let writes = ask.writes();
    shared.store.ask(ask).await.map_err(|_| {
        let may = if writes { "; the change may have happened all the same" } else { "" };
        Problem::unavailable(format!("redis gives no answer that counts{may}"))
    })
}

fn unexpected() -> Problem {
    Problem::unavailable("redis answered another question")
}

/// The name in the path.
struct NameOf(Result<Name, Problem>);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for NameOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let text = text.map_err(|e| Problem::bad(e.body_text()))?.0;
        Ok(Self(Name::new(&text).map_err(Problem::bad)))
    }
}

/// The time that a body asks for, if there is a body.
async fn wanted_time(shared: &Shared, request: Request) -> Result<Option<String>, Problem> {
    let is_json = is_json(request.headers());
    let long = || {
        let what = format!("a body has at most {} bytes", shared.body_limit);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, what)
    };
    // Said at once, before any of it is read.
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > shared.body_limit) {
        return Err(long());
    }
    let body = tokio::time::timeout(shared.body_time, bytes(request.into_body(), shared.body_limit)).await;
    let body = match body {
        Ok(Ok(Some(body))) => body,
        Ok(Ok(None)) => return Err(long()),
        Ok(Err(why)) => return Err(Problem::bad(format!("the body broke off: {why}"))),
        Err(_) => {
            let what = format!("the body did not come within {} ms", shared.body_time.as_millis());
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, what));
        }
    };
    if body.is_empty() {
        return Ok(None);
    }
    if !is_json {
        let what = "a body is of the Content-Type application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what));
    }
    let wrong = |e: serde_json::Error| Problem::bad(format!("the body: {e}"));
    match serde_json::from_slice(&body).map_err(wrong)? {
        Value::Null => Ok(None),
        // Only an object: a list would be taken for the fields in their order.
        object @ Value::Object(_) => Ok(serde_json::from_value::<SetTo>(object).map_err(wrong)?.time),
        _ => Err(Problem::bad("the body: it is no object")),
    }
}

/// All bytes of a body; none where there are more than that.
async fn bytes(body: Body, limit: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    use futures::StreamExt as _;
    let mut all = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if all.len() + chunk.len() > limit {
            return Ok(None);
        }
        all.extend_from_slice(&chunk);
    }
    Ok(Some(all))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
