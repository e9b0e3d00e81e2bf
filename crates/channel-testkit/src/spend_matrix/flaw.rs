//! What must not be accepted: every plan again, with one thing wrong.

use std::collections::BTreeSet;

use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxOut, Witness};
use channel_core::CsvDelay;
use channel_tx::weight::{AnchorPath, SpendPath};

use super::keys::secret;
use super::plan::{Item, Plan, Scope, Signatory, Signature, Signer};
use super::spot::{Arrangement, Path, Spot};

/// The one thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// The sequence claims one block less than the path asks for.
    SequenceTooLow,
    /// The lock time is one block below the expiry.
    LockTimeTooLow,
    /// All fields are right, but the output is one block too young.
    TooYoung,
    /// All fields are right, but the expiry has not passed: it comes one block early.
    TooSoon,
    /// A signature is a stranger's.
    WrongKey(Signatory),
    /// What is shown does not hash to what it should, or is not 32 bytes.
    WrongPreimage,
    /// The other party has not signed.
    MissingPeerSignature,
    /// A signature commits to something else than its sighash type says, or than the transaction needs.
    WrongSighashType(Signatory),
    /// A byte of the witness is another.
    MutatedWitness,
    /// A byte of what the transaction spends or pays is another.
    MutatedTransaction,
    /// The spent output has another amount.
    MutatedAmount,
    /// The spent output has another script.
    MutatedScript,
}

/// Which rule refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The script verifier.
    Script,
    /// The chain: lock times and relative locks, which a script verifier cannot see.
    Chain,
}

impl Flaw {
    /// The rule that refuses it.
    pub const fn rule(self) -> Rule {
        match self {
            Self::TooYoung | Self::TooSoon => Rule::Chain,
            _ => Rule::Script,
        }
    }

    /// Everything that must be refused at this square, said once more and apart from how cases are made, so that a
    /// forgotten case is missed. `owner_delay` is the delay on the owner's outputs.
    pub fn required(spot: Spot, owner_delay: CsvDelay) -> BTreeSet<Self> {
        // Consensus lets anyone spend a P2A output, with any transaction.
        if spot.path == Path::Anchor(AnchorPath::PayToAnchor) {
            return BTreeSet::new();
        }
        let mut flaws = BTreeSet::from([Self::MutatedWitness, Self::MutatedScript]);
        if spot.relative_lock(owner_delay).is_some() {
            flaws.extend([Self::SequenceTooLow, Self::TooYoung]);
        }
        if spot.waits_for_expiry() {
            flaws.extend([Self::LockTimeTooLow, Self::TooSoon]);
        }
        if spot.path == Path::Anchor(AnchorPath::AfterSixteenBlocks) {
            return flaws;
        }
        flaws.extend([Self::WrongKey(Signatory::Own), Self::WrongSighashType(Signatory::Own)]);
        flaws.extend([Self::MutatedTransaction, Self::MutatedAmount]);
        if spot.path.is_second_level() || spot.path == Path::Channel(SpendPath::Funding) {
            flaws.extend([Self::WrongKey(Signatory::Peer), Self::MissingPeerSignature]);
        }
        // Of a MuSig2 signature there is one sighash type for both.
        if spot.path.is_second_level()
            || spot.path == Path::Channel(SpendPath::Funding) && !spot.format.is_taproot()
        {
            flaws.insert(Self::WrongSighashType(Signatory::Peer));
        }
        if matches!(spot.path, Path::Channel(SpendPath::HtlcSuccess(_) | SpendPath::ClaimWithPreimage)) {
            flaws.insert(Self::WrongPreimage);
        }
        flaws
    }
}

/// A transaction with one flaw.
#[derive(Debug, Clone)]
pub(super) struct Flawed {
    pub(super) flaw: Flaw,
    pub(super) transaction: Transaction,
    pub(super) prevouts: Vec<TxOut>,
}

