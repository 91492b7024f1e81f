//! What every pod says, as a table.

use std::time::Duration;

use crate::election::status::Master;
use crate::stack::election::status::Said;
use crate::ui::{human, table as columns};

const HEADER: [&str; 8] = ["POD", "NODE", "IP", "ROLE", "MASTER", "EPOCH", "SINCE", "FRESH"];

/// The columns of the terminal on stdout; none where stdout is something else, which has room enough.
pub fn room() -> Option<usize> {
    console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns))
}

/// A row a pod. Where the room is too small for whole names, each pod is told by its last syllable, the
/// master too.
pub fn table(pods: &[Said], room: Option<usize>) -> String {
    let whole = columns(&HEADER, &rows(pods, str::to_owned, |a| a.ip.clone()));
    let widest = whole.lines().map(console::measure_text_width).max().unwrap_or(0);
    if room.is_none_or(|room| widest <= room) {
        return whole;
    }
    columns(&HEADER, &rows(pods, last, |a| if a.pod.is_empty() { String::new() } else { last(&a.pod) }))
}

/// The last syllable of a pod's name.
fn last(name: &str) -> String {
    format!("…{}", name.rsplit('-').next().unwrap_or(name))
}

fn rows(
    pods: &[Said],
    name: impl Fn(&str) -> String,
    master: impl Fn(&Master) -> String,
) -> Vec<Vec<String>> {
    let or_dash = |text: Option<&str>| text.filter(|t| !t.is_empty()).unwrap_or("-").to_owned();
    pods.iter()
        .map(|said| {
            let place = &said.elector;
            let mut row =
                vec![name(&place.pod), or_dash(place.node.as_deref()), or_dash(place.ip.as_deref())];
            match &said.answer {
                Some(a) => row.extend([
                    role(said),
                    or_dash(Some(&master(a))),
                    a.epoch.to_string(),
                    age(&a.since).map_or_else(|| "-".into(), human),
                    human(Duration::from_millis(a.fresh_ms)),
                ]),
                None => row.push(role(said)),
            }
            row
        })
        .collect()
}

/// A pod's part in it, in a word or two.
fn role(said: &Said) -> String {
    match &said.answer {
        _ if said.elector.ending => "ending".into(),
        None => "no answer".into(),
        Some(a) if a.leading => console::style("leading").green().bold().to_string(),
        Some(a) if a.role == "following" && !a.agreed => "turning".into(),
        Some(a) => a.role.clone(),
    }
}

/// How long ago that was; a clock that is a little behind makes it no less than now.
fn age(since: &str) -> Option<Duration> {
    let since: jiff::Timestamp = since.parse().ok()?;
    Some(Duration::try_from(jiff::Timestamp::now().duration_since(since)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::pods::Place;

    fn said(pod: &str, answer: Option<Master>) -> Said {
        let elector = Place {
            pod: pod.into(),
            node: Some("minikube-m02".into()),
            ip: Some("10.244.100.100".into()),
            ending: false,
        };
        Said { elector, answer, error: None }
    }

    fn follower() -> Master {
        Master {
            pod: "redis-69d8f7c6b5-x2x4z".into(),
            ip: "10.244.100.101".into(),
            epoch: 12,
            since: jiff::Timestamp::now().to_string(),
            agreed: true,
            role: "following".into(),
            ..Master::default()
        }
    }

    #[test]
    fn whole_names_stand_where_there_is_room_and_last_syllables_fit_80_columns() {
        let pods = [said("redis-69d8f7c6b5-x2x4z", Some(follower())), said("redis-69d8f7c6b5-abcde", None)];
        for room in [None, Some(200)] {
            assert!(table(&pods, room).contains("redis-69d8f7c6b5-x2x4z"));
        }
        let narrow = table(&pods, Some(80));
        assert!(narrow.contains("…x2x4z") && narrow.contains("no answer"), "{narrow}");
        assert!(narrow.lines().all(|l| console::measure_text_width(l) <= 80), "{narrow}");
    }

    #[test]
    fn who_knows_the_master_without_following_it_is_not_said_to_follow() {
        let turning = Master { agreed: false, ..follower() };
        assert!(table(&[said("a", Some(turning))], None).contains("turning"));
        assert!(!table(&[said("a", Some(follower()))], None).contains("turning"));
    }
}
