//! A page that a stack serves, as this host reaches it.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::context::Context;

/// Limit of one try.
const LIMIT: Duration = Duration::from_secs(2);
/// How long the nodes' rules may take to follow the endpoints; it takes a moment.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until this host reaches `http://HOST:PORT/`, and warns where it does not.
pub async fn answers(cx: &Context, page: &str) {
    let at = page.trim_start_matches("http://").trim_end_matches('/');
    let began = Instant::now();
    while !matches!(tokio::time::timeout(LIMIT, TcpStream::connect(at)).await, Ok(Ok(_))) {
        if began.elapsed() > PATIENCE {
            cx.ui.warn(format!("the page does not answer this host yet: {page}"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
