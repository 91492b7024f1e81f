//! A proxy that hands everything on later: a slow network for whoever is led through it.
//!
//! The kernel's own way (netem) is missing on many nodes. What goes through is TCP alone, and its packets
//! are the proxy's: this delays, and loses nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Serves until standard input ends.
pub async fn run(listen: SocketAddr, to: SocketAddr, by: Duration) -> Result<u8> {
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("could not listen on {listen}"))?;
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
        let _ = ended.send(());
    });
    super::log(&format!("armed: {listen} to {to}, {} ms later", by.as_millis()));
    let serve = async {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(far) = TcpStream::connect(to).await else { return };
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::join!(pass(near_in, far_out, by), pass(far_in, near_out, by));
            });
        }
    };
    tokio::select! {
        () = serve => {}
        _ = end => {}
    }
    Ok(0)
}

/// What comes in goes out so much later; the next does not wait for the one before.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, by: Duration) {
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(1024);
    let reading = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from.read(&mut buffer).await {
            if queue.send((Instant::now() + by, buffer[..n].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let writing = async move {
        while let Some((at, bytes)) = queued.recv().await {
            tokio::time::sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(reading, writing);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everything_arrives_whole_and_later() {
        let echo = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = echo.local_addr().expect("its address");
        tokio::spawn(async move {
            let (stream, _) = echo.accept().await.expect("a client");
            let (from, to) = stream.into_split();
            pass(from, to, Duration::from_millis(60)).await;
        });
        let mut stream = TcpStream::connect(at).await.expect("a connection");
        let (began, sent) = (Instant::now(), vec![7; 100_000]);
        stream.write_all(&sent).await.expect("sent");
        let mut back = vec![0; sent.len()];
        stream.read_exact(&mut back).await.expect("back");
        assert_eq!(back, sent);
        assert!(began.elapsed() >= Duration::from_millis(60));
    }
}
