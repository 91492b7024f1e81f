//! `redis digest` on a redis of this host, without any cluster.

use crate::redis_server::RedisServer;
use crate::sandbox::Sandbox;

#[test]
fn the_digest_of_any_redis_is_printed_and_is_equal_for_equal_data() {
    let (one, other) = (RedisServer::start(&[]), RedisServer::start(&[]));
    one.cli(b"SET a 1\nSADD s x y\n");
    other.cli(b"SADD s y\nSADD s x\nSET a 1\nHSET opsctl:imports file 1\n");
    let sandbox = Sandbox::new();
    let of = |server: &RedisServer, form: &str| {
        sandbox.opsctl(&["redis", "digest", &server.addr(), "-o", form]).ends(0).stdout
    };
    let digest = of(&one, "name");
    assert_eq!(digest.trim().len(), 64, "{digest}");
    assert_eq!(of(&other, "name"), digest);
    assert_eq!(of(&one, "table"), format!("{}  {}  2 keys in 1 database\n", digest.trim(), one.addr()));
    let json: serde_json::Value = serde_json::from_str(&of(&one, "json")).unwrap();
    assert_eq!(json["digest"], digest.trim());
    assert_eq!((json["keys"].as_u64(), json["databases"]["0"].as_u64()), (Some(2), Some(2)));
    other.cli(b"SET a 2\n");
    assert_ne!(of(&other, "name"), digest);
    // A look leaves nothing behind.
    assert!(!sandbox.state().exists());
}

#[test]
fn a_redis_that_is_not_there_is_told_with_its_address() {
    let sandbox = Sandbox::new();
    let ran = sandbox.opsctl(&["redis", "digest", "127.0.0.1:1"]).guides("no redis answers at 127.0.0.1:1");
    assert_eq!(ran.stdout, "");
    let _ = sandbox.opsctl(&["redis", "digest", "here"]).ends(2).guides("host:port");
}
