//! The README's tables have every stack, and every port as it is.

use opsctl::stack;

const README: &str = include_str!("../../README.md");

/// The cells of the rows of a table, below the heading of that name.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = README.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split_once("\n## ").map_or(section, |(own, _)| own);
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.skip(1).map(|row| row.split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn the_readme_has_the_ports_of_all_stacks_and_no_other() {
    let mut ports = Vec::new();
    for stack in stack::all() {
        for (named, port) in stack.ports.iter().zip(stack.declared_ports().unwrap()) {
            ports.push(vec![port.usual.to_string(), named.about.to_string(), format!("`{}`", port.variable)]);
        }
    }
    assert!(ports.len() > 4);
    assert_eq!(rows("Ports"), ports);
}

#[test]
fn the_readme_has_the_commands_of_all_stacks() {
    let tables = [rows("Each script, its command, and its inverse"), rows("Other commands")].concat();
    for stack in stack::all() {
        let [up, down] = ["up", "down"].map(|verb| format!("`opsctl {} {verb}`", stack.name));
        let has_both = |row: &Vec<&str>| row.contains(&&*up) && row.contains(&&*down);
        assert!(tables.iter().any(has_both), "no row has {up} and {down}");
    }
}
