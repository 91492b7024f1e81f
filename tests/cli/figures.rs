//! How a figure comes into the file of figures.

use std::path::Path;
use std::process::Command;

fn figure(file: Option<&Path>, words: &[&str]) -> i32 {
    let mut command = Command::new("bench/figure");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words).env_remove("OPSCTL_FIGURES");
    if let Some(file) = file {
        command.env("OPSCTL_FIGURES", file);
    }
    command.status().unwrap().code().unwrap()
}

#[test]
fn each_figure_is_a_row_of_its_own_whatever_is_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("figures.md");
    std::fs::write(&file, "| what was there |\n").unwrap();
    assert_eq!(figure(Some(&file), &["bench", "redis up", "2.8 s (2.7–3.0)"]), 0);
    assert_eq!(figure(Some(&file), &["soak", "a | b", "two\nlines"]), 0);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "| what was there |");
    let cells: Vec<_> = lines[1].split(" | ").collect();
    let [date, commit, machine, "bench", "redis up", "2.8 s (2.7–3.0) |"] = cells[..] else {
        panic!("{cells:?}");
    };
    let date = date.strip_prefix("| ").unwrap();
    assert!(date.parse::<jiff::civil::Date>().is_ok(), "{date}");
    assert!(!commit.is_empty() && !commit.contains(' '), "{commit}");
    assert!(machine.contains(" cores, ") && machine.contains(" GiB, load "), "{machine}");
    assert!(lines[2].ends_with(r"| soak | a \| b | two lines |"), "{}", lines[2]);
}

#[test]
fn without_a_file_that_is_named_nothing_is_written() {
    assert_eq!(figure(None, &["bench", "redis up", "2.8 s"]), 0);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("figures.md");
    assert_eq!(figure(Some(&file), &["bench", "no figure"]), 2);
    assert!(!file.exists());
}
