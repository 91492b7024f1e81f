use std::sync::atomic::AtomicU64;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::*;

/// What a server of these tests does with the connection's request of this number, from 0.
type Serve = fn(u64) -> Does;

#[derive(Clone, Copy)]
enum Does {
    Say(&'static str),
    /// Says it and closes, without having said that it would.
    SayAndClose(&'static str),
    Wait,
    Close,
}

const FINE: &str = "HTTP/1.1 200 OK\r\nx-name: a\r\ncontent-length: 2\r\n\r\nok";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
const CUT: &str = "HTTP/1.1 200 OK\r\nx-name: a\r\ncontent-length: 20\r\n\r\nok";

/// A server, and how many connections it got.
async fn server(serve: Serve) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(talk(stream, serve));
        }
    });
    (address, connections)
}

async fn talk(mut stream: TcpStream, serve: Serve) {
    for number in 0.. {
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut heard).await.is_ok_and(|n| n == 0) {
                return;
            }
        }
        match serve(number) {
            Does::Say(words) => stream.write_all(words.as_bytes()).await.unwrap(),
            Does::SayAndClose(words) => return stream.write_all(words.as_bytes()).await.unwrap(),
            Does::Wait => std::future::pending().await,
            Does::Close => return,
        }
    }
}

/// Longer than any answer takes on a busy machine.
const PATIENT: Duration = Duration::from_mins(1);

async fn loaded(targets: Vec<SocketAddr>, kept: u8) -> Report {
    limited(targets, kept, PATIENT).await
}

async fn limited(targets: Vec<SocketAddr>, kept: u8, limit: Duration) -> Report {
    let load = Load { targets, rate: 200, kept, limit, lasts: Some(Duration::from_millis(500)) };
    load.start(Arc::new(|_| Request::new(Full::default())), Arc::new(judge)).end().await
}

fn judge(answer: &Answer) -> Result<String, String> {
    match answer.headers.get("x-name") {
        Some(name) if answer.status == 200 => Ok(name.to_str().unwrap().to_owned()),
        _ => Err(format!("status {}", answer.status)),
    }
}

fn only(report: &Report, why: &str) {
    let reasons: Vec<_> = report.reasons.iter().map(|(why, n)| (why.as_str(), *n)).collect();
    assert_eq!(reasons, [(why, report.sent)], "{report:?}");
    assert_eq!((report.answered, report.failed), (0, report.sent));
}

#[tokio::test]
async fn every_request_is_sent_at_its_rate_and_counted_by_who_answered() {
    let (address, connections) = server(|_| Does::Say(FINE)).await;
    let report = loaded(vec![address], 0).await;
    assert_eq!((report.sent, report.answered, report.failed, report.resent), (100, 100, 0, 0));
    assert_eq!(report.shares["a"], 100);
    assert_eq!(connections.load(Ordering::Relaxed), 100);
    assert!(report.took >= Duration::from_millis(495), "{report:?}");
    assert!(report.latency.p50 > 0.0 && report.latency.p50 <= report.latency.max, "{report:?}");
}

#[tokio::test]
async fn the_share_of_kept_connections_is_as_told_at_every_target() {
    let ((one, at_one), (two, at_two)) =
        (server(|_| Does::Say(FINE)).await, server(|_| Does::Say(FINE)).await);
    let report = loaded(vec![one, two], 80).await;
    assert_eq!((report.sent, report.failed), (100, 0));
    for connections in [at_one, at_two] {
        let opened = connections.load(Ordering::Relaxed);
        // Ten of the fifty open their own; the kept ones share some, the fewer the slower the machine is.
        assert!((11..50).contains(&opened), "{opened}");
    }
}

#[tokio::test]
async fn a_kept_connection_closed_before_the_answer_is_asked_once_more_and_counted_apart() {
    // Two answers over each connection; the third request meets its end.
    let (address, _) = server(|n| if n < 2 { Does::Say(FINE) } else { Does::Close }).await;
    let report = loaded(vec![address], 100).await;
    assert_eq!((report.sent, report.answered, report.failed), (100, 100, 0), "{report:?}");
    assert!(report.resent > 20, "{report:?}");
}

#[tokio::test]
async fn a_new_connection_closed_before_the_answer_has_failed() {
    let (address, _) = server(|_| Does::Close).await;
    only(&loaded(vec![address], 0).await, "closed before the answer: the server hung up");
}

#[tokio::test]
async fn an_answer_cut_short_has_failed_also_over_a_kept_connection() {
    let (address, _) = server(|_| Does::SayAndClose(CUT)).await;
    only(&loaded(vec![address], 100).await, "closed within the answer: the server hung up");
}

