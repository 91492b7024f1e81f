//! What the tiers of tests are made of.

use std::path::Path;

/// A file that no `main.rs` names is not compiled, and its tests are silently not run.
#[test]
fn no_file_of_a_tier_is_forgotten() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut named = 0;
    for tier in ["api", "cli", "live"] {
        let main = std::fs::read_to_string(tests.join(tier).join("main.rs")).unwrap();
        for entry in std::fs::read_dir(tests.join(tier)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if name == "main" || path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let line = format!("mod {name};");
            assert!(main.lines().any(|l| l.trim() == line), "tests/{tier}/main.rs lacks `{line}`");
            named += 1;
        }
    }
    assert!(named > 30, "only {named} files were found");
}
