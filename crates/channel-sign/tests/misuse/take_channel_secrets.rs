//! What a channel's secrets are stays inside, and so does the chain of its per-commitment secrets.

use channel_sign::channel_core::CommitmentNumber;
use channel_sign::keys::{ChannelSecrets, FundingIndex};

fn misuse(secrets: &ChannelSecrets) {
    let _basepoint = &secrets.payment;
    let _funding = secrets.funding_key(FundingIndex::OPENING);
    let _revocation = secrets.per_commitment_secret(CommitmentNumber::ZERO);
}

fn main() {}
