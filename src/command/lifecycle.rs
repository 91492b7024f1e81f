//! What every `up` and every `down` has in common: target, checks, run, result, way back.

use anyhow::Result;
use serde_json::json;

use crate::context::{Context, Profile, Target};
use crate::engine::{self, Plan, Preview, Reach, Summary, Would};
use crate::error::{Next, opsctl};
use crate::step::Data;
use crate::ui::{Format, Ui, human};

/// Says which cluster is meant, before anything else.
pub async fn target_line(cx: &Context) {
    let new = match &cx.target {
        Target::Profile(name) => Profile::read(&cx.paths, name).is_ok_and(|p| p.is_none()),
        Target::Context(_) => false,
    };
    if new {
        cx.ui.note(format!("Target: {}, not there yet", cx.target));
        return;
    }
    match cx.cluster().await {
        Ok(cluster) => cx.ui.note(format!("Target: {}, cluster {}", cx.target, short(&cluster.uid))),
        Err(_) => cx.ui.note(format!("Target: {}, not answering", cx.target)),
    }
}

/// The first characters of a UID, for people.
pub fn short(uid: &str) -> &str {
    uid.get(..6).unwrap_or(uid)
}

/// Puts plans up: `--dry-run` only shows them. `None`: nothing was done because of that.
pub async fn up(cx: &Context, plans: &[Plan]) -> Result<Option<Summary>> {
    if cx.dry_run {
        let previews = engine::dry_run(cx, plans).await?;
        foretell(cx, &previews, |preview| &preview.command)?;
        cx.ui.note("Nothing was touched: + create, ~ change, = unchanged, ! not ours");
        return Ok(None);
    }
    Ok(Some(engine::up(cx, plans).await?))
}

/// Shows what a dry run found: with `-o json` an event a line, as the run itself would write.
fn foretell(cx: &Context, previews: &[Preview], words: fn(&Preview) -> &str) -> Result<()> {
    if cx.ui.format() == Format::Json {
        for preview in previews {
            let mut event = serde_json::to_value(preview)?;
            event["event"] = "preview".into();
            cx.ui.event(&event);
        }
        let ok = previews.iter().all(|p| p.would != Would::Refuse);
        cx.ui.event(&json!({"event": "end", "ok": ok, "changed": 0, "dry_run": true}));
        return Ok(());
    }
    cx.ui.report(
        &previews,
        || previews.iter().flat_map(|p| lines(p, words(p), &cx.ui)).collect::<Vec<_>>().join("\n"),
        || previews.iter().map(|p| p.step.clone()).collect(),
    )
}

/// A preview for people: what is in the way says so below its line, and what to type.
fn lines(preview: &Preview, words: &str, ui: &Ui) -> Vec<String> {
    let mut lines = vec![format!("{} {:<11} {words}", preview.would.sign(), preview.part)];
    if preview.would == Would::Refuse {
        lines.extend(preview.why.iter().map(|why| format!("{:14}{why}", "")));
        let ways = ui.ways_on(&preview.next);
        lines.extend(ways.into_iter().map(|(lead, line)| format!("{:14}{lead} {line}", "")));
    }
    lines
}

/// The closing lines of an `up`: the result, the endpoints, what to type next, the way back.
pub fn ready(cx: &Context, summary: &Summary, parts: usize, endpoints: &str, next: Next) {
    if summary.changed == 0 {
        let parts = plural(parts, "part");
        cx.ui.note_both(&format!("Nothing to do, {parts} checked in {}", human(summary.took)), endpoints);
    } else {
        cx.ui.note_both(&format!("Ready in {}", human(summary.took)), endpoints);
    }
    cx.ui.next(next, (summary.changed > 0).then(|| opsctl("undo")));
}

