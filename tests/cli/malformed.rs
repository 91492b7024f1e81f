//! Malformed inputs of every form, through the program itself with a redis behind it: each is refused at its place, and
//! the redis holds what it held before.

use std::io::Write as _;
use std::path::Path;

use crate::redis_server::RedisServer;
use crate::sandbox::Sandbox;

/// An input that is wrong.
struct Row {
    name: &'static str,
    /// Files by name, below the current folder.
    files: Vec<(&'static str, Vec<u8>)>,
    /// What follows `opsctl redis import`.
    args: Vec<&'static str>,
    stdin: Vec<u8>,
    /// The place as it is told: `data.txt:2:7: `; empty where the input as a whole is wrong.
    place: &'static str,
    words: &'static str,
}

impl Row {
    fn of(name: &'static str, file: &'static str, bytes: impl AsRef<[u8]>) -> Self {
        let files = vec![(file, bytes.as_ref().to_vec())];
        Self { name, files, args: vec![file], stdin: Vec::new(), place: "", words: "" }
    }

    fn args(mut self, args: &[&'static str]) -> Self {
        self.args = args.to_vec();
        self
    }

    /// The same with a key for its records.
    fn keyed(mut self) -> Self {
        self.args.extend(["--key", "u:{id}"]);
        self
    }

    fn stdin(name: &'static str, bytes: impl AsRef<[u8]>) -> Self {
        let stdin = bytes.as_ref().to_vec();
        Self { name, files: Vec::new(), args: vec!["-"], stdin, place: "", words: "" }
    }

    fn at(mut self, place: &'static str, words: &'static str) -> Self {
        self.place = place;
        self.words = words;
        self
    }
}

/// Faults in lines; each is the second command, behind one that is right.
fn lines() -> Vec<Row> {
    let line = |name, line: &'static str, place, words| {
        Row::of(name, "data.txt", format!("SET right 1\n{line}\nSET behind 1\n")).at(place, words)
    };
    vec![
        line("an open double quote", "SET b \"two", "data.txt:2:7: ", "this double quote is never closed"),
        line("an open single quote", "SET b 'two", "data.txt:2:7: ", "this single quote is never closed"),
        line("a quote that a backslash keeps open", r#"SET b "two\""#, "data.txt:2:7: ", "never closed"),
        line("text behind a quote", "SET \"a\"b c", "data.txt:2:8: ", "after a closing quote a blank"),
        line("a quote within a word", "SET it's 1", "data.txt:2:7: ", "this single quote is never closed"),
        line("columns are characters", "SET é \"open", "data.txt:2:7: ", "never closed"),
        line(
            "a value over lines",
            "SET b \"one\ntwo\"",
            "data.txt:2:7: ",
            "a value of several lines is one line",
        ),
        line("a NUL", "SET b x\0y", "data.txt:2:8: ", "a NUL byte"),
        line("a NUL in quotes", "SET b \"x\0y\"", "data.txt:2:9: ", "a NUL byte"),
        line("a NUL behind a backslash", "SET b \"\\\0\"", "data.txt:2:9: ", "a NUL byte"),
        line("a CR within", "SET b x\ry", "data.txt:2:8: ", "a carriage return within a line"),
        line(
            "a comment behind a command",
            "SADD b c # d",
            "data.txt:2:10: ",
            "a comment has a line of its own",
        ),
        line(
            "a word processor's quotes",
            "SET b \u{201c}c",
            "data.txt:2: ",
            "a quotation mark that redis does not",
        ),
        line("all data deleted", "FLUSHALL", "data.txt:2: ", "FLUSHALL is refused: it deletes all data"),
        line("small letters", "flushdb async", "data.txt:2: ", "FLUSHDB is refused"),
        line("the server changed", "CONFIG SET save \"\"", "data.txt:2: ", "it changes the server"),
        line("code", "EVAL \"return 1\" 0", "data.txt:2: ", "it runs code on the server"),
        line("another database", "SELECT 1", "data.txt:2: ", "a data file is for database 0"),
        line("a transaction", "MULTI", "data.txt:2: ", "where a transaction begins"),
        line("a wait", "BLPOP b 0", "data.txt:2: ", "it blocks"),
        line("a message", "PUBLISH b c", "data.txt:2: ", "a message is not data"),
        line("a serialised value", "RESTORE b 0 c", "data.txt:2: ", "serialised values fit one version"),
        line(
            "what removes whatever is there",
            "SPOP b",
            "data.txt:2: ",
            "it moves or removes whatever is there",
        ),
        line("a connection's end", "QUIT", "data.txt:2: ", "it changes the connection"),
        line("an unknown command", "SETT b c", "data.txt:2: ", "\"SETT\" is not a command that writes data"),
        line("an empty name", "\"\" b c", "data.txt:2: ", "\"\" is not a command that writes data"),
        line("a module's command", "JSON.SET b $ 1", "data.txt:2: ", "a command of the module RedisJSON"),
        line("RESP within lines", "*3", "data.txt:2: ", "this is the RESP protocol"),
        line("no value", "SET b", "data.txt:2: ", "SET takes a key and a value, not 1 word"),
        line("blanks without quotes", "SET b John Smith", "data.txt:2: ", "a value with blanks needs quotes"),
        line("a lifetime of nothing", "SET b c EX 0", "data.txt:2: ", "EX\" needs a whole number above 0"),
        line("options against each other", "SET b c NX XX", "data.txt:2: ", "NX and XX exclude each other"),
        line("half a pair", "HSET b f v g", "data.txt:2: ", "a key and pairs of field and value"),
        line("a number that is none", "INCRBY b 1.5", "data.txt:2: ", "\"1.5\" is no whole number"),
        line("a number too large", "INCRBY b 9223372036854775808", "data.txt:2: ", "is no whole number"),
        line("a time too far", "EXPIRE b 9223372036854775807", "data.txt:2: ", "is too far away"),
        line("a score that is none", "ZADD b one c", "data.txt:2: ", "\"one\" is no score"),
        line("a place off the earth", "GEOADD b 37.8 -122.3 c", "data.txt:2: ", "the longitude comes first"),
        line("an ID that is none", "XADD b 1-x f v", "data.txt:2: ", "is no ID of a stream"),
        line("a bit that is none", "SETBIT b 1 2", "data.txt:2: ", "is not between 0 and 1"),
        line(
            "a copy into another database",
            "COPY b c DB 1",
            "data.txt:2: ",
            "a data file is for database 0",
        ),
        line("the record of imports", "HSET opsctl:imports a b", "data.txt:2: ", "records its imports"),
        Row::of("a byte order mark and CRLF", "data.txt", "\u{feff}SET \"a\r\nSET b 1\r\n")
            .at("data.txt:1:5: ", "never closed"),
        Row::of("no end of the last line", "data.txt", "SET right 1\nSET b 'c")
            .at("data.txt:2:7: ", "never closed"),
        Row::of("comments and blank lines count", "data.txt", "# a\n\n  # b\nGET a b\nSET\n")
            .at("data.txt:5: ", "SET takes a key and a value"),
    ]
}

/// Files that are none of data.
fn kinds() -> Vec<Row> {
    let whole = |name, file, bytes: &[u8], place, words| Row::of(name, file, bytes).at(place, words);
    vec![
        whole("no bytes", "data.txt", b"", "data.txt", "is empty"),
        whole("comments alone", "data.txt", b"# none\n\n", "data.txt", "holds no command that writes"),
        whole(
            "nothing that writes",
            "data.txt",
            b"GET a\nPING\n",
            "data.txt",
            "holds no command that writes",
        ),
        whole(
            "a session",
            "data.txt",
            b"127.0.0.1:6379> SET a 1\nOK\n",
            "data.txt:1: ",
            "a session of redis-cli",
        ),
        whole("SQL", "data.txt", b"-- a dump\nINSERT INTO t VALUES (1);\n", "data.txt:1: ", "this is SQL"),
        whole("a JSON array", "data.json", b"[{\"id\": 1}]\n", "data.json:1: ", "one JSON array"),
        whole("UTF-16 with its mark", "data.txt", b"\xff\xfeS\0E\0T\0", "data.txt:1: ", "UTF-16"),
        whole("UTF-16 without", "data.txt", b"S\0E\0T\0 \0a\0", "data.txt:1: ", "UTF-16"),
        whole("zip", "data.zip", b"PK\x03\x04zip", "data.zip:1: ", "packed by zip"),
        whole("bzip2", "data.bz2", b"BZh91AY&SY", "data.bz2:1: ", "packed by bzip2"),
        whole("xz", "data.xz", b"\xfd7zXZ\0\0", "data.xz:1: ", "packed by xz"),
        whole(
            "a table without a key",
            "data.csv",
            b"id,n\n1,2\n",
            "data.csv:1: ",
            "each of them needs a key",
        ),
        whole(
            "records without a key",
            "data.jsonl",
            b"{\"id\": 1}\n",
            "data.jsonl:1: ",
            "each of them needs a key",
        ),
    ]
}

const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\nc\r\n";

/// Faults in RESP, each behind a command that is right.
fn resp() -> Vec<Row> {
    let second = "data.resp: record 2 at byte 27: ";
    let frame = |name, rest: &'static str, words| {
        Row::of(name, "data.resp", format!("{SET}{rest}")).at(second, words)
    };
    let first = |name, bytes: &'static str, words| {
        Row::of(name, "data.resp", bytes).at("data.resp: record 1 at byte 0: ", words)
    };
    vec![
        frame("a count that is no number", "*x\r\n", "\"*x\" stands where the number of words belongs"),
        frame("a count below zero", "*-1\r\n", "\"*-1\" stands where the number of words belongs"),
        frame("no word", "*0\r\n", "a command of no words"),
        frame("more words than redis takes", "*1048577\r\n", "the number of words is 1048577"),
        frame(
            "a count beyond 64 bits",
            "*99999999999999999999\r\n",
            "stands where the number of words belongs",
        ),
        frame("a count without an end", "*1111111111111111111111111111111111111\r\n", "does not end"),
        frame("LF alone", "*1\n$4\nPING\n", "ends with LF; RESP has CRLF"),
        frame("a length that is null", "*3\r\n$-1\r\n", "\"$-1\" stands where the length of a word belongs"),
        frame("a length that is none", "*3\r\n:3\r\n", "\":3\" stands where the length of a word belongs"),
        frame("more bytes than redis takes", "*1\r\n$536870913\r\n", "the length of a word is 536870913"),
        frame("more bytes than there are", "*3\r\n$536870912\r\nSET", "the file ends within a command"),
        frame("words that are not there", "*1048576\r\n$3\r\nSET\r\n", "the file ends within a command"),
        frame("a cut within the count", "*3", "does not end"),
        frame(
            "a cut before the last CRLF",
            "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb",
            "the file ends within a command",
        ),
        frame(
            "a word longer than it says",
            "*1\r\n$3\r\nPING\r\n",
            "longer than that, or does not end with CRLF",
        ),
        frame("a reply", "+OK\r\n", "\"+OK\" stands where the number of words belongs"),
        frame("a line within RESP", "SET a 1\r\n", "\"SET a 1\" stands where the number of words belongs"),
        frame("a command that is refused", "*1\r\n$8\r\nFLUSHALL\r\n", "FLUSHALL is refused"),
        frame("another database", "*2\r\n$6\r\nSELECT\r\n$1\r\n9\r\n", "a data file is for database 0"),
        first("a cut in the first", "*3\r\n$3\r\nSE", "the file ends within a command"),
        first("a count alone", "*1\r\n", "the file ends within a command"),
    ]
}

