use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::*;
use crate::error::{Class, Places, Problem, class_of};

fn file(bytes: &[u8]) -> (tempfile::TempDir, Source) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.txt");
    std::fs::write(&path, bytes).unwrap();
    (dir, Source::File(path))
}

/// Places and words of all commands of a file of that name.
fn commands_of(name: &str, bytes: &[u8], reading: &Reading) -> Vec<(String, Vec<String>)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut opened = Source::File(path).open(reading).unwrap();
    let mut reader = opened.commands().unwrap();
    let (mut all, mut command) = (Vec::new(), Command::default());
    while let Some(next) = reader.next(&mut command).unwrap() {
        next.unwrap();
        let words = command.words().iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect();
        all.push((command.place().to_string(), words));
    }
    assert_eq!(reader.bytes(), bytes.len() as u64);
    assert_eq!(reader.sha256(), format!("{:x}", Sha256::digest(bytes)));
    all
}

fn keyed(key: &str) -> Reading {
    Reading { key: Some(key.parse().unwrap()), ..Reading::default() }
}

/// The problem's sentence and its details, without the folder.
fn problem(bytes: &[u8]) -> (Class, String) {
    problem_of("data.txt", bytes, &Reading::default())
}

fn problem_of(name: &str, bytes: &[u8], reading: &Reading) -> (Class, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let error = check(&Source::File(path), reading).unwrap_err();
    let problem = error.downcast_ref::<Problem>().unwrap();
    let text = format!("{}\n{}", problem.what, problem.found.join("\n"));
    (problem.code.class(), text.replace(&format!("{}/", dir.path().display()), ""))
}

#[test]
fn comments_blank_lines_crlf_bom_and_a_missing_last_newline_are_fine() {
    let bytes = b"\xEF\xBB\xBFSET a 1\r\n\r\n  # SET no 1\n\t\nSET b 2\n#\nSET c \"3 # 4\"";
    let found = commands_of("data.txt", bytes, &Reading::default());
    let lines: Vec<_> = found.iter().map(|(place, words)| (place.as_str(), words[2].as_str())).collect();
    assert_eq!(lines, [(":1", "1"), (":5", "2"), (":7", "3 # 4")]);
}

#[test]
fn bytes_that_are_no_utf8_are_values_like_others() {
    let (_dir, source) = file(b"SET k \xff\xfe\nSET l \"\\x00\"\n");
    assert_eq!(check(&source, &Reading::default()).unwrap().commands, 2);
}

#[test]
fn every_fault_is_named_with_file_line_and_column() {
    let (class, text) = problem(b"SET a 1\nSET b \"open\nFLUSHALL\n*3\n$-1\nSET c x\0y\nSET d a\rb\n");
    assert_eq!(class, Class::Usage);
    let expected = [
        "data.txt: 6 lines are wrong; nothing was written",
        "data.txt:2:7: this double quote is never closed",
        "data.txt:3: FLUSHALL is refused: it deletes all data",
        "data.txt:4: this is the RESP protocol, not a command; such a file begins with it, and holds nothing else",
        "data.txt:5: this is the RESP protocol, not a command; such a file begins with it, and holds nothing else",
        "data.txt:6:8: a NUL byte; write it as \"\\x00\"",
        "data.txt:7:8: a carriage return within a line; lines end with LF or CRLF, a value has \"\\r\"",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn ten_faults_are_shown_and_the_rest_counted() {
    let (_, text) = problem(&b"MULTI\n".repeat(25));
    assert!(text.starts_with("data.txt: 25 lines are wrong"), "{text}");
    assert_eq!(text.lines().count(), 12);
    assert!(text.ends_with("and 15 more"), "{text}");
}

#[test]
fn what_cannot_be_imported_is_a_usage_error_that_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let said = |path: &Path| {
        let error = check(&Source::File(path.to_owned()), &Reading::default()).unwrap_err();
        assert_eq!(class_of(&error), Class::Usage);
        error.to_string()
    };
    assert!(said(&dir.path().join("none")).contains("no such file"));
    assert!(said(dir.path()).contains("is a folder"));
    let empty = dir.path().join("empty");
    std::fs::write(&empty, b"").unwrap();
    assert!(said(&empty).contains("is empty"));
    let fifo = dir.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert!(said(&fifo).contains("not a regular file"));
    let blank = dir.path().join("blank");
    std::fs::write(&blank, b"# only talk\n\n").unwrap();
    assert!(said(&blank).contains("holds no command"));
}

#[test]
fn a_comment_behind_a_command_is_no_value() {
    let (_, text) = problem(b"SADD tags \"redis\" # the tags\n");
    assert!(text.contains("data.txt:1:19: a comment has a line of its own"), "{text}");
    assert_eq!(commands_of("data.txt", b"SADD tags \"#\" the\n", &Reading::default()).len(), 1);
}

#[test]
fn a_value_over_several_lines_is_one_fault() {
    let (_, text) = problem(b"SET a 1\nSET text \"one\ntwo words\nthree\"\nSET b 2\nSET c\n");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.starts_with("data.txt: 2 lines are wrong"), "{text}");
    assert!(text.contains("data.txt:2:10: this double quote is never closed; a value of several"), "{text}");
    assert!(text.contains("data.txt:6: SET takes"), "{text}");
}

