//! The redis image by itself, with plain `docker run` (part B.1).
//!
//! Needs a Docker engine: `cargo test --test image_redis`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

mod memory;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use opsctl::context::{Context, Paths, Target};
use opsctl::redis::digest::digest;
use opsctl::redis::snapshot::{self, Origin};
use opsctl::ui::{Level, Options, Ui};

/// Built once for all tests of a run.
static IMAGE: LazyLock<String> = LazyLock::new(|| {
    let tag = "opsctl-test/redis:8.0";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("images/redis");
    base();
    let built = docker(&["build", "-q", "--network", "host", "-t", tag, folder.to_str().unwrap()]);
    assert!(built.status.success(), "{}", text(&built));
    tag.to_owned()
});

/// What it is built from, by the way of `redis up`: where no registry has it, and nobody has made it yet, that
/// makes it.
fn base() {
    let ui = Ui::new(Options { level: Level::Quiet, ..Options::default() });
    let paths = Paths::from_environment(None).unwrap();
    let cx = Context::new(ui, paths, Target::Profile("opsctl-test".into()), Duration::from_mins(10));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(opsctl::bundle::base_image(&cx, "trixie")).unwrap();
}

fn docker(args: &[&str]) -> Output {
    Command::new("docker").args(args).stdin(Stdio::null()).output().expect("docker is needed")
}

