//! Writers held back while data is kept and what serves it goes.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use anyhow::Result;

use super::link::{self, Link};

/// How long writers are held back at a time. Nobody who is let go of has to be told: it ends by itself.
pub const HELD: Duration = Duration::from_mins(1);

/// After so long it is asked for again: with the longest wait for an answer this stays below [`HELD`].
const AGAIN: Duration = Duration::from_secs(20);

/// Does something while the redis at `addr` takes no write: who writes waits, who reads does not.
///
/// When it went well, writers are held back until that redis is gone, or this program: then for [`HELD`] at most. So
/// what serves the data can go, and what was acknowledged is in what was kept. When it failed, they are let go of at
/// once.
pub async fn paused<T>(addr: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    Box::pin(held(addr, HELD, AGAIN, work)).await
}

async fn held<T>(
    addr: &str,
    held: Duration,
    again: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut link = link::connect(addr).await?;
    hold(&mut link, addr, held).await?;
    let done = tokio::select! {
        done = work => done,
        Err(e) = hold_on(&mut link, addr, held, again) => Err(e),
    };
    if done.is_err() {
        // Where even this fails, it ends by itself.
        let _ = link::ask::<()>(&mut link, addr, redis::cmd("CLIENT").arg("UNPAUSE")).await;
        return done;
    }
    hold(&mut link, addr, held).await?;
    let addr = addr.to_owned();
    // What comes next may take its time. It ends with that redis.
    tokio::spawn(async move { hold_on(&mut link, &addr, held, again).await.map(drop) });
    done
}

async fn hold_on(link: &mut Link, addr: &str, held: Duration, again: Duration) -> Result<Infallible> {
    loop {
        tokio::time::sleep(again).await;
        hold(link, addr, held).await?;
    }
}

async fn hold(link: &mut Link, addr: &str, held: Duration) -> Result<()> {
    let millis = u64::try_from(held.as_millis()).unwrap_or(u64::MAX);
    link::ask(link, addr, redis::cmd("CLIENT").arg("PAUSE").arg(millis).arg("WRITE")).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::snapshot::{self, Origin};
    use crate::redis::testing::RedisServer;
    use std::sync::mpsc;

    /// Writes one key after the other; sends the number of each that was acknowledged, until redis is gone.
    fn writer(server: &RedisServer) -> mpsc::Receiver<u64> {
        let url = format!("redis://{}", server.addr());
        let (acknowledged, seen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut link = redis::Client::open(url).unwrap().get_connection().unwrap();
            for n in 1.. {
                if redis::cmd("SET").arg(format!("k:{n}")).arg(n).query::<()>(&mut link).is_err() {
                    return;
                }
                let _ = acknowledged.send(n);
            }
        });
        seen
    }

    #[tokio::test]
    async fn what_a_writer_was_told_is_written_is_in_what_was_kept_until_its_redis_is_gone() {
        let mut server = RedisServer::start(&[]);
        let acknowledged = writer(&server);
        let first = acknowledged.recv().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let addr = server.addr();
        let taking = snapshot::take(dir.path(), &addr, Origin::default(), |_| {});
        let kept = paused(&addr, taking).await.unwrap();
        // It goes on trying while what serves the data goes.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(server.ask::<u64>(&["DBSIZE"]) > 0, "who reads does not wait");
        server.kill();
        let last = acknowledged.iter().last().unwrap_or(first);
        assert_eq!(kept.meta.holds.keys, last);
    }

    #[tokio::test]
    async fn writers_are_held_until_the_redis_is_gone_however_long_that_takes() {
        let server = RedisServer::start(&[]);
        let addr = server.addr();
        let (at_a_time, again) = (Duration::from_millis(600), Duration::from_millis(100));
        held(&addr, at_a_time, again, async { Ok(()) }).await.unwrap();
        let acknowledged = writer(&server);
        tokio::time::sleep(Duration::from_millis(1800)).await;
        assert_eq!(acknowledged.try_recv().ok(), None, "a write was acknowledged");
        drop(server);
    }

    #[tokio::test]
    async fn when_it_fails_writers_are_let_go_of() {
        let server = RedisServer::start(&[]);
        let failed: Result<()> = paused(&server.addr(), async { anyhow::bail!("no room") }).await;
        assert!(failed.unwrap_err().to_string().contains("no room"));
        server.ask::<()>(&["SET", "a", "1"]);
        assert_eq!(server.ask::<u64>(&["DBSIZE"]), 1);
    }
}
