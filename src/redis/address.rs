//! Addresses of the form `host:port`.

use anyhow::Result;

use crate::error::problem;

/// The host and the port of `host:port`; a host that is an IPv6 address stands in brackets.
pub(crate) fn host_port(addr: &str) -> Result<(String, u16)> {
    let wrong = || problem!(Usage, "\"{addr}\" is not an address of the form host:port");
    let (host, port) = addr.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().map_err(|_| wrong())?;
    if host.is_empty() || port == 0 {
        return Err(wrong().into());
    }
    Ok((host.to_owned(), port))
}
