//! The live tier: the real binary on a real two-node minikube, as a person would use it.
//!
//! All tests share one cluster and run one after another in alphabetical order (`--test-threads=1`):
//! the first one finds the cluster made, the last one proves that nothing is left of it. Each can also
//! be run alone: what it needs, it puts up. `make test` runs them, `make soak` with the full counts.

mod dump;
mod harness;
mod writer;

mod a_requirements;
mod b_image;
mod c_durability;
mod d_election;
mod d_output;
mod e_election_faults;
mod e_security;
mod f_exactness;
mod g_refusals;
mod h_kills;
mod i_images;
mod k_demo;
mod y_environment;
mod y_no_api_server;
mod y_reboot;
mod z_end;
