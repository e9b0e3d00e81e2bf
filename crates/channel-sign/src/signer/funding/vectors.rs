//! Signers for the official vectors of BOLT 3: they stand in the middle of a channel, with keys that come from no seed.

use alloc::vec::Vec;

use bitcoin::{Amount, Network};
use channel_core::{CommitmentNumber, CsvDelay, FeerateKw, PerSide};
use channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};
use channel_tx::funding::FundingScript;

use super::super::record::FundingRecord;
use super::{ActiveFunding, ChannelSigner, EcdsaGrinding, FundingKey};
use crate::SigningKey;
use crate::keys::{KeySecret, from_bitcoin};
use crate::musig::Cosigner;
use crate::seed::{Account, ChannelIndex, Mnemonic};
use crate::shachain::ShachainSeed;
use crate::signer::{DelayRange, SignerPolicy, SigningRecord};

impl ChannelSigner {
    /// A signer with these keys that has seen all commitments before `state` revoked, on both sides.
    pub(crate) fn of_vectors(
        funding: SigningKey,
        htlc_basepoint: KeySecret,
        builder: CommitmentBuilder,
        state: &CommitmentPoint,
    ) -> Self {
        let master = Mnemonic::from_entropy(&[0x21; 16]).unwrap().to_seed("").master_key(Network::Regtest);
        let secrets = master.unwrap().channel(Account::ZERO, ChannelIndex::new(1)).unwrap();
        let secrets = secrets.with_htlc_basepoint(htlc_basepoint);
        let mut signer =
            Self::new(secrets, unbounded(), revoked_before(state.number)).with_grinding(EcdsaGrinding::None);
        let key = match builder.funding() {
            FundingScript::MuSig2(key) => FundingKey::MuSig2(Cosigner::new(funding, key.clone()).unwrap()),
            FundingScript::TwoOfTwo { .. } => FundingKey::TwoOfTwo {
                key: funding,
                peer: from_bitcoin(&builder.basepoints().remote.funding),
            },
        };
        signer.points[0] = Some((state.number, state.point));
        let record = FundingRecord::new(builder.id().to_byte_array());
        signer.record.fundings.insert(builder.outpoint(), record);
        signer.fundings.insert(builder.outpoint(), ActiveFunding { builder, key });
        signer
    }
}

/// The vectors have feerates that no channel has.
fn unbounded() -> SignerPolicy {
    let delays = DelayRange { min: CsvDelay::new(1).unwrap(), max: CsvDelay::new(u16::MAX).unwrap() };
    SignerPolicy {
        to_self_delay: PerSide::from_fn(|_| delays),
        max_commitment_feerate: FeerateKw::from_sat_per_kw(10_000_000),
        max_fee: Amount::MAX_MONEY,
        own_scripts: Vec::new(),
    }
}

fn revoked_before(number: CommitmentNumber) -> SigningRecord {
    let mut record = SigningRecord { revealed: number.to_u64(), ..SigningRecord::default() };
    let seed = ShachainSeed::from_bytes([0x42; 32]);
    for revoked in (0..number.to_u64()).map(|revoked| CommitmentNumber::new(revoked).unwrap()) {
        record.peer_secrets.insert(revoked, &seed.secret(revoked)).unwrap();
    }
    record
}
