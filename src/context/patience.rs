//! A client that asks again while the API server is away: it is restarted, and connections break.

use std::error::Error;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::{Request, Response};
use kube::Client;
use kube::client::Body;

/// The first pause before a request is made again; each is twice as long as the one before.
const FIRST: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST: Duration = Duration::from_secs(1);

/// Since when the API server has been away; none: it answers.
type Away = Arc<Mutex<Option<Instant>>>;

/// The same client, but a request that is refused, or broken off, is made again until the API server has been away for
/// `limit`. What is changed has a name or a UID: made twice, it is as if made once.
pub fn patient(client: Client, limit: Duration) -> Client {
    let namespace = client.default_namespace().to_owned();
    let away = Away::default();
    let service = tower::service_fn(move |request: Request<Body>| {
        let (client, away) = (client.clone(), away.clone());
        async move { send(&client, request, &away, limit).await }
    });
    Client::new(service, namespace)
}

async fn send(
    client: &Client,
    mut request: Request<Body>,
    away: &Away,
    limit: Duration,
) -> kube::Result<Response<Body>> {
    let mut pause = FIRST;
    loop {
        let again = copied(&request);
        let answer = match client.send(request).await {
            // Also an answer can be broken off; one that never ends cannot be waited for.
            Ok(answer) if again.as_ref().is_some_and(|request| !is_endless(request)) => whole(answer).await,
            answer => answer,
        };
        let (error, again) = match (answer, again) {
            (Err(error), Some(again)) if is_away(&error) => (error, again),
            (answer, _) => {
                *away.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return answer;
            }
        };
        let since = *away.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        if since.elapsed() + pause > limit {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
        request = again;
    }
}

async fn whole(answer: Response<Body>) -> kube::Result<Response<Body>> {
    let (head, body) = answer.into_parts();
    let bytes = body.collect_bytes().await?;
    Ok(Response::from_parts(head, Body::from(bytes.to_vec())))
}

/// The request once more; none where it turns into something else than an answer.
fn copied(request: &Request<Body>) -> Option<Request<Body>> {
    if request.headers().contains_key("upgrade") {
        return None;
    }
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}

/// A watch, or a log that is followed.
fn is_endless(request: &Request<Body>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').any(|part| matches!(part, "watch=true" | "watch=1" | "follow=true"))
}

/// Whether nobody answered, or not to the end.
fn is_away(error: &kube::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let broken = |kind: ErrorKind| {
            matches!(
                kind,
                ErrorKind::ConnectionRefused
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::NotConnected
                    | ErrorKind::UnexpectedEof
                    | ErrorKind::TimedOut
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
            )
        };
        let http = error.downcast_ref::<hyper::Error>();
        if io.is_some_and(broken) || http.is_some_and(|e| e.is_incomplete_message() || e.is_canceled()) {
            return true;
        }
        cause = error.source();
    }
    false
}
