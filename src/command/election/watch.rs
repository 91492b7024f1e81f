//! `election status --watch`: each pod's own stream of what it believes, as it happens.

use std::collections::{BTreeMap, VecDeque};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::{AsyncBufReadExt as _, StreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use kube::runtime::{WatchStreamExt as _, watcher};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::table;
use crate::context::Context;
use crate::election::status::{Master, Verdict};
use crate::error::{opsctl, problem};
use crate::stack::election::status::{self, Agreed, Said};
use crate::stack::pods::{self, Place};
use crate::ui::{Format, Screen, Ui};

/// How often the screen is drawn anew, and looked after its reader.
const EVERY: Duration = Duration::from_millis(500);
/// A pod says something each second; one that is silent for so long is frozen, or cut off.
const SILENCE: Duration = Duration::from_secs(3);
/// So many changes stand below the table.
const CHANGES: usize = 200;

/// What comes in.
enum News {
    /// Time passed.
    Nothing,
    /// The pods that exist.
    Pods(Vec<Place>),
    /// They cannot be listed.
    Away(String),
    /// A pod says so.
    Says(String, Box<Master>),
    /// A pod does not answer.
    Silent(String, String),
}

/// Shows each change until Ctrl-C, or until nobody reads any more.
pub async fn run(cx: &Context) -> Result<ExitCode> {
    let client = cx.client().await?;
    if status::standing(&client).await?.is_none() {
        return Err(problem!(NotUp, "no election is up").next(opsctl("election up")).into());
    }
    let (news, mut inbox) = mpsc::channel(64);
    let lister = Follow(tokio::spawn(list(client.clone(), news.clone())).abort_handle());
    let mut view = View::new(&cx.ui);
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        let one = tokio::select! {
            one = inbox.recv() => one.unwrap_or(News::Nothing),
            _ = ticks.tick() => News::Nothing,
        };
        match one {
            News::Nothing => {}
            News::Pods(pods) => {
                view.exist(pods, |pod| {
                    Follow(tokio::spawn(follow(client.clone(), pod.to_owned(), news.clone())).abort_handle())
                });
            }
            News::Away(why) => view.away(&why),
            News::Says(pod, master) => view.answer(&pod, Ok(*master)),
            News::Silent(pod, why) => view.answer(&pod, Err(why)),
        }
        view.draw();
        if cx.ui.nobody_reads() {
            break;
        }
    }
    drop(lister);
    Ok(ExitCode::SUCCESS)
}

/// A task that ends with its handle.
struct Follow(AbortHandle);

