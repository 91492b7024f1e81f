//! `web build`: both images in this host's Docker, for Docker alone.

use anyhow::Result;

use crate::context::Context;
use crate::error::{opsctl, shell};
use crate::image::short;
use crate::stack::web::IMAGES;
use crate::step::image;
use crate::ui::Mark;

/// Builds what is not there yet. They stay until `opsctl uninstall`, like every image that opsctl built.
pub async fn run(cx: &Context) -> Result<()> {
    for name in IMAGES {
        let row = cx.ui.row("image", &format!("building {name}"));
        let built = image::build(cx, name, &row).await?;
        let (mark, how) = if built.rebuilt { (Mark::Done, "built") } else { (Mark::Same, "there already") };
        row.end(mark, format!("{name} {}, {how}", short(&built.held.id)));
    }
    cx.ui.next(
        shell("docker-compose -f docs/examples/web-compose.yaml up -d --scale nginx=3"),
        Some(opsctl("uninstall")),
    );
    Ok(())
}
