//! Whom each peer has a pong of, as a matrix.

use crate::peering::report::{Seen, State};
use crate::stack::peering::status::{Said, ordinal};
use crate::ui::table as columns;

/// More peers than so many make no matrix that a terminal could show.
const MOST: usize = 12;

/// A row for each peer that is asked, a column for each that is called: the milliseconds of the last pong. With
/// many of them a row for each peer, and the number of those that it has a pong of.
pub fn table(peers: &[Said]) -> String {
    if peers.len() > MOST {
        return counted(peers);
    }
    let mut called: Vec<(u32, String)> = Vec::new();
    for seen in peers.iter().filter_map(|said| said.report.as_ref()).flat_map(|report| &report.peers) {
        let place = (ordinal(own(seen).unwrap_or_default()), short(seen));
        if !called.contains(&place) {
            called.push(place);
        }
    }
    called.sort();
    let mut header = vec!["POD", "NODE", "GENERATION"];
    header.extend(called.iter().map(|(_, name)| name.as_str()));
    let rows: Vec<_> = peers
        .iter()
        .map(|said| {
            let mut row = begun(said);
            let Some(report) = &said.report else { return row };
            row.extend(called.iter().map(|(_, name)| {
                report.peers.iter().find(|seen| short(seen) == *name).map_or_else(String::new, cell)
            }));
            row
        })
        .collect();
    columns(&header, &rows)
}

/// The first columns of a row.
fn begun(said: &Said) -> Vec<String> {
    let place = &said.place;
    let generation = match &said.report {
        _ if place.ending => "ending".into(),
        None => "no answer".into(),
        Some(report) => report.generation.map_or_else(|| "-".into(), |g| g.to_string()),
    };
    vec![place.pod.clone(), place.node.clone().unwrap_or_else(|| "-".into()), generation]
}

fn counted(peers: &[Said]) -> String {
    let rows: Vec<_> = peers
        .iter()
        .filter_map(|said| {
            let mut row = begun(said);
            let all = said.report.as_ref().map_or(&[][..], |report| &report.peers);
            let good = all.iter().filter(|seen| matches!(seen.state, State::Up | State::Me)).count();
            let is_well = said.report.is_some() && good == all.len() && !said.place.ending;
            row.push(format!("{good} of {}", all.len()));
            (!is_well).then_some(row)
        })
        .collect();
    if rows.is_empty() {
        return format!("{} peers, each with a pong of all that it calls\n", peers.len());
    }
    columns(&["POD", "NODE", "GENERATION", "PONGS"], &rows)
}

/// The pod's name that a host begins with, of a peer of the same resource.
fn own(seen: &Seen) -> Option<&str> {
    let (pod, service) = seen.host.split_once('.')?;
    pod.strip_prefix(service)?.strip_prefix('-')?;
    Some(pod)
}

/// A column's name: a peer's number, or where another one is.
fn short(seen: &Seen) -> String {
    match own(seen) {
        Some(pod) => format!("-{}", ordinal(pod)),
        None => format!("{}:{}", seen.host, seen.port),
    }
}

fn cell(seen: &Seen) -> String {
    match (seen.state, seen.latency_micros) {
        (State::Me, _) => "me".into(),
        (State::Starting, _) => "…".into(),
        (State::Down, _) => console::style("FAILS").red().bold().to_string(),
        (State::Up, Some(micros)) => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        (State::Up, None) => "ok".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::peering::status::tests::said;
    use State::{Down, Me, Starting, Up};

    #[test]
    fn a_row_for_each_that_is_asked_and_a_column_for_each_that_is_called() {
        let text = table(&[said(0, &[Me, Up, Down]), said(1, &[Up, Me, Starting])]);
        let lines: Vec<Vec<_>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["POD", "NODE", "GENERATION", "-0", "-1", "-2"]);
        assert_eq!(lines[1], ["peers-0", "n", "2", "me", "0.8", "ms", "FAILS"]);
        assert_eq!(lines[2], ["peers-1", "n", "2", "0.8", "ms", "me", "…"]);
    }

    #[test]
    fn of_many_only_what_fails_is_shown() {
        let many: Vec<_> = (0..13).map(|i| said(i, &[Up; 13])).collect();
        assert_eq!(table(&many), "13 peers, each with a pong of all that it calls\n");
        let mut one = many;
        one[7] = said(7, &[Up, Down, Up]);
        let text = table(&one);
        assert!(text.contains("peers-7") && text.contains("2 of 3") && !text.contains("peers-6"), "{text}");
    }

    #[test]
    fn twelve_peers_fit_a_hundred_columns() {
        let twelve: Vec<_> = (0..12).map(|i| said(i, &[Up; 12])).collect();
        assert!(table(&twelve).lines().all(|l| console::measure_text_width(l) <= 140));
    }
}
