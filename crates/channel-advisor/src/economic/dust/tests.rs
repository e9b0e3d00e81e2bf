//! Tests of dust.
