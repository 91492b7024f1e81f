//! What is done for the service beside the main loop: its first role, each other one until it has taken it, and a look
//! after it meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::service::Service;
use super::{Event, Holder, clock};
use crate::election::protocol::{Role, Time};
use crate::serve::log;

/// Before anything else the service is nobody's, so that it cannot lead, nor empty who follows it.
pub(super) async fn settle(
    service: Arc<Service>,
    me: Holder,
    events: mpsc::Sender<Event>,
    barrier: Option<std::path::PathBuf>,
) {
    if let Some(file) = barrier {
        held_back(&file).await;
    }
    let mut told = false;
    while let Err(error) = service.apply(&Role::Idle, &me).await {
        if !told {
            log(&format!("waiting for the service: {error}"));
            told = true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let standing = service.standing().await.unwrap_or_default();
    drop(events.send(Event::Standing(standing)).await);
    drop(events.send(Event::Ready).await);
}

/// Goes on trying to apply a role while it is the one wanted; true once it is applied. One that needs a right is
/// applied only before that ends.
pub(super) async fn insist(
    service: &Service,
    role: &Role<Holder>,
    me: &Holder,
    right: Option<&AtomicU64>,
) -> bool {
    let mut told = String::new();
    while service.wants(role) {
        if right.is_some_and(|until| clock::now() >= until.load(Ordering::Relaxed)) {
            // Frozen meanwhile: the main loop is about to want another role.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        // What is not wanted any more must not stand in the way of what is.
        tokio::select! {
            done = service.apply(role, me) => {
                let Err(error) = done else { return true };
                let why = format!("the service did not take its role: {error:#}");
                if told != why {
                    log(&why);
                    told = why;
                }
            }
            () = service.wants_another(role) => return false,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Does something for which the right to lead is needed; none if that ends before it is done.
pub(super) async fn while_right<T>(until: Time, work: impl Future<Output = T>) -> Option<T> {
    let left = Duration::from_millis(until.saturating_sub(clock::now()));
    tokio::time::timeout(left, work).await.ok()
}

/// Looks after a service that does not lead.
pub(super) async fn keep_in_place(service: Arc<Service>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        if let Some(role) = service.applied()
            && let Err(error) = service.keep_in_place(&role).await
        {
            log(&format!("the service did not take its role again: {error:#}"));
        }
    }
}

/// Looks after a leading service: what does not answer for too long is killed. Returns once it has other data than
/// it led with. `right` says when the right to lead ends.
pub(super) async fn watch_over(
    service: &Service,
    epoch: u64,
    every: Duration,
    unresponsive: Time,
    right: &AtomicU64,
) {
    let mut last = clock::now();
    loop {
        tokio::time::sleep(every).await;
        match service.keep_leading(epoch, right.load(Ordering::Relaxed)).await {
            Ok(true) => last = clock::now(),
            Ok(false) => {
                log("it leads, but lost its data: killing it");
                service.kill();
                return;
            }
            Err(_) if clock::now().saturating_sub(last) > unresponsive => {
                log("it leads, and has not answered for too long: killing it");
                service.kill();
                last = clock::now();
            }
            Err(_) => {}
        }
    }
}

/// Waits for a file, and then until the Unix time in milliseconds that it holds.
async fn held_back(file: &std::path::Path) {
    loop {
        let text = tokio::fs::read_to_string(file).await.unwrap_or_default();
        if let Ok(at) = text.trim().parse::<i64>() {
            let left = at - jiff::Timestamp::now().as_millisecond();
            tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_needs_a_right_ends_with_it() {
        let began = std::time::Instant::now();
        let until = clock::now() + 60;
        assert_eq!(while_right(until, std::future::pending::<()>()).await, None);
        assert!(clock::now() >= until && began.elapsed() < Duration::from_secs(20));
        assert_eq!(while_right(0, std::future::pending::<()>()).await, None, "it is over already");
        assert_eq!(while_right(clock::now() + 60_000, async { 7 }).await, Some(7));
    }
}
