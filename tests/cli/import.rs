//! A data file with a fault is told by file and line before any cluster is asked.

use crate::redis_server::RedisServer;
use crate::sandbox::Sandbox;
use crate::world::portable;

#[test]
fn a_fault_in_a_file_is_told_by_its_line_where_no_cluster_answers() {
    let huge = format!("SET a {}\n", "x".repeat(5_000));
    for (name, text, line, word) in [
        ("unbalanced quote", "SET a 1\nSET b \"two\n", 2, "quote"),
        ("a verb that takes everything away", "SET a 1\n\nFLUSHALL\n", 3, "FLUSHALL"),
        ("a verb of administration", "CONFIG SET save \"\"\n", 1, "CONFIG"),
        ("a NUL", "SET a 1\nSET b \0\n", 2, "NUL"),
        ("RESP in the middle", "SET a 1\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n", 2, "RESP"),
        ("too few words", "SET a\n", 1, "SET"),
    ] {
        let sandbox = Sandbox::new().file("good.txt", &huge).file("data.txt", text);
        let ran = sandbox.opsctl(&["redis", "import", "good.txt", "data.txt"]).ends(2).guides("data.txt:");
        let place = format!("data.txt:{line}");
        assert!(ran.stderr.contains(&place), "{name}: {place} is not in:\n{}", ran.stderr);
        assert!(ran.stderr.contains(word), "{name}: {word} is not in:\n{}", ran.stderr);
        assert!(!sandbox.state().exists(), "{name}");
    }
}

#[test]
fn what_is_no_file_of_commands_is_said_to_be_what_it_is() {
    let sandbox =
        Sandbox::new().file("folder/.hidden", "").file("empty.txt", "").file("comments.txt", "# none\n");
    for (file, word) in [
        ("missing.txt", "no such file"),
        ("folder", "is an empty folder"),
        ("empty.txt", "is empty"),
        ("comments.txt", "holds no command"),
    ] {
        let ran = sandbox
            .opsctl(&["redis", "import", file])
            .ends(2)
            .guides(word)
            .guides("next: opsctl redis import");
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
    }
}

#[test]
fn a_missing_file_is_looked_for_beside_it_and_never_replaced_by_the_sample() {
    let sandbox = Sandbox::new().file("data/stock.txt", "SET a 1\n").file("data/more.txt", "SET b 1\n");
    let ran = sandbox.opsctl(&["redis", "import", "data/stok.txt"]).ends(2);
    let ways: Vec<_> = ran.stderr.lines().filter(|l| l.contains("redis import")).map(str::trim).collect();
    assert_eq!(ways, ["next: opsctl redis import data/more.txt", "or: opsctl redis import data/stock.txt"]);
    let none = Sandbox::new().opsctl(&["redis", "import", "no.txt"]).ends(2);
    assert!(none.stderr.contains("next: opsctl redis import PATH"), "{}", none.stderr);
}

#[test]
fn a_refused_file_is_data_when_json_is_asked_for() {
    let sandbox = Sandbox::new().file("data.txt", "SET a 1\nSET b \"two\nGEOADD g 37.8 -122.3 a\n");
    let ran = sandbox.opsctl(&["redis", "import", "data.txt", "-o", "json"]).ends(2);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let places: Vec<_> = said["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["line"].as_u64(), f["column"].as_u64()))
        .collect();
    assert_eq!(places, [(Some(2), Some(7)), (Some(3), None)], "{said}");
    assert!(said["faults"][1]["what"].as_str().unwrap().contains("longitude comes first"), "{said}");
}

#[test]
fn a_file_of_another_form_comes_with_the_way_from_it() {
    for (text, next) in [
        ("127.0.0.1:6379> SET a 1\nOK\n", "next: sed -nE 's/^[^ ]+> //p'"),
        ("INSERT INTO t VALUES (1);\n", "hint: write one command"),
        ("[{\"a\": 1}]\n", "next: jq -c '.[]' "),
        ("S\0E\0T\0 \0", "next: iconv -f UTF-16"),
    ] {
        let sandbox = Sandbox::new().file("data.txt", text);
        let ran = sandbox.opsctl(&["redis", "import", "data.txt"]).ends(2).guides(next);
        assert!(ran.stderr.contains("cannot be imported; nothing was written"), "{}", ran.stderr);
    }
}

#[test]
fn a_fifo_is_refused_instead_of_waited_for() {
    let sandbox = Sandbox::new();
    let fifo = sandbox.home().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _ = sandbox.opsctl(&["redis", "import", "pipe"]).ends(2).guides("pipe");
}

#[test]
fn what_a_person_reads_of_a_wrong_line() {
    let sandbox = Sandbox::new().file("data.txt", "SET a 1\nSET b \"two\nFLUSHALL\n");
    let ran = sandbox.opsctl(&["redis", "import", "data.txt"]).ends(2).guides("data.txt:2");
    insta::assert_snapshot!(portable(&sandbox, &ran.stderr));
}

#[test]
fn records_without_a_key_are_told_how_to_name_one() {
    let sandbox = Sandbox::new().file("users.csv", "id,name\n1,Zoe\n");
    let line = ["redis", "import", "users.csv"];
    let ran = sandbox.opsctl(&line).ends(2).guides("users.csv:1: this is a file of records");
    assert!(ran.stderr.contains("next: opsctl redis import users.csv --key 'user:{id}'"), "{}", ran.stderr);
    let wrong = ["redis", "import", "users.csv", "--key", "user"];
    let _ = sandbox.opsctl(&wrong).ends(2).guides("it names no field");
}

#[test]
fn standard_input_is_checked_like_a_file_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new().stdin("SET a 1\nEVAL 1 0\n");
    let ran = sandbox.opsctl(&["redis", "import", "-"]).ends(2).guides("standard input:2: EVAL");
    assert!(!ran.stderr.contains("spool"), "{}", ran.stderr);
    assert!(!sandbox.state().join("spool").exists());
}