impl Drop for Follow {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Tells which pods exist, whenever that changes: before a pod notices that it is to end.
async fn list(client: Client, news: mpsc::Sender<News>) {
    let config = watcher::Config::default().labels(&status::selector());
    let mut events = std::pin::pin!(watcher(status::pods(&client), config).default_backoff());
    let (mut pods, mut fresh) = (BTreeMap::new(), None);
    while let Some(event) = events.next().await {
        match event {
            Ok(watcher::Event::Init) => fresh = Some(BTreeMap::new()),
            Ok(watcher::Event::InitApply(pod)) => note(fresh.get_or_insert_default(), &pod),
            Ok(watcher::Event::InitDone) => pods = fresh.take().unwrap_or_default(),
            Ok(watcher::Event::Apply(pod)) => note(&mut pods, &pod),
            Ok(watcher::Event::Delete(pod)) => drop(pods.remove(&pod.metadata.name.unwrap_or_default())),
            Err(e) => {
                if news.send(News::Away(e.to_string())).await.is_err() {
                    return;
                }
                continue;
            }
        }
        if fresh.is_none() && news.send(News::Pods(pods.values().cloned().collect())).await.is_err() {
            return;
        }
    }
}

fn note(pods: &mut BTreeMap<String, Place>, pod: &Pod) {
    let name = pod.metadata.name.clone().unwrap_or_default();
    match Place::of(pod) {
        Some(elector) => drop(pods.insert(name, elector)),
        None => drop(pods.remove(&name)),
    }
}

/// Tells what a pod says, for ever; a broken stream is begun anew.
async fn follow(client: Client, pod: String, news: mpsc::Sender<News>) {
    loop {
        let why = match listen(&client, &pod, &news).await {
            Ok(()) => "its stream ended".to_owned(),
            Err(why) => why,
        };
        if news.send(News::Silent(pod.clone(), why)).await.is_err() {
            return;
        }
        tokio::time::sleep(EVERY / 2).await;
    }
}

async fn listen(client: &Client, pod: &str, news: &mpsc::Sender<News>) -> Result<(), String> {
    let silent = |_| format!("nothing within {} s", SILENCE.as_secs());
    let request = status::request(pod, "events")?;
    let stream = tokio::time::timeout(SILENCE, client.request_stream(request)).await.map_err(silent)?;
    let mut lines = std::pin::pin!(stream.map_err(|e| pods::why(&e))?.lines());
    while let Some(line) = tokio::time::timeout(SILENCE, lines.next()).await.map_err(silent)? {
        let line = line.map_err(|e| e.to_string())?;
        let Some(text) = line.strip_prefix("data:") else { continue };
        let master = serde_json::from_str(text.trim()).map_err(|e| format!("not what was expected: {e}"))?;
        if news.send(News::Says(pod.to_owned(), Box::new(master))).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// A pod, and what it said last.
struct Seen {
    said: Said,
    /// In words, for comparison; none until it said anything.
    words: Option<String>,
    _follow: Follow,
}

/// What is shown.
struct View {
    ui: Ui,
    screen: Option<Screen>,
    pods: BTreeMap<String, Seen>,
    changes: VecDeque<String>,
    agreed: Option<Agreed>,
    /// Since when they do not agree.
    divided: Option<Instant>,
    /// The API server does not answer.
    away: bool,
    drawn: Instant,
    fresh: bool,
}

impl View {
    fn new(ui: &Ui) -> Self {
        let screen = (ui.format() == Format::Table).then(|| ui.screen()).flatten();
        Self {
            ui: ui.clone(),
            screen,
            pods: BTreeMap::new(),
            changes: VecDeque::new(),
            agreed: None,
            divided: None,
            away: false,
            drawn: Instant::now(),
            fresh: true,
        }
    }

    /// These pods exist now.
    fn exist(&mut self, pods: Vec<Place>, follow: impl Fn(&str) -> Follow) {
        if std::mem::take(&mut self.away) {
            self.say("the API server answers again", json!({"api": "answers"}));
        }
        let gone: Vec<_> =
            self.pods.keys().filter(|name| pods.iter().all(|p| p.pod != **name)).cloned().collect();
        for name in gone {
            self.pods.remove(&name);
            self.say(&format!("{name}  is gone"), json!({"pod": name, "change": "gone"}));
        }
        for elector in pods {
            let name = elector.pod.clone();
            if let Some(seen) = self.pods.get_mut(&name) {
                let ends = elector.ending && !seen.said.elector.ending;
                seen.said.elector = elector;
                if ends {
                    self.say(&format!("{name}  is ending"), json!({"pod": name, "change": "ending"}));
                }
            } else if elector.ip.is_some() {
                let seen = Seen {
                    said: Said { elector, answer: None, error: Some("not asked yet".into()) },
                    words: None,
                    _follow: follow(&name),
                };
                self.pods.insert(name, seen);
            }
        }
        self.judge();
    }

    fn away(&mut self, why: &str) {
        if !self.away {
            self.away = true;
            self.say(&format!("the API server does not answer: {why}"), json!({"api": "away", "error": why}));
        }
    }

    /// A pod's answer, or why there is none.
    fn answer(&mut self, pod: &str, answer: Result<Master, String>) {
        let Some(seen) = self.pods.get_mut(pod) else { return };
        let words = match &answer {
            Ok(master) => words(master),
            // One that ends, or has not begun, is silent by right.
            Err(_) if seen.said.elector.ending || seen.words.is_none() => return,
            Err(why) => format!("does not answer: {why}"),
        };
        match answer {
            Ok(master) => (seen.said.answer, seen.said.error) = (Some(master), None),
            Err(why) => (seen.said.answer, seen.said.error) = (None, Some(why)),
        }
        if seen.words.as_ref() != Some(&words) {
            let event = serde_json::to_value(&seen.said).unwrap_or_default();
            seen.words = Some(words.clone());
            self.say(&format!("{pod}  {words}"), event);
        }
        self.judge();
    }

    fn judge(&mut self) {
        // One that has not begun to speak joins with its first word; at the start all are waited for.
        if self.agreed.is_none() && self.divided.is_none() && self.pods.values().any(|p| p.words.is_none()) {
            return;
        }
        let heard = self.pods.values().filter(|p| p.words.is_some());
        let all: Vec<Said> = heard.map(|p| p.said.clone()).collect();
        let (now, why) = match status::verdict(&all) {
            Verdict::Agreed { pod, ip, epoch } => (Some(Agreed { pod, ip, epoch }), None),
            Verdict::Divided(reasons) => (None, reasons.into_iter().next()),
        };
        if now == self.agreed && (now.is_some() || self.divided.is_some()) {
            return;
        }
        let without = self.divided.take().map(|since| since.elapsed());
        if let Some(Agreed { pod, ip, epoch }) = &now {
            let there = all.iter().filter(|s| !s.elector.ending).count();
            let after = without.map(|t| format!(" after {:.1} s", t.as_secs_f64())).unwrap_or_default();
            let ms = without.map(|t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX));
            let words = format!("= all {there} agree on {ip}, epoch {epoch}{after}");
            self.say(&words, json!({"agreed": {"pod": pod, "ip": ip, "epoch": epoch}, "after_ms": ms}));
        } else {
            self.divided = Some(Instant::now());
            let why = why.unwrap_or_default();
            self.say(&format!("= no agreement: {why}"), json!({"agreed": null, "why": why}));
        }
        self.agreed = now;
    }

    /// A change, with its time.
    fn say(&mut self, words: &str, mut event: serde_json::Value) {
        self.fresh = true;
        if self.ui.format() == Format::Json {
            event["at"] = json!(jiff::Timestamp::now());
            return self.ui.event(&event);
        }
        let line = format!("{}  {words}", jiff::Zoned::now().strftime("%H:%M:%S%.3f"));
        if self.screen.is_none() {
            return self.ui.data(line);
        }
        self.changes.push_back(line);
        while self.changes.len() > CHANGES {
            self.changes.pop_front();
        }
    }

    /// The table with the newest changes below it, on a terminal.
    fn draw(&mut self) {
        let Some(screen) = &mut self.screen else { return };
        if !self.fresh && self.drawn.elapsed() < EVERY {
            return;
        }
        let all: Vec<Said> = self.pods.values().map(|p| p.said.clone()).collect();
        let mut lines: Vec<String> = table::table(&all, table::room()).lines().map(str::to_owned).collect();
        lines.push(String::new());
        let room = screen.rows().saturating_sub(lines.len() + 2).max(3);
        let skip = self.changes.len().saturating_sub(room);
        lines.extend(self.changes.iter().skip(skip).cloned());
        lines.push("Ctrl-C ends".into());
        screen.draw(&lines);
        (self.drawn, self.fresh) = (Instant::now(), false);
    }
}

/// What a pod believes, in a few words.
fn words(master: &Master) -> String {
    let Master { ip, epoch, .. } = master;
    match master.role.as_str() {
        "leading" => format!("leads, epoch {epoch}"),
        "elected" => format!("is elected, asks the others, epoch {epoch}"),
        "following" if master.agreed => format!("follows {ip}, epoch {epoch}"),
        "following" => format!("turns to {ip}, epoch {epoch}"),
        _ => "knows no master".into(),
    }
}
