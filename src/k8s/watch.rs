//! Watching one object until it is as wanted.

use futures::StreamExt as _;
use kube::Api;
use kube::api::DynamicObject;
use kube::runtime::{WatchStreamExt as _, watcher};

/// Returns once the object of that name is as wanted; none stands for no such object.
///
/// A watch that breaks is begun anew, with a growing pause: an API server that restarts ends no wait. The caller
/// sets the limit.
pub async fn until(api: &Api<DynamicObject>, name: &str, wanted: impl Fn(Option<&DynamicObject>) -> bool) {
    let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let mut events = watcher(api.clone(), config).default_backoff().boxed();
    let mut listed = None;
    while let Some(event) = events.next().await {
        let seen = match event {
            Ok(watcher::Event::Apply(object)) => wanted(Some(&object)),
            Ok(watcher::Event::Delete(_)) => wanted(None),
            // A list begins, has this object, and ends: only then it is known that there is none.
            Ok(watcher::Event::Init) => {
                listed = None;
                false
            }
            Ok(watcher::Event::InitApply(object)) => {
                listed = Some(object);
                false
            }
            Ok(watcher::Event::InitDone) => wanted(listed.as_ref()),
            Err(_) => false,
        };
        if seen {
            return;
        }
    }
}
