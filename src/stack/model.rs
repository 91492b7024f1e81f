//! A stack as one value: what it is made of, what it needs, how it is and what proves it.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::status::{self, Status};
use crate::context::{Context, Port, Target};
use crate::engine::{Place, Plan, Proof};
use crate::image::{embedded, own};
use crate::k8s::{kind, manifest};
use crate::step::dataset::Dataset;
use crate::step::directory::Directory;
use crate::step::image::Image;
use crate::step::object::Object;
use crate::step::rescue::Rescue;
use crate::step::secret::{self, Secret};
use crate::step::{Rank, Step};

/// A text that is embedded, or was read at run time.
pub type Text = Cow<'static, str>;

/// How a stack is, asked of the cluster; none where nothing of it is up.
pub type Look =
    for<'a> fn(&'a Stack, &'a Context) -> Pin<Box<dyn Future<Output = Result<Option<Status>>> + 'a>>;

/// A part of the environment in a cluster.
#[derive(Clone)]
pub struct Stack {
    /// Names its commands, its changes in the journal and the label of its objects.
    pub name: Text,
    /// One line of help: what it is.
    pub about: Text,
    /// Its manifest files, as text.
    pub files: Vec<Text>,
    /// What has to be there before it.
    pub needs: Needs,
    /// Its services' ports on every node.
    pub ports: Vec<NodePort>,
    /// Its images; [`own::REPOSITORY`] stands for the one that holds this program.
    pub images: Vec<Text>,
    /// A directory on the first node, for its volume.
    pub folder: Option<Folder>,
    /// Its data, which is kept before it goes.
    pub data: Option<Data>,
    /// What differs from its files.
    pub edit: fn(&Context, &mut Vec<Value>) -> Result<()>,
    /// How it is.
    pub status: Look,
    /// What its `up` proves at the end.
    pub prove: Option<Proof>,
}

/// What has to be there before a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Ready nodes; with none of them, neither nodes nor Docker are looked for.
    pub nodes: usize,
    /// Stacks that must be up.
    pub after: Vec<Text>,
}

/// A service's port on every node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePort {
    /// Names its variable, `OPSCTL_PORT_<NAME>`.
    pub name: Text,
    /// The service, as `namespace/name`.
    pub service: Text,
    /// What is reached there.
    pub about: Text,
}

/// A directory on the first node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its path.
    pub path: Text,
    /// Its owner's uid; none leaves it to root, for volumes that get theirs by fsGroup.
    pub owner: Option<u32>,
    /// A file it begins with: name and content.
    pub seed: Option<(Text, Text)>,
}

/// Data that a redis serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Where it is served.
    pub namespace: Text,
    /// The Deployment, and the Service of the same name.
    pub deployment: Text,
    /// The Service of a copy.
    pub copy: Option<Text>,
}

/// The texts of the manifest files of one folder.
macro_rules! manifests {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        vec![$(std::borrow::Cow::Borrowed(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"), "/manifests/", $folder, "/", $file, ".yaml"
        )))),+]
    };
}
pub(crate) use manifests;

impl NodePort {
    /// A service's port, and what is reached there.
    pub const fn new(name: &'static str, service: &'static str, about: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), service: Cow::Borrowed(service), about: Cow::Borrowed(about) }
    }
}

impl Stack {
    /// A stack of these files, which needs one node and nothing else.
    pub fn new(name: impl Into<Text>, about: impl Into<Text>, files: Vec<Text>) -> Self {
        Self {
            name: name.into(),
            about: about.into(),
            files,
            needs: Needs { nodes: 1, after: Vec::new() },
            ports: Vec::new(),
            images: Vec::new(),
            folder: None,
            data: None,
            edit: |_, _| Ok(()),
            status: |stack, cx| Box::pin(status::of_workloads(stack, cx)),
            prove: None,
        }
    }

    /// The objects of its files, as they are written.
    pub fn objects(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for file in &self.files {
            all.extend(manifest::documents(file).with_context(|| format!("the stack {}", self.name))?);
        }
        Ok(all)
    }

