//! What each side can claim from a commitment, and what would be stuck because claiming costs more than it returns.

use bitcoin::Amount;

use super::CommitmentOutputs;
use crate::dust::{EconomicDust, ExitPath};
use crate::quantity::{CommitmentFormat, FeerateKw, Side};

impl CommitmentOutputs {
    /// The outputs that `claimant` can claim, with the path of each: its balance, and every HTLC, since either side may
    /// end up with it.
    pub fn claims(&self, claimant: Side) -> impl Iterator<Item = (ExitPath, Amount)> {
        let own = claimant == self.owner;
        let balance = if own { ExitPath::ToLocal } else { ExitPath::ToRemote };
        let htlcs = self.htlcs.iter().map(move |htlc| {
            let path =
                if own { ExitPath::own_htlc(htlc.direction) } else { ExitPath::peer_htlc(htlc.direction) };
            (path, htlc.value)
        });
        self.balance_output(claimant).map(|value| (balance, value)).into_iter().chain(htlcs)
    }

    /// The value of the outputs `claimant` would leave at `feerate`, because they cost more than they hold, in sat.
    pub fn stuck(&self, claimant: Side, format: CommitmentFormat, feerate: FeerateKw) -> Amount {
        self.claims(claimant)
            .filter(|(path, value)| EconomicDust::of(*path, format, feerate).is_dust(*value))
            .fold(Amount::ZERO, |sum, (_, value)| sum.checked_add(value).unwrap_or(Amount::MAX))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::commitment::{CommitmentSpec, CommitmentTerms, SpecUpdate};
    use crate::dust::TrimLimit;
    use crate::htlc::Htlc;
    use crate::quantity::{CltvExpiry, HtlcId, Msat, PaymentHash, PerSide};

    fn outputs(owner: Side) -> CommitmentOutputs {
        let limit = TrimLimit::observed(Amount::from_sat(354));
        let terms = CommitmentTerms {
            format: CommitmentFormat::TaprootV2,
            opener: Side::Local,
            capacity: Amount::from_sat(20_000),
            trim: PerSide { local: limit, remote: limit },
        };
        let balances = PerSide { local: Msat::from_msat(18_000_000), remote: Msat::from_msat(2_000_000) };
        let add = |offered_by, msat| {
            SpecUpdate::Add(Htlc {
                id: HtlcId::new(0),
                offered_by,
                amount: Msat::from_msat(msat),
                payment_hash: PaymentHash::from_bytes([0; 32]),
                cltv_expiry: CltvExpiry::new(500).unwrap(),
            })
        };
        let updates = [add(Side::Local, 4_700_000), add(Side::Remote, 400_000)];
        let spec = CommitmentSpec::new(balances, FeerateKw::ZERO).unwrap().apply_all(updates).unwrap();
        CommitmentOutputs::of(&terms, &spec, owner).unwrap()
    }

    #[test]
    fn each_side_claims_its_balance_and_may_claim_every_htlc() {
        let claims = |owner, claimant| {
            outputs(owner).claims(claimant).map(|(path, value)| (path, value.to_sat())).collect::<Vec<_>>()
        };
        assert_eq!(
            claims(Side::Local, Side::Local),
            [(ExitPath::ToLocal, 12_640), (ExitPath::OwnOffered, 4700), (ExitPath::OwnAccepted, 400)]
        );
        assert_eq!(
            claims(Side::Remote, Side::Local),
            [(ExitPath::ToRemote, 12_640), (ExitPath::PeerAccepted, 4700), (ExitPath::PeerOffered, 400)]
        );
    }

    #[test]
    fn stuck_value_grows_with_the_feerate() {
        let stuck = |owner, sat_per_vb| {
            let feerate = FeerateKw::from_sat_per_vb(sat_per_vb).unwrap();
            outputs(owner).stuck(Side::Local, CommitmentFormat::TaprootV2, feerate).to_sat()
        };
        // 400 sat against 241.5 sat per sat/vB, 4700 against 226.5, 12640 against 83.75.
        assert_eq!(
            [1, 2, 20, 21, 150, 151].map(|f| stuck(Side::Local, f)),
            [0, 400, 400, 5100, 5100, 17_740]
        );
        // On the peer's commitment claims are cheaper: 98.25 and 84.75 sat per sat/vB.
        assert_eq!([4, 5, 55, 56].map(|f| stuck(Side::Remote, f)), [0, 400, 400, 5100]);
    }
}