#[tokio::test]
async fn a_silent_server_fails_at_the_limit_and_slows_nobody_down() {
    let ((slow, _), (fast, _)) = (server(|_| Does::Wait).await, server(|_| Does::Say(FINE)).await);
    let report = limited(vec![slow, fast], 50, Duration::from_secs(5)).await;
    assert_eq!((report.sent, report.answered), (100, 50));
    assert_eq!(report.reasons["no whole answer within 5 s"], 50);
    // Each had a connection of its own.
    let mut from: Vec<_> = report.first.iter().map(|failure| failure.from).collect();
    assert!(from.iter().all(Option::is_some), "{report:?}");
    from.sort_unstable();
    from.dedup();
    assert_eq!(from.len(), report.first.len(), "{report:?}");
    // All waited at once.
    assert!(report.took < Duration::from_secs(50), "{report:?}");
}

#[tokio::test]
async fn who_gets_no_connection_is_told_apart_from_who_gets_no_answer() {
    // Nobody accepts, and its queue is full.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let queue = socket.listen(1).unwrap();
    let address = queue.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(queued) = timeout(Duration::from_millis(500), TcpStream::connect(address)).await {
        waiting.push(queued.unwrap());
    }
    let report = limited(vec![address], 0, Duration::from_secs(2)).await;
    only(&report, "no connection within 2 s");
    assert!(report.first.iter().all(|failure| failure.from.is_none()), "{report:?}");
}

#[tokio::test]
async fn nobody_there_and_a_wrong_answer_are_told_as_such() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let report = loaded(vec![closed], 100).await;
    only(&report, "no connection: refused");
    assert_eq!(report.first.len(), 20);
    assert!(report.last.unwrap().after > report.first[19].after);
    let (busy, _) = server(|_| Does::Say(BUSY)).await;
    only(&loaded(vec![busy], 100).await, "status 503");
}

#[tokio::test]
async fn a_pause_of_the_server_shows_in_the_latency_of_all_who_were_due_meanwhile() {
    let (address, _) = server(|_| Does::Say(FINE)).await;
    let load = Load {
        targets: vec![address],
        rate: 200,
        kept: 100,
        limit: PATIENT,
        lasts: Some(Duration::from_millis(500)),
    };
    let paused = AtomicBool::new(false);
    // The judge of the tenth answer blocks this test's only thread, as a frozen server would.
    let report = load.start(
        Arc::new(|_| Request::new(Full::default())),
        Arc::new(move |answer| {
            if answer.sent.elapsed() < Duration::from_secs(1) && !paused.swap(true, Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(300));
            }
            judge(answer)
        }),
    );
    let report = report.end().await;
    assert_eq!((report.sent, report.failed), (100, 0), "{report:?}");
    // 60 of 100 were due within the pause: so the median of all is longer than a pause of nobody.
    assert!(report.latency.p50 > 20.0 && report.latency.p90 > 200.0, "{report:?}");
}

#[tokio::test]
async fn it_runs_until_it_is_told_to_stop() {
    let (address, connections) = server(|_| Does::Say(FINE)).await;
    let load = Load { targets: vec![address], rate: 100, kept: 0, limit: PATIENT, lasts: None };
    let running = load.start(Arc::new(|_| Request::new(Full::default())), Arc::new(judge));
    while running.so_far().answered < 10 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let report = running.stop().await;
    assert_eq!((report.answered, report.failed), (report.sent, 0));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(connections.load(Ordering::Relaxed), report.sent, "it went on");
}

#[tokio::test]
async fn clients_that_ask_again_get_their_answer_from_whoever_has_one() {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    // As behind one address of which some servers hang, and some hang up.
    let (address, connections) = server(|_| match ASKED.fetch_add(1, Ordering::Relaxed) % 5 {
        0 | 2 => Does::Wait,
        4 => Does::Close,
        _ => Does::Say(FINE),
    })
    .await;
    let lasts = Some(Duration::from_millis(500));
    let load = Load { targets: vec![address], rate: 200, kept: 50, limit: PATIENT, lasts };
    let (ask, patience) = (Arc::new(|_| Request::new(Full::default())), Duration::from_millis(200));
    let report = load.start_asking_again(patience, ask, Arc::new(judge)).end().await;
    assert_eq!((report.sent, report.answered, report.failed), (100, 100, 0), "{report:?}");
    assert!((30..=100).contains(&report.resent), "{report:?}");
    assert!(report.latency.max >= 200.0, "{report:?}");
    assert!(connections.load(Ordering::Relaxed) > 100);
}

#[tokio::test]
async fn asking_again_ends_at_the_limit() {
    let (address, connections) = server(|_| Does::Wait).await;
    let lasts = Some(Duration::from_millis(100));
    let limit = Duration::from_secs(1);
    let load = Load { targets: vec![address], rate: 100, kept: 0, limit, lasts };
    let (ask, patience) = (Arc::new(|_| Request::new(Full::default())), Duration::from_millis(100));
    let report = load.start_asking_again(patience, ask, Arc::new(judge)).end().await;
    only(&report, "no whole answer within 1 s");
    assert!(connections.load(Ordering::Relaxed) > report.sent, "each asked once alone");
}
