//! The stack, written as CONTRIBUTING says.

use opsctl::stack::{Needs, Stack};

/// A kiln, its operator, and what they work with. It needs no node: stand-ins play the controllers.
pub fn stack() -> Stack {
    Stack {
        needs: Needs { nodes: 0, after: Vec::new() },
        ..Stack::new(
            "sample",
            "A kiln and its operator",
            vec![
                include_str!("manifests/0-definition.yaml").into(),
                include_str!("manifests/1-namespace.yaml").into(),
                include_str!("manifests/2-settings.yaml").into(),
                include_str!("manifests/3-operator.yaml").into(),
                include_str!("manifests/4-shelf.yaml").into(),
                include_str!("manifests/5-firing.yaml").into(),
                include_str!("manifests/6-kiln.yaml").into(),
            ],
        )
    }
}
