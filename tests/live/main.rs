//! The live tier: the real binary on a real two-node minikube, as a person would use it.
//!
//! [`tier`] is the list of it, to be read from top to bottom. All tests share one cluster, made for the first
//! that wants one; the last one proves that nothing is left of it. What a test needs, it puts up: so a name, or a
//! part of one, runs what it fits (`cargo test --test live -- kills`). `make test` runs them all, `make soak` with
//! the full counts, one after another; `--list` names them.

#[macro_use]
mod tier;

mod rig;

mod api_server;
mod demo;
mod dump;
mod durability;
mod election;
mod election_faults;
mod end;
mod environment;
mod exactness;
mod image;
mod images;
mod imports;
mod kills;
mod output;
mod peering;
mod reboot;
mod refusals;
mod requirements;
mod security;
mod single;
mod timestamps;
mod timestamps_clients;
mod timestamps_faults;
mod under_writers;
mod web;
mod web_load;
mod writer;

use std::process::ExitCode;
use std::time::Duration;

use rig::{Cluster, ENVIRONMENT};
use tier::{Lane, Stack, Stage, lane};

/// What all of it may take on two cores when the machine is quiet.
const BUDGET: Duration = Duration::from_mins(18);

const REDIS: Stack = Stack { namespace: "redis", down: &["redis", "down", "--yes", "--discard-data"] };
const SINGLE: Stack =
    Stack { namespace: "redis-single", down: &["redis-single", "down", "--yes", "--discard-data"] };
const ELECTION: Stack = Stack { namespace: "election", down: &["election", "down", "--yes"] };
const PEERING: Stack = Stack { namespace: "peering", down: &["peering", "down", "--yes"] };
/// Somebody else's peers.
const THEIRS: Stack = Stack { namespace: "peering-theirs", down: &[] };
const TIMESTAMPS: Stack = Stack { namespace: "timestamps", down: &["timestamps", "down", "--yes"] };
const WEB: Stack = Stack { namespace: "web", down: &["web", "down", "--yes"] };
const ELECTED_APP: Stack = Stack { namespace: "elected-app", down: &[] };
const HELD: Stack = Stack { namespace: images::HOLDER, down: &[] };

/// All that any test puts up.
const STACKS: &[Stack] = &[REDIS, SINGLE, ELECTION, WEB, PEERING, THEIRS, TIMESTAMPS, ELECTED_APP, HELD];

/// A master with its data, a replica, and what asks both once a minute.
const REDIS_LANE: Lane = Lane { name: "redis", stacks: &[REDIS], minutes: 5 };
/// One master among identical pods.
const ELECTION_LANE: Lane = Lane { name: "election", stacks: &[ELECTION], minutes: 6 };
/// Peers, and the operator that makes them.
const PEERING_LANE: Lane = Lane { name: "peering", stacks: &[PEERING, THEIRS], minutes: 2 };
/// A fleet of nginx behind its balancers.
const WEB_LANE: Lane = Lane { name: "web", stacks: &[WEB], minutes: 4 };
/// What is small: one redis alone, images, any Deployment.
const SMALL_LANE: Lane = Lane { name: "small", stacks: &[SINGLE, ELECTED_APP, HELD], minutes: 2 };
/// The timestamp API.
const TIMESTAMPS_LANE: Lane = Lane { name: "timestamps", stacks: &[TIMESTAMPS], minutes: 2 };
/// The same one, where nothing runs beside it: its node stands still, or it uses the redis of the election.
const TIMESTAMPS_APART: Lane = Lane { stacks: &[TIMESTAMPS, ELECTION], ..TIMESTAMPS_LANE };
/// What a reader of the documentation types.
const DEMO_LANE: Lane = Lane { name: "demo", stacks: &[SINGLE, ELECTION], minutes: 1 };
/// What takes everything down that is in the cluster.
const WHOLE_LANE: Lane = Lane { name: "whole", stacks: STACKS, minutes: 2 };
/// What begins and ends with the cluster itself.
const ENVIRONMENT_LANE: Lane = Lane { name: ENVIRONMENT, stacks: STACKS, minutes: 4 };

