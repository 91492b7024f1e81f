//! Ctrl-C: once lets the steps in hand finish, or stops what can be gone on with; twice ends at once.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::error::Class;
use crate::exec;

static INTERRUPTS: AtomicU8 = AtomicU8::new(0);

/// Everything is being ended.
static ENDING: Notify = Notify::const_new();

/// Listens for Ctrl-C and SIGTERM: the first lets the steps in hand finish, the second ends at once, and all
/// tools with it. So does the end of the terminal: nobody is there to see the rest, or to stop it.
pub fn listen(ui: crate::ui::Ui) {
    // Asked for once: a signal between two askings would be lost.
    let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    // Under nohup it is to go on.
    let mut hup = if ignores_hangup() { None } else { signal(SignalKind::hangup()).ok() };
    tokio::spawn(async move {
        loop {
            let hung_up = tokio::select! {
                _ = int.recv() => false,
                _ = term.recv() => false,
                () = received(&mut hup) => true,
            };
            let again = INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0;
            if again || hung_up || BUSY.load(Ordering::SeqCst) == 0 {
                ENDING.notify_one();
                exec::end_all().await;
                ui.restore();
                std::process::exit(i32::from(Class::Interrupted.code()));
            }
            ui.note(if RESUMABLE.load(Ordering::SeqCst) > 0 {
                "\nStopping the build; finished pieces are kept. Ctrl-C again stops at once."
            } else {
                "\nFinishing the current step. Ctrl-C again stops at once; the journal stays intact."
            });
        }
    });
}

/// Waits for a signal; for ever where it is not listened for.
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether this process was started to ignore SIGHUP. Where that cannot be told, it is left as it is.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 != 0)
}

/// The work's result, unless everything is being ended first: then it goes no further, because its tools
/// fail only since they were ended, and the exit code is decided.
pub async fn until_ended<T>(work: impl Future<Output = T>) -> T {
    // Not dropped: its tools have their time to end by themselves.
    let mut work = pin!(work);
    tokio::select! {
        biased;
        () = ENDING.notified() => std::future::pending().await,
        done = &mut work => done,
    }
}

static BUSY: AtomicUsize = AtomicUsize::new(0);
static RESUMABLE: AtomicUsize = AtomicUsize::new(0);

/// Marks the time in which Ctrl-C waits for the step in hand.
pub struct Busy;

impl Busy {
    /// From now until it is dropped.
    pub fn new() -> Self {
        BUSY.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Default for Busy {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Does work that may be cut short anywhere and gone on with later: the first Ctrl-C ends it, and its tools
/// with it. `None`: it did.
pub async fn resumable<T>(work: impl Future<Output = T>) -> Option<T> {
    struct Mark;
    impl Drop for Mark {
        fn drop(&mut self) {
            RESUMABLE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let _busy = Busy::new();
    RESUMABLE.fetch_add(1, Ordering::SeqCst);
    let _mark = Mark;
    tokio::select! {
        biased;
        done = work => Some(done),
        () = interruption() => None,
    }
}

/// Whether a first Ctrl-C came: no further step is begun.
pub fn interrupted() -> bool {
    INTERRUPTS.load(Ordering::SeqCst) > 0
}

/// Waits for a first Ctrl-C.
pub async fn interruption() {
    while !interrupted() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_work_inside_of_other_work_leaves_the_other_waited_for() {
        let _outer = Busy::new();
        drop(Busy::new());
        assert!(BUSY.load(Ordering::SeqCst) > 0);
    }
}
