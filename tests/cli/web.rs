//! The images of the nginx fleet where a pull or a build fails: what a person reads, and that nothing is left.

use crate::sandbox::{Ran, Sandbox};
use crate::world::{NO_REGISTRY, registry};

/// A Docker that builds by writing down what it was asked for, but for one image; `pull` is what a pull does.
fn docker(pull: &str, unbuildable: &str) -> String {
    format!(
        r#"case "$1 $2" in
            info*) echo '{{"ServerVersion":"29.0.1","Driver":"overlay2","NCPU":4,"IndexServerAddress":"https://registry.example/v1/"}}' ;;
            version*) case "$(uname -m)" in aarch64 | arm64) echo arm64 ;; *) echo amd64 ;; esac ;;
            "image inspect")
                for name; do :; done
                file="$HERE/image-$(echo "$name" | tr /: --)"
                [ -e "$file" ] || {{ echo "Error: No such image: $name" >&2; exit 1; }}
                if [ "$3" = --format ]; then echo sha256:1; else cat "$file"; fi ;;
            pull*) {pull} ;;
            build*)
                cat >/dev/null
                if [ "$5" = "{unbuildable}" ]; then echo 'E: Unable to locate package haproxy' >&2; exit 100; fi
                printf '[{{"Id":"sha256:1","RepoTags":["%s"],"Config":{{"Labels":{{"%s":"%s"}}}}}}]' \
                    "$5" "${{7%%=*}}" "${{7#*=}}" >"$HERE/image-$(echo "$5" | tr /: --)" ;;
        esac"#
    )
}

fn built(sandbox: &Sandbox) -> Ran {
    sandbox.opsctl(&["web", "build"])
}

fn builds(sandbox: &Sandbox) -> usize {
    sandbox.calls().iter().filter(|call| call.starts_with("docker build")).count()
}

const HAPROXY: &str = "opsctl/haproxy:0.1.0";
const PULLED: &str = r#"echo '[]' >"$HERE/image-alpine-3.10""#;

#[test]
fn both_images_are_built_on_the_base_that_a_registry_has() {
    let sandbox = Sandbox::new().tool("docker", &docker(PULLED, "none")).env("HTTPS_PROXY", &registry());
    let ran = built(&sandbox).ends(0);
    assert!(
        ran.stderr.contains("alpine:3.10, pulled") && ran.stderr.contains("docker-compose -f"),
        "{ran:?}"
    );
    // With opsctl's own, which both copy from. Neither was told another base.
    assert_eq!(builds(&sandbox), 3);
    assert!(!sandbox.calls().iter().any(|call| call.contains("BASE=")), "{:?}", sandbox.calls());
}

#[test]
fn a_pull_that_fails_where_a_registry_answers_is_told_and_no_other_base_is_taken() {
    let refuses = "echo 'toomanyrequests: you have reached your pull rate limit' >&2; exit 1";
    let sandbox = Sandbox::new().tool("docker", &docker(refuses, "none")).env("HTTPS_PROXY", &registry());
    let ran = built(&sandbox).ends(1);
    for words in [
        "alpine:3.10, which opsctl/haproxy:0.1.0 is built from",
        "docker could not pull alpine:3.10, though a registry answers",
        "toomanyrequests",
        "next: docker pull alpine:3.10",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    assert_eq!(builds(&sandbox), 1, "opsctl's own image alone");
}

#[test]
fn a_build_that_fails_is_told_with_dockers_last_words() {
    let sandbox = Sandbox::new().tool("docker", &docker(PULLED, HAPROXY)).env("HTTPS_PROXY", &registry());
    let ran = built(&sandbox).ends(1);
    for words in ["building opsctl/haproxy:0.1.0", "E: Unable to locate package haproxy"] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
}

#[test]
fn without_a_registry_and_without_debootstrap_it_says_what_to_install() {
    let sandbox = Sandbox::new().tool("docker", &docker(PULLED, "none")).env("HTTPS_PROXY", NO_REGISTRY);
    let ran = built(&sandbox);
    assert!(ran.code.is_some_and(|code| code != 0), "{ran:?}");
    for words in ["debian:bullseye-slim is unavailable", "debootstrap", "next: opsctl check --fix"] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    assert!(!sandbox.calls().iter().any(|call| call.starts_with("docker pull")), "{:?}", sandbox.calls());
}