/// Faults in RDB files, whose sound original is `rdb`.
fn rdb(rdb: &[u8]) -> Vec<Row> {
    let body = |name, body: &'static [u8], place, words| {
        Row::of(name, "a.rdb", [b"REDIS0011".as_slice(), body].concat()).at(place, words)
    };
    let huge = b"\x81\xff\xff\xff\xff\xff\xff\xff\xff";
    let value = |name, kind: u8, value: &[u8], words| {
        let bytes = [b"REDIS0011\xfe\x00".as_slice(), &[kind], b"\x01a", value].concat();
        Row::of(name, "a.rdb", bytes).at("a.rdb: record 1 at byte 9: ", words)
    };
    let mut wrong = rdb.to_vec();
    let end = wrong.len();
    wrong[end - 1] ^= 1;
    let mut flipped = rdb.to_vec();
    let at = end - 12;
    flipped[at] ^= 0x01;
    vec![
        body("a header alone", b"", "a.rdb: record 1 at byte 9: ", "cut short"),
        body("no end", b"\xfe\x00\x00\x01a\x01v", "a.rdb: record 2 at byte 16: ", "cut short"),
        body(
            "a cut within the checksum",
            b"\xfe\x00\x00\x01a\x01v\xff\0\0\0",
            "a.rdb: record 2 at byte 16: ",
            "cut short",
        ),
        body(
            "another database",
            b"\xfe\x01\x00\x01a\x01v\xff\0\0\0\0\0\0\0\0",
            "a.rdb: record 1 at byte 9: ",
            "is in database 1",
        ),
        body(
            "an unknown type",
            b"\xfe\x00\x1e\x01a\x01v\xff\0\0\0\0\0\0\0\0",
            "a.rdb: record 1 at byte 9: ",
            "the unknown type 30",
        ),
        body(
            "data behind the end",
            b"\xfe\x00\x00\x01a\x01v\xff\0\0\0\0\0\0\0\0more",
            "a.rdb: record 2 at byte 16: ",
            "there is data after the end",
        ),
        body(
            "fewer keys than it says",
            b"\xfe\x00\xfb\x02\x00\x00\x01a\x01v\xff\0\0\0\0\0\0\0\0",
            "a.rdb: record 2 at byte 19: ",
            "was to have 2 keys",
        ),
        body(
            "a key of more bytes than redis takes",
            b"\xfe\x00\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff",
            "a.rdb: record 1 at byte 9: ",
            "a string of 18446744073709551615 bytes",
        ),
        body(
            "a key of more bytes than there are",
            b"\xfe\x00\x00\x80\x1f\xff\xff\xffa",
            "a.rdb: record 1 at byte 9: ",
            "cut short",
        ),
        body(
            "a length that is none",
            b"\xfe\x00\x00\xc9a",
            "a.rdb: record 1 at byte 9: ",
            "a length that begins with 0xc9",
        ),
        body("a remark that is cut", b"\xfa\x09redis-ver\x05", "a.rdb: record 1 at byte 9: ", "cut short"),
        value("a value of more bytes than there are", 0, huge, "cut short"),
        value("a list of more elements than there are", 1, huge, "cut short"),
        value(
            "a hash of more fields than there are",
            4,
            &[huge.as_slice(), b"\x01f\x01v"].concat(),
            "cut short",
        ),
        value(
            "a sorted set of more than there are",
            5,
            &[huge.as_slice(), b"\x01m\0\0\0\0\0\0\0\0"].concat(),
            "cut short",
        ),
        value("a stream of more than there are", 21, huge, "cut short"),
        value(
            "a packed string of more than there are",
            0,
            &[b"\xc3".as_slice(), huge, huge].concat(),
            "cut short",
        ),
        value("a string where a number belongs", 1, b"\xc0\x01", "a string where a number belongs"),
        value("a module's part of no kind", 7, b"\x05\x09", "unknown kind 9"),
        Row::of("a key that does not unpack", "a.rdb", b"REDIS0011\xfe\x00\x00\xc3\x02\x04\x20\x05\x01v")
            .at("a.rdb: record 1 at byte 9: ", "does not unpack"),
        Row::of("a wrong checksum", "a.rdb", wrong).at("a.rdb: record 4 at byte ", "the checksum is wrong"),
        Row::of("a value that is not what it was", "a.rdb", flipped)
            .at("a.rdb: record 4 at byte ", "the checksum is wrong"),
        Row::of("a half", "a.rdb", &rdb[..end / 2]).at("a.rdb: record ", "cut short"),
        Row::of("no version", "a.rdb", "REDIS\n").at("a.rdb:1: ", "\"REDIS\" is not a command"),
    ]
}

