//! Tests of gather.
