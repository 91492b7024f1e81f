//! A Secret whose values are made here, at random, and are in the cluster alone.
//!
//! The step holds only the recipe: neither the journal nor a message ever has a value.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::nature::{Data, Down, Lives, Nature, Rank, Traced};
use super::object::UidsOf;
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::error::{Problem, kubectl, problem};
use crate::k8s::{apply, kind, manifest, values};
use crate::ui::Row;

/// The annotation with the hash of the recipe that the values were made by.
const RECIPE: &str = "opsctl.dev/recipe";
/// What stands in a recipe for a value made at random.
const RANDOM: &str = "(random)";
/// What stands in a recipe for the hash of another value: `(sha256 of NAME)`.
const SHA256: &str = "(sha256 of ";

/// A Secret as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The stack that wants it.
    part: String,
    /// Its manifest, our mark included, with recipes in the place of values.
    recipe: Value,
}

/// What was under that name before.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// Nothing.
    #[default]
    Nothing,
    /// Ours, by another recipe. Its values at random stay, so nothing is to be brought back.
    Ours,
}

/// What was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its UID: the precondition of its deletion.
    uid: String,
}

/// Whether a manifest is a recipe for a Secret.
pub fn is_recipe(object: &Value) -> bool {
    let values = object["stringData"].as_object().into_iter().flatten();
    manifest::kind(object) == "Secret" && values.into_iter().any(|(_, value)| value == RANDOM)
}

/// A hash that changes with the recipe: what uses the Secret starts again with it.
pub fn hash_of(recipe: &Value) -> String {
    hex(&Sha256::digest(recipe["stringData"].to_string()))[..16].to_owned()
}

/// 64 digits that nobody can guess.
pub fn random() -> Result<String> {
    let mut bytes = [0_u8; 32];
    let source = "/dev/urandom";
    std::fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .with_context(|| format!("could not read {source}"))?;
    Ok(hex(&bytes))
}

/// The hash of a value, as redis keeps passwords.
pub fn sha256(value: &str) -> String {
    hex(&Sha256::digest(value))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat()
}

/// The values of a recipe. Those at random are taken from `kept` if they are there, else made.
fn made(recipe: &Value, kept: &Map<String, Value>, random: impl Fn() -> Result<String>) -> Result<Value> {
    let recipes = recipe["stringData"].as_object().context("a Secret without stringData")?;
    let mut values = Map::new();
    for (name, text) in recipes {
        let text = text.as_str().with_context(|| format!("{name} is no text"))?;
        let value = match (text == RANDOM, kept.get(name)) {
            (true, Some(kept)) => kept.clone(),
            (true, None) => json!(random()?),
            (false, _) => json!(text),
        };
        values.insert(name.clone(), value);
    }
    for name in recipes.keys() {
        let mut text = values[name].as_str().unwrap_or_default().to_owned();
        while let Some((before, rest)) = text.split_once(SHA256) {
            let (of, after) = rest.split_once(')').context("a recipe is not closed")?;
            let of = values.get(of).and_then(Value::as_str).with_context(|| format!("there is no {of}"))?;
            text = format!("{before}{}{after}", sha256(of));
        }
        values.insert(name.clone(), json!(text));
    }
    Ok(Value::Object(values))
}

impl Secret {
    /// A Secret of a part, by its recipe; gets opsctl's mark.
    pub fn new(part: &str, mut recipe: Value) -> Self {
        let key = manifest::key(&recipe);
        recipe["metadata"]["annotations"][RECIPE] = json!(hash_of(&recipe));
        manifest::mark(&mut recipe, part, &key);
        Self { part: part.to_owned(), recipe }
    }

    fn is_ours(&self, live: &Value) -> bool {
        manifest::made_by(live) == Some(self.key().as_str())
    }

    fn foreign(&self) -> Problem {
        let (title, place) = (self.title(), manifest::namespace(&self.recipe).unwrap_or_default());
        problem!(Foreign, "{title} exists already, and opsctl did not make it")
            .found("Nothing was touched: something may use what is in it.")
            .next(kubectl(format!("-n {place} describe {title}")))
            .next(kubectl(format!("-n {place} delete {title}")))
    }
}

impl Change for Secret {
    type Before = Before;
    type Made = Made;
    type Kept = ();

    fn key(&self) -> String {
        manifest::key(&self.recipe)
    }

    fn title(&self) -> String {
        manifest::title(&self.recipe)
    }

    fn command(&self) -> String {
        let (name, place) =
            (manifest::name(&self.recipe), manifest::namespace(&self.recipe).unwrap_or_default());
        format!(
            "kubectl -n {place} create secret generic {name} …  # of {}, values at random, kept nowhere else",
            self.part
        )
    }

