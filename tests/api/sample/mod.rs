//! A sample stack with a definition, an operator and its custom resource, through the real command line, on a
//! server of its own: each definition delays the server's garbage collector.

mod child;
mod controllers;
mod kill;
mod rules;
mod stack;
mod world;
