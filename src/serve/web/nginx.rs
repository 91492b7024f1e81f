//! `serve nginx`: nginx under opsctl, which writes the pages that nginx serves from what the balancers tell.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::watch;

use super::http::BEAT;
use super::listing::{self, Author, Listing, Page};
use super::process::{Signals, end, version};
use super::{cli, page};
use crate::serve::children::Own;
use crate::serve::election::service;
use crate::serve::log;

/// A balancer that says nothing for so long is not followed.
const SILENT: Duration = Duration::from_millis(1500);
/// The limit for a connection to a balancer.
const CONNECT: Duration = Duration::from_millis(700);
/// From a connection that broke to the next one.
const AGAIN: Duration = Duration::from_millis(100);
/// The longest line: some thousand servers.
const LONGEST: u64 = 1 << 20;
/// nginx ends once its last request has ended.
const QUIT: i32 = 3;
/// How long that may take.
const LAST_REQUESTS: Duration = Duration::from_secs(8);

/// Runs nginx until either ends; the code is the process's.
pub async fn run(options: cli::Nginx) -> Result<u8> {
    let mut signals = Signals::new()?;
    let folders = Folders::make(&options.folder)?;
    let ip = match options.ip {
        Some(ip) => ip.to_string(),
        None => own_address(&options.list).await,
    };
    let author = Author {
        name: if options.name == "nginx" { ip.clone() } else { options.name.clone() },
        ip: ip.clone(),
        base: listing::base(),
        version: version("nginx", "-v", "nginx/").await?,
    };
    page::write_fixed(&folders.html)?;
    let mut writer = Writer { folders, author, told: None };
    writer.write(None, Some(listing::now()))?;
    std::fs::write(writer.folders.alive(), "yes\n").context("could not write the answer to checks")?;
    let file = options.folder.join("nginx.conf");
    std::fs::write(&file, config(&options, &ip))
        .with_context(|| format!("could not write {}", file.display()))?;
    let mut child =
        Own::start(Command::new("nginx").arg("-c").arg(&file), false).context("could not start nginx")?;
    let mut lists = Lists::follow(options.list);
    let mut ticks = tokio::time::interval(BEAT / 2);
    loop {
        tokio::select! {
            () = signals.asked_to_stop() => break,
            status = child.wait() => {
                let status = status?;
                log(&format!("nginx ended: {status}"));
                return Ok(service::code(status).max(1));
            }
            () = lists.changed() => {}
            _ = ticks.tick() => {}
        }
        writer.follow(&lists);
    }
    log(&format!("asked to stop: serving on for {} ms", options.linger.as_millis()));
    // Balancers that are not told by Kubernetes see it by their check.
    let _ = std::fs::remove_file(writer.folders.alive());
    let until = tokio::time::Instant::now() + options.linger;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(until) => break,
            status = child.wait() => return Ok(service::code(status?)),
            () = lists.changed() => {}
        }
        writer.follow(&lists);
    }
    Ok(end(child, QUIT, LAST_REQUESTS).await)
}

fn config(options: &cli::Nginx, ip: &str) -> String {
    include_str!("nginx.conf")
        .replace("{folder}", &options.folder.display().to_string())
        .replace("{listen}", &options.listen.to_string())
        .replace("{ip}", ip)
}

/// The address from which the first list is asked.
async fn own_address(lists: &[String]) -> String {
    for list in lists {
        if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT, TcpStream::connect(list.as_str())).await
            && let Ok(address) = stream.local_addr()
        {
            return address.ip().to_string();
        }
    }
    // Its own name leads to it, as the container's hosts file has it.
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let own = tokio::net::lookup_host((name.trim(), 0)).await.ok().and_then(|mut all| all.next());
    own.map_or_else(|| "unknown".into(), |address| address.ip().to_string())
}

struct Folders {
    html: PathBuf,
    state: PathBuf,
}

impl Folders {
    fn make(folder: &Path) -> Result<Self> {
        let folders = Self { html: folder.join("html"), state: folder.join("state") };
        for folder in [&folders.html, &folders.state, &folder.join("tmp")] {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("could not make {}", folder.display()))?;
        }
        // A container that was started again begins as a new one.
        for file in [folders.alive(), folders.ready()] {
            let _ = std::fs::remove_file(file);
        }
        Ok(folders)
    }

    fn alive(&self) -> PathBuf {
        self.state.join("alive")
    }

    fn ready(&self) -> PathBuf {
        self.state.join("ready")
    }
}

/// Writes what is heard, whenever that differs.
struct Writer {
    folders: Folders,
    author: Author,
    /// What the files hold; none before the first list.
    told: Option<Page>,
}

impl Writer {
    fn follow(&mut self, lists: &Lists) {
        let (heard, stale) = if let Some(heard) = lists.newest() {
            (Some(heard), None)
        } else {
            let last = self.told.as_ref().and_then(|page| page.heard.clone());
            let since = self.told.as_ref().and_then(|page| page.stale_since);
            (last, Some(since.unwrap_or_else(listing::now)))
        };
        if let Err(error) = self.write(heard, stale) {
            log(&format!("page: {error:#}"));
        }
    }

    fn write(&mut self, heard: Option<Listing>, stale_since: Option<Timestamp>) -> Result<()> {
        let page = Page {
            ips: heard.as_ref().map(Listing::connected).unwrap_or_default(),
            changed: heard.as_ref().map(|heard| heard.changed),
            stale_since,
            heard,
            written_by: self.author.clone(),
        };
        if self.told.as_ref() == Some(&page) {
            return Ok(());
        }
        page::write_list(&self.folders.html, &page)?;
        let first = page.heard.is_some() && self.told.as_ref().is_none_or(|told| told.heard.is_none());
        if first {
            std::fs::write(self.folders.ready(), "yes\n")
                .context("could not write that the list is there")?;
        }
        self.told = Some(page);
        Ok(())
    }
}

