//! How an output is spent, before anything is signed: the transaction, and what goes into the witness.

use bitcoin::absolute::LockTime;
use bitcoin::key::TapTweak;
use bitcoin::secp256k1::{Keypair, PublicKey, Secp256k1, SecretKey};
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, TapNodeHash, Transaction, TxIn, TxOut, Witness};

use super::scripts::Tree;
use super::signing;
use super::spot::{Arrangement, Spot};

/// One way to spend one output, always by input 0.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) spot: Spot,
    /// What both parties agreed on in advance, which is what the other party signs.
    pub(super) agreed: Transaction,
    /// What is published.
    pub(super) transaction: Transaction,
    /// The outputs it spends.
    pub(super) prevouts: Vec<TxOut>,
    pub(super) reveal: Reveal,
    /// The witness below what is revealed, from the bottom.
    pub(super) stack: Vec<Item>,
}

/// What the witness shows of the output.
#[derive(Debug, Clone)]
pub(super) enum Reveal {
    KeyPath,
    Leaf { script: ScriptBuf, control_block: Vec<u8> },
    WitnessScript(ScriptBuf),
    Wpkh(PublicKey),
    Nothing,
}

/// An element of the witness.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Signature(Signature),
    Preimage(Vec<u8>),
    Bytes(Vec<u8>),
}

/// A signature to be made.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    pub(super) by: Signatory,
    pub(super) signer: Signer,
    pub(super) scope: Scope,
    /// The sighash byte that is written behind it, if not the one that fits.
    pub(super) label: Option<u8>,
}

/// Who makes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signatory {
    /// Who publishes the transaction.
    Own,
    /// The other party, in advance.
    Peer,
}

/// With what.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signer {
    Single(SecretKey),
    /// MuSig2 with the tweak of BIP 86.
    Both {
        own: SecretKey,
        peer: SecretKey,
    },
    /// The same session, but without the other party's partial signature.
    OwnPartOnly {
        own: SecretKey,
        peer: SecretKey,
    },
}

/// What a signature commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    SingleAnyoneCanPay,
}

impl Reveal {
    pub(super) const fn is_taproot(&self) -> bool {
        matches!(self, Self::KeyPath | Self::Leaf { .. })
    }

    /// What goes on top of the witness.
    fn elements(&self) -> Vec<Vec<u8>> {
        match self {
            Self::KeyPath | Self::Nothing => Vec::new(),
            Self::Leaf { script, control_block } => vec![script.to_bytes(), control_block.clone()],
            Self::WitnessScript(script) => vec![script.to_bytes()],
            Self::Wpkh(key) => vec![key.serialize().to_vec()],
        }
    }
}

impl Item {
    /// One's own signature, over everything.
    pub(super) const fn own(key: SecretKey) -> Self {
        Self::signature(Signatory::Own, Signer::Single(key), Scope::All)
    }

    pub(super) const fn signature(by: Signatory, signer: Signer, scope: Scope) -> Self {
        Self::Signature(Signature { by, signer, scope, label: None })
    }

    pub(super) const fn empty() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Plan {
    /// One input for one output of the same script kind, by one party alone.
    pub(super) fn claim(spot: Spot, outpoint: OutPoint, prevout: TxOut, lock: Lock, spend: Spend) -> Self {
        let input = TxIn {
            previous_output: outpoint,
            script_sig: ScriptBuf::new(),
            sequence: lock.sequence,
            witness: Witness::new(),
        };
        let output = TxOut { value: prevout.value / 2, script_pubkey: wallet_script() };
        let transaction = Transaction {
            version: bitcoin::transaction::Version(if spot.format.is_zero_fee() { 3 } else { 2 }),
            lock_time: lock.lock_time,
            input: vec![input],
            output: vec![output],
        };
        Self::agreed(spot, transaction, prevout, spend)
    }

    /// A transaction that both parties know.
    pub(super) fn agreed(spot: Spot, transaction: Transaction, prevout: TxOut, spend: Spend) -> Self {
        let Spend { reveal, stack } = spend;
        Self { spot, agreed: transaction.clone(), transaction, prevouts: vec![prevout], reveal, stack }
    }

    /// The same with a coin of the wallet and its change, which pay a fee.
    pub(super) fn with_fee_added(mut self) -> Self {
        let coin = TxOut { value: Amount::from_sat(50_000), script_pubkey: wallet_script() };
        self.transaction.input.push(TxIn {
            previous_output: OutPoint { vout: 3, ..OutPoint::null() },
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::new(),
        });
        let change = TxOut { value: Amount::from_sat(48_000), script_pubkey: wallet_script() };
        self.transaction.output.push(change);
        self.prevouts.push(coin);
        self.spot.arrangement = Arrangement::FeeAdded;
        self
    }

    /// The transaction with the witness of input 0.
    pub(super) fn signed(&self) -> Transaction {
        let mut signed = self.transaction.clone();
        let below = self.stack.iter().map(|item| match item {
            Item::Signature(signature) => self.signature(signature),
            Item::Preimage(bytes) | Item::Bytes(bytes) => bytes.clone(),
        });
        let elements: Vec<Vec<u8>> = below.chain(self.reveal.elements()).collect();
        signed.input[0].witness = Witness::from_slice(&elements);
        signed
    }

    fn signature(&self, signature: &Signature) -> Vec<u8> {
        // The other party has signed before anything was added or changed.
        let (transaction, prevouts) = match signature.by {
            Signatory::Own => (&self.transaction, &self.prevouts[..]),
            Signatory::Peer => (&self.agreed, &self.prevouts[..1]),
        };
        signing::signature(signature, &self.reveal, transaction, prevouts)
    }
}

/// What a transaction claims to have waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lock {
    pub(super) sequence: Sequence,
    pub(super) lock_time: LockTime,
}

/// What unlocks an output.
#[derive(Debug, Clone)]
pub(super) struct Spend {
    pub(super) reveal: Reveal,
    pub(super) stack: Vec<Item>,
}

impl Spend {
    pub(super) const fn new(reveal: Reveal, stack: Vec<Item>) -> Self {
        Self { reveal, stack }
    }

    pub(super) fn leaf(tree: &Tree, index: usize, stack: Vec<Item>) -> Self {
        let (script, control_block) = tree.leaf(index);
        Self::new(Reveal::Leaf { script, control_block }, stack)
    }

    /// The key path with the secret of the internal key.
    pub(super) fn key_path(tree: &Tree, secret: SecretKey) -> Self {
        Self::new(Reveal::KeyPath, vec![Item::own(tweaked(secret, tree.merkle_root()))])
    }

    pub(super) const fn script(script: ScriptBuf, stack: Vec<Item>) -> Self {
        Self::new(Reveal::WitnessScript(script), stack)
    }
}

/// BIP 341: the secret of the output key.
fn tweaked(secret: SecretKey, root: Option<TapNodeHash>) -> SecretKey {
    let secp = Secp256k1::new();
    Keypair::from_secret_key(&secp, &secret).tap_tweak(&secp, root).to_keypair().secret_key()
}

/// A P2WPKH script of nobody in particular.
fn wallet_script() -> ScriptBuf {
    let mut bytes = vec![0x00, 0x14];
    bytes.extend_from_slice(&[0x77; 20]);
    ScriptBuf::from_bytes(bytes)
}

/// Formats without a lock of their own leave the sequence free; it opts in to replacement.
pub(super) fn sequence(relative: Option<u16>) -> Sequence {
    relative.map_or(Sequence::ENABLE_RBF_NO_LOCKTIME, Sequence::from_height)
}