/// Takes things down: shows what goes, asks, and does it.
pub async fn down(cx: &Context, reach: &Reach, plans: &[Plan], discard: bool) -> Result<()> {
    cx.discard_data.store(discard, std::sync::atomic::Ordering::Relaxed);
    let reverse = engine::reverse(cx, reach, plans).await?;
    if reverse.list.is_empty() {
        cx.ui.note("Nothing to do: opsctl has created nothing here.");
        cx.ui.event(&json!({"event": "end", "ok": true, "changed": 0}));
        return Ok(());
    }
    if let Some(run) = reverse.run.and_then(|r| reverse.history().run(r)) {
        cx.ui.note(format!("Run {}: {}, {}", run.run, run.command, run.at.strftime("%Y-%m-%d %H:%M:%S UTC")));
    }
    let (coming, rest): (Vec<_>, Vec<_>) = reverse.list.iter().partition(|r| r.brings_back());
    let (going, changing): (Vec<_>, Vec<_>) = rest.into_iter().partition(|r| r.removes());
    if !going.is_empty() {
        let mut losses = Vec::new();
        // Where all the data goes, what was loaded into it goes with it.
        let data_goes = going.iter().any(|r| r.step.nature().data == Data::Keeps);
        for reversal in going.iter().filter(|r| !(data_goes && r.step.nature().data == Data::Content)) {
            losses.extend(reversal.loss(cx).await);
        }
        cx.ui.note(format!("Removes: {}", counted(&going)));
        for loss in losses {
            cx.ui.note(format!("         {loss}"));
        }
    }
    if !changing.is_empty() {
        cx.ui.note(format!("Reverts: {}", counted(&changing)));
    }
    if !coming.is_empty() {
        cx.ui.note(format!("Restores: {}", counted(&coming)));
    }
    if cx.dry_run {
        let previews: Vec<_> =
            reverse.list.iter().map(|r| Preview::new(r.would(), &r.part, &r.step)).collect();
        foretell(cx, &previews, |preview| &preview.title)?;
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    cx.ui.confirm("Continue?")?;
    let summary = engine::carry_out(cx, reverse).await?;
    let changes = plural(summary.changed, "change");
    cx.ui.note(format!("{changes} undone in {}", human(summary.took)));
    Ok(())
}

/// `1 part`, `2 parts`.
pub fn plural<N: std::fmt::Display + PartialEq + From<u8> + Copy>(n: N, what: &str) -> String {
    if n == N::from(1) { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn counted(list: &[&engine::Reversal]) -> String {
    let mut parts: Vec<(&str, usize)> = Vec::new();
    for reversal in list {
        match parts.iter_mut().find(|(name, _)| *name == reversal.part) {
            Some((_, n)) => *n += 1,
            None => parts.push((&reversal.part, 1)),
        }
    }
    parts.iter().map(|(name, n)| format!("{name} ({n})")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Typed, kubectl};
    use crate::step::object::Object;
    use crate::ui::Options;

    #[test]
    fn what_is_in_the_way_is_told_with_its_reason_and_what_to_type() {
        let manifest = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "redis"}});
        let step = Object::new("redis", manifest).into();
        let typed = Typed {
            opsctl: Some("-p work".into()),
            kubectl: Some("--context work".into()),
            ..Typed::default()
        };
        let ui = Ui::new(Options { typed, ..Options::default() });
        let preview = Preview {
            why: vec!["it is there already".into(), "Nothing was touched.".into()],
            next: vec![kubectl("get namespace/redis"), opsctl("redis up").of("other")],
            ..Preview::new(Would::Refuse, "redis", &step)
        };
        assert_eq!(
            lines(&preview, &preview.title, &ui),
            [
                "! redis       namespace/redis",
                "              it is there already",
                "              Nothing was touched.",
                "              next: kubectl --context work get namespace/redis",
                "                or: opsctl --profile other redis up",
            ]
        );
        let other = Preview { why: vec!["data".into()], ..Preview::new(Would::Change, "redis", &step) };
        assert_eq!(lines(&other, &other.title, &ui), ["~ redis       namespace/redis"]);
    }
}
