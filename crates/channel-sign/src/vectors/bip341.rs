//! BIP 341's wallet vectors: output keys above script trees, and key-path signatures of every sighash type.