fn tier() -> Vec<Stage> {
    let second = "in the soak only: it costs a second cluster";
    let ways = "in the soak only: two more ways to the same loss";
    let many = "in the soak only: a hundred pods, and minutes of measuring";
    let minutes = "in the soak only: ten minutes";
    let loads = "in the soak only: 500 requests a second take what two cores have";
    let thrice =
        "in the soak only: nine deaths of the API server, and minutes until Kubernetes has forgotten them";
    let deeds = "in the soak only: each of ten deeds, whole and killed twice, from nothing";
    let dead = "in the soak only: in their lane the peers are kept from the API server instead";
    let kept = "not on a kept cluster, whose profile is not the tests' own";
    let docker = "others use Docker here; OPSCTL_TEST_REBOOT=1 has it killed";
    vec![
        Stage::one_by_one(
            "what judges the others, on nothing",
            [lane(
                &ENVIRONMENT_LANE,
                [
                    test!(dump::only_what_somebody_changed_is_a_change, Pure),
                    test!(dump::what_another_lane_has_is_left_out_and_nothing_else, Pure),
                    test!(demo::a_page_fits_only_when_every_line_does, Pure),
                    test!(web::an_answer_is_late_until_the_last_one_that_was_wrong, Pure),
                ],
            )],
        ),
        Stage::one_by_one(
            "a cluster from nothing, and what leaves nothing in it",
            [
                lane(
                    &ENVIRONMENT_LANE,
                    [
                        test!(requirements::minikube_has_two_ready_nodes),
                        test!(image::a_kubernetes_cluster_answers),
                    ],
                ),
                lane(&REDIS_LANE, [test!(refusals::a_foreign_namespace_is_refused)]),
                lane(
                    &WHOLE_LANE,
                    [
                        test!(exactness::undo_all_with_a_foreign_object_leaves_that_alone_and_then_finishes),
                        test!(kills::killed_at_any_moment_the_next_up_converges_and_undo_all_leaves_nothing),
                    ],
                ),
            ],
        ),
        Stage::one_by_one(
            "a first stack, and images that stay whatever goes",
            [
                lane(
                    &REDIS_LANE,
                    [test!(requirements::every_command_is_verbose_and_guides_when_something_is_missing)],
                ),
                lane(&ELECTION_LANE, [test!(election::ten_identical_pods_agree_on_one_master)]),
                // A stack that goes takes its images along, unless a pod runs them; others use the same here.
                lane(&SMALL_LANE, [test!(images::a_pod_that_no_stack_has_runs_them)]),
            ],
        ),
        Stage::side_by_side(
            "stacks, side by side",
            [
                lane(
                    &REDIS_LANE,
                    [
                        test!(requirements::no_helm),
                        test!(requirements::every_up_has_its_down_and_what_was_made_last_goes_first),
                        test!(requirements::everything_in_kubernetes_is_reachable_from_the_host),
                        test!(requirements::the_masters_data_survives_restart_and_deletion_of_its_pod),
                        test!(requirements::the_replica_keeps_nothing_and_follows_on_every_start),
                        test!(requirements::master_and_replica_are_never_on_the_same_node),
                        test!(requirements::two_plain_deployments_and_nothing_advanced),
                        test!(requirements::import_loads_the_sample_and_clean_deletes_all_with_a_way_back),
                        test!(imports::an_import_that_is_cut_short_goes_on_exactly_there),
                        test!(requirements::a_recurring_task_prints_info_replication_every_minute),
                        test!(requirements::dev_vars_give_a_terminal_the_addresses),
                        test!(requirements::the_commands_of_the_requirements_work_as_written),
                        test!(security::redis_is_restricted_and_its_manifests_warn_of_nothing),
                        test!(output::every_report_is_json_when_asked),
                        test!(output::a_closed_pipe_ends_quietly),
                        test!(output::without_a_terminal_or_with_no_color_there_are_no_escape_codes),
                        test!(durability::no_acknowledged_write_is_lost_when_the_masters_pod_is_deleted),
                        test!(durability::both_pods_deleted_together_come_back_with_the_data),
                        test!(durability::verify_proves_it_by_itself),
                        test!(durability::what_was_there_before_survives_a_clean_under_writers_and_an_undo_that_fails),
                        test!(durability::up_brings_back_from_the_replica_what_a_lost_folder_held),
                        test!(durability::so_it_does_where_the_mark_is_left_or_the_folder_emptied)
                            .only(Cluster::is_soaked, ways),
                        // A minute has begun since the task stands.
                        test!(output::the_recurring_task_ran_by_itself),
                    ],
                ),
                lane(
                    &ELECTION_LANE,
                    [
                        test!(election::scaled_to_three_without_the_master_and_back_to_ten),
                        test!(election::a_rolling_restart_changes_the_master_once),
                        test!(election::a_failover_can_be_watched),
                        test!(election_faults::a_redis_that_somebody_gives_another_role_has_its_own_again),
                        test!(election_faults::nothing_written_on_the_lease_changes_the_master),
                        test!(election_faults::no_promise_is_broken_by_a_master_that_is_frozen_or_cut_off),
                        test!(election_faults::nor_when_half_of_it_freezes_or_its_lease_is_deleted),
                        test!(security::so_is_the_election),
                        test!(election::down_leaves_nothing_of_an_election),
                        // It leaves its page for the next stage.
                        test!(election::one_sample_at_a_time),
                    ],
                ),
                lane(
                    &PEERING_LANE,
                    [
                        // Two rounds, each long enough for the garbage collector, which has to learn of the kind.
                        test!(peering::apart_from_the_api_server_peers_go_on_and_afterwards_all_is_as_wanted),
                        test!(peering::whatever_befalls_it_the_operator_makes_it_as_it_was),
                        test!(peering::its_pods_are_as_they_should_be),
                        test!(peering::an_edit_reaches_every_peer_in_a_moment_and_starts_no_pod),
                        test!(peering::undo_is_refused_while_somebody_else_has_a_peering_and_then_leaves_nothing),
                        test!(demo::so_does_the_page_of_the_peers),
                        test!(peering::each_peer_tells_the_pongs_of_the_others_and_scaling_disturbs_nobody),
                        test!(security::so_is_the_peering),
                        test!(demo::and_its_last_line_leaves_nothing),
                        test!(peering::a_processor_limit_slows_the_start_as_the_page_says)
                            .only(Cluster::is_soaked, many),
                        test!(peering::a_hundred_peers_cost_what_the_page_says)
                            .only(Cluster::is_soaked, many),
                    ],
                ),
                lane(
                    &TIMESTAMPS_LANE,
                    [
                        test!(timestamps::every_line_of_its_page_goes_as_written),
                        test!(security::so_is_the_timestamp_api),
                        test!(timestamps_faults::no_acknowledged_write_is_lost_and_none_is_read_late_when_redis_dies),
                        test!(timestamps::passwords_change_without_a_failed_request_and_are_nowhere),
                        test!(timestamps::another_version_comes_and_goes_at_500_requests_a_second_and_none_fails),
                        test!(timestamps::a_version_with_a_wrong_password_never_replaces_the_old_one),
                        test!(timestamps::its_undo_leaves_nothing),
                    ],
                ),
                lane(
                    &SMALL_LANE,
                    [
                        test!(image::the_image_serves_redis_and_is_configured_by_variables),
                        test!(single::a_service_redis_with_one_pod_on_a_hostpath_volume),
                        test!(security::so_is_the_single_redis),
                        test!(single::its_down_takes_the_folder_along),
                        test!(images::an_image_goes_onto_every_node_and_off_again_and_leaves_nothing),
                        test!(election::any_deployment_gets_a_master_by_the_lines_of_the_docs),
                    ],
                ),
            ],
        )
        .once_alone(),
        Stage::one_by_one(
            "nodes that stand still or take no pods",
            [
                lane(
                    &ELECTION_LANE,
                    [test!(election::a_page_has_another_master_beside_a_silent_pod_and_undo_leaves_nothing)],
                ),
                lane(
                    &REDIS_LANE,
                    [
                        test!(requirements::a_master_whose_node_takes_no_pods_waits_and_goes_nowhere_else),
                        test!(durability::a_frozen_node_of_the_replica_costs_the_master_nothing),
                        test!(under_writers::nothing_that_was_acknowledged_is_lost_while_data_is_replaced),
                    ],
                ),
            ],
        ),
        Stage::side_by_side(
            "the demonstration, beside a redis that comes and goes",
            [
                lane(&DEMO_LANE, [test!(demo::the_demonstration_goes_as_its_page_says)]),
                lane(
                    &REDIS_LANE,
                    [
                        test!(durability::a_replica_that_is_there_before_its_master_is_not_stuck),
                        test!(exactness::down_is_undone_by_undo_with_the_data),
                        test!(refusals::a_taken_node_port_is_refused_with_its_owner),
                        test!(refusals::a_second_opsctl_at_once_is_refused_with_the_first_ones_pid),
                        test!(kills::ctrl_c_lets_the_step_in_hand_finish_and_the_next_up_goes_on),
                        // Last: the lane's own journal does not learn of that `down`.
                        test!(refusals::a_damaged_journal_is_refused_and_down_goes_by_the_labels),
                    ],
                ),
            ],
        ),
        Stage::one_by_one(
            "the environment as a whole, and by hand",
            [
                lane(&SMALL_LANE, [test!(images::what_a_pod_runs_is_on_every_node_whatever_else_went)]),
                lane(
                    &ENVIRONMENT_LANE,
                    [
                        test!(environment::up_brings_everything_and_a_second_up_changes_nothing)
                            .only(Cluster::is_own, kept),
                        test!(environment::a_cluster_deleted_by_hand_does_not_block)
                            .only(Cluster::is_own, kept)
                            .only(Cluster::is_soaked, second),
                        test!(environment::machines_removed_by_hand_come_back_with_their_data)
                            .only(Cluster::is_own, kept)
                            .only(Cluster::is_soaked, second),
                    ],
                ),
            ],
        ),
        Stage::one_by_one(
            "a fleet whose list is timed",
            [lane(
                &WEB_LANE,
                [
                    test!(web::a_node_port_that_somebody_has_is_refused_and_nothing_is_touched),
                    test!(web::three_nginx_on_two_nodes_list_exactly_those_connected),
                    test!(security::so_is_the_fleet),
                    test!(web::the_balancer_may_watch_its_endpoints_and_nothing_else),
                    test!(web::slow_clients_huge_headers_and_two_lengths_are_refused_while_others_are_served),
                    test!(web::from_one_to_twenty_and_back_to_two_both_lists_follow_at_once),
                    test!(web::a_killed_and_a_frozen_nginx_are_out_of_both_lists_and_no_request_fails),
                    test!(web::without_the_api_server_the_list_stays_and_checks_go_on),
                    test!(web_load::one_command_scales_past_the_slots_kills_pods_and_no_request_fails)
                        .only(Cluster::is_soaked, loads),
                    test!(web_load::rolling_restarts_of_fleet_and_balancers_cost_no_request)
                        .only(Cluster::is_soaked, loads),
                    test!(web_load::a_drained_worker_costs_no_request)
                        .only(Cluster::is_soaked, loads),
                    test!(web_load::a_frozen_worker_is_out_of_the_others_list_at_once)
                        .only(Cluster::is_soaked, loads),
                    test!(web_load::ten_minutes_of_misfortune_leave_every_list_right)
                        .only(Cluster::is_soaked, minutes),
                    test!(web::no_server_is_told_and_impossible_numbers_are_refused),
                    test!(web::down_leaves_nothing_of_the_fleet),
                ],
            )],
        ),
        Stage::one_by_one(
            "what measures time, or breaks the API server or Docker",
            [
                lane(
                    &PEERING_LANE,
                    [test!(peering::an_api_server_that_dies_in_the_middle_of_a_change_costs_nothing)
                        .only(Cluster::is_soaked, dead)],
                ),
                lane(
                    &REDIS_LANE,
                    [
                        test!(kills::killed_in_any_deed_with_data_it_goes_on_and_undo_all_leaves_nothing)
                            .only(Cluster::is_soaked, deeds),
                        test!(under_writers::an_api_server_that_dies_three_times_in_up_down_and_undo_costs_nothing)
                            .only(Cluster::is_soaked, thrice),
                    ],
                ),
                lane(
                    &ELECTION_LANE,
                    [test!(election_faults::all_agree_soon_whatever_befalls_the_master)],
                ),
                lane(
                    &TIMESTAMPS_APART,
                    [
                        test!(timestamps_faults::nor_when_the_node_of_a_pod_of_the_api_is_paused),
                        // On the election that stands.
                        test!(timestamps_faults::no_answer_is_from_two_redis_while_the_environment_changes),
                        test!(timestamps_faults::nor_on_the_elected_redis_whose_master_is_deleted_killed_and_frozen),
                    ],
                ),
                lane(
                    &ELECTION_LANE,
                    [
                        test!(api_server::with_the_control_planes_node_frozen_nobody_is_promoted),
                        // Kubernetes takes minutes to forget it.
                        test!(api_server::without_an_api_server_nobody_is_promoted_and_data_is_served)
                            .only(Cluster::is_own, kept),
                    ],
                ),
                lane(
                    &ENVIRONMENT_LANE,
                    [test!(reboot::after_a_reboot_one_up_brings_cluster_data_and_dev_vars_back)
                        .only(Cluster::is_own, kept)
                        .only(reboot::docker_is_the_tests_own, docker)],
                ),
            ],
        ),
        Stage::one_by_one(
            "the end",
            [lane(&ENVIRONMENT_LANE, [test!(end::undo_all_takes_the_cluster_back_and_leaves_nothing)])],
        ),
    ]
}

fn main() -> ExitCode {
    tier::run(tier(), BUDGET)
}
