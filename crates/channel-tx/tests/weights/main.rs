//! Predicted weights against published figures and against transactions built from the real scripts.

#![expect(clippy::unwrap_used, reason = "what a test cannot construct fails the test")]

mod built;
mod exit_paths;
mod named;
mod paths;
mod property;
mod published;
mod reference;