/// What a balancer last told, and when.
type Last = Option<(Listing, Instant)>;

/// The balancers' lists, the preferred one first.
struct Lists {
    all: Vec<watch::Receiver<Last>>,
}

impl Lists {
    /// Follows each of them, for ever.
    fn follow(addresses: Vec<String>) -> Self {
        let all = addresses.into_iter().map(|address| {
            let (tell, told) = watch::channel(None);
            tokio::spawn(async move {
                loop {
                    // Whoever does not answer is named by the page; a line for each try would say no more.
                    let _ = hear(&address, &tell).await;
                    tokio::time::sleep(AGAIN).await;
                }
            });
            told
        });
        Self { all: all.collect() }
    }

    /// The first list that is heard.
    fn newest(&self) -> Option<Listing> {
        self.all.iter().find_map(|last| {
            let last = last.borrow();
            let (listing, at) = last.as_ref()?;
            (at.elapsed() < SILENT).then(|| listing.clone())
        })
    }

    /// Waits until any of them tells something.
    async fn changed(&mut self) {
        let waits = self.all.iter_mut().map(|last| Box::pin(last.changed()));
        let _ = futures::future::select_all(waits).await;
    }
}

/// Hears one balancer until the connection ends or is silent.
async fn hear(address: &str, tell: &watch::Sender<Last>) -> Result<()> {
    let mut stream = tokio::time::timeout(CONNECT, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    // HTTP/1.0: the body comes as it is.
    let ask = format!("GET /stream HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let mut reader = BufReader::new(stream);
    let mut body = false;
    loop {
        let mut line = String::new();
        let mut bounded = (&mut reader).take(LONGEST);
        if tokio::time::timeout(SILENT, bounded.read_line(&mut line)).await?? == 0 {
            bail!("{address} closed the connection");
        }
        if body {
            let listing = serde_json::from_str(&line).context("not a list")?;
            tell.send_replace(Some((listing, Instant::now())));
        }
        body = body || line == "\r\n";
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::serve::web::listing::{Server, State};

    fn listing(balancer: &str, number: u64, ips: &[&str]) -> Listing {
        let servers = ips.iter().map(|ip| Server {
            ip: ip.parse().unwrap(),
            name: (*ip).to_owned(),
            node: String::new(),
            state: State::Connected,
        });
        Listing {
            balancer: balancer.into(),
            node: String::new(),
            number,
            changed: listing::now(),
            unheard_since: None,
            servers: servers.collect(),
            slots: 4,
            reloads: 0,
            base: String::new(),
            version: String::new(),
        }
    }

    /// A balancer that tells this list to whoever asks, for so long.
    async fn balancer(listing: Listing, beats: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let line = format!("{}\n", serde_json::to_string(&listing).unwrap());
            stream.write_all(b"HTTP/1.0 200 OK\r\ncontent-type: x\r\n\r\n").await.unwrap();
            for _ in 0..beats {
                stream.write_all(line.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        at
    }

    async fn until(what: &str, done: impl Fn() -> bool) {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < Duration::from_secs(30), "{what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn the_first_balancer_counts_and_when_it_is_gone_the_next_one() {
        let here = balancer(listing("here", 1, &["10.0.0.5"]), 3).await;
        let there = balancer(listing("there", 9, &["10.0.0.6"]), 100).await;
        let lists = Lists::follow(vec![here, there]);
        let told_by = |who: &str| lists.newest().is_some_and(|listing| listing.balancer == who);
        until("the own balancer is heard", || told_by("here")).await;
        until("the other one is heard", || told_by("there")).await;
    }

    #[tokio::test]
    async fn without_a_balancer_the_list_stays_and_says_since_when() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::make(dir.path()).unwrap();
        let author =
            Author { name: "n".into(), ip: "10.0.0.5".into(), base: "b".into(), version: "v".into() };
        let mut writer = Writer { folders, author, told: None };
        writer.write(None, Some(listing::now())).unwrap();
        assert!(!writer.folders.ready().exists(), "there is no list yet");
        writer.write(Some(listing("b", 1, &["10.0.0.5"])), None).unwrap();
        assert!(writer.folders.ready().exists());
        writer.follow(&Lists { all: vec![watch::channel(None).1] });
        let read = || -> Page {
            serde_json::from_str(&std::fs::read_to_string(writer.folders.html.join("ips.json")).unwrap())
                .unwrap()
        };
        let page = read();
        assert_eq!(page.ips.len(), 1);
        assert!(page.stale_since.is_some());
        writer.follow(&Lists { all: vec![watch::channel(None).1] });
        let read = || -> Page {
            serde_json::from_str(&std::fs::read_to_string(writer.folders.html.join("ips.json")).unwrap())
                .unwrap()
        };
        assert_eq!(read().stale_since, page.stale_since, "since the beginning of the silence");
    }

    #[test]
    fn the_configuration_has_no_word_left_open() {
        let options = cli::Nginx {
            list: vec!["b:1".into()],
            name: "n".into(),
            ip: None,
            listen: 8080,
            linger: Duration::from_secs(3),
            folder: "/run/web".into(),
        };
        let text = config(&options, "10.0.0.5");
        assert!(text.contains("listen 8080 ") && text.contains("X-Served-By 10.0.0.5 "));
        for word in ["{folder}", "{listen}", "{ip}"] {
            assert!(!text.contains(word));
        }
    }
}