/// Faults in CSV.
fn tables() -> Vec<Row> {
    let table =
        |name, text: &'static [u8], place, words| Row::of(name, "a.csv", text).keyed().at(place, words);
    vec![
        table("two columns of one name", b"id,id\n1,2\n", "a.csv:1: ", "two columns are called \"id\""),
        table("a column without a name", b"id,\n1,2\n", "a.csv:1: ", "column 2 has no name"),
        table("no column of the key", b"n\n1\n", "a.csv:1: ", "needs a column \"id\", and there is none"),
        table("no row", b"id,n\n", "a.csv", "holds no command that writes"),
        table("too few fields", b"id,n\n1,2\n3\n", "a.csv:3: ", "1 fields where 2 columns are named"),
        table("too many fields", b"id,n\n1,2\n3,4,5\n", "a.csv:3: ", "3 fields where 2 columns are named"),
        table("an empty key", b"id,n\n1,2\n,4\n", "a.csv:3: ", "needs the field \"id\", which is empty here"),
        table(
            "an open quote",
            b"id,n\n1,2\n3,\"open\n4,5\n",
            "a.csv:3: ",
            "a double quote in this row is never closed",
        ),
        table(
            "an open quote in the head",
            b"id,\"n\n1,2\n",
            "a.csv:1: ",
            "a double quote in this row is never closed",
        ),
        table(
            "a row behind one of several lines",
            b"id,n\n1,\"2\n3\"\n4\n",
            "a.csv:4: ",
            "1 fields where 2 columns",
        ),
        table(
            "another separator than the head's",
            b"id;n\n1;2\n3,4\n",
            "a.csv:3: ",
            "1 fields where 2 columns",
        ),
        Row::of("the record of imports", "a.csv", "id,n\nopsctl:imports,1\n")
            .args(&["a.csv", "--key", "{id}"])
            .at("a.csv:2: ", "records its imports"),
        Row::of("no UTF-8 where JSON is wanted", "a.csv", b"id,n\n1,\xff\n")
            .args(&["a.csv", "--key", "u:{id}", "--as", "string"])
            .at("a.csv:2: ", "JSON is UTF-8"),
    ]
}

