//! Closes and splices: what spends a funding output with the signatures of both parties.

use alloc::boxed::Box;

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::ecdsa;
use bitcoin::{Amount, OutPoint, TapSighash, Witness};
use channel_tx::funding::FundingScript;
use channel_tx::spend::{InputHint, UnsignedTransaction};

use super::commitment::two_of_two_witness;
use super::ecdsa as sign_ecdsa;
use super::funding::{ActiveFunding, FundingKey};
use super::record::{Phase, SignedCommitment};
use super::{ChannelSigner, CombineRefusal, SigningNonces, SpendKind, SpendRefusal};
use crate::musig::{NonceRole, PartialSignature, SignedSession};

/// A close or a splice: what spends a funding output with both parties' signatures.
#[derive(Debug, Clone, Copy)]
pub struct FundingSpend<'a> {
    /// The transaction.
    pub unsigned: &'a UnsignedTransaction,
    /// The funding output it spends.
    pub funding: OutPoint,
    /// What it is: a close or a splice.
    pub kind: SpendKind,
    /// What must come back at least, in sat: to our own scripts, and in a splice also as our balance in the funding
    /// output it makes. The signer asks for our newest balance less the fee in any case; the caller knows more, such as
    /// that the peer agreed to pay the fee.
    pub returns: Amount,
}

/// Our half of the signature that spends a funding output.
#[derive(Debug)]
pub enum FundingCosignature {
    /// A MuSig2 session: our half goes to the peer, the peer's half completes it.
    Partial(Box<SignedSession>),
    /// One of two ECDSA signatures.
    Ecdsa(ecdsa::Signature),
}

/// The peer's half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerCosignature {
    /// Half of a MuSig2 signature.
    Partial(PartialSignature),
    /// One of two ECDSA signatures.
    Ecdsa(ecdsa::Signature),
}

impl ChannelSigner {
    /// Signs our half of a close or splice.
    ///
    /// A close waits until no HTLC is in flight and both commitments agree; after it, no commitment of a new number is
    /// signed. A splice waits until our commitment is complete on the funding output it makes. From both, what is ours
    /// in the newest commitments must come back, less no more than the fee. A funding output on which no commitment was
    /// ever signed has no balance to compare with: there `returns` alone counts.
    ///
    /// # Errors
    /// [`SpendRefusal`]; the record is unchanged then.
    pub fn cosign(
        &mut self,
        spend: &FundingSpend<'_>,
        nonces: SigningNonces<'_>,
    ) -> Result<FundingCosignature, SpendRefusal> {
        let (funding, kind) = (spend.funding, spend.kind);
        let wrong = SpendRefusal::Funding { funding, kind };
        let active = self.fundings.get(&funding).ok_or(wrong)?;
        let index = spends_once(spend.unsigned, funding, active).ok_or(wrong)?;
        let fee = self.checked_fee(spend.unsigned)?;
        let role = match kind {
            SpendKind::Close => self.check_close(spend, fee).map(|()| NonceRole::Closing)?,
            SpendKind::Splice => self.check_splice(spend, fee).map(|()| NonceRole::Splicing)?,
            SpendKind::Claim => return Err(SpendRefusal::Kind { kind }),
        };
        let digest = spend.unsigned.digest(index).map_err(|_| wrong)?;
        let message = TapSighash::from_byte_array(digest);
        let signature = match (&active.key, nonces) {
            (FundingKey::MuSig2(cosigner), SigningNonces::Fresh { peer, source, entropy }) => {
                let session = source.sign_last(cosigner, peer, &message, role, entropy)?;
                FundingCosignature::Partial(Box::new(session))
            }
            (FundingKey::MuSig2(cosigner), SigningNonces::Ahead { peer, nonce }) => {
                let session = nonce.join(cosigner, peer, &message)?;
                FundingCosignature::Partial(Box::new(session.sign()))
            }
            (FundingKey::TwoOfTwo { key, .. }, SigningNonces::None) => {
                FundingCosignature::Ecdsa(sign_ecdsa::sign(key, digest, self.grinding))
            }
            _ => return Err(SpendRefusal::Nonces),
        };
        if kind == SpendKind::Close {
            self.record.phase = Phase::Closing;
        }
        Ok(signature)
    }

    /// Puts the halves together to the witness of the funding input, which is verified.
    ///
    /// # Errors
    /// [`CombineRefusal`]; our half is used up in any case, and the transaction is to be signed anew.
    pub fn combine(
        &self,
        spend: &FundingSpend<'_>,
        ours: FundingCosignature,
        peer: &PeerCosignature,
    ) -> Result<Witness, CombineRefusal> {
        let wrong = CombineRefusal::Funding { funding: spend.funding };
        let active = self.fundings.get(&spend.funding).ok_or(wrong)?;
        let index = spends_once(spend.unsigned, spend.funding, active).ok_or(wrong)?;
        let digest = spend.unsigned.digest(index).map_err(|_| wrong)?;
        match (&active.key, ours, peer) {
            (
                FundingKey::MuSig2(cosigner),
                FundingCosignature::Partial(session),
                PeerCosignature::Partial(peer),
            ) => {
                if session.message().to_byte_array() != digest {
                    return Err(wrong);
                }
                let signature = session.complete(cosigner, peer)?;
                Ok(Witness::from_slice(&[signature.serialize()]))
            }
            (
                FundingKey::TwoOfTwo { key, peer: peer_key },
                FundingCosignature::Ecdsa(ours),
                PeerCosignature::Ecdsa(theirs),
            ) => {
                if !sign_ecdsa::verify(peer_key, digest, theirs) {
                    return Err(CombineRefusal::EcdsaSignature);
                }
                Ok(two_of_two_witness(active.builder.funding(), key, ours, *theirs))
            }
            _ => Err(CombineRefusal::SignatureKind),
        }
    }

