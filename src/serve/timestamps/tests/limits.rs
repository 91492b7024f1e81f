//! What a client may not do to the others: send slowly, send much, or sit there.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

const SHORT: &[(&str, &str)] = &[("HEADER_TIMEOUT", "500ms"), ("REQUEST_TIMEOUT", "1500ms")];

/// What comes until the server closes the connection, and after how long.
async fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut heard = Vec::new();
    // A connection that is reset is closed, too.
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut heard)).await.expect("it was never closed");
    (String::from_utf8_lossy(&heard).into_owned(), began.elapsed())
}

async fn is_served(w: &World) {
    let began = Instant::now();
    assert_eq!(w.call("PUT", "/timestamps/other", &[], "").await.status / 100, 2);
    assert!(began.elapsed() < Duration::from_secs(2), "others waited {:?}", began.elapsed());
}

#[tokio::test]
async fn hundreds_of_connections_wait_for_a_server_that_has_no_processor() {
    let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    let allowed = allowed.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(128);
    let crowd = usize::min(500, allowed);
    // It accepts none of them.
    let listener = listen::on("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for number in 0..crowd {
        // The kernel asks again for one that found no place after a second.
        let connecting = tokio::time::timeout(Duration::from_millis(900), TcpStream::connect(address)).await;
        waiting.push(connecting.unwrap_or_else(|_| panic!("the queue was full at {number}")).unwrap());
    }
    assert_eq!(waiting.len(), crowd);
}

#[tokio::test]
async fn headers_that_come_slowly_are_cut_off() {
    let w = World::new(SHORT).await;
    let mut slow = TcpStream::connect(&w.api).await.unwrap();
    slow.write_all(b"GET /timestamps HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let (mut read, mut write) = slow.into_split();
    // A byte now and then does not buy time.
    let drip = tokio::spawn(async move {
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    is_served(&w).await;
    let began = Instant::now();
    let mut heard = Vec::new();
    let _ = tokio::time::timeout(LIMIT, read.read_to_end(&mut heard)).await.expect("it was never cut off");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(!String::from_utf8_lossy(&heard).contains(" 200 "));
    drip.abort();
}

#[tokio::test]
async fn a_body_that_comes_slowly_is_a_408() {
    let w = World::new(SHORT).await;
    let mut slow = TcpStream::connect(&w.api).await.unwrap();
    let head = "PUT /timestamps/slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    is_served(&w).await;
    let (came, took) = until_closed(&mut slow).await;
    assert!(came.starts_with("HTTP/1.1 408 "), "{came}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn ten_megabytes_are_refused_before_they_are_read() {
    let w = World::new(SHORT).await;
    for framing in ["Content-Length: 10485760", "Transfer-Encoding: chunked"] {
        let mut big = TcpStream::connect(&w.api).await.unwrap();
        let head = format!(
            "PUT /timestamps/big HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        );
        big.write_all(head.as_bytes()).await.unwrap();
        let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
        let mut sent = 0;
        while sent < 10 << 20 && big.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        let (came, _) = until_closed(&mut big).await;
        // A client that goes on sending may find the connection reset before it has read the answer.
        assert!(came.is_empty() || came.starts_with("HTTP/1.1 413 "), "{framing}: {came}");
        is_served(&w).await;
    }
    let text = w.ops("GET", "/metrics", "").await.body;
    assert!(text.contains(r#"{route="/timestamps/{name}",method="PUT",status="413"} 2"#), "{text}");
}

#[tokio::test]
async fn a_head_that_is_too_long_is_a_431() {
    let w = World::new(SHORT).await;
    let mut big = TcpStream::connect(&w.api).await.unwrap();
    let head = format!("GET /timestamps HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
    let _ = big.write_all(head.as_bytes()).await;
    let (came, _) = until_closed(&mut big).await;
    assert!(came.is_empty() || came.starts_with("HTTP/1.1 431 "), "{came}");
    is_served(&w).await;
}

#[tokio::test]
async fn five_thousand_that_say_nothing_hinder_nobody() {
    more_files();
    let count = if most_files() > 11_000 { 5000 } else { 200 };
    // Longer than it takes to connect that often on a busy machine.
    let w = World::new(&[("HEADER_TIMEOUT", "5m")]).await;
    let mut idle = Vec::new();
    for _ in 0..count {
        idle.push(TcpStream::connect(&w.api).await.unwrap());
    }
    let began = Instant::now();
    while open(&w).await < count {
        assert!(began.elapsed() < LIMIT, "{} of {count} are open", open(&w).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    is_served(&w).await;
    assert!(open(&w).await >= count);
}

/// Connections that are open, as the server counts them.
async fn open(w: &World) -> usize {
    let text = w.ops("GET", "/metrics", "").await.body;
    let count = text.lines().find_map(|line| line.strip_prefix("timestamps_http_connections "));
    count.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

#[tokio::test]
async fn who_says_nothing_is_sent_away() {
    let w = World::new(SHORT).await;
    let mut idle = TcpStream::connect(&w.api).await.unwrap();
    let (came, took) = until_closed(&mut idle).await;
    assert_eq!(came, "");
    assert!(took >= Duration::from_millis(400), "{took:?}");
    // After an answer, too.
    let mut kept = TcpStream::connect(&w.api).await.unwrap();
    kept.write_all(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let (came, _) = until_closed(&mut kept).await;
    assert!(came.starts_with("HTTP/1.1 200 "), "{came}");
}

/// Files that this process may have open.
fn most_files() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[tokio::test]
async fn a_connection_ends_at_its_age_between_two_requests() {
    let w = World::new(&[("CONNECTION_AGE", "1s")]).await;
    let mut stream = TcpStream::connect(&w.api).await.unwrap();
    let began = Instant::now();
    let mut answered = 0;
    let ask = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut buffer = vec![0; 64 * 1024];
    while stream.write_all(ask).await.is_ok() {
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => answered += 1,
            _ => break,
        }
        assert!(began.elapsed() < LIMIT, "it never ends");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(answered > 3 && began.elapsed() >= Duration::from_secs(1), "{answered}, {:?}", began.elapsed());
}
