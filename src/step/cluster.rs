//! stand-in
use anyhow::Result;
use serde::{Deserialize, Serialize};
use super::{Act, Change, Probe};
use crate::cli::MinikubeUp;
use crate::context::Context;
use crate::ui::Row;
/// c
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cluster { profile: String }
impl Cluster {
    /// n
    pub fn new(profile: &str, _wish: &MinikubeUp) -> Self { Self { profile: profile.to_owned() } }
    /// l
    pub async fn loss(&self, _cx: &Context) -> Option<String> { None }
}
impl Change for Cluster {
    type Before = (); type Made = (); type Kept = ();
    fn key(&self) -> String { format!("profile/{}", self.profile) }
    fn title(&self) -> String { "x".into() }
    fn command(&self) -> String { "x".into() }
    async fn probe(&self, _cx: &Context) -> Result<Probe<()>> { Ok(Probe::Same) }
    async fn up(&self, _cx: &Context, _: Act<'_>, (): &(), _: Option<&()>) -> Result<()> { Ok(()) }
    async fn settle(&self, _: &Context, _: &Row) -> Result<String> { Ok("there".into()) }
    async fn down(&self, _cx: &Context, _: Act<'_>, (): &(), _: Option<&()>) -> Result<(String, ())> { Ok((String::new(), ())) }
}
