//! The resources of a kind that a definition brings.

use anyhow::{Context as _, Result};
use kube::Api;
use kube::api::{DynamicObject, ListParams};
use serde_json::Value;

use crate::error::{Next, kubectl};
use crate::k8s::{kind, manifest};

/// One resource, as a person names it.
#[derive(Debug)]
pub struct Resource {
    kind: String,
    /// Its kind and group, as a manifest has them.
    defined: (String, String),
    namespace: Option<String>,
    name: String,
    /// Another object has it, and takes it along.
    owned: bool,
}

impl Resource {
    fn title(&self) -> String {
        let place = self.namespace.as_ref().map(|ns| format!("{ns}/")).unwrap_or_default();
        format!("{} {place}{}", self.kind, self.name)
    }

    /// Whether another object has it, and takes it along.
    pub fn is_owned(&self) -> bool {
        self.owned
    }

    /// Whether it is this object.
    pub fn is(&self, object: &Value) -> bool {
        let defined = (self.defined.0.as_str(), self.defined.1.as_str());
        defined == (manifest::kind(object), manifest::group(object))
            && self.namespace.as_deref() == manifest::namespace(object)
            && self.name == manifest::name(object)
    }

    /// The command that deletes it.
    pub fn deletion(&self) -> Next {
        let place = self.namespace.as_ref().map(|ns| format!("-n {ns} ")).unwrap_or_default();
        kubectl(format!("{place}delete {} {}", self.kind, self.name))
    }
}

/// The resources, one a line.
pub fn listed(resources: &[Resource]) -> String {
    resources.iter().map(Resource::title).collect::<Vec<_>>().join("\n")
}

/// The resources of the kind that a definition brings, in all namespaces, that are not being deleted.
pub async fn resources(client: &kube::Client, definition: &Value) -> Result<Vec<Resource>> {
    let spec = &definition["spec"];
    let group = spec["group"].as_str().context("a definition has no group")?;
    let named = spec["names"]["kind"].as_str().context("a definition names no kind")?;
    let versions = spec["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|v| v["served"] == true).find_map(|v| v["name"].as_str());
    let version = format!("{group}/{}", served.context("a definition serves no version")?);
    // One that is not served has nothing that could be asked for.
    let Some((resource, _)) = kind::resource(client, &version, named).await? else { return Ok(Vec::new()) };
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let list = all_of(&api, &resource.plural).await?;
    let stays = list.into_iter().filter(|o| o.metadata.deletion_timestamp.is_none());
    Ok(stays
        .map(|o| Resource {
            kind: format!("{}.{group}", manifest::singular(definition)),
            defined: (named.to_owned(), group.to_owned()),
            namespace: o.metadata.namespace,
            owned: o.metadata.owner_references.is_some_and(|owners| !owners.is_empty()),
            name: o.metadata.name.unwrap_or_default(),
        })
        .collect())
}

/// All objects of a kind that the API server named. One whose definition has gone since has none.
pub async fn all_of(api: &Api<DynamicObject>, plural: &str) -> Result<Vec<DynamicObject>> {
    match api.list(&ListParams::default()).await {
        Ok(list) => Ok(list.items),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(Vec::new()),
        Err(e) => Err(e).with_context(|| format!("could not list {plural}")),
    }
}