    /// Its ports, each usual as its manifest has it.
    pub fn declared_ports(&self) -> Result<Vec<Port>> {
        if self.ports.is_empty() {
            return Ok(Vec::new());
        }
        let mut services = Vec::new();
        // The others need not be read for it.
        for file in self.files.iter().filter(|file| file.contains("nodePort:")) {
            services.extend(manifest::documents(file)?);
        }
        let mut usual = |port: &NodePort| {
            let service = service(&mut services, &port.service).ok()?;
            service["spec"]["ports"][0]["nodePort"].as_u64().and_then(|p| u16::try_from(p).ok())
        };
        let mut declared = |port: &NodePort| {
            let usual =
                usual(port).with_context(|| format!("{} has no nodePort in its manifest", port.service))?;
            let variable = format!("OPSCTL_PORT_{}", port.name);
            Ok(Port { variable, service: port.service.to_string(), usual })
        };
        self.ports.iter().map(&mut declared).collect()
    }

    /// The plan that puts all of it up.
    pub fn plan(&self, cx: &Context) -> Result<Plan> {
        let mut objects = self.objects()?;
        (self.edit)(cx, &mut objects)?;
        self.plan_of(cx, objects)
    }

    /// The plan of these of its objects, with its images, its directory and its data.
    pub fn plan_of(&self, cx: &Context, mut objects: Vec<Value>) -> Result<Plan> {
        for port in &self.ports {
            if let Ok(service) = service(&mut objects, &port.service) {
                service["spec"]["ports"][0]["nodePort"] = json!(cx.ports.get(&port.service));
            }
        }
        let images: Vec<String> = self.images.iter().map(|image| named(image)).collect();
        for object in &mut objects {
            set_images(object, &images)?;
        }
        let mut ground: Vec<Step> = images.iter().map(|image| Image::new(image).into()).collect();
        if let Some(folder) = &self.folder {
            let machine = machine(&cx.target);
            for object in &mut objects {
                set_machine(object, &machine);
            }
            let directory = Directory::new(&machine, &folder.path, folder.owner);
            ground.push(match &folder.seed {
                Some((name, content)) => directory.with(name, content).into(),
                None => directory.into(),
            });
        }
        let mut waves = waves(&self.name, ground, objects);
        let data = self.dataset(cx);
        if let Some(rescue) = data.as_ref().and_then(Rescue::of) {
            waves.insert(0, vec![rescue.into()]);
        }
        waves.extend(data.map(|data| vec![data.into()]));
        Ok(Plan { part: self.name.to_string(), place: Place::Cluster, waves, proof: self.prove })
    }

    /// Its data.
    pub fn dataset(&self, cx: &Context) -> Option<Dataset> {
        let data = self.data.as_ref()?;
        let port = |service: &str| cx.ports.get(&format!("{}/{service}", data.namespace));
        let mut set = Dataset::new(&data.namespace, &data.deployment, port(&data.deployment));
        if let Some(folder) = &self.folder {
            set = set.lies_in(&machine(&cx.target), &folder.path);
        }
        if let Some(copy) = &data.copy {
            set = set.copied_to(copy, port(copy));
        }
        Some(set)
    }
}

/// The node that holds the volumes: the control plane, whose machine is named like the profile.
pub fn machine(target: &Target) -> String {
    match target {
        Target::Profile(name) | Target::Context(name) => name.clone(),
    }
}

/// An image's name today: opsctl's own is named after its content, so that another build rolls the pods, and its
/// undo finds the former image still on the nodes.
fn named(image: &str) -> String {
    if image == own::REPOSITORY { own::name() } else { image.to_owned() }
}

/// The Service `namespace/name`, for an edit.
fn service<'a>(objects: &'a mut [Value], service: &str) -> Result<&'a mut Value> {
    let is = |o: &Value| {
        let place = manifest::namespace(o).unwrap_or_default();
        manifest::kind(o) == "Service" && service == format!("{place}/{}", manifest::name(o))
    };
    objects.iter_mut().find(|o| is(o)).with_context(|| format!("the manifests have no Service {service}"))
}

/// Puts the volume's node wherever a manifest selects by hostname.
fn set_machine(value: &mut Value, machine: &str) {
    match value {
        Value::Object(map) => {
            if map.get("key").and_then(Value::as_str) == Some("kubernetes.io/hostname") {
                map.insert("values".into(), json!([machine]));
            }
            map.values_mut().for_each(|child| set_machine(child, machine));
        }
        Value::Array(list) => list.iter_mut().for_each(|child| set_machine(child, machine)),
        _ => {}
    }
}

