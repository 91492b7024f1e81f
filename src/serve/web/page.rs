//! What nginx serves: the list as a page, as text and as JSON, each replaced whole.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::listing::{Page, State};
use crate::fs::write_whole;

/// Writes what never changes.
pub fn write_fixed(folder: &Path) -> Result<()> {
    for (name, text) in [("page.css", include_str!("page.css")), ("page.js", include_str!("page.js"))] {
        write(folder, name, text)?;
    }
    Ok(())
}

/// Writes the list. A reader finds each file either as it was or as it is.
pub fn write_list(folder: &Path, page: &Page) -> Result<()> {
    let mut json = serde_json::to_string_pretty(page)?;
    json.push('\n');
    write(folder, "ips.json", &json)?;
    let mut text = String::new();
    for ip in &page.ips {
        let _ = writeln!(text, "{ip}");
    }
    write(folder, "ips.txt", &text)?;
    write(folder, "index.html", &html(page))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    write_whole(&folder.join(name), text.as_bytes()).with_context(|| format!("could not write {name}"))
}

fn html(page: &Page) -> String {
    let mut rows = String::new();
    let (mut balancer, mut what, mut remark) = (String::new(), String::new(), String::new());
    if let Some(heard) = &page.heard {
        for server in &heard.servers {
            let (class, told) = match server.state {
                State::Connected => ("connected", ""),
                State::Coming => ("coming", " · coming"),
                State::Failing => ("failing", " · does not answer"),
                State::Leaving => ("leaving", " · leaving"),
            };
            let (ip, name, node) = (server.ip, escaped(&server.name), escaped(&server.node));
            let _ = writeln!(
                rows,
                "<li class=\"{class}\"><b>{ip}</b><em></em><i>{name}</i><i>{node}{told}</i></li>"
            );
        }
        balancer.clone_from(&heard.balancer);
        if !heard.node.is_empty() {
            let _ = write!(balancer, " on {}", heard.node);
        }
        what = format!("{}, {}, {} slots, {} reloads", heard.version, heard.base, heard.slots, heard.reloads);
        if let Some(since) = heard.unheard_since {
            let _ = write!(remark, "Nobody has told the balancer who exists since {since}: the list stays. ");
        }
    }
    if let Some(since) = page.stale_since {
        let _ = write!(remark, "No balancer has been heard since {since}: the list may be old.");
    }
    let author = &page.written_by;
    let words = [
        ("{count}", page.ips.len().to_string()),
        ("{since}", page.changed.map(|at| format!("since {at}")).unwrap_or_default()),
        ("{note}", escaped(&remark)),
        ("{balancer}", escaped(&balancer)),
        ("{what}", escaped(&what)),
        ("{author}", escaped(&format!("{}, {}, {}", author.name, author.version, author.base))),
        // Last: what is in it is not looked through again.
        ("{rows}", rows),
    ];
    let text = include_str!("page.html").to_owned();
    words.iter().fold(text, |text, (word, value)| text.replace(word, value))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::web::listing::{Author, Listing, Server, now};

    fn page(states: &[(&str, State)]) -> Page {
        let servers = states.iter().map(|(ip, state)| Server {
            ip: ip.parse().unwrap(),
            name: "nginx-<a>".into(),
            node: "m02".into(),
            state: *state,
        });
        let heard = Listing {
            balancer: "balancer-x".into(),
            node: "m02".into(),
            number: 1,
            changed: now(),
            unheard_since: None,
            servers: servers.collect(),
            slots: 4,
            reloads: 0,
            base: "Alpine Linux v3.10".into(),
            version: "haproxy 2.0.14".into(),
        };
        let written_by = Author {
            name: "nginx-a".into(),
            ip: "10.0.0.5".into(),
            base: "b".into(),
            version: "nginx 1.16.1".into(),
        };
        Page {
            ips: heard.connected(),
            changed: Some(heard.changed),
            stale_since: None,
            heard: Some(heard),
            written_by,
        }
    }

    #[test]
    fn the_addresses_are_in_the_html_itself_and_nothing_is_fetched_from_outside() {
        let text = html(&page(&[("10.0.0.5", State::Connected), ("10.0.0.6", State::Leaving)]));
        assert!(
            text.contains("<b>10.0.0.5</b>") && text.contains("class=\"leaving\"><b>10.0.0.6</b>"),
            "{text}"
        );
        assert!(text.contains("<span id=\"count\">1</span>") && text.contains("nginx-&lt;a&gt;"));
        let all = [text.as_str(), include_str!("page.js"), include_str!("page.css")].concat();
        let urls = all.matches("://").count();
        assert_eq!(urls, all.matches("http://www.w3.org/2000/svg").count(), "only the name of a vocabulary");
        assert!(!text.contains("{rows}") && !text.contains("{author}"));
    }

    #[test]
    fn three_files_say_the_same() {
        let dir = tempfile::tempdir().unwrap();
        write_fixed(dir.path()).unwrap();
        let page = page(&[("10.0.0.10", State::Connected), ("10.0.0.9", State::Connected)]);
        write_list(dir.path(), &page).unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("ips.txt"), "10.0.0.9\n10.0.0.10\n");
        let json: Page = serde_json::from_str(&read("ips.json")).unwrap();
        assert_eq!(json, page);
        assert!(read("index.html").contains("10.0.0.9") && !read("page.js").is_empty());
    }
}