/// Both streams: redis logs to the one, refusals go to the other.
fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn unique(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("opsctl-test-{what}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Something of Docker's that goes with the test.
struct Owned(&'static [&'static str], String);

impl Drop for Owned {
    fn drop(&mut self) {
        docker(&[self.0, &[&self.1]].concat());
    }
}

fn volume() -> Owned {
    let name = unique("volume");
    assert!(docker(&["volume", "create", &name]).status.success());
    Owned(&["volume", "rm", "-f"], name)
}

/// A running container.
struct Redis(Owned);

impl Redis {
    /// Starts one with further options of `docker run`, with nothing it does not need, and waits until it is healthy.
    fn start(options: &[&str]) -> Self {
        let redis = Self::begin(options);
        redis.until_healthy();
        redis
    }

    fn begin(options: &[&str]) -> Self {
        Self::begin_as(options, &[])
    }

    /// With words after the image's name.
    fn begin_as(options: &[&str], words: &[&str]) -> Self {
        let name = unique("redis");
        let fixed = [
            "run",
            "-d",
            "--name",
            &name,
            "--read-only",
            "--cap-drop",
            "ALL",
            "--security-opt",
            "no-new-privileges",
        ];
        let network: &[&str] = if options.contains(&"--network") { &[] } else { &["--network", "none"] };
        let run = docker(&[&fixed, network, options, &[IMAGE.as_str()], words].concat());
        let redis = Self(Owned(&["rm", "-f", "-v"], name));
        assert!(run.status.success(), "{}", text(&run));
        redis
    }

    fn name(&self) -> &str {
        &self.0.1
    }

    fn exec(&self, args: &[&str]) -> Output {
        docker(&[&["exec", self.name()], args].concat())
    }

    fn cli(&self, args: &[&str]) -> String {
        String::from_utf8_lossy(&self.exec(&[&["redis-cli"], args].concat()).stdout).trim().to_owned()
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let limit = Instant::now() + Duration::from_mins(1);
        while !holds() {
            assert!(Instant::now() < limit, "{what}: not within 60 s\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn until_healthy(&self) {
        self.until("healthy", || self.exec(&["redis-probe", "health"]).status.success());
    }

    fn logs(&self) -> String {
        text(&docker(&["logs", self.name()]))
    }

    fn stop(&self) -> String {
        assert!(docker(&["stop", "-t", "30", self.name()]).status.success());
        String::from_utf8_lossy(&docker(&["inspect", "-f", "{{.State.ExitCode}}", self.name()]).stdout)
            .trim()
            .to_owned()
    }
}

/// Runs it in the foreground, for starts that must fail: exit code and words.
fn refused(options: &[&str]) -> (Option<i32>, String) {
    let name = unique("refused");
    let run = docker(
        &[&["run", "--rm", "--name", &name, "--network", "none"], options, &[IMAGE.as_str()]].concat(),
    );
    (run.status.code(), text(&run))
}

/// Runs a shell line on a volume.
fn on(volume: &Owned, line: &str) {
    let mount = format!("{}:/data", volume.1);
    let run = docker(&["run", "--rm", "--network", "none", "-v", &mount, &IMAGE, "sh", "-c", line]);
    assert!(run.status.success(), "{}", text(&run));
}

#[test]
fn another_container_reaches_it_by_name_and_sets_and_gets() {
    let network = Owned(&["network", "rm"], unique("network"));
    assert!(docker(&["network", "create", &network.1]).status.success());
    let redis = Redis::start(&["--network", &network.1]);
    let cli = |args: &[&str]| {
        let fixed = ["run", "--rm", "--network", &network.1, &IMAGE, "redis-cli", "-h", redis.name()];
        String::from_utf8_lossy(&docker(&[&fixed, args].concat()).stdout).trim().to_owned()
    };
    assert_eq!(cli(&["SET", "greeting", "good morning"]), "OK");
    assert_eq!(cli(&["GET", "greeting"]), "good morning");
    assert!(redis.exec(&["test", "-x", "/usr/local/bin/redis-cli"]).status.success());
}

#[test]
fn it_runs_without_root_without_capabilities_on_a_read_only_root() {
    let redis = Redis::start(&[]);
    let status = redis.exec(&["sh", "-c", "id -u; grep -E '^Cap(Prm|Eff|Bnd)' /proc/1/status; touch /usr/x"]);
    let said = text(&status);
    assert!(said.starts_with("999\n"), "{said}");
    assert_eq!(said.matches("\t0000000000000000").count(), 3, "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
}

#[test]
fn variables_become_directives() {
    let redis = Redis::start(&[
        "-e",
        "REDIS_CONF_MAXMEMORY_POLICY=allkeys-lru",
        "-e",
        "REDIS_CONF_SAVE=900 1\n300 10\n",
        "-e",
        "REDIS_CONF_CLIENT_OUTPUT_BUFFER_LIMIT__1=replica 64mb 32mb 60",
        "-e",
        "REDIS_CONF_CLIENT_OUTPUT_BUFFER_LIMIT__2=pubsub 16mb 8mb 30",
        "-e",
        "REDIS_CONF_PROC_TITLE_TEMPLATE=\"{title} of a test\"",
    ]);
    let get =
        |name: &str| redis.cli(&["CONFIG", "GET", name]).split_once('\n').unwrap_or_default().1.to_owned();
    assert_eq!(get("maxmemory-policy"), "allkeys-lru");
    assert_eq!(get("save"), "900 1 300 10");
    assert_eq!(
        get("client-output-buffer-limit"),
        "normal 0 0 0 slave 67108864 33554432 60 pubsub 16777216 8388608 30"
    );
    assert_eq!(get("proc-title-template"), "{title} of a test");
}

#[test]
fn every_wrong_name_is_refused_at_once_with_what_was_meant() {
    let (code, said) = refused(&[
        "-e",
        "REDIS_CONF_MAXMEMRY=1mb",
        "-e",
        "REDIS_CONF_maxmemory-policy=noeviction",
        "-e",
        "REDIS_CONF_=1",
        "-e",
        "REDIS_CONF_DAEMONIZE=yes",
        "-e",
        "REDIS_CONF_APPENDONLY=yes",
        "-e",
        "REDIS_CONF_appendonly=no",
        "-e",
        "REDIS_MAXMEMORY=1mb",
    ]);
    assert_eq!(code, Some(78), "{said}");
    for line in [
        "REDIS_CONF_MAXMEMRY: this redis has no directive \"maxmemry\"; did you mean REDIS_CONF_MAXMEMORY?",
        "REDIS_CONF_maxmemory-policy: malformed: only letters, digits and _; write REDIS_CONF_MAXMEMORY_POLICY",
        "REDIS_CONF_: malformed",
        "REDIS_CONF_DAEMONIZE: redis runs in the foreground",
        "REDIS_CONF_appendonly: says the same directive as REDIS_CONF_APPENDONLY",
        "REDIS_MAXMEMORY: settings begin with REDIS_CONF_; write REDIS_CONF_MAXMEMORY",
    ] {
        assert!(said.contains(line), "{line}\nis not in\n{said}");
    }
}

#[test]
fn a_wrong_value_is_refused_with_its_variable_and_redis_own_reason() {
    let (code, said) = refused(&[
        "-e",
        "REDIS_CONF_DATABASES=4",
        "-e",
        "REDIS_CONF_MAXMEMORY_POLICY=most",
        "-e",
        "REDIS_CONF_PORT=6379",
    ]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("REDIS_CONF_MAXMEMORY_POLICY: argument(s) must be one of"), "{said}");
    assert!(said.contains("the line: maxmemory-policy most"), "{said}");
}

#[test]
fn a_refused_password_is_not_shown() {
    let (code, said) = refused(&["-e", "REDIS_CONF_REQUIREPASS=\"secret-of-mine"]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("REDIS_CONF_REQUIREPASS: Unbalanced quotes"), "{said}");
    assert!(!said.contains("secret-of-mine"), "{said}");
}

#[test]
fn variables_that_kubernetes_makes_for_a_service_called_redis_are_no_settings() {
    let redis = Redis::start(&[
        "-e",
        "REDIS_SERVICE_HOST=10.96.0.9",
        "-e",
        "REDIS_SERVICE_PORT=6379",
        "-e",
        "REDIS_PORT=tcp://10.96.0.9:6379",
        "-e",
        "REDIS_PORT_6379_TCP=tcp://10.96.0.9:6379",
        "-e",
        "REDIS_PORT_6379_TCP_ADDR=10.96.0.9",
    ]);
    assert_eq!(redis.cli(&["PING"]), "PONG");
    let (code, said) = refused(&["-e", "REDIS_CONF_PORT=tcp://10.96.0.9:6379"]);
    assert_eq!(code, Some(78));
    assert!(said.contains("REDIS_CONF_PORT: made by Kubernetes for a Service called redis-conf"), "{said}");
}

#[test]
fn the_probes_get_in_with_the_password_that_was_set() {
    let redis = Redis::start(&["-e", "REDIS_CONF_REQUIREPASS=swordfish", "-e", "REDIS_CONF_PORT=7000"]);
    assert!(redis.cli(&["-p", "7000", "PING"]).contains("NOAUTH"));
    for verb in ["alive", "ready", "health"] {
        assert!(redis.exec(&["redis-probe", verb]).status.success(), "{verb}");
    }
}

#[test]
fn a_stopped_redis_keeps_its_data_for_the_next_one() {
    for appendonly in ["yes", "no"] {
        let volume = volume();
        let (mount, setting) = (format!("{}:/data", volume.1), format!("REDIS_CONF_APPENDONLY={appendonly}"));
        let options = ["-v", &mount, "-e", &setting];
        let first = Redis::start(&options);
        assert_eq!(first.cli(&["SET", "kept", "yes"]), "OK");
        assert_eq!(first.stop(), "0");
        drop(first);
        assert_eq!(Redis::start(&options).cli(&["GET", "kept"]), "yes", "appendonly {appendonly}");
    }
}

#[test]
fn the_next_redis_on_a_volume_waits_for_the_one_that_still_uses_it() {
    let volume = volume();
    let mount = format!("{}:/data", volume.1);
    let options = ["-v", &mount, "-e", "REDIS_CONF_APPENDONLY=yes"];
    let first = Redis::start(&options);
    let second = Redis::begin(&options);
    second.until("it says that it waits", || {
        second.logs().contains("waiting for the redis that still uses /data")
    });
    assert_eq!(first.cli(&["SET", "last", "word"]), "OK");
    assert!(!second.logs().contains("Ready to accept connections"));
    first.stop();
    second.until_healthy();
    assert_eq!(second.cli(&["GET", "last"]), "word");
}

#[test]
fn a_volume_that_held_data_and_lost_its_file_is_refused() {
    let volume = volume();
    let mount = format!("{}:/data", volume.1);
    let options = ["-v", &mount, "-e", "REDIS_CONF_APPENDONLY=yes"];
    let first = Redis::start(&options);
    first.cli(&["SET", "kept", "yes"]);
    first.stop();
    drop(first);
    on(&volume, "mv /data/appendonlydir /data/elsewhere");
    let (code, said) = refused(&options);
    assert_eq!(code, Some(66), "{said}");
    assert!(said.contains("/data held data, but appendonlydir/appendonly.aof.manifest is gone"), "{said}");
    assert!(said.contains("echo empty > /data/.redis-volume"), "{said}");

    // Put back, it starts with its data; with the loss accepted, it starts empty.
    on(&volume, "mv /data/elsewhere /data/appendonlydir");
    let back = Redis::start(&options);
    assert_eq!(back.cli(&["GET", "kept"]), "yes");
    back.stop();
    drop(back);
    on(&volume, "rm -r /data/appendonlydir; echo empty > /data/.redis-volume");
    assert_eq!(Redis::start(&options).cli(&["DBSIZE"]), "0");
}

#[test]
fn a_strict_guard_starts_only_on_a_prepared_volume() {
    let volume = volume();
    let mount = format!("{}:/data", volume.1);
    let options = ["-v", &mount, "-e", "REDIS_CONF_APPENDONLY=yes", "-e", "REDIS_VOLUME_GUARD=strict"];
    let (code, said) = refused(&options);
    assert_eq!(code, Some(66), "{said}");
    assert!(said.contains("/data is not a volume prepared for redis"), "{said}");
    on(&volume, "echo empty > /data/.redis-volume");
    drop(Redis::start(&options));
    on(&volume, "[ \"$(head -n 1 /data/.redis-volume)\" = holds-data ]");
}

#[test]
fn a_full_disk_is_told_to_who_writes_and_is_over_when_there_is_room() {
    let redis = Redis::start(&[
        "--tmpfs",
        "/data:size=16m,uid=999,gid=999,mode=0770",
        "-e",
        "REDIS_CONF_APPENDONLY=yes",
    ]);
    assert_eq!(redis.cli(&["SET", "before", "1"]), "OK");
    redis.exec(&["dd", "if=/dev/zero", "of=/data/fill", "bs=64k"]);
    let value = "v".repeat(100_000);
    redis.until("an error", || redis.cli(&["SET", "large", &value]).contains("MISCONF"));
    assert!(redis.cli(&["INFO", "persistence"]).contains("aof_last_write_status:err"));
    // A restart would help nobody, and who reads is served.
    assert!(redis.exec(&["redis-probe", "alive"]).status.success());
    assert_eq!(redis.cli(&["GET", "before"]), "1");
    redis.exec(&["rm", "/data/fill"]);
    redis.until("it writes again", || redis.cli(&["SET", "after", "1"]) == "OK");
    assert_eq!(redis.cli(&["MGET", "before", "after"]), "1\n1");
    let check = redis.exec(&["redis-check-aof", "/data/appendonlydir/appendonly.aof.manifest"]);
    assert!(check.status.success(), "{}", text(&check));
}

#[test]
fn switching_the_append_only_file_on_over_a_dump_is_refused() {
    let volume = volume();
    let mount = format!("{}:/data", volume.1);
    let dump = Redis::start(&["-v", &mount]);
    dump.cli(&["SET", "kept", "yes"]);
    assert_eq!(dump.stop(), "0");
    drop(dump);
    let (code, said) = refused(&["-v", &mount, "-e", "REDIS_CONF_APPENDONLY=yes"]);
    assert_eq!(code, Some(66), "{said}");
    assert!(said.contains("dump.rdb but no append-only file, and redis would ignore it"), "{said}");
}

/// Every place in which redis takes a setting, and every spelling that it takes there.
#[test]
fn the_guard_knows_its_settings_wherever_and_however_they_are_written() {
    let volume = volume();
    let mount = format!("{}:/data", volume.1);
    let dump = Redis::start(&["-v", &mount, "-e", "REDIS_CONF_DBFILENAME=kept.rdb"]);
    dump.cli(&["SET", "kept", "yes"]);
    assert_eq!(dump.stop(), "0");
    drop(dump);
    on(
        &volume,
        "printf 'AppendOnly  \"yes\"\\n' > /data/more.conf; printf 'include /data/more.conf\\n' > /data/first.conf",
    );
    let named = ["-v", &mount, "-e", "REDIS_CONF_DBFILENAME=kept.rdb"];
    let with = |variables: &[&str], arguments: &[&str]| {
        let set: Vec<&str> = variables.iter().flat_map(|v| ["-e", v]).collect();
        let name = unique("refused");
        let run = ["run", "--rm", "--name", &name, "--network", "none"];
        let run = docker(&[&run[..], &named, &set, &[IMAGE.as_str()], arguments].concat());
        (run.status.code(), text(&run))
    };
    for (variables, arguments) in [
        (&[][..], &["--appendonly", "YES"][..]),
        (&[], &["--AppendOnly", "yes"]),
        (&[], &["--appendonly yes"]),
        (&[], &["redis-server", "--loglevel", "debug", "--appendonly", "Yes"]),
        (&["REDIS_CONF_appendonly=Yes"], &[]),
        (&["REDIS_CONF_APPENDONLY__1=yes"], &[]),
        (&["REDIS_CONF_APPENDONLY=\"yes\""], &[]),
        (&["REDIS_CONF_INCLUDE=/data/first.conf"], &[]),
        (&["REDIS_CONF_APPENDONLY=no"], &["--appendonly", "yes"]),
        (&["REDIS_CONF_APPENDONLY=yes", "REDIS_CONF_dir=/data/."], &[]),
        (&["REDIS_CONF_APPENDONLY=yes"], &["--dir", "/data"]),
    ] {
        let (code, said) = with(variables, arguments);
        assert_eq!(code, Some(66), "{variables:?} {arguments:?}: {said}");
        assert!(said.contains("kept.rdb but no append-only file"), "{variables:?} {arguments:?}: {said}");
    }
    // What holds in the end counts: it is off, or it is a replica, which gets its data from its master.
    let off = Redis::start(
        &[&named[..], &["-e", "REDIS_CONF_APPENDONLY__1=yes", "-e", "REDIS_CONF_APPENDONLY__2=no"]].concat(),
    );
    assert_eq!(off.cli(&["GET", "kept"]), "yes");
}

#[test]
fn what_other_images_call_a_setting_and_what_is_misspelt_is_refused_with_the_name_that_is_meant() {
    for (setting, line) in [
        (
            "REDIS_PASSWORD=example",
            "REDIS_PASSWORD: this image has no such setting; write REDIS_CONF_REQUIREPASS",
        ),
        (
            "REDIS_AOF_ENABLED=no",
            "REDIS_AOF_ENABLED: this image has no such setting; write REDIS_CONF_APPENDONLY",
        ),
        ("REDIS_LINGERS=5", "REDIS_LINGERS: this image has no such setting; did you mean REDIS_LINGER?"),
        (
            "REDIS_MAXMEMRY=1mb",
            "REDIS_MAXMEMRY: this image has no such setting; did you mean REDIS_CONF_MAXMEMORY?",
        ),
        ("REDIS_ANYTHING_AT_ALL=1", "REDIS_ANYTHING_AT_ALL: this image has no such setting"),
    ] {
        let (code, said) = refused(&["-e", setting]);
        assert_eq!(code, Some(78), "{setting}: {said}");
        assert!(said.contains(line), "{line}\nis not in\n{said}");
        assert!(!said.contains("example"), "{said}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_unless_nothing_is_to_be_kept() {
    let folder = ["--tmpfs", "/data:uid=0,mode=0755"];
    let (code, said) = refused(&folder);
    assert_eq!(code, Some(66), "{said}");
    assert!(said.contains("/data is not writable") && said.contains("REDIS_CONF_SAVE="), "{said}");
    let redis = Redis::start(&[&folder[..], &["-e", "REDIS_CONF_SAVE="]].concat());
    assert_eq!(redis.cli(&["SET", "a", "1"]), "OK");
}

#[test]
fn a_number_of_seconds_may_have_zeros_before_it() {
    let redis = Redis::start(&["-e", "REDIS_AWAIT_MASTER=08", "-e", "REDIS_LINGER=00"]);
    assert_eq!(redis.cli(&["PING"]), "PONG");
    assert_eq!(redis.stop(), "0");
}

#[test]
fn a_replica_answers_only_after_its_first_sync_and_then_also_without_its_master() {
    let network = Owned(&["network", "rm"], unique("network"));
    assert!(docker(&["network", "create", &network.1]).status.success());
    let following = [
        "--network",
        &network.1,
        "-e",
        "REDIS_CONF_REPLICAOF=the-master 6379",
        "-e",
        "REDIS_STALE_READS=after-first-sync",
    ];
    // Before there is a master, or even its name.
    let replica = Redis::begin(&following);
    replica.until("it answers", || replica.exec(&["redis-probe", "alive"]).status.success());
    assert!(replica.cli(&["GET", "k"]).contains("MASTERDOWN"));
    assert!(!replica.exec(&["redis-probe", "ready"]).status.success());

    let master = Redis::start(&[
        "--network",
        &network.1,
        "--network-alias",
        "the-master",
        "-e",
        "REDIS_CONF_REPL_DISKLESS_SYNC_DELAY=0",
    ]);
    master.cli(&["SET", "k", "v"]);
    replica.until_healthy();
    replica.until("it has the key", || replica.cli(&["GET", "k"]) == "v");
    drop(master);
    replica.until("it notices", || !replica.exec(&["redis-probe", "ready"]).status.success());
    assert_eq!(replica.cli(&["GET", "k"]), "v");
    assert!(replica.exec(&["redis-probe", "alive"]).status.success());
}

#[test]
fn a_start_waits_for_the_master_as_long_as_it_is_told_to_and_ends_when_it_is_stopped() {
    let network = Owned(&["network", "rm"], unique("network"));
    assert!(docker(&["network", "create", &network.1]).status.success());
    let following = |seconds: &str| {
        let wait = format!("REDIS_AWAIT_MASTER={seconds}");
        let options =
            ["--network", &network.1, "-e", "REDIS_CONF_REPLICAOF=the-master 6379", "-e", wait.as_str()];
        Redis::begin(&options)
    };
    let alive = |redis: &Redis| redis.exec(&["redis-probe", "alive"]).status.success();
    let (patient, hasty, stopped) = (following("60"), following("1"), following("60"));
    hasty.until("it starts without its master", || alive(&hasty));
    assert!(!alive(&patient), "it waits");
    let began = Instant::now();
    assert_eq!(stopped.stop(), "143");
    assert!(began.elapsed() < Duration::from_secs(10), "it ends when told to");

    let _master = Redis::start(&["--network", &network.1, "--network-alias", "the-master"]);
    patient.until_healthy();
    assert!(patient.cli(&["INFO", "replication"]).contains("master_link_status:up"));
    let (code, said) = refused(&["-e", "REDIS_AWAIT_MASTER=long"]);
    assert_eq!(code, Some(78));
    assert!(said.contains("REDIS_AWAIT_MASTER is \"long\""), "{said}");
}

#[test]
fn a_lingering_container_frees_its_volume_before_it_ends() {
    let volume = volume();
    let mount = format!("{}:/data", volume.1);
    let options = ["-v", &mount, "-e", "REDIS_CONF_APPENDONLY=yes", "-e", "REDIS_LINGER=300"];
    let first = Redis::start(&options);
    first.cli(&["SET", "kept", "yes"]);
    assert!(docker(&["kill", "-s", "TERM", first.name()]).status.success());
    let second = Redis::start(&options);
    assert_eq!(second.cli(&["GET", "kept"]), "yes");
    let running = docker(&["inspect", "-f", "{{.State.Running}}", first.name()]);
    assert_eq!(String::from_utf8_lossy(&running.stdout).trim(), "true");
}

/// Fields that expire and vector sets are newer than the redis-server that most machines have.
#[test]
fn fields_that_expire_and_vector_sets_come_back_from_a_snapshot() {
    let network = Owned(&["network", "rm"], unique("network"));
    assert!(docker(&["network", "create", &network.1]).status.success());
    let start = || Redis::start(&["--network", &network.1, "-e", "REDIS_CONF_HASH_MAX_LISTPACK_ENTRIES=4"]);
    let at = |redis: &Redis| {
        let address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        let said = docker(&["inspect", "-f", address, redis.name()]);
        format!("{}:6379", String::from_utf8_lossy(&said.stdout).trim())
    };
    let (from, to) = (start(), start());
    for line in [
        "HSET packed a 1 b 2",
        "HPEXPIREAT packed 4102444800123 FIELDS 1 a",
        "HSET table a 1 b 2 c 3 d 4 e 5 f 6",
        "HPEXPIREAT table 4102444800456 FIELDS 1 f",
        "VADD vectors VALUES 3 0.1 0.2 0.3 one",
        "VADD vectors VALUES 3 0.3 0.2 0.1 two SETATTR {\"n\":2}",
    ] {
        let said = from.cli(&line.split(' ').collect::<Vec<_>>());
        assert!(!said.contains("ERR"), "{line}: {said}");
    }
    let (from_at, to_at) = (at(&from), at(&to));
    let folder = tempfile::tempdir().unwrap();
    let origin = Origin { cluster: None, source: "test".into(), reason: "test".into() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let snapshot = snapshot::take(folder.path(), &from_at, origin, |_| {}).await.unwrap();
        assert_eq!(snapshot.meta.holds.keys, 3);
        assert_eq!(snapshot::restore(&snapshot, &to_at, |_, _| {}).await.unwrap(), 3);
    });
    for (ask, answer) in [
        (&["HPEXPIRETIME", "packed", "FIELDS", "2", "a", "b"][..], "4102444800123\n-1"),
        (&["HPEXPIRETIME", "table", "FIELDS", "2", "e", "f"], "-1\n4102444800456"),
        (&["VCARD", "vectors"], "2"),
        (&["VGETATTR", "vectors", "two"], "{\"n\":2}"),
    ] {
        assert_eq!(to.cli(ask), answer, "{ask:?}");
    }
    assert_eq!(to.cli(&["VEMB", "vectors", "one"]), from.cli(&["VEMB", "vectors", "one"]));
    // The digest knows no vector sets yet.
    for redis in [&from, &to] {
        assert_eq!(redis.cli(&["DEL", "vectors"]), "1");
    }
    let (one, other) = runtime.block_on(async {
        (digest(&from_at, |_, _| {}).await.unwrap(), digest(&to_at, |_, _| {}).await.unwrap())
    });
    assert_eq!((one.digest, one.keys), (other.digest, other.keys));
}

#[test]
fn other_commands_and_options_are_passed_on() {
    let run = |args: &[&str]| docker(&[&["run", "--rm", "--network", "none", IMAGE.as_str()], args].concat());
    assert!(text(&run(&["redis-cli", "--version"])).starts_with("redis-cli 8.0"));
    assert!(text(&run(&["redis-server", "--version"])).contains("v=8.0"));
}
