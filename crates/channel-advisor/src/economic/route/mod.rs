//! Shortest circular routes.
