//! Holds the criterion benches of the workspace; it has no code of its own.
