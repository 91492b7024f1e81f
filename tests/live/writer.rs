//! A client that writes without pause and remembers each write that was acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::rig::{Rig, connect};

/// What the writer saw.
pub struct Written {
    /// Numbers whose write was acknowledged.
    pub acknowledged: Vec<u64>,
    /// Times without an acknowledgement that were longer than half a second.
    pub gaps: Vec<Duration>,
}

/// A writer at work.
pub struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Written>,
}

/// The key of a write.
fn key(n: u64) -> String {
    format!("ledger:{n}")
}

impl Writer {
    /// Begins to write at the master's node port.
    pub fn start(rig: &Rig, port: u16) -> Self {
        let url = format!("redis://{}:{port}/", rig.address());
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut written = Written { acknowledged: Vec::new(), gaps: Vec::new() };
            let mut link = None;
            let mut last = Instant::now();
            let mut n = 0;
            while !told.load(Ordering::Relaxed) {
                let Some(open) = link.as_mut() else {
                    link = connect(&url, Duration::from_secs(3)).ok();
                    if link.is_none() {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    continue;
                };
                n += 1;
                // A value that no other write has: an old one in its place would be seen.
                match redis::cmd("SET").arg(key(n)).arg(n * 7 + 1).query::<String>(open) {
                    Ok(answer) if answer == "OK" => {
                        written.acknowledged.push(n);
                        if last.elapsed() > Duration::from_millis(500) {
                            written.gaps.push(last.elapsed());
                        }
                        last = Instant::now();
                        // Thousands of writes show what millions would.
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    _ => link = None,
                }
            }
            written
        });
        Self { stop, thread }
    }

    /// Ends it.
    pub fn end(self) -> Written {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the writer ends well")
    }
}

impl Written {
    /// Acknowledged writes that cannot be read at a server.
    pub fn missing(&self, link: &mut redis::Connection) -> Vec<u64> {
        let mut missing = Vec::new();
        for chunk in self.acknowledged.chunks(1000) {
            let mut get = redis::cmd("MGET");
            for n in chunk {
                get.arg(key(*n));
            }
            let values: Vec<Option<u64>> = get.query(link).expect("MGET");
            missing
                .extend(chunk.iter().zip(values).filter(|(n, v)| *v != Some(**n * 7 + 1)).map(|(n, _)| *n));
        }
        missing
    }
}
