//! Tests of adaptor signatures.
