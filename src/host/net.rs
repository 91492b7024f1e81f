//! Whether a host can be reached, asked in a moment: by name and port, or through the proxy that is set.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::context::variable;

/// A registry that answers does so within a fraction of this.
const LIMIT: Duration = Duration::from_secs(3);

/// Whether something listens at port 443 of that host.
pub async fn reachable(host: &str) -> bool {
    let proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find_map(variable);
    let asked = async {
        match proxy.as_deref().and_then(address) {
            Some(proxy) => through(&proxy, host).await,
            None => TcpStream::connect((host, 443)).await.is_ok(),
        }
    };
    tokio::time::timeout(LIMIT, asked).await.unwrap_or(false)
}

/// `host:port` of a proxy's URL.
fn address(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if host.is_empty() {
        return None;
    }
    Some(if host.contains(':') { host.to_owned() } else { format!("{host}:3128") })
}

async fn through(proxy: &str, host: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(proxy).await else { return false };
    let ask = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
    let mut answer = [0_u8; 12];
    stream.write_all(ask.as_bytes()).await.is_ok()
        && stream.read_exact(&mut answer).await.is_ok()
        // Asked for a password, the proxy is there, and Docker's own settings may have one.
        && (answer.ends_with(b"200") || answer.ends_with(b"407"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn a_proxys_url_is_reduced_to_its_address() {
        assert_eq!(address("http://user:secret@proxy.example:8080/").as_deref(), Some("proxy.example:8080"));
        assert_eq!(address("proxy.example").as_deref(), Some("proxy.example:3128"));
        assert_eq!(address("http:///"), None);
    }

    #[tokio::test]
    async fn a_host_is_reachable_through_a_proxy_only_when_the_proxy_says_so() {
        for (answer, expected) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 403 Forbidden\r\n\r\n", false)]
        {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let proxy = listener.local_addr().unwrap().to_string();
            let server = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = [0_u8; 7];
                stream.read_exact(&mut asked).await.unwrap();
                assert_eq!(&asked, b"CONNECT");
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
            assert_eq!(through(&proxy, "registry.example").await, expected);
            server.await.unwrap();
        }
    }
}