/// Faults in JSON Lines, each behind a record that is right.
fn records() -> Vec<Row> {
    let record = |name, text: &'static [u8], place, words| {
        Row::of(name, "a.jsonl", [b"{\"id\": 1}\n".as_slice(), text, b"\n{\"id\": 3}\n"].concat())
            .keyed()
            .at(place, words)
    };
    vec![
        record("no value", b"{\"id\": }", "a.jsonl:2:8: ", "this is no JSON object: expected value"),
        record("columns are characters", "{\"\u{e9}\": }".as_bytes(), "a.jsonl:2:7: ", "expected value"),
        record("no object", b"7", "a.jsonl:2: ", "a record is a JSON object"),
        record(
            "an object that goes on in the next line",
            b"{\"id\": 2,\n\"n\": 1}",
            "a.jsonl:2:9: ",
            "no JSON object",
        ),
        record("two in a line", b"{\"id\": 2} {\"id\": 3}", "a.jsonl:2:11: ", "trailing characters"),
        record("a comma too many", b"{\"id\": 2,}", "a.jsonl:2:10: ", "trailing comma"),
        record("a text that never ends", b"{\"id\": \"2}", "a.jsonl:2:10: ", "EOF while parsing a string"),
        record("no UTF-8", b"{\"id\": \"\xff\"}", "a.jsonl:2:", "no JSON object"),
        record(
            "half a pair of surrogates",
            b"{\"id\": 2, \"n\": \"\\ud800\"}",
            "a.jsonl:2: ",
            "the text of \"n\"",
        ),
        record("a line end within a text", b"{\"id\": \"\x01\"}", "a.jsonl:2:9: ", "control character"),
        record("a number that is none", b"{\"id\": 01}", "a.jsonl:2:9: ", "invalid number"),
        record(
            "a name twice",
            b"{\"id\": 2, \"n\": 1, \"n\": 2}",
            "a.jsonl:2: ",
            "two fields are called \"n\"",
        ),
        record("no field of the key", b"{\"n\": 1}", "a.jsonl:2: ", "the field \"id\", which is not here"),
        record("null in the key", b"{\"id\": null}", "a.jsonl:2: ", "the field \"id\", which is not here"),
        record("a list in the key", b"{\"id\": [1]}", "a.jsonl:2: ", "which is no single value here"),
        record("an empty key", b"{\"id\": \"\"}", "a.jsonl:2: ", "which is empty here"),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
    packer.include_checksum(true).unwrap();
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Packed files that are damaged, or what is in them.
fn packed() -> Vec<Row> {
    let text = (0..3000).fold(String::new(), |text, n| text + &format!("SET k:{n} {}\n", n * n * 7919));
    let fault = format!("{text}SET open \"x\n");
    let wrong = |mut bytes: Vec<u8>, from_end: usize| {
        let at = bytes.len() - from_end;
        bytes[at] ^= 0x55;
        bytes
    };
    let (gz, zst) = (gzip(text.as_bytes()), zstd(text.as_bytes()));
    let row = |name, file, bytes: &[u8], place, words| Row::of(name, file, bytes).at(place, words);
    let gzip_damaged = "what gzip packed is damaged or cut short here";
    let zstd_damaged = "what zstd packed is damaged or cut short here";
    vec![
        row("a fault in gzip", "a.gz", &gzip(fault.as_bytes()), "a.gz:3001:10: ", "never closed"),
        row("gzip cut in half", "a.gz", &gz[..gz.len() / 2], "a.gz:", gzip_damaged),
        row("gzip without its end", "a.gz", &gz[..gz.len() - 8], "a.gz:3000: ", gzip_damaged),
        row("gzip of a wrong checksum", "a.gz", &wrong(gz.clone(), 8), "a.gz:3000: ", gzip_damaged),
        row("gzip of a wrong length", "a.gz", &wrong(gz.clone(), 4), "a.gz:3000: ", gzip_damaged),
        row("data behind gzip", "a.gz", &[&gz[..], b"more"].concat(), "a.gz:3000: ", gzip_damaged),
        row("the head of gzip alone", "a.gz", &gz[..10], "a.gz:1: ", gzip_damaged),
        row("gzip twice", "a.gz", &gzip(&gz), "a.gz:1: ", "packed by gzip, twice"),
        row("nothing in gzip", "a.gz", &gzip(b""), "a.gz", "holds no command that writes"),
        row("a fault in zstd", "a.zst", &zstd(fault.as_bytes()), "a.zst:3001:10: ", "never closed"),
        row("zstd cut in half", "a.zst", &zst[..zst.len() / 2], "a.zst:", zstd_damaged),
        row("zstd of a wrong checksum", "a.zst", &wrong(zst.clone(), 1), "a.zst:", zstd_damaged),
        row("data behind zstd", "a.zst", &[&zst[..], b"more"].concat(), "a.zst:3000: ", zstd_damaged),
        row("the head of zstd alone", "a.zst", &zst[..4], "a.zst:1: ", zstd_damaged),
        row(
            "RESP cut in gzip",
            "a.gz",
            &gzip(b"*3\r\n$3\r\nSE"),
            "a.gz: record 1 at byte 0: ",
            "ends within a command",
        ),
    ]
}

/// Folders, standard input, and options.
fn ways() -> Vec<Row> {
    let right = || b"SET right 1\n".to_vec();
    let folder = |name, files: &[(&'static str, &[u8])], place, words| Row {
        name,
        files: files.iter().map(|(file, bytes)| (*file, bytes.to_vec())).collect(),
        args: vec!["all"],
        stdin: Vec::new(),
        place,
        words,
    };
    let option =
        |name, args: &[&'static str], words| Row::of(name, "a.csv", "id,n\n1,2\n").args(args).at("", words);
    vec![
        folder(
            "one wrong file of a folder",
            &[("all/1", b"SET a 1\n"), ("all/2", b"SET a 1\nSET\n")],
            "all/2:2: ",
            "SET takes",
        ),
        folder(
            "a folder in a folder",
            &[("all/1", b"SET a 1\n"), ("all/in/2", b"SET b 1\n")],
            "all/in",
            "a folder within a folder",
        ),
        folder("a folder of hidden files", &[("all/.hidden", b"SET a 1\n")], "all", "is an empty folder"),
        folder("an empty file in a folder", &[("all/1", b"SET a 1\n"), ("all/2", b"")], "all/2", "is empty"),
        Row::of("a file that is not there", "a.txt", right())
            .args(&["a.txt", "none.txt"])
            .at("none.txt", "no such file"),
        Row::of("the second of two", "b.txt", "SET\n").at("b.txt:1: ", "SET takes a key and a value"),
        Row::stdin("a fault on standard input", "SET a 1\nEVAL 1 0\n")
            .at("standard input:2: ", "it runs code"),
        Row::stdin("nothing on standard input", "").at("standard input", "is empty"),
        Row::stdin("gzip cut on standard input", &gzip(b"SET a 1\n")[..20])
            .at("standard input:", "damaged or cut short"),
        Row::stdin("RDB cut on standard input", b"REDIS0011\xfe\x00\x00\x01a")
            .at("standard input: record 1 at byte 9: ", "cut short"),
        option("a key without a field", &["a.csv", "--key", "user"], "it names no field"),
        option("a key with an open brace", &["a.csv", "--key", "u:{id"], "is never closed"),
        option("a key with a closing brace", &["a.csv", "--key", "u:id}"], "without its {"),
        option("a key of a field without a name", &["a.csv", "--key", "u:{}"], "names no field"),
        option("a key without a column", &["a.csv", "--key", "u:{nr}"], "needs a column \"nr\""),
        option("a type without a key", &["a.csv", "--as", "string"], "--key"),
        option("a type that is none", &["a.csv", "--key", "u:{id}", "--as", "list"], "invalid value 'list'"),
        option("less than none to skip", &["a.csv", "--skip-bad=-1"], "invalid value '-1'"),
        Row::of("a key for commands", "a.resp", SET).keyed().at("a.resp:1: ", "leave --key out"),
        Row::of("a key for a dump", "a.rdb", "REDIS0011").keyed().at("a.rdb:1: ", "leave --key out"),
        Row::of("more wrong lines than may be", "data.txt", "SET a 1\nSET\nGETT\n")
            .args(&["data.txt", "--skip-bad", "1"])
            .at("data.txt:3: ", "2 lines are wrong, more than the 1 of --skip-bad"),
        Row::of("a lost frame, whatever may be skipped", "a.resp", format!("{SET}*x\r\n"))
            .args(&["a.resp", "--skip-bad", "9"])
            .at("a.resp: record 2 at byte 27: ", "what follows cannot be read"),
        Row::of("nothing right is left", "data.txt", "SET\n")
            .args(&["data.txt", "--skip-bad", "1"])
            .at("data.txt", "holds no command that writes"),
    ]
}

/// A dump of three keys, of a redis itself.
fn dump(server: &RedisServer) -> Vec<u8> {
    server.cli(b"SET a 1\nRPUSH l x y z\nHSET h f v g w\n");
    let file = server.dir().join("dump-of-it.rdb");
    let saved = std::process::Command::new("redis-cli")
        .args(["-p", &server.port().to_string(), "--rdb"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(saved.status.success(), "{saved:?}");
    std::fs::read(&file).unwrap()
}

/// All that the server holds.
fn held(server: &RedisServer) -> (u64, String) {
    (server.ask(&["DBSIZE"]), server.cli(b"DEBUG DIGEST\n"))
}

fn write(home: &Path, file: &str, bytes: &[u8]) {
    let path = home.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn malformed_inputs_of_every_form_are_refused_at_their_place_and_write_nothing() {
    let server = RedisServer::start(&[]);
    let rdb_bytes = dump(&server);
    let before = held(&server);
    assert_eq!(before.0, 3);
    let mut rows = lines();
    for more in [kinds(), resp(), rdb(&rdb_bytes), tables(), records(), packed(), ways()] {
        rows.extend(more);
    }
    assert!(rows.len() > 150, "{}", rows.len());
    let mut names: Vec<_> = rows.iter().map(|row| (row.name, row.args[0])).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|two| two[0] != two[1]), "each form has a fault once");
    let mut wrong = Vec::new();
    for row in &rows {
        let sandbox = Sandbox::new().with_redis(&server, None).stdin(row.stdin.clone());
        for (file, bytes) in &row.files {
            write(&sandbox.home(), file, bytes);
        }
        let line = [&["redis", "import"], &row.args[..]].concat();
        let ran = sandbox.opsctl(&line);
        // As told, without the folder of this test.
        let said = ran.stderr.replace(&format!("{}/", sandbox.home().display()), "");
        let at_its_place =
            said.lines().any(|l| l.trim_start().trim_start_matches("error: ").starts_with(row.place));
        if ran.code != Some(2) || !ran.stdout.is_empty() || !at_its_place || !said.contains(row.words) {
            wrong.push(format!(
                "{}: {:?} {}, expected {}{}\n{said}",
                row.name, ran.code, ran.stdout, row.place, row.words
            ));
        }
        assert_eq!(held(&server), before, "{}: it has written", row.name);
        assert!(!sandbox.state().join("spool").exists(), "{}: the spool is left", row.name);
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    // The same way writes what is right.
    let sandbox = Sandbox::new().with_redis(&server, None);
    write(&sandbox.home(), "right.txt", b"SET right 1\n");
    let _ = sandbox.opsctl(&["redis", "import", "right.txt"]).ends(0);
    assert_ne!(held(&server), before);
}