    fn nature(&self) -> Nature {
        Nature {
            lives: Lives::Namespace(manifest::namespace(&self.recipe).unwrap_or_default().to_owned()),
            rank: Rank::Object(kind::Rank::Support),
            data: Data::None,
            traced: Traced::Look,
            down: Down::Whole,
            looks_again: true,
            takes_away: false,
            only_if_needed: false,
        }
    }

    fn removes(&self, before: &Before) -> bool {
        matches!(before, Before::Nothing)
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<Before>> {
        let live = apply::get(&cx.client().await?, &self.recipe).await?;
        Ok(match live {
            None => Probe::Absent(Before::Nothing),
            Some(live) if !self.is_ours(&live) => Probe::Foreign(self.foreign()),
            // On its way out after an interrupted `down`: `up` waits for that first.
            Some(live) if live["metadata"]["deletionTimestamp"].is_string() => Probe::Absent(Before::Nothing),
            Some(live)
                if live["metadata"]["annotations"][RECIPE]
                    == self.recipe["metadata"]["annotations"][RECIPE] =>
            {
                Probe::Same
            }
            Some(_) => Probe::Differs(Before::Ours, "the recipe of its values".into()),
        })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, _: &Before, _: Option<&()>, _: Seen) -> Result<Made> {
        let client = cx.client().await?;
        let mut there = apply::get(&client, &self.recipe).await?;
        if let Some(live) = &there {
            if !self.is_ours(live) {
                return Err(self.foreign().into());
            }
            if live["metadata"]["deletionTimestamp"].is_string() {
                act.row.doing(format!("{} is still being deleted", self.title()));
                apply::gone(
                    &client,
                    &self.recipe,
                    live["metadata"]["uid"].as_str().unwrap_or_default(),
                    cx.timeout,
                )
                .await?;
                there = None;
            }
        }
        let kept = there.as_ref().map(values::of).transpose()?.unwrap_or_default();
        let mut object = self.recipe.clone();
        object["stringData"] = made(&self.recipe, &kept, random)?;
        let live = if there.is_some() {
            apply::apply(&client, &object, act.token).await?
        } else {
            apply::create(&client, &object, act.token).await?
        };
        let uid = live["metadata"]["uid"].as_str().context("the API server returned no UID")?;
        Ok(Made { uid: uid.to_owned() })
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("its values are in the cluster alone".into())
    }

    async fn down(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Before,
        made: Option<&Made>,
    ) -> Result<(String, ())> {
        let client = cx.client().await?;
        let Some(live) = apply::get(&client, &self.recipe).await? else {
            return Ok(("was gone already".into(), ()));
        };
        if !self.is_ours(&live) {
            return Ok(("no longer opsctl's; left alone".into(), ()));
        }
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
        let very_one = match made {
            Some(made) => made.uid == uid,
            None => UidsOf::here(cx, act).await?.has(&live),
        };
        if !very_one {
            return Ok(("left alone: it is not the one that opsctl made".into(), ()));
        }
        if matches!(before, Before::Ours) {
            return Ok(("stays, with its values".into(), ()));
        }
        let there = apply::delete(&client, &self.recipe, uid, cx.timeout, act.token).await?;
        Ok((if there { "removed with its values" } else { "was gone already" }.into(), ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "redis", "namespace": "n"},
            "stringData": {"version": "1", "password": RANDOM, "acl": "user a #(sha256 of password) #(sha256 of version)"}})
    }

    #[test]
    fn values_are_made_at_random_and_hashes_of_them() {
        let values = made(&recipe(), &Map::new(), || Ok("x".into())).unwrap();
        let hash = |text| sha256(text);
        assert_eq!(values["password"], "x");
        assert_eq!(values["acl"], format!("user a #{} #{}", hash("x"), hash("1")));
        assert_eq!(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_ne!(random().unwrap(), random().unwrap());
        assert_eq!(random().unwrap().len(), 64);
    }

    #[test]
    fn a_value_at_random_stays_where_the_recipe_around_it_changes() {
        let kept =
            Map::from_iter([("password".to_owned(), json!("old")), ("acl".to_owned(), json!("former"))]);
        let values = made(&recipe(), &kept, || panic!("a new one was made")).unwrap();
        assert_eq!(values["password"], "old");
        assert!(values["acl"].as_str().unwrap().contains(&sha256("old")));
    }

    #[test]
    fn the_step_holds_no_value() {
        assert!(is_recipe(&recipe()));
        let step = Secret::new("timestamps", recipe());
        let written = serde_json::to_string(&step).unwrap();
        assert!(written.contains(RANDOM) && !step.command().contains(RANDOM), "{written}");
        let mut other = recipe();
        other["stringData"]["acl"] = json!("user b");
        assert_ne!(hash_of(&recipe()), hash_of(&other));
        let plain = json!({"kind": "Secret", "stringData": {"a": "b"}});
        assert!(!is_recipe(&plain) && !is_recipe(&json!({"kind": "ConfigMap", "stringData": {"a": RANDOM}})));
    }
}
