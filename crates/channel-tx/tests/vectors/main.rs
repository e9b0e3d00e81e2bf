//! The official vectors of scripts and PSBTs, compared as bytes.

mod report;
