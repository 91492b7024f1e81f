//! Peers that call one another, made by an operator from one resource.

pub mod status;
mod wish;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{NodePort, Stack, manifests};
use crate::context::Context;
use crate::engine::Plan;
use crate::image::own;
use crate::k8s::manifest;

pub use wish::{Asked, wanted};

/// The stack's name, and its namespace.
pub const PART: &str = "peering";
/// The sample's name.
pub const NAME: &str = "peers";
/// The Service that leads to whichever peer.
pub const SERVICE: &str = "peering/any-peer";

/// The stack, with the sample as its file has it.
pub fn stack() -> Stack {
    Stack {
        ports: vec![NodePort::new("PEERING", SERVICE, "one of the peers")],
        images: vec![own::REPOSITORY.into()],
        status: |_, cx| Box::pin(status::status(cx)),
        prove: Some(|cx| Box::pin(status::prove(cx))),
        ..Stack::new(
            PART,
            "Peers that call one another, made by an operator",
            manifests!(
                "peering": "0-definition", "0-namespace", "1-rbac", "1-secret", "2-service", "3-network-policy",
                "3-disruption-budget", "4-operator", "5-peers"
            ),
        )
    }
}

/// The plan with what was asked for; the rest is as it stands, or as the sample has it.
pub fn plan(cx: &Context, asked: &Asked, stands: Option<&Value>) -> Result<Plan> {
    let stack = stack();
    let mut objects = stack.objects()?;
    let sample = objects.iter_mut().find(|object| manifest::kind(object) == "Peering");
    let sample = sample.context("the embedded manifests have no Peering")?;
    sample["spec"] = wanted(&sample["spec"], asked, stands.map(|live| &live["spec"]));
    stack.plan_of(cx, objects)
}
