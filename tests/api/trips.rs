//! Death after any round trip to redis: the next run goes on, or takes back what was begun, and the data is as one of the
//! two leaves it.
//!
//! Between opsctl and the redis of `rescue` stands something that counts answers, and kills opsctl before it hears one.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opsctl::engine::{Place, Plan};
use opsctl::journal;
use opsctl::redis::snapshot::{self, Origin};
use opsctl::step::Step;
use opsctl::step::clean::Clean;
use opsctl::step::dataset::Dataset;
use opsctl::step::restore::Restore;

use crate::child::{self, Act};
use crate::import::{data, text};
use crate::rescue::{Deed, Scene};
use crate::world::World;

/// What a child does with the data as it stands, but for the import.
pub fn plan(w: &World, deed: Deed) -> Plan {
    let data = Dataset::new(&w.ns, "redis", w.port);
    let step: Step = match deed {
        Deed::Clean => Clean::new(data, w.port + 1).into(),
        Deed::Restore => {
            let file = std::fs::read_to_string(w.state.join("restore.path")).unwrap();
            Restore::new(file.as_ref(), data).into()
        }
        other => panic!("{other:?}"),
    };
    Plan { part: "data".into(), place: Place::Cluster, waves: vec![vec![step]], proof: None }
}

/// Who is killed, and after how many answers.
#[derive(Default)]
struct Fate {
    process: AtomicU32,
    left: AtomicI64,
}

impl Fate {
    /// One more answer has come.
    fn answered(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let process = self.process.load(Ordering::SeqCst).try_into().unwrap();
            let process = rustix::process::Pid::from_raw(process).unwrap();
            rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
        }
    }
}