    fn check_close(&self, spend: &FundingSpend<'_>, fee: Amount) -> Result<(), SpendRefusal> {
        let (funding, kind) = (spend.funding, spend.kind);
        if spend.unsigned.inputs.len() != 1 {
            return Err(SpendRefusal::Funding { funding, kind });
        }
        let settled = self.settled(funding, kind)?;
        if let Some(SignedCommitment { in_flight, .. }) = settled
            && !in_flight.is_zero()
        {
            return Err(SpendRefusal::HtlcsPending { in_flight });
        }
        let owed = owed(settled, Amount::ZERO, fee)?;
        self.check_returns(spend.unsigned, spend.returns.max(owed), Amount::ZERO, kind)
    }

    /// The new funding output must be known and hold a complete commitment of ours, with our balance and all HTLCs:
    /// once the splice confirms, nothing else can be published.
    fn check_splice(&self, spend: &FundingSpend<'_>, fee: Amount) -> Result<(), SpendRefusal> {
        let (funding, kind) = (spend.funding, spend.kind);
        let (target, complete) = self.splice_target(spend).ok_or(SpendRefusal::SpliceIncomplete)?;
        let settled = self.settled(funding, kind)?;
        let arrived = self.settled(target, kind)?;
        let in_flight = |signed: Option<SignedCommitment>| signed.map(|signed| signed.in_flight);
        if settled.is_some() && in_flight(settled) != in_flight(arrived) {
            return Err(SpendRefusal::Unsettled { funding: target, kind });
        }
        let coins = wallet_coins(spend.unsigned).ok_or(SpendRefusal::Amounts)?;
        let owed = owed(settled, coins, fee)?;
        let kept = complete.ours.to_sat_floor();
        self.check_returns(spend.unsigned, spend.returns.max(owed), kept, kind)
    }

    /// The funding output of this channel that the transaction makes, and our newest commitment on it.
    fn splice_target(&self, spend: &FundingSpend<'_>) -> Option<(OutPoint, SignedCommitment)> {
        let txid = spend.unsigned.txid();
        (0..).zip(&spend.unsigned.transaction.output).find_map(|(vout, output)| {
            let outpoint = OutPoint { txid, vout };
            let active = self.fundings.get(&outpoint)?;
            let completed = self.record.fundings.get(&outpoint)?.completed?;
            let valid = completed.number.to_u64() >= self.record.revealed;
            (valid && active.builder.funding_txout() == output).then_some((outpoint, completed))
        })
    }

    fn settled(&self, funding: OutPoint, kind: SpendKind) -> Result<Option<SignedCommitment>, SpendRefusal> {
        let Some(record) = self.record.fundings.get(&funding) else { return Ok(None) };
        record.settled().map_err(|_| SpendRefusal::Unsettled { funding, kind })
    }
}

/// What must come back to us: our balance and our coins, less the fee. More cannot be asked for: whoever pays the fee,
/// and whosever output is dust, the fee holds it all.
fn owed(settled: Option<SignedCommitment>, coins: Amount, fee: Amount) -> Result<Amount, SpendRefusal> {
    let Some(SignedCommitment { ours, .. }) = settled else { return Ok(Amount::ZERO) };
    let all = ours.to_sat_floor().checked_add(coins).ok_or(SpendRefusal::Amounts)?;
    Ok(all.checked_sub(fee).unwrap_or(Amount::ZERO))
}

/// What our wallet pays in.
fn wallet_coins(unsigned: &UnsignedTransaction) -> Option<Amount> {
    let coins = unsigned.inputs.iter().filter(|input| matches!(input.hint, InputHint::Coin(_)));
    coins.map(|input| input.prevout.value).try_fold(Amount::ZERO, Amount::checked_add)
}

/// The input that spends the funding output, if there is exactly one and it is what it is said to be.
fn spends_once(unsigned: &UnsignedTransaction, funding: OutPoint, active: &ActiveFunding) -> Option<usize> {
    if unsigned.inputs.len() != unsigned.transaction.input.len() {
        return None;
    }
    let mut places = unsigned.transaction.input.iter().enumerate();
    let (index, _) = places.find(|(_, input)| input.previous_output == funding)?;
    let unique = places.all(|(_, input)| input.previous_output != funding);
    let input = &unsigned.inputs[index];
    let script: &FundingScript = active.builder.funding();
    let same = matches!(&input.hint, InputHint::Funding(hinted) if hinted == script)
        && input.prevout == *active.builder.funding_txout();
    (unique && same).then_some(index)
}
