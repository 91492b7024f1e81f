//! A client that asks again while the API server is away: it is restarted, and connections break.

use std::error::Error;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use hyper::{Request, Response};
use kube::Client;
use kube::client::Body;

/// The first pause before a request is made again; each is twice as long as the one before.
const FIRST: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST: Duration = Duration::from_secs(1);

/// The same client, but a request that is refused, or broken off, is made again for as long as `limit`. What is changed has a name or a UID: made twice, it is as if made once.
pub fn patient(client: Client, limit: Duration) -> Client {
    let namespace = client.default_namespace().to_owned();
    let service = tower::service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move { send(&client, request, limit).await }
    });
    Client::new(service, namespace)
}

async fn send(client: &Client, mut request: Request<Body>, limit: Duration) -> kube::Result<Response<Body>> {
    let mut pause = FIRST;
    let mut since = None;
    loop {
        let again = copied(&request);
        let answer = match client.send(request).await {
            // Also an answer can be broken off; one that never ends cannot be waited for.
            Ok(answer) if again.as_ref().is_some_and(|request| !is_endless(request)) => whole(answer).await,
            answer => answer,
        };
        let (error, again) = match (answer, again) {
            (Err(error), Some(again)) if is_away(&error) => (error, again),
            (answer, _) => return answer,
        };
        let since: &Instant = since.get_or_insert_with(Instant::now);
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

/// A watch, a log that is followed, or what a pod says, which may never end.
fn is_endless(request: &Request<Body>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    request.uri().path().contains("/proxy/")
        || query.split('&').any(|part| matches!(part, "watch=true" | "watch=1" | "follow=true"))
}

/// Whether nobody answered, or not to the end.
fn is_away(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let http = error.downcast_ref::<hyper::Error>();
        if http.is_some_and(|e| e.is_incomplete_message() || e.is_canceled()) {
            return true;
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            // An error within one, such as of a TLS handshake, is not among its sources.
            && (is_broken(io.kind()) || io.get_ref().is_some_and(|within| is_away(within)))
        {
            return true;
        }
        cause = error.source();
    }
    false
}

fn is_broken(kind: ErrorKind) -> bool {
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
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn the_end_of_what_may_have_none_is_not_waited_for() {
        let endless = |uri: &str| is_endless(&Request::builder().uri(uri).body(Body::empty()).unwrap());
        for uri in [
            "/api/v1/pods?labelSelector=a&watch=true",
            "/api/v1/namespaces/n/pods/p/log?follow=true",
            "/api/v1/namespaces/election/pods/redis-1:8080/proxy/events",
        ] {
            assert!(endless(uri), "{uri}");
        }
        assert!(!endless("/api/v1/namespaces/n/pods?labelSelector=watch"));
    }

    #[test]
    fn a_connection_that_is_reset_is_known_also_within_the_error_of_a_handshake() {
        let reset = || io::Error::from(ErrorKind::ConnectionReset);
        let handshake = || io::Error::other(reset());
        for error in [reset(), handshake(), io::Error::other(kube::Error::Service(Box::new(handshake())))] {
            assert!(is_away(&error), "{error:?}");
        }
        assert!(!is_away(&io::Error::other("a certificate of nobody")));
    }
}