/// `plan` with each flaw it can have.
pub(super) fn flawed(plan: &Plan) -> Vec<Flawed> {
    let mut found = Vec::new();
    let mut add = |flaw, plan: &Plan| {
        found.push(Flawed { flaw, transaction: plan.signed(), prevouts: plan.prevouts.clone() });
    };
    for (flaw, plan) in too_early(plan) {
        add(flaw, &plan);
    }
    for (index, item) in plan.stack.iter().enumerate() {
        match item {
            Item::Signature(signature) => {
                for (flaw, item) in wrong_signatures(plan, signature) {
                    add(flaw, &with_item(plan, index, item));
                }
            }
            Item::Preimage(preimage) => {
                for wrong in wrong_preimages(preimage) {
                    add(Flaw::WrongPreimage, &with_item(plan, index, Item::Preimage(wrong)));
                }
            }
            Item::Bytes(_) => {}
        }
    }
    found.extend(mutated(plan));
    found
}

/// Transactions that claim one block less, signed anew by their publisher; the other party signed the right one.
fn too_early(plan: &Plan) -> Vec<(Flaw, Plan)> {
    let mut found = Vec::new();
    let sequence = plan.transaction.input[0].sequence;
    if sequence.is_relative_lock_time() && sequence != Sequence::ZERO {
        let mut early = plan.clone();
        early.transaction.input[0].sequence = Sequence(sequence.0 - 1);
        found.push((Flaw::SequenceTooLow, early));
    }
    let lock_time = plan.transaction.lock_time;
    if lock_time.is_block_height() && lock_time.to_consensus_u32() > 0 {
        let mut early = plan.clone();
        early.transaction.lock_time =
            bitcoin::absolute::LockTime::from_consensus(lock_time.to_consensus_u32() - 1);
        found.push((Flaw::LockTimeTooLow, early));
    }
    found
}

fn with_item(plan: &Plan, index: usize, item: Item) -> Plan {
    let mut plan = plan.clone();
    plan.stack[index] = item;
    plan
}

fn wrong_signatures(plan: &Plan, right: &Signature) -> Vec<(Flaw, Item)> {
    let mut found = Vec::new();
    let with = |signer| Item::Signature(Signature { signer, ..right.clone() });
    let stranger = secret(&["stranger"]);
    match right.signer {
        Signer::Single(_) => found.push((Flaw::WrongKey(right.by), with(Signer::Single(stranger)))),
        Signer::Both { own, peer } | Signer::OwnPartOnly { own, peer } => {
            let (wrong_own, wrong_peer) =
                (Signer::Both { own: stranger, peer }, Signer::Both { own, peer: stranger });
            found.push((Flaw::WrongKey(Signatory::Own), with(wrong_own)));
            found.push((Flaw::WrongKey(Signatory::Peer), with(wrong_peer)));
            found.push((Flaw::MissingPeerSignature, with(Signer::OwnPartOnly { own, peer })));
            found.push((Flaw::MissingPeerSignature, with(Signer::Single(own))));
        }
    }
    if right.by == Signatory::Peer {
        found.push((Flaw::MissingPeerSignature, Item::empty()));
        found.extend(own_signature(plan).map(|own| (Flaw::MissingPeerSignature, own)));
    }
    found.extend(wrong_types(plan, right).into_iter().map(|item| (Flaw::WrongSighashType(right.by), item)));
    found
}

/// The publisher's own signature, to stand where the other party's should.
fn own_signature(plan: &Plan) -> Option<Item> {
    plan.stack
        .iter()
        .find(|item| matches!(item, Item::Signature(signature) if signature.by == Signatory::Own))
        .cloned()
}

/// Signatures behind which another type is written than they commit to; and, where a fee was added, a signature of the
/// other party that does not allow it.
fn wrong_types(plan: &Plan, right: &Signature) -> Vec<Item> {
    let labelled = |label| Item::Signature(Signature { label: Some(label), ..right.clone() });
    // SINGLE, NONE | ANYONECANPAY, ALL | ANYONECANPAY, and one that exists nowhere.
    let mut wrong: Vec<Item> = [0x03, 0x82, 0x81, 0x04].map(labelled).into();
    if right.scope == Scope::SingleAnyoneCanPay {
        wrong.push(labelled(0x01));
        if plan.spot.arrangement == Arrangement::FeeAdded {
            wrong.push(Item::Signature(Signature { scope: Scope::All, ..right.clone() }));
        }
    } else {
        wrong.push(labelled(0x83));
    }
    wrong
}

