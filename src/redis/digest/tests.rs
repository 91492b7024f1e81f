use std::fmt::Write as _;

use super::*;
use crate::redis::testing::RedisServer;

const SAMPLE: &str = "\
SET text hello
SET later soon PXAT 4102444800000
RPUSH list a b c
SADD set x y z
ZADD zset 1 one 2.5 two
HSET hash f 1 g 2
XADD stream 1-1 name a
XADD stream 1-2 name b
XGROUP CREATE stream group 0
XREADGROUP GROUP group alice COUNT 1 STREAMS stream >
SELECT 3
SET text elsewhere
";

async fn of(server: &RedisServer) -> Digest {
    digest(&server.addr(), |_, _| {}).await.unwrap()
}

fn with(lines: &str) -> RedisServer {
    let server = RedisServer::start(&[]);
    server.cli(lines.as_bytes());
    server
}

#[tokio::test]
async fn an_empty_redis_has_the_digest_of_nothing() {
    let found = of(&RedisServer::start(&[])).await;
    assert_eq!((found.keys, found.digest), (0, "0".repeat(64)));
}

#[tokio::test]
async fn the_order_of_writing_does_not_matter_nor_does_opsctls_record() {
    let one = of(&with(SAMPLE)).await;
    assert_eq!((one.keys, one.expiring), (8, 1));
    assert_eq!(one.databases, BTreeMap::from([(0, 7), (3, 1)]));
    let mut lines: Vec<_> = SAMPLE.lines().take(6).collect();
    lines.reverse();
    let mut other = lines.join("\n");
    other.push_str("\nHSET opsctl:imports a b\n");
    for line in SAMPLE.lines().skip(6) {
        let _ = writeln!(other, "{line}");
    }
    assert_eq!(of(&with(&other)).await, one);
}

#[tokio::test]
async fn every_change_of_data_changes_it() {
    let server = with(SAMPLE);
    let mut seen = vec![of(&server).await.digest];
    for change in [
        "SET text hellO",
        "PEXPIREAT text 4102444800001",
        "PEXPIREAT text 4102444800002",
        "RENAME text texT",
        "LSET list 0 d",
        "RPUSH list d",
        "LMOVE list list LEFT RIGHT",
        "SMOVE set other z",
        "ZINCRBY zset 1 one",
        "HSET hash f 3",
        "HSET hash h 1",
        "XADD stream 1-3 name c",
        "XDEL stream 1-3",
        "XREADGROUP GROUP group bob COUNT 1 STREAMS stream >",
        "XACK stream group 1-1",
        "XGROUP SETID stream group 0",
        "XGROUP CREATE stream second 0",
        "MOVE list 5",
        "FUNCTION LOAD \"#!lua name=mine\\nredis.register_function('f', function() return 1 end)\"",
        "FUNCTION LOAD REPLACE \"#!lua name=mine\\nredis.register_function('f', function() return 2 end)\"",
        "DEL hash",
        "FLUSHALL",
    ] {
        let said = server.cli(format!("{change}\n").as_bytes());
        assert!(!said.contains("ERR"), "{change}: {said}");
        let digest = of(&server).await.digest;
        assert!(!seen.contains(&digest), "{change} changed nothing");
        seen.push(digest);
    }
}

#[tokio::test]
async fn how_a_server_stores_a_value_does_not_matter() {
    let mut lines = String::from(SAMPLE);
    for i in 0..2500 {
        let _ = writeln!(
            lines,
            "RPUSH biglist {i}\nSADD bigset m{i}\nZADD bigzset {i} m{i}\nHSET bighash f{i} {i}"
        );
        let _ = writeln!(lines, "XADD bigstream {}-1 n {i}\nSET key{i} {i}", i + 1);
    }
    let _ = writeln!(lines, "SET bigtext {}", "x".repeat(100_000));
    let usual = with(&lines);
    let expected = of(&usual).await;
    assert_eq!(expected.keys, 2514);
    // Small values without the compact encodings.
    let spread = RedisServer::start(&[
        "--hash-max-listpack-entries",
        "0",
        "--zset-max-listpack-entries",
        "0",
        "--set-max-intset-entries",
        "0",
        "--stream-node-max-entries",
        "3",
    ]);
    spread.cli(lines.as_bytes());
    assert_eq!(of(&spread).await, expected);
    // A replica got it as an RDB file.
    assert_eq!(of(&usual.replica(&[])).await, expected);
}

#[tokio::test]
async fn a_key_on_its_way_out_is_no_part_of_it() {
    let server = with("SET kept 1\n");
    let before = of(&server).await;
    server.cli(b"DEBUG SET-ACTIVE-EXPIRE 0\nSET gone 1 PX 1\nDEBUG SLEEP 0.01\n");
    assert_eq!(of(&server).await, before);
}