/// Puts today's name of opsctl's own image in the place of the released one, and notes the recipe of an image on
/// the pods that run it: a changed recipe under the same name rolls them.
fn set_images(object: &mut Value, images: &[String]) -> Result<()> {
    for path in ["/spec/template", "/spec/jobTemplate/spec/template"] {
        let Some(template) = object.pointer_mut(path) else { continue };
        let mut recipe = None;
        for list in ["initContainers", "containers"] {
            for container in template["spec"][list].as_array_mut().into_iter().flatten() {
                let Some(image) = container["image"].as_str() else { continue };
                if image.starts_with(own::REPOSITORY) {
                    container["image"] = json!(own::name());
                } else if images.iter().any(|i| i == image) {
                    recipe = Some(embedded::recipe(image)?);
                }
            }
        }
        if let Some(recipe) = recipe {
            template["metadata"]["annotations"]["opsctl.dev/recipe"] = json!(recipe.hash());
        }
    }
    Ok(())
}

/// The objects in waves, by the rank of their kind. What the stack grounds on beside objects, such as images and
/// directories, comes with what workloads depend on, and is removed after it.
fn waves(part: &str, ground: Vec<Step>, objects: Vec<Value>) -> Vec<Vec<Step>> {
    let mut waves: [Vec<Step>; 5] = Default::default();
    let objects = objects.into_iter().map(|object| {
        if secret::is_recipe(&object) {
            Secret::new(part, object).into()
        } else {
            Object::new(part, object).into()
        }
    });
    for step in ground.into_iter().chain(objects) {
        let wave = match step.nature().rank {
            Rank::Foundation | Rank::Clearing | Rank::Object(kind::Rank::Definition) => 0,
            Rank::Object(kind::Rank::Namespace | kind::Rank::Volume) => 1,
            Rank::Ground | Rank::Object(kind::Rank::Support) => 2,
            Rank::Object(kind::Rank::Workload) => 3,
            Rank::Object(kind::Rank::Custom) | Rank::Data => 4,
        };
        waves[wave].push(step);
    }
    waves.into_iter().filter(|w| !w.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_comes_before_the_claim_that_takes_it() {
        let object = |kind: &str| {
            let version = if kind == "Deployment" { "apps/v1" } else { "v1" };
            json!({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}})
        };
        let kinds = ["PersistentVolumeClaim", "Deployment", "PersistentVolume", "Namespace"];
        let waves = waves("x", Vec::new(), kinds.map(object).to_vec());
        let wave_of = |kind: &str| {
            let kind = kind.to_lowercase();
            let is = |s: &Step| s.key().split(['/', '.']).next() == Some(&kind);
            waves.iter().position(|w| w.iter().any(is)).unwrap()
        };
        assert!(wave_of("PersistentVolume") < wave_of("PersistentVolumeClaim"));
        assert!(wave_of("PersistentVolumeClaim") < waves.len() - 1);
    }

    #[test]
    fn every_selection_by_hostname_means_the_volumes_node() {
        let mut value =
            json!({"a": [{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": ["minikube"]}]});
        set_machine(&mut value, "other");
        assert_eq!(value["a"][0]["values"], json!(["other"]));
    }

    #[test]
    fn every_container_of_opsctls_own_image_gets_the_name_of_this_build() {
        for mut object in crate::stack::election::stack().objects().unwrap() {
            if manifest::kind(&object) == "Deployment" {
                set_images(&mut object, &[]).unwrap();
                let text = object.to_string();
                assert!(text.contains(&own::name()) && !text.contains(&own::released()), "{text}");
            }
        }
    }

    #[test]
    fn a_stack_of_files_read_at_run_time_has_the_ports_that_its_manifests_name() {
        let text = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: team-a}, \
            spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}}";
        let mut stack = Stack::new(String::from("team"), String::from("ours"), vec![text.to_owned().into()]);
        let service = Cow::Borrowed("team-a/web");
        stack.ports = vec![NodePort { name: "TEAM".into(), service, about: "a page".into() }];
        let ports = stack.declared_ports().unwrap();
        assert_eq!((ports[0].variable.as_str(), ports[0].usual), ("OPSCTL_PORT_TEAM", 30080));
        stack.ports[0].service = "other/web".into();
        assert!(stack.declared_ports().unwrap_err().to_string().contains("other/web"));
    }
}