/// Leads from one port to another until it is dropped.
struct Way {
    fate: Arc<Fate>,
    ends: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Way {
    fn new(from: u16, to: u16) -> Self {
        let (fate, ends) = (Arc::<Fate>::default(), Arc::<AtomicBool>::default());
        let listener = TcpListener::bind(("127.0.0.1", from)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (of, until) = (Arc::clone(&fate), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                let Ok((client, _)) = listener.accept() else {
                    std::thread::sleep(Duration::from_millis(2));
                    continue;
                };
                // Without a redis it is closed at once.
                if let Ok(redis) = TcpStream::connect(("127.0.0.1", to)) {
                    client.set_nonblocking(false).unwrap();
                    lead(client, redis, &of);
                }
            }
        });
        Self { fate, ends, thread: Some(thread) }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Hands on what both say. What redis says after it was asked something is an answer.
fn lead(client: TcpStream, redis: TcpStream, fate: &Arc<Fate>) {
    let asked = Arc::new(Mutex::new(false));
    let hand_on = |mut from: TcpStream, mut to: TcpStream, is_answer: bool| {
        let (asked, fate) = (Arc::clone(&asked), Arc::clone(fate));
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(n @ 1..) = from.read(&mut buffer) {
                let was_asked = std::mem::replace(&mut *asked.lock().unwrap(), !is_answer);
                if is_answer && was_asked {
                    fate.answered();
                }
                if to.write_all(&buffer[..n]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    };
    hand_on(client.try_clone().unwrap(), redis.try_clone().unwrap(), false);
    hand_on(redis, client, true);
}

/// How many round trips lie between two deaths.
fn step() -> usize {
    if std::env::var_os("OPSCTL_SOAK").is_some() { 1 } else { 10 }
}

/// Lets a child do it, which dies after so many answers of redis. Whether it was killed.
async fn dies(scene: &Scene, way: &Way, deed: Deed, answers: usize) -> bool {
    way.fate.left.store(i64::try_from(answers).unwrap(), Ordering::SeqCst);
    let tools = scene.w.state.join("bin");
    let told = |process| way.fate.process.store(process, Ordering::SeqCst);
    let (status, said) = child::run_told(&scene.w, Act::Redis(deed), &tools, told).await;
    way.fate.left.store(0, Ordering::SeqCst);
    let killed = status.signal().is_some();
    assert!(killed || status.success(), "{deed:?}, {answers} answers: {said}");
    killed
}

/// The last run that is recorded: its number, whether it has ended, and whether it has begun to change something.
fn last_run(scene: &Scene) -> (u64, bool, bool) {
    let history = journal::read(&scene.w.state).unwrap();
    let last = history.runs().next_back().unwrap();
    (last.run, last.ok.is_some(), last.changes > 0)
}

/// Does it to its end, and waits for what follows from it.
async fn well(scene: &Scene, deed: Deed) {
    scene.well(deed).await;
    // A pod that goes has ended when a real run has; the stand-in follows a moment later.
    scene.is_served().await;
    if deed == Deed::Undo {
        scene.wait_until_it_runs();
    }
}

async fn killed_after_round_trips(name: &str, port: u16, deed: Deed) {
    let scene = Scene::behind(name, port, port + 2).await;
    let way = Way::new(port, port + 2);
    std::fs::write(scene.w.state.join("import.txt"), text()).unwrap();
    if deed == Deed::Restore {
        // Other data than what is there then: some keys are gone, some have another value.
        let _: u64 = scene.asked(&["DEL", "k:1", "k:2"]);
        let _: String = scene.asked(&["MSET", "k:3", "restored", "only", "there"]);
        let folder = scene.w.state.join("apart");
        let kept = snapshot::take(&folder, &scene.master(), Origin::default(), |_| {}).await.unwrap();
        std::fs::write(scene.w.state.join("restore.path"), kept.path.display().to_string()).unwrap();
        let _: String = scene.asked(&["MSET", "k:1", "1", "k:2", "2", "k:3", "3"]);
        let _: u64 = scene.asked(&["DEL", "only"]);
    }
    let before = data(&scene).await;
    // What is there afterwards; none: nothing that could be asked.
    well(&scene, deed).await;
    let wanted = if deed == Deed::Down { None } else { Some(data(&scene).await) };
    assert_ne!(wanted.as_ref(), Some(&before));
    well(&scene, Deed::Undo).await;
    assert_eq!(data(&scene).await, before);

    let mut deaths = [0, 0];
    for n in (1..).step_by(step()) {
        let when = format!("{deed:?}, killed after {n} answers");
        let (earlier, ..) = last_run(&scene);
        let killed = dies(&scene, &way, deed, n).await;
        scene.is_served().await;
        let (run, ended, changes) = last_run(&scene);
        // Every second time straight back instead of on.
        if killed && deaths[0] % 2 == 1 && run > earlier && changes {
            well(&scene, Deed::Undo).await;
            assert_eq!(data(&scene).await, before, "{when}, then undone");
        } else {
            if killed && (run == earlier || !ended) {
                well(&scene, deed).await;
            }
            if let Some(wanted) = &wanted {
                assert_eq!(&data(&scene).await, wanted, "{when}, then again");
            }
            well(&scene, Deed::Undo).await;
            assert_eq!(data(&scene).await, before, "{when}, then again, then undone");
        }
        if !killed {
            break;
        }
        deaths[0] += 1;
    }
    for n in (1..).step_by(step()) {
        let when = format!("undo of {deed:?}, killed after {n} answers");
        well(&scene, deed).await;
        let (earlier, ..) = last_run(&scene);
        let killed = dies(&scene, &way, Deed::Undo, n).await;
        scene.is_served().await;
        let (run, ended, _) = last_run(&scene);
        if killed && (run == earlier || !ended) {
            well(&scene, Deed::Undo).await;
        }
        scene.wait_until_it_runs();
        assert_eq!(data(&scene).await, before, "{when}");
        if !killed {
            break;
        }
        deaths[1] += 1;
    }
    println!("{deed:?}: killed {} times on its way, {} times on the way back", deaths[0], deaths[1]);
    assert!(deaths.iter().all(|deaths| *deaths >= 1), "{deaths:?}");
    scene.end().await;
}

#[tokio::test]
async fn killed_after_any_answer_of_redis_a_clean_goes_on_or_back() {
    killed_after_round_trips("tripclean", 30600, Deed::Clean).await;
}

#[tokio::test]
async fn killed_after_any_answer_of_redis_a_restore_goes_on_or_back() {
    killed_after_round_trips("triprestore", 30604, Deed::Restore).await;
}

#[tokio::test]
async fn killed_after_any_answer_of_redis_an_import_goes_on_or_back() {
    killed_after_round_trips("tripimport", 30608, Deed::Import).await;
}

#[tokio::test]
async fn killed_after_any_answer_of_redis_a_redis_goes_down_or_comes_back() {
    killed_after_round_trips("tripdown", 30612, Deed::Down).await;
}