#[test]
fn a_whole_file_of_another_form_is_said_once() {
    let rows = (0..152).fold(String::new(), |rows, n| rows + &format!("INSERT INTO t VALUES ({n});\n"));
    let (_, text) = problem(format!("# a dump\n\n{rows}").as_bytes());
    let expected =
        "data.txt cannot be imported; nothing was written\ndata.txt:3: this is SQL, not commands of redis";
    assert_eq!(text, expected);
}

#[test]
fn the_places_of_faults_are_data_too() {
    let (_dir, source) = file(b"SET a 1\nSET b \"open\n");
    let error = check(&source, &Reading::default()).unwrap_err();
    let Places(places) = crate::error::cause::<Places>(&error).unwrap();
    assert_eq!(
        (places.len(), places[0]["line"].as_u64(), places[0]["column"].as_u64()),
        (1, Some(2), Some(7))
    );
}

#[test]
fn files_of_another_kind_are_recognised() {
    assert!(problem(b"PK\x03\x04zip").1.contains("packed by zip"));
    assert!(problem(b"BZh91AY").1.contains("packed by bzip2"));
    assert!(problem(b"\xff\xfeS\0E\0T\0").1.contains("UTF-16"));
    let (_, text) = problem_of("users.csv", b"id,name\n1,Zoe\n", &Reading::default());
    let expected =
        "users.csv cannot be imported; nothing was written\nusers.csv:1: this is a file of records, and each";
    assert!(text.starts_with(expected), "{text}");
    assert!(problem(b"{\"id\": 1}\n").1.contains("a file of records"));
    assert!(problem(b"# none\nid,name\n1,Zoe\n").1.contains("data.txt:2: this is a file of records"));
    assert!(problem(&gzip(&gzip(b"SET a 1\n"))).1.contains("packed by gzip, twice"));
    assert!(problem_of("a.json", b"[{\"id\": 1}]\n", &keyed("u:{id}")).1.contains("one JSON array"));
    assert!(problem_of("a", b"*1\r\n$4\r\nPING\r\n", &keyed("u:{id}")).1.contains("leave --key out"));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn packed_files_are_unpacked_as_they_are_read_also_several_in_one() {
    let (one, two) = (b"SET a 1\nSET b 2\n".as_slice(), b"SET c 3\n".as_slice());
    let plain = commands_of("data.txt", &[one, two].concat(), &Reading::default());
    assert_eq!(plain.len(), 3);
    assert_eq!(commands_of("data.gz", &[gzip(one), gzip(two)].concat(), &Reading::default()), plain);
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    assert_eq!(commands_of("data.zst", &[zstd(one), zstd(two)].concat(), &Reading::default()), plain);
}

#[test]
fn a_packed_file_that_is_damaged_or_cut_short_is_refused() {
    let text = (0..20_000).fold(String::new(), |text, n| text + &format!("SET k:{n} {}\n", n * n));
    let packed = [("gzip", gzip(text.as_bytes())), ("zstd", zstd::encode_all(text.as_bytes(), 1).unwrap())];
    for (name, packed) in packed {
        let cut = problem(&packed[..packed.len() / 2]).1;
        assert!(cut.contains(&format!("what {name} packed is damaged or cut short here")), "{cut}");
        let mut wrong = packed.clone();
        let middle = wrong.len() / 2;
        wrong[middle..middle + 40].fill(0xa5);
        assert!(problem(&wrong).1.contains("nothing was written"), "{name}");
        let behind = problem(&[&packed[..], b"more"].concat()).1;
        assert!(behind.contains("packed is damaged"), "{name}: {behind}");
    }
}

#[test]
fn what_changes_nothing_is_counted_and_left_out() {
    let (_dir, source) = file(b"SELECT 0\nPING\nSET a 1\nGET a\n");
    let checked = check(&source, &Reading::default()).unwrap();
    assert_eq!(checked.commands, 1);
    assert_eq!(checked.left_out, [(LeftOut::ChangesNothing, 3)].into());
    let (_, text) = problem(b"PING\nGET a\n");
    assert!(text.contains("holds no command that writes"), "{text}");
    assert!(text.contains("2 commands that change nothing"), "{text}");
}

#[test]
fn as_many_wrong_lines_as_are_allowed_are_handed_over_and_one_more_is_an_error() {
    let (_dir, source) = file(b"SET a 1\nSET b \"open\nEVAL 1 0\nSET c 3\n");
    let reading = |skip_bad| Reading { skip_bad, ..Reading::default() };
    let mut rejected = Vec::new();
    let checked = check_and_reject(&source, &reading(2), &mut |fault, text| {
        rejected.push((fault.place.to_string(), String::from_utf8_lossy(text.unwrap()).into_owned()));
        Ok(())
    })
    .unwrap();
    assert_eq!((checked.commands, checked.bad), (2, 2));
    let expected = [(":2:7", "SET b \"open"), (":3", "EVAL 1 0")].map(|(p, t)| (p.to_owned(), t.to_owned()));
    assert_eq!(rejected, expected);
    let error = check(&source, &reading(1)).unwrap_err();
    assert!(error.to_string().contains("2 lines are wrong, more than the 1 of --skip-bad"), "{error}");
    // What follows a lost frame is unknown: that is never left out.
    let (_, text) = problem_of("data.resp", b"*1\r\n$4\r\nPING\r\n*x\r\n", &reading(9));
    assert!(text.contains("what follows cannot be read"), "{text}");
}

#[test]
fn a_table_becomes_hashes_or_strings() {
    let csv = b"\xEF\xBB\xBFid,name,note\n7,\"Zo\xc3\xab, \"\"Z\"\"\",\n8,Ann,\"two\nlines\"\n";
    let found = commands_of("users.csv", csv, &keyed("user:{id}"));
    let words = |at: usize| found[at].1.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(words(0), ["HSET", "user:7", "id", "7", "name", "Zoë, \"Z\"", "note", ""]);
    assert_eq!(words(1), ["HSET", "user:8", "id", "8", "name", "Ann", "note", "two\nlines"]);
    assert_eq!(found[1].0, ":3");
    let strings = Reading { kind: Kind::String, ..keyed("u:{id}") };
    let found = commands_of("t.tsv", b"id\tn\n1\tx\n", &strings);
    assert_eq!(found[0].1, ["SET", "u:1", "{\"id\":\"1\",\"n\":\"x\"}"]);
    assert_eq!(commands_of("t", b"id;n\n1;x\n", &keyed("u:{id}"))[0].1[1], "u:1");
}

#[test]
fn json_lines_become_hashes_or_strings_with_all_their_digits() {
    let text = b"{\"id\": 12345678901234567890123, \"name\": \"Zo\\u00eb\", \"no\": null, \"tags\": [1, 2]}\n\n{\"id\": 2}\n";
    let found = commands_of("users.jsonl", text, &keyed("user:{id}"));
    let id = "12345678901234567890123";
    let expected = ["HSET", &format!("user:{id}"), "id", id, "name", "Zoë", "tags", "[1, 2]"];
    assert_eq!(found[0].1, expected);
    assert_eq!(found[1], (":3".to_owned(), ["HSET", "user:2", "id", "2"].map(str::to_owned).to_vec()));
    let strings = Reading { kind: Kind::String, ..keyed("u:{id}") };
    assert_eq!(commands_of("a", b" {\"id\": 2}\n", &strings)[0].1, ["SET", "u:2", "{\"id\": 2}"]);
}

#[test]
fn every_form_names_the_place_of_what_is_wrong() {
    let (plain, text) = (Reading::default(), keyed("u:{id}"));
    let strings = Reading { kind: Kind::String, ..text.clone() };
    let cases: &[(&str, &[u8], &Reading, &str)] = &[
        ("a.csv", b"id,id\n1,2\n", &text, "a.csv:1: two columns are called \"id\""),
        ("a.csv", b"id,\n1,2\n", &text, "a.csv:1: column 2 has no name"),
        ("a.csv", b"n\n1\n", &text, "a.csv:1: the key u:{id} needs a column \"id\""),
        ("a.csv", b"id,n\n1,2\n3\n", &text, "a.csv:3: 1 fields where 2 columns are named"),
        ("a.csv", b"id,n\n1,2\n3,4,5\n", &text, "a.csv:3: 3 fields where 2 columns"),
        (
            "a.csv",
            b"id,n\n1,2\n,4\n",
            &text,
            "a.csv:3: the key u:{id} needs the field \"id\", which is empty",
        ),
        (
            "a.csv",
            b"id,n\n1,2\n3,\"open\n4,5\n",
            &text,
            "a.csv:3: a double quote in this row is never closed",
        ),
        ("a.csv", b"id\nopsctl:imports\n", &keyed("{id}"), "a.csv:2: opsctl:imports is where opsctl records"),
        ("a.csv", b"id,n\n1,\xff\n", &strings, "a.csv:2: JSON is UTF-8"),
        ("a.json", b"{\"id\": 1}\n{\"id\": }\n", &text, "a.json:2:8: this is no JSON object: expected value"),
        ("a.json", b"{\"id\": 1}\n7\n", &text, "a.json:2: a record is a JSON object"),
        (
            "a.json",
            b"{\"id\": 1}\n{\"n\": 1}\n",
            &text,
            "a.json:2: the key u:{id} needs the field \"id\", which is not",
        ),
        (
            "a.json",
            b"{\"id\": [1]}\n",
            &text,
            "a.json:1: the key u:{id} needs the field \"id\", which is no single",
        ),
        ("a.json", b"{\"id\": null}\n", &text, "which is not here"),
        ("a.json", b"{\"id\": 1\n", &text, "a.json:1:"),
        (
            "a.rdb",
            b"REDIS0011\xfe\x01\x00\x01a\x01v\xff",
            &plain,
            "a.rdb: record 1 at byte 9: \"a\" is in database 1",
        ),
        ("a.rdb", b"REDIS0011\xfe\x00\x00\x01a\x01v\x1e", &plain, "a.rdb: record 2 at byte 16: "),
        (
            "a.rdb",
            b"REDIS0011\xfe\x00\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff",
            &plain,
            "a string of 184467440737",
        ),
        ("a.rdb", b"REDIS0011\xfe\x00\x00\x01a", &plain, "cut short"),
    ];
    for (name, bytes, reading, expected) in cases {
        let (class, text) = problem_of(name, bytes, reading);
        assert_eq!(class, Class::Usage, "{name}: {text}");
        assert!(text.contains(expected) && text.contains("nothing was written"), "{expected}: {text}");
    }
}

#[test]
fn an_rdb_file_becomes_a_restore_for_each_key_that_has_not_expired() {
    let mut body = b"\xf5\x03lib\xfe\x00".to_vec();
    body.extend_from_slice(b"\x00\x01a\x01v");
    body.extend_from_slice(b"\xfd\x01\x00\x00\x00\x00\x01b\x01v");
    body.extend_from_slice(b"\xfc\xff\xff\xff\xff\xff\xff\x00\x00\x00\x01c\x01v");
    body.extend_from_slice(b"\x00\x0eopsctl:imports\x01v\xff");
    let bytes = [b"REDIS0011", &body[..], &[0; 8]].concat();
    let found = commands_of("dump.rdb", &bytes, &Reading::default());
    let keys: Vec<_> =
        found.iter().map(|(_, words)| [words[0].as_str(), words[1].as_str(), words[2].as_str()]).collect();
    assert_eq!(keys, [["RESTORE", "a", "0"], ["RESTORE", "c", "281474976710655"]]);
    let (_dir, source) = file(&bytes);
    let checked = check(&source, &Reading::default()).unwrap();
    assert_eq!(checked.left_out, [(LeftOut::Expired, 1), (LeftOut::Functions, 1)].into());
    assert_eq!((checked.commands, checked.rdb_version), (2, Some(11)));
}

proptest::proptest! {
    #[test]
    fn no_file_of_any_form_makes_the_reader_panic(
        begin in proptest::sample::select(vec!["", "*1\r\n", "REDIS0011", "{", "id,n\n", "SET "]),
        rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80),
        table in proptest::prelude::any::<bool>(),
    ) {
        let (_dir, source) = file(&[begin.as_bytes(), &rest].concat());
        let _ = check(&source, &if table { keyed("u:{id}") } else { Reading::default() });
    }
}

#[test]
fn the_embedded_sample_passes_the_check_and_has_a_thousand_entries() {
    let checked = check(&Source::Embedded, &Reading::default()).unwrap();
    assert!(checked.commands >= 1000, "{}", checked.commands);
    assert_eq!(checked.sha256, format!("{:x}", Sha256::digest(SAMPLE)));
}

#[test]
fn the_sample_is_the_file_in_the_folder_if_there_else_the_embedded_copy() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Source::sample(dir.path()), Source::Embedded);
    let path = dir.path().join(SAMPLE_PATH);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "SET a 1\n").unwrap();
    assert_eq!(Source::sample(dir.path()), Source::File(path));
}
