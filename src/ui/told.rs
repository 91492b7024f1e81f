//! Errors, and what to do next.

use console::Style;
use serde_json::json;

use super::{Format, Ui};
use crate::error::{self, Next, Places, code_of};

impl Ui {
    /// What to do next, for the cluster that this command was for.
    pub fn addressed(&self, next: &Next) -> String {
        next.line(&self.0.options.typed)
    }

    /// What to do next, a line each: commands, the first one as what comes next; then advice.
    pub fn ways_on<'a>(&self, ways: impl IntoIterator<Item = &'a Next>) -> Vec<(&'static str, String)> {
        let (commands, advice): (Vec<_>, Vec<_>) = ways.into_iter().partition(|next| next.is_command());
        let leads = std::iter::once("next:").chain(std::iter::repeat("  or:"));
        let commands = leads.zip(commands);
        let advice = advice.into_iter().map(|next| ("hint:", next));
        commands.chain(advice).map(|(lead, next)| (lead, self.addressed(next))).collect()
    }

    /// What to type next, and the way back.
    #[expect(clippy::needless_pass_by_value, reason = "it is made where it is handed over")]
    pub fn next(&self, next: Next, back: Option<Next>) {
        let next = self.addressed(&next);
        let back = back.map(|back| self.addressed(&back));
        let line = match back {
            Some(back) => format!("Next: {next:<39} Back: {back}"),
            None => format!("Next: {next}"),
        };
        self.note(line);
    }

    /// An error with its causes, its code, its details and what to do next.
    pub fn error(&self, error: &anyhow::Error) {
        let red = Style::new().red().bold();
        let said = error::said(error);
        let code = self.paint(&Style::new().dim(), code_of(error).name());
        let words = self.wrapped(&format!("{said}  {code}"), 7);
        self.say(&format!("{} {words}", self.paint(&red, "error:")));
        for line in error::problems(error).flat_map(|p| &p.found) {
            self.say(&format!("  {}", self.wrapped(line, 2)));
        }
        for (lead, line) in self.ways_on(error::ways_on(error)) {
            self.say(&format!("  {} {line}", self.paint(&Style::new().cyan(), lead)));
        }
    }

    /// An error as a document on stdout, where reports are documents.
    pub fn error_as_data(&self, error: &anyhow::Error) {
        let document = self.document(error);
        match self.format() {
            Format::Json => self.data(document.to_string()),
            Format::Yaml => self.data(serde_yaml::to_string(&document).unwrap_or_default().trim_end()),
            Format::Table | Format::Name | Format::Dotenv => {}
        }
    }

    /// What [`Self::error_as_data`] writes.
    fn document(&self, error: &anyhow::Error) -> serde_json::Value {
        let typed = &self.0.options.typed;
        let (commands, advice): (Vec<_>, Vec<_>) =
            error::ways_on(error).into_iter().partition(|next| next.is_command());
        let written = |ways: Vec<&Next>| ways.into_iter().map(|next| next.command(typed)).collect::<Vec<_>>();
        let code = code_of(error);
        let mut document = json!({
            "event": "error",
            "code": code,
            "class": code.class(),
            "exit": code.class().code(),
            "error": error::said(error),
            "found": error::problems(error).flat_map(|p| &p.found).collect::<Vec<_>>(),
            "next": written(commands),
            "advice": written(advice),
        });
        if let Some(Places(places)) = error::cause::<Places>(error) {
            document["faults"] = places.clone().into();
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Typed, advice, opsctl, problem, shell};
    use crate::ui::Options;

    #[test]
    fn an_error_as_data_has_its_code_and_commands_that_can_be_run() {
        let typed = Typed { opsctl: Some("-p work".into()), ..Typed::default() };
        let ui = Ui::new(Options { typed, ..Options::default() });
        let problem = problem!(PortTaken, "taken").found("by shop").advice("choose another");
        let error = anyhow::Error::from(problem.next(opsctl("up").to("go on"))).context("redis");
        assert_eq!(
            ui.document(&error),
            json!({"event": "error", "code": "OP502", "class": "conflict", "exit": 5, "error": "redis: taken",
                "found": ["by shop"], "next": ["opsctl -p work up"], "advice": ["choose another"]})
        );
    }

    #[test]
    fn advice_is_not_taken_for_a_command() {
        let ui = Ui::new(Options::default());
        let ways = [advice("free some room"), opsctl("check"), shell("df -h")];
        let lines: Vec<_> =
            ui.ways_on(&ways).into_iter().map(|(lead, line)| format!("{lead} {line}")).collect();
        assert_eq!(lines, ["next: opsctl check", "  or: df -h", "hint: free some room"]);
    }
}
