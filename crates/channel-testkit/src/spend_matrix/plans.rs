//! Every way to spend every output of one commitment.

use bitcoin::absolute::LockTime;
use bitcoin::secp256k1::SecretKey;
use bitcoin::{OutPoint, ScriptBuf, Transaction, TxOut};
use channel_core::htlc::{Htlc, HtlcDirection};
use channel_core::{CommitmentFormat, CsvDelay, Side};
use channel_tx::commitment::{Commitment, HtlcTransaction, OutputRole};
use channel_tx::weight::{AnchorPath, SpendPath};

use super::channel::{Channel, preimage};
use super::keys::{CommitmentSecrets, public};
use super::plan::{Item, Lock, Plan, Reveal, Scope, Signatory, Signer, Spend, sequence};
use super::scripts::{ScriptKeys, Tree, public_keys};
use super::spot::{Arrangement, Output, Path, Spot};

/// The commitment of one side, and the keys and scripts that spend it.
struct Site<'a> {
    format: CommitmentFormat,
    owner: Side,
    delay: CsvDelay,
    commitment: &'a Commitment,
    secrets: CommitmentSecrets,
    scripts: ScriptKeys,
}

/// The plans for the commitment of `owner`.
pub(super) fn plans(channel: &Channel, owner: Side) -> Vec<Plan> {
    let format = channel.builder.terms().format;
    let commitment = channel.commitment(owner);
    let secrets = channel.secrets(owner);
    let site = Site {
        format,
        owner,
        delay: channel.builder.to_self_delay(owner),
        commitment: &commitment,
        scripts: public_keys(format, &secrets),
        secrets,
    };
    let mut plans = vec![site.funding(channel.builder.funding_txout())];
    for (index, output) in commitment.outputs().iter().enumerate() {
        plans.extend(site.commitment_output(index, &output.role));
    }
    for htlc in commitment.htlc_transactions() {
        plans.extend(site.second_level(&htlc));
    }
    plans
}