#[test]
fn wrong_lines_that_may_be_left_out_are_kept_with_place_and_reason() {
    let text = "SET a 1\nSET b \"open\nGET a\nEVAL 1 0\nSET c 3\n";
    let sandbox = Sandbox::new().file("data.txt", text);
    let line = |n: &'static str| ["redis", "import", "data.txt", "--skip-bad", n];
    let _ = sandbox.opsctl(&line("1")).ends(2).guides("2 lines are wrong, more than the 1 of --skip-bad");
    assert!(!sandbox.state().join("rejects").exists());
    let ran = sandbox.opsctl(&line("2"));
    assert!(ran.stderr.contains("data.txt: 1 command that changes nothing left out"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 wrong lines are left out"), "{}", ran.stderr);
    let kept: Vec<_> = std::fs::read_dir(sandbox.state().join("rejects")).unwrap().collect();
    let kept = std::fs::read_to_string(kept[0].as_ref().unwrap().path()).unwrap();
    let expected = [
        "data.txt:2:7: this double quote is never closed",
        "SET b \"open",
        "data.txt:4: EVAL is refused: it runs code on the server",
        "EVAL 1 0",
    ];
    assert_eq!(kept.lines().count(), expected.len());
    for (line, words) in kept.lines().zip(expected) {
        assert!(line.ends_with(words), "{kept}");
    }
}

/// Commands of every type, and some of none.
const MIXED: &str = "SET a 1\nMSET b 1 c 2\nPFADD p x\nSETBIT m 1 1\nRPUSH l x\nLPUSH l y\nSADD s x\nZADD z 1 m\n\
    GEOADD g 13.36 38.11 here\nHSET h f v\nXADD x 1-1 f v\nEXPIRE a 100\nGET a\n";

#[test]
fn what_was_written_is_told_by_type_at_the_end() {
    let server = RedisServer::start(&[]);
    let sandbox =
        Sandbox::new().with_redis(&server, None).file("data.txt", MIXED).file("more.txt", "SET d 1\n");
    let ran = sandbox.opsctl(&["redis", "import", "data.txt", "more.txt"]).ends(0);
    insta::assert_snapshot!(without_times(&portable(&sandbox, &ran.stderr)));
    let again = sandbox.opsctl(&["redis", "import", "data.txt", "more.txt"]).ends(0);
    assert!(!again.stderr.contains("Commands by type"), "{}", again.stderr);
}

#[test]
fn a_document_says_what_each_file_holds_by_type_before_it_is_written() {
    let server = RedisServer::start(&[]);
    let sandbox = Sandbox::new().with_redis(&server, None).file("data.txt", MIXED);
    let ran = sandbox.opsctl(&["redis", "import", "data.txt", "-o", "json"]).ends(0);
    let events: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.last().unwrap()["event"], "end");
    let mut checked = events[0].clone();
    checked["file"] = portable(&sandbox, checked["file"].as_str().unwrap()).into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&checked).unwrap());
}

/// The text without how long things took.
fn without_times(text: &str) -> String {
    let time = |word: &str| word.strip_suffix('s').is_some_and(|n| n.parse::<f64>().is_ok());
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((rest, word)) if time(word) => format!("{} [TIME]", rest.trim_end()),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
