//! The log: a JSON object a line on standard output, its level changed while the server runs.

use std::io::Write as _;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::{Registry, reload};

/// Lines that may wait for whoever reads the log; more are lost, and counted: a reader that hangs must not stop
/// the server.
const QUEUE: usize = 8192;

/// What is written: a line, or a wish to know when all before it is.
enum Item {
    Line(String),
    Flush(SyncSender<()>),
}

/// Turns events into lines.
pub struct Lines {
    environment: String,
    out: SyncSender<Item>,
    lost: Counter,
}

/// The way to change the level, and to write what is left.
#[derive(Clone)]
pub struct Logs {
    filter: reload::Handle<Targets, Registry>,
    level: Arc<Mutex<Level>>,
    out: SyncSender<Item>,
}

/// A level as it is written everywhere.
fn name(level: Level) -> String {
    level.as_str().to_lowercase()
}

/// Only what this program says: a library could say too much.
fn targets(level: Level) -> Targets {
    Targets::new().with_target("opsctl", level)
}

impl Logs {
    /// Begins to log, for the whole process.
    pub fn start(level: Level, environment: &str, lost: Counter) -> Self {
        let (out, lines) = sync_channel(QUEUE);
        std::thread::spawn(move || write(&lines));
        let (layer, filter) = reload::Layer::new(targets(level));
        let lines = Lines { environment: environment.to_owned(), out: out.clone(), lost };
        // Another one is there already only in a test.
        let _ = tracing::subscriber::set_global_default(Registry::default().with(layer).with(lines));
        Self { filter, level: Arc::new(Mutex::new(level)), out }
    }

    /// Changes the level.
    pub fn set(&self, to: Level) {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = to;
        // It fails only where nothing is logged at all.
        let _ = self.filter.reload(targets(to));
        tracing::warn!(to = name(to), "the log's level was changed");
    }

    /// The level now.
    pub fn level(&self) -> String {
        name(*self.level.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until all that was logged is written, at most a second.
    pub fn flush(&self) {
        let (done, wait) = sync_channel(1);
        if self.out.send(Item::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(Duration::from_secs(1));
        }
    }
}

/// Writes lines until the process ends; what comes together goes out together. A closed pipe takes nothing more.
fn write(lines: &Receiver<Item>) {
    let mut batch = String::new();
    while let Ok(first) = lines.recv() {
        let mut flushed = Vec::new();
        let mut next = Some(first);
        while let Some(item) = next {
            match item {
                Item::Line(line) => {
                    batch.push_str(&line);
                    batch.push('\n');
                }
                Item::Flush(done) => flushed.push(done),
            }
            next = if batch.len() < 64 * 1024 { lines.try_recv().ok() } else { None };
        }
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(batch.as_bytes()).and_then(|()| out.flush());
        batch.clear();
        for done in flushed {
            let _ = done.send(());
        }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let line = line(event, &self.environment);
        if let Err(TrySendError::Full(_)) = self.out.try_send(Item::Line(line)) {
            self.lost.inc();
        }
    }
}

fn line(event: &Event<'_>, environment: &str) -> String {
    let mut fields = Fields(Map::new());
    fields.0.insert("time".into(), format!("{:.6}", jiff::Timestamp::now()).into());
    fields.0.insert("level".into(), name(*event.metadata().level()).into());
    fields.0.insert("environment".into(), environment.into());
    event.record(&mut fields);
    Value::Object(fields.0).to_string()
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_and_its_level_can_be_changed() {
        let (out, lines) = sync_channel(8);
        let (layer, filter) = reload::Layer::new(targets(Level::INFO));
        let into = Lines { environment: "ci".into(), out: out.clone(), lost: Counter::default() };
        let logs = Logs { filter, level: Arc::new(Mutex::new(Level::INFO)), out };
        tracing::subscriber::with_default(Registry::default().with(layer).with(into), || {
            tracing::debug!("unheard");
            tracing::info!(status = 200_u64, path = "/a \"b\"\n", ms = 1.5, "request");
            assert_eq!(logs.level(), "info");
            logs.set(Level::DEBUG);
            assert_eq!(logs.level(), "debug");
            tracing::debug!("heard");
        });
        let said: Vec<Value> = lines
            .try_iter()
            .map(|item| match item {
                Item::Line(line) => serde_json::from_str(&line).unwrap(),
                Item::Flush(_) => Value::Null,
            })
            .collect();
        let messages: Vec<_> = said.iter().filter_map(|line| line["message"].as_str()).collect();
        assert_eq!(messages, ["request", "the log's level was changed", "heard"]);
        assert_eq!((&said[0]["status"], &said[0]["level"]), (&200.into(), &"info".into()));
        assert_eq!((&said[0]["path"], &said[0]["environment"]), (&"/a \"b\"\n".into(), &"ci".into()));
        assert!(said[0]["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn what_libraries_say_is_not_logged() {
        let (out, lines) = sync_channel(8);
        let layer = Lines { environment: String::new(), out, lost: Counter::default() };
        let subscriber = Registry::default().with(targets(Level::TRACE)).with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "redis", "AUTH hunter2");
            tracing::error!("ours");
        });
        assert_eq!(lines.try_iter().count(), 1);
    }
}