impl Site<'_> {
    const fn is_taproot(&self) -> bool {
        self.format.is_taproot()
    }

    fn spot(&self, output: Output, path: Path) -> Spot {
        Spot { format: self.format, owner: self.owner, output, path, arrangement: Arrangement::Alone }
    }

    /// A claim of a commitment output by one party, with the locks its path asks for.
    fn claim(&self, (outpoint, prevout): (OutPoint, TxOut), spot: Spot, expiry: u32, spend: Spend) -> Plan {
        let lock_time = if spot.waits_for_expiry() { expiry } else { 0 };
        let lock = Lock {
            sequence: sequence(spot.relative_lock(self.delay)),
            lock_time: LockTime::from_consensus(lock_time),
        };
        Plan::claim(spot, outpoint, prevout, lock, spend)
    }

    /// The commitment itself, as its owner completes it.
    fn funding(&self, prevout: &TxOut) -> Plan {
        let (own, peer) = (self.secrets.local_funding, self.secrets.remote_funding);
        let spend = if self.is_taproot() {
            let both = Signer::Both { own, peer };
            Spend::new(Reveal::KeyPath, vec![Item::signature(Signatory::Own, both, Scope::All)])
        } else {
            let sign = |by, key| Item::signature(by, Signer::Single(key), Scope::All);
            let mut signatures = [(own, Signatory::Own), (peer, Signatory::Peer)];
            signatures.sort_unstable_by_key(|(key, _)| public(key).serialize());
            let [first, second] = signatures.map(|(key, by)| sign(by, key));
            Spend::script(self.scripts.funding(), vec![Item::empty(), first, second])
        };
        let spot = self.spot(Output::Funding, Path::Channel(SpendPath::Funding));
        Plan::agreed(spot, self.commitment.transaction().clone(), prevout.clone(), spend)
    }

    fn commitment_output(&self, index: usize, role: &OutputRole) -> Vec<Plan> {
        let coin = coin(self.commitment.transaction(), index);
        match role {
            OutputRole::ToLocal => self.to_local(&coin),
            OutputRole::ToRemote => vec![self.to_remote(coin)],
            OutputRole::LocalAnchor => self.keyed_anchor(&coin, Output::LocalAnchor),
            OutputRole::RemoteAnchor => self.keyed_anchor(&coin, Output::RemoteAnchor),
            OutputRole::SharedAnchor => {
                let spot = self.spot(Output::SharedAnchor, Path::Anchor(AnchorPath::PayToAnchor));
                vec![self.claim(coin, spot, 0, Spend::new(Reveal::Nothing, Vec::new()))]
            }
            OutputRole::Htlc(htlc) => match htlc.direction {
                HtlcDirection::Offered => self.offered_claims(&coin, &htlc.htlc),
                HtlcDirection::Accepted => self.accepted_claims(&coin, &htlc.htlc),
            },
            // A role this matrix does not know has no plan, and the coverage test counts outputs.
            _ => Vec::new(),
        }
    }

    fn to_local(&self, coin: &(OutPoint, TxOut)) -> Vec<Plan> {
        let (delayed, revocation) = (self.secrets.local_delayed, self.secrets.revocation);
        let [wait, revoke] = if self.format == CommitmentFormat::TaprootV2 {
            let tree = self.scripts.to_local_tree(self.delay);
            [(0, delayed), (1, revocation)].map(|(leaf, key)| Spend::leaf(&tree, leaf, vec![Item::own(key)]))
        } else {
            self.delayed_spends(&self.scripts.to_local_tree(self.delay))
        };
        self.delayed_claims(
            coin,
            Output::ToLocal,
            [(SpendPath::ToLocalDelayed(self.delay), wait), (SpendPath::ToLocalRevoked(self.delay), revoke)],
        )
    }

    /// By the delay, and by the revocation key: of the second level, and of `to_local` but in V2.
    fn delayed_spends(&self, tree: &Tree) -> [Spend; 2] {
        let (delayed, revocation) = (self.secrets.local_delayed, self.secrets.revocation);
        if self.is_taproot() {
            return [Spend::leaf(tree, 0, vec![Item::own(delayed)]), Spend::key_path(tree, revocation)];
        }
        let script = self.scripts.delayed(self.delay);
        [(delayed, Vec::new()), (revocation, vec![1])]
            .map(|(key, branch)| Spend::script(script.clone(), vec![Item::own(key), Item::Bytes(branch)]))
    }

    fn delayed_claims(
        &self,
        coin: &(OutPoint, TxOut),
        output: Output,
        spends: [(SpendPath, Spend); 2],
    ) -> Vec<Plan> {
        let claim =
            |(path, spend)| self.claim(coin.clone(), self.spot(output, Path::Channel(path)), 0, spend);
        spends.map(claim).into()
    }

    fn to_remote(&self, coin: (OutPoint, TxOut)) -> Plan {
        let key = self.secrets.remote_payment;
        let spend = match self.format {
            CommitmentFormat::TaprootV2 => {
                Spend::leaf(&self.scripts.to_remote_tree(), 0, vec![Item::own(key)])
            }
            _ if self.is_taproot() => Spend::key_path(&self.scripts.to_remote_tree(), key),
            CommitmentFormat::SegwitAnchors => Spend::script(self.scripts.to_remote(), vec![Item::own(key)]),
            _ => Spend::new(Reveal::Wpkh(public(&key)), vec![Item::own(key)]),
        };
        self.claim(coin, self.spot(Output::ToRemote, Path::Channel(SpendPath::ToRemote)), 0, spend)
    }

    fn keyed_anchor(&self, coin: &(OutPoint, TxOut), output: Output) -> Vec<Plan> {
        let [by_key, by_anyone] = if self.is_taproot() {
            let key = match output {
                Output::LocalAnchor => self.secrets.local_delayed,
                _ => self.secrets.remote_payment,
            };
            let tree = ScriptKeys::anchor_tree(&public(&key));
            [Spend::key_path(&tree, key), Spend::leaf(&tree, 0, Vec::new())]
        } else {
            let key = match output {
                Output::LocalAnchor => self.secrets.local_funding,
                _ => self.secrets.remote_funding,
            };
            let script = ScriptKeys::anchor(&public(&key));
            [Item::own(key), Item::empty()].map(|item| Spend::script(script.clone(), vec![item]))
        };
        [(AnchorPath::Keyed, by_key), (AnchorPath::AfterSixteenBlocks, by_anyone)]
            .map(|(path, spend)| self.claim(coin.clone(), self.spot(output, Path::Anchor(path)), 0, spend))
            .into()
    }

    /// An HTLC the owner offered: the other party has the preimage, or the revocation key.
    fn offered_claims(&self, coin: &(OutPoint, TxOut), htlc: &Htlc) -> Vec<Plan> {
        let shown = Item::Preimage(preimage(htlc.offered_by).to_vec());
        let signed = Item::own(self.secrets.remote_htlc);
        // What a script checks first lies on top: the zero-fee Taproot leaf begins with the signature.
        let stack = if self.format == CommitmentFormat::TaprootV3 {
            vec![shown, signed]
        } else {
            vec![signed, shown]
        };
        let [claim, revoke] = if self.is_taproot() {
            let tree = self.scripts.offered_tree(htlc.payment_hash);
            [Spend::leaf(&tree, 1, stack), Spend::key_path(&tree, self.secrets.revocation)]
        } else {
            self.htlc_scripts(&self.scripts.offered(htlc.payment_hash), stack)
        };
        self.htlc_claims(
            coin,
            Output::OfferedHtlc,
            htlc,
            [(SpendPath::ClaimWithPreimage, claim), (SpendPath::RevokedOffered, revoke)],
        )
    }

    /// An HTLC the owner accepted: the other party waits for its expiry, or has the revocation key.
    fn accepted_claims(&self, coin: &(OutPoint, TxOut), htlc: &Htlc) -> Vec<Plan> {
        let expiry = htlc.cltv_expiry.to_height();
        let key = self.secrets.remote_htlc;
        let [claim, revoke] = if self.is_taproot() {
            let tree = self.scripts.accepted_tree(htlc.payment_hash, expiry);
            let claim = Spend::leaf(&tree, 0, vec![Item::own(key)]);
            [claim, Spend::key_path(&tree, self.secrets.revocation)]
        } else {
            let stack = vec![Item::own(key), Item::empty()];
            self.htlc_scripts(&self.scripts.accepted(htlc.payment_hash, expiry), stack)
        };
        self.htlc_claims(
            coin,
            Output::AcceptedHtlc,
            htlc,
            [
                (SpendPath::ClaimAtTimeout(htlc.cltv_expiry), claim),
                (SpendPath::RevokedAccepted(htlc.cltv_expiry), revoke),
            ],
        )
    }

    fn htlc_scripts(&self, script: &ScriptBuf, claim: Vec<Item>) -> [Spend; 2] {
        let key = Item::Bytes(public(&self.secrets.revocation).serialize().to_vec());
        let revoke = vec![Item::own(self.secrets.revocation), key];
        [Spend::script(script.clone(), claim), Spend::script(script.clone(), revoke)]
    }

    fn htlc_claims(
        &self,
        coin: &(OutPoint, TxOut),
        output: Output,
        htlc: &Htlc,
        spends: [(SpendPath, Spend); 2],
    ) -> Vec<Plan> {
        let expiry = htlc.cltv_expiry.to_height();
        let claim =
            |(path, spend)| self.claim(coin.clone(), self.spot(output, Path::Channel(path)), expiry, spend);
        spends.map(claim).into()
    }

    /// HTLC-timeout or HTLC-success as the product builds it, alone and with a fee, and what spends its output.
    fn second_level(&self, built: &HtlcTransaction<'_>) -> Vec<Plan> {
        let htlc = &built.htlc().htlc;
        let expiry = htlc.cltv_expiry;
        let (output, path, then) = match built.htlc().direction {
            HtlcDirection::Offered => (Output::OfferedHtlc, SpendPath::HtlcTimeout, Output::TimeoutOutput),
            HtlcDirection::Accepted => {
                (Output::AcceptedHtlc, SpendPath::HtlcSuccess(expiry), Output::SuccessOutput)
            }
        };
        let spend = match built.htlc().direction {
            HtlcDirection::Offered => self.timeout_spend(htlc),
            HtlcDirection::Accepted => self.success_spend(htlc),
        };
        let spot = self.spot(output, Path::Channel(path));
        let alone = Plan::agreed(spot, built.transaction().clone(), built.prevout().clone(), spend);
        let coin = coin(&alone.signed(), 0);
        let spends = self.delayed_spends(&self.scripts.second_level_tree(self.delay));
        let [wait, revoke] = spends;
        let mut plans = self.delayed_claims(
            &coin,
            then,
            [
                (SpendPath::SecondLevelDelayed(self.delay), wait),
                (SpendPath::SecondLevelRevoked(self.delay), revoke),
            ],
        );
        plans.push(alone.clone().with_fee_added());
        plans.push(alone);
        plans
    }

    fn timeout_spend(&self, htlc: &Htlc) -> Spend {
        let [peer, own] = self.both_htlc_signatures();
        if self.is_taproot() {
            return Spend::leaf(&self.scripts.offered_tree(htlc.payment_hash), 0, vec![peer, own]);
        }
        let stack = vec![Item::empty(), peer, own, Item::empty()];
        Spend::script(self.scripts.offered(htlc.payment_hash), stack)
    }

    fn success_spend(&self, htlc: &Htlc) -> Spend {
        let expiry = htlc.cltv_expiry.to_height();
        let [peer, own] = self.both_htlc_signatures();
        let shown = Item::Preimage(preimage(htlc.offered_by).to_vec());
        if self.is_taproot() {
            let tree = self.scripts.accepted_tree(htlc.payment_hash, expiry);
            return Spend::leaf(&tree, 1, vec![peer, own, shown]);
        }
        let stack = vec![Item::empty(), peer, own, shown];
        Spend::script(self.scripts.accepted(htlc.payment_hash, expiry), stack)
    }

    /// The other party's, which lets a fee be added, below the owner's.
    fn both_htlc_signatures(&self) -> [Item; 2] {
        let sign = |by, key: SecretKey, scope| Item::signature(by, Signer::Single(key), scope);
        [
            sign(Signatory::Peer, self.secrets.remote_htlc, Scope::SingleAnyoneCanPay),
            sign(Signatory::Own, self.secrets.local_htlc, Scope::All),
        ]
    }
}

/// An output as a coin.
fn coin(transaction: &Transaction, index: usize) -> (OutPoint, TxOut) {
    let vout = u32::try_from(index).expect("a transaction has fewer than 2^32 outputs");
    (OutPoint { txid: transaction.compute_txid(), vout }, transaction.output[index].clone())
}
