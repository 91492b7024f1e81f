//! Asks electors without pause who leads, and prints each change of their answers.
//!
//! Runs on a node, not in a pod: from there every pod is one hop away, whatever becomes of the API.
//! Orders come as lines on standard input; its end is the witness's.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::election::clock;
use super::http_call;
use crate::election::status::Master;
use crate::election::wire::{Heard, Line, Order};

/// From an answer to the next question, for each pod.
const PAUSE: Duration = Duration::from_millis(20);
/// A pod that says nothing for so long is silent.
const LIMIT: Duration = Duration::from_millis(300);

/// Follows orders until there are no more.
pub async fn run() -> Result<u8> {
    let (orders, mut inbox) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if orders.send(line).is_err() {
                return;
            }
        }
    });
    let mut asking: HashMap<String, JoinHandle<()>> = HashMap::new();
    while let Some(line) = inbox.recv().await {
        let order = serde_json::from_str(&line).with_context(|| format!("no order: {line}"))?;
        match order {
            Order::Now => print(&Line::Now(clock::now())),
            Order::Ask { pod, at } => {
                let task = tokio::spawn(ask(pod.clone(), at));
                if let Some(former) = asking.insert(pod, task) {
                    former.abort();
                }
            }
            Order::Drop { pod } => {
                if let Some(former) = asking.remove(&pod) {
                    former.abort();
                }
            }
        }
    }
    Ok(0)
}

async fn ask(pod: String, at: String) {
    let mut last: Option<Option<Master>> = None;
    loop {
        let asked = clock::now();
        let reply = http_call::get(&at, "/master", LIMIT).await;
        let answered = clock::now();
        let says = reply.ok().and_then(|reply| serde_json::from_str::<Master>(&reply.body).ok());
        // How fresh it is changes with every answer.
        let says = says.map(|master| Master { fresh_ms: 0, ..master });
        let leads = says.as_ref().is_some_and(|master| master.leading);
        if leads || last.as_ref() != Some(&says) {
            print(&Line::Heard(Heard { pod: pod.clone(), asked, answered, says: says.clone() }));
            last = Some(says);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn print(line: &Line) {
    let Ok(text) = serde_json::to_string(line) else { return };
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        // Nobody listens any more.
        std::process::exit(0);
    }
}
