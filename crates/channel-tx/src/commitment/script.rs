//! The scripts of a commitment's outputs, from the keys on it.

use bitcoin::TxOut;
use channel_core::CsvDelay;
use channel_core::commitment::HtlcOutput;
use channel_core::htlc::HtlcDirection;

use super::{Commitment, CommitmentOutput, OutputRole};
use crate::format::Scripts;
use crate::keys::{CommitmentKeys, HtlcKeys, KeyError};
use crate::script::{OutputScript, TaprootOutput, accepted_leaves, offered_leaves, segwit};
use crate::weight::script::SegwitScripts;

/// `to_local`.
pub(super) fn to_local(
    scripts: Scripts,
    keys: &CommitmentKeys,
    delay: CsvDelay,
) -> Result<OutputScript, KeyError> {
    Ok(match scripts {
        Scripts::Taproot(scripts) => OutputScript::Taproot(TaprootOutput::to_local(scripts, keys, delay)?),
        Scripts::Segwit(_) => OutputScript::Witness(segwit::to_local(keys, delay)),
    })
}

/// The outputs of HTLC-timeout and HTLC-success.
pub(super) fn second_level(
    scripts: Scripts,
    keys: &CommitmentKeys,
    delay: CsvDelay,
) -> Result<OutputScript, KeyError> {
    Ok(match scripts {
        Scripts::Taproot(_) => OutputScript::Taproot(TaprootOutput::second_level(keys, delay)?),
        Scripts::Segwit(_) => OutputScript::Witness(segwit::to_local(keys, delay)),
    })
}

/// `to_remote`.
fn to_remote(scripts: Scripts, keys: &CommitmentKeys) -> Result<OutputScript, KeyError> {
    Ok(match scripts {
        Scripts::Taproot(scripts) => {
            OutputScript::Taproot(TaprootOutput::to_remote(scripts, keys.remote_payment)?)
        }
        Scripts::Segwit(SegwitScripts::Plain) => OutputScript::Wpkh(keys.remote_payment()),
        Scripts::Segwit(SegwitScripts::Anchors) => {
            OutputScript::Witness(segwit::to_remote(&keys.remote_payment))
        }
    })
}

/// A keyed anchor: the owner's, or the other party's.
fn keyed_anchor(scripts: Scripts, keys: &CommitmentKeys, role: OutputRole) -> Result<OutputScript, KeyError> {
    let (taproot, segwit) = match role {
        OutputRole::LocalAnchor => (keys.local_delayed, keys.local_funding),
        _ => (keys.remote_payment, keys.remote_funding),
    };
    Ok(match scripts {
        Scripts::Taproot(_) => OutputScript::Taproot(TaprootOutput::keyed_anchor(taproot)?),
        Scripts::Segwit(_) => OutputScript::Witness(segwit::keyed_anchor(&segwit)),
    })
}

/// The script of one HTLC output.
pub(crate) fn htlc(
    scripts: Scripts,
    keys: &CommitmentKeys,
    htlc_keys: &HtlcKeys,
    output: &HtlcOutput,
) -> Result<OutputScript, KeyError> {
    let (hash, expiry) = (output.htlc.payment_hash, output.htlc.cltv_expiry);
    let revocation = keys.revocation;
    Ok(match (scripts, output.direction) {
        (Scripts::Taproot(scripts), HtlcDirection::Offered) => {
            OutputScript::Taproot(TaprootOutput::offered_htlc(scripts, revocation, htlc_keys, hash)?)
        }
        (Scripts::Taproot(scripts), HtlcDirection::Accepted) => {
            OutputScript::Taproot(TaprootOutput::accepted_htlc(scripts, revocation, htlc_keys, hash, expiry)?)
        }
        (Scripts::Segwit(scripts), HtlcDirection::Offered) => {
            OutputScript::Witness(segwit::offered_htlc(scripts, &revocation, htlc_keys, hash))
        }
        (Scripts::Segwit(scripts), HtlcDirection::Accepted) => {
            OutputScript::Witness(segwit::accepted_htlc(scripts, &revocation, htlc_keys, hash, expiry))
        }
    })
}

impl Commitment {
    /// The script of the output at `index`, with all that spending it reveals; `None` beyond the last one. The output
    /// keys of HTLCs are not computed again.
    pub fn output_script(&self, index: usize) -> Option<OutputScript> {
        let (output, txout) = (self.outputs.get(index)?, self.transaction.output.get(index)?);
        let (scripts, keys) = (self.rules.scripts, &self.keys);
        let made = match &output.role {
            OutputRole::ToLocal => to_local(scripts, keys, self.to_self_delay),
            OutputRole::ToRemote => to_remote(scripts, keys),
            role @ (OutputRole::LocalAnchor | OutputRole::RemoteAnchor) => keyed_anchor(scripts, keys, *role),
            OutputRole::SharedAnchor => Ok(OutputScript::Anchor),
            OutputRole::Htlc(htlc) => return self.htlc_script(output, htlc, txout),
        };
        Some(made.expect("the output was made from these keys"))
    }

    /// The script of the outputs of its second level, `None` when it has no HTLCs.
    pub fn second_level_script(&self) -> Option<&OutputScript> {
        self.htlc.as_ref().map(|frame| &frame.second_level)
    }

    fn htlc_script(
        &self,
        output: &CommitmentOutput,
        placed: &HtlcOutput,
        txout: &TxOut,
    ) -> Option<OutputScript> {
        let keys = &self.htlc.as_ref()?.keys;
        let Scripts::Taproot(scripts) = self.rules.scripts else {
            return htlc(self.rules.scripts, &self.keys, keys, placed).ok();
        };
        let leaves = match placed.direction {
            HtlcDirection::Offered => offered_leaves(scripts, keys, placed.htlc.payment_hash),
            HtlcDirection::Accepted => {
                accepted_leaves(scripts, keys, placed.htlc.payment_hash, placed.htlc.cltv_expiry)
            }
        };
        let program = txout.script_pubkey.as_bytes().get(2..)?.try_into().ok()?;
        Some(OutputScript::Taproot(TaprootOutput::known(
            self.keys.revocation,
            leaves,
            program,
            output.parity,
        )))
    }
}
