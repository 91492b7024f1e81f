//! What runs the timestamp API with Docker alone is as the server and the images want it.

use opsctl::serve::timestamps::settings::Settings;
use serde_json::Value;

#[test]
fn the_compose_file_is_for_an_old_docker_compose_too_and_its_settings_are_right() {
    let text = include_str!("../../deploy/timestamps/docker-compose.yml");
    let file: Value = serde_yaml::from_str(text).unwrap();
    // Newer ones ignore it; docker-compose 1.29 takes a file without it for one of its first form.
    assert_eq!(file["version"], "3.7");
    let api = &file["services"]["api"];
    let variables = api["environment"].as_object().unwrap();
    let variables = variables.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    let settings = Settings::of(variables).unwrap();
    assert_eq!(settings.redis.0, "redis", "the service of that name");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(api["image"], format!("${{API_IMAGE:-opsctl/opsctl:{version}}}"));
    assert_eq!(file["services"]["redis"]["image"], "${REDIS_IMAGE:-opsctl/redis:8.0}");
    assert!(file["services"]["redis"].get("ports").is_none(), "redis has no password there");
    for service in ["api", "redis"] {
        let service = &file["services"][service];
        assert_eq!((&service["read_only"], &service["cap_drop"][0]), (&Value::Bool(true), &"ALL".into()));
    }
}