fn wrong_preimages(right: &[u8]) -> [Vec<u8>; 4] {
    let mut other = right.to_vec();
    other[31] ^= 1;
    let (short, mut long) = (right[..31].to_vec(), right.to_vec());
    long.push(0);
    [other, short, long, Vec::new()]
}

/// Bytes that change after everything was signed.
fn mutated(plan: &Plan) -> Vec<Flawed> {
    let right = plan.signed();
    let mut found = Vec::new();
    for element in 0..right.input[0].witness.len() {
        for position in Position::ALL {
            let transaction = with_witness_byte(&right, element, position);
            found.push((Flaw::MutatedWitness, transaction, plan.prevouts.clone()));
        }
    }
    for change in TRANSACTION_CHANGES {
        let mut transaction = right.clone();
        change(&mut transaction);
        found.push((Flaw::MutatedTransaction, transaction, plan.prevouts.clone()));
    }
    for (flaw, change) in PREVOUT_CHANGES {
        let mut prevouts = plan.prevouts.clone();
        change(&mut prevouts[0]);
        found.push((flaw, right.clone(), prevouts));
    }
    let required = Flaw::required(plan.spot, CsvDelay::new(1).expect("one is not zero"));
    found
        .into_iter()
        // What nobody signs may be changed by anybody.
        .filter(|(flaw, ..)| required.contains(flaw))
        .map(|(flaw, transaction, prevouts)| Flawed { flaw, transaction, prevouts })
        .collect()
}

type TransactionChange = fn(&mut Transaction);

const TRANSACTION_CHANGES: [TransactionChange; 4] = [
    |transaction| transaction.output[0].value += Amount::ONE_SAT,
    |transaction| {
        transaction.output[0].script_pubkey = with_flipped_byte(&transaction.output[0].script_pubkey);
    },
    |transaction| {
        let OutPoint { txid, vout } = transaction.input[0].previous_output;
        transaction.input[0].previous_output = OutPoint { txid, vout: vout + 1 };
    },
    |transaction| transaction.version.0 ^= 4,
];

type PrevoutChange = fn(&mut TxOut);

const PREVOUT_CHANGES: [(Flaw, PrevoutChange); 2] = [
    (Flaw::MutatedAmount, |prevout| prevout.value += Amount::ONE_SAT),
    (Flaw::MutatedScript, |prevout| prevout.script_pubkey = with_flipped_byte(&prevout.script_pubkey)),
];

/// Which byte of a witness element changes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Position {
    First,
    Middle,
    Last,
}

impl Position {
    const ALL: [Self; 3] = [Self::First, Self::Middle, Self::Last];

    const fn of(self, length: usize) -> usize {
        match self {
            Self::First => 0,
            Self::Middle => length / 2,
            Self::Last => length - 1,
        }
    }
}

/// An empty element becomes as long as a preimage, because the segwit HTLC scripts choose by length and take anything
/// shorter for none; of any other element the lowest bit of one byte is flipped.
fn with_witness_byte(transaction: &Transaction, element: usize, position: Position) -> Transaction {
    let mut transaction = transaction.clone();
    let mut elements = transaction.input[0].witness.to_vec();
    let bytes = &mut elements[element];
    if bytes.is_empty() {
        *bytes = vec![1; 32];
    } else {
        let index = position.of(bytes.len());
        bytes[index] ^= 1;
    }
    transaction.input[0].witness = Witness::from_slice(&elements);
    transaction
}

/// The script with its last byte changed: another program of the same kind.
fn with_flipped_byte(script: &ScriptBuf) -> ScriptBuf {
    let mut bytes = script.to_bytes();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    ScriptBuf::from_bytes(bytes)
}
