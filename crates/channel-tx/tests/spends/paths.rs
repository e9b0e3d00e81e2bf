//! Every way to spend every output, of built commitments and of commitments read off the chain.

use std::collections::BTreeSet;

use bitcoin::absolute::LockTime;
use bitcoin::transaction::Version;
use bitcoin::{Amount, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};
use channel_core::{CommitmentFormat, Side};
use channel_tx::claim::{ChannelOutput, ChannelRole, ClaimPath, OutputSpend, identify};
use channel_tx::commitment::OutputRole;
use channel_tx::spend::{InputHint, SpendFee, UnsignedInput, UnsignedTransaction};
use channel_tx::weight::{OutputKind, TransactionWeight, WalletScript};

use super::channel::{Channel, FORMATS, htlcs, preimage, wallet_script};
use super::consensus::verify;
use super::signing::signed;

/// A transaction with this input and one output.
fn one_input(output: &ChannelOutput, spend: &OutputSpend) -> UnsignedTransaction {
    let input = TxIn {
        previous_output: output.outpoint,
        script_sig: ScriptBuf::new(),
        sequence: spend.sequence,
        witness: Witness::new(),
    };
    let paid = TxOut { value: Amount::from_sat(100), script_pubkey: wallet_script(WalletScript::P2tr) };
    UnsignedTransaction {
        transaction: Transaction {
            version: Version(3),
            lock_time: spend.lock_time,
            input: vec![input],
            output: vec![paid],
        },
        inputs: vec![UnsignedInput { prevout: output.txout.clone(), hint: spend.hint.clone() }],
        fee: SpendFee::default(),
    }
}

fn with_preimage(spend: OutputSpend, output: &ChannelOutput) -> OutputSpend {
    let found = output
        .role
        .htlc()
        .and_then(|htlc| (1..=3).find(|byte| super::channel::payment_hash(*byte) == htlc.htlc.payment_hash));
    match found {
        Some(byte) => spend.with_preimage(&preimage(byte)),
        None => spend,
    }
}

fn sign(channel: &Channel, owner: Side, spend: &OutputSpend, unsigned: &UnsignedTransaction) -> Transaction {
    let signer = spend.spender.unwrap_or(owner);
    let breach = channel.secrets.of(owner).per_commitment;
    signed(unsigned, channel.secrets.of(signer), channel.secrets.of(signer.other()), &breach)
}

#[test]
fn every_output_is_spent_every_way_and_weighs_what_was_said() {
    for format in FORMATS {
        let channel = Channel::new(format);
        for owner in Side::ALL {
            let commitment = channel.commitment(owner, &htlcs(), 253);
            let mut paths = BTreeSet::new();
            for output in commitment.channel_outputs() {
                for spend in output.spends() {
                    paths.insert(spend.path);
                    let spend = with_preimage(spend, &output);
                    let unsigned = one_input(&output, &spend);
                    let transaction = sign(&channel, owner, &spend, &unsigned);
                    let prevouts = unsigned.prevouts();
                    assert_eq!(verify(&transaction, &prevouts), Ok(()), "{format} {owner} {:?}", spend.path);
                    check_weight(format, &spend, &transaction);
                    check_locks(&spend, &transaction, &prevouts);
                }
            }
            let anchors = if format.is_zero_fee() {
                vec![ClaimPath::SharedAnchor]
            } else {
                vec![ClaimPath::Anchor, ClaimPath::OpenAnchor]
            };
            let always = [
                ClaimPath::Delayed,
                ClaimPath::Revoked,
                ClaimPath::Balance,
                ClaimPath::Preimage,
                ClaimPath::Timeout,
            ];
            assert_eq!(paths, always.into_iter().chain(anchors).collect(), "{format}");
        }
    }
}

/// Exact with Taproot. ECDSA signatures are predicted at their longest; those of low S and of any R are up to 3 bytes shorter.
fn check_weight(format: CommitmentFormat, spend: &OutputSpend, transaction: &Transaction) {
    let predicted = TransactionWeight::EMPTY.input(spend.weight).output(OutputKind::P2tr).weight();
    let difference = predicted.to_wu() - transaction.weight().to_wu();
    let signed = matches!(spend.hint, InputHint::Channel(_));
    let slack = if format.is_taproot() || !signed { 0..=0 } else { 0..=3 };
    assert!(slack.contains(&difference), "{format} {:?}: {difference}", spend.path);
}

/// One block early is refused, where the script asks for blocks.
fn check_locks(spend: &OutputSpend, transaction: &Transaction, prevouts: &[TxOut]) {
    let refused = |transaction: &Transaction| verify(transaction, prevouts).is_err();
    if spend.delay() > 0 {
        let mut early = transaction.clone();
        early.input[0].sequence = Sequence::from_height(spend.delay() - 1);
        assert!(refused(&early), "{:?}", spend.path);
    }
    if spend.lock_time != LockTime::ZERO {
        let mut early = transaction.clone();
        early.lock_time = LockTime::from_consensus(spend.lock_time.to_consensus_u32() - 1);
        assert!(refused(&early), "{:?}", spend.path);
    }
}

#[test]
fn a_wrong_preimage_and_the_other_partys_key_are_refused() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let owner = Side::Remote;
        let breach = channel.secrets.of(owner).per_commitment;
        for output in channel.commitment(owner, &htlcs(), 253).channel_outputs() {
            for spend in output.spends() {
                let Some(spender) = spend.spender else { continue };
                let right = with_preimage(spend.clone(), &output);
                let unsigned = one_input(&output, &right);
                let stranger = channel.secrets.of(spender.other());
                let transaction = signed(&unsigned, stranger, stranger, &breach);
                assert!(verify(&transaction, &unsigned.prevouts()).is_err(), "{format} {:?}", spend.path);
                if spend.path == ClaimPath::Preimage {
                    let unsigned = one_input(&output, &spend.clone().with_preimage(&[0xee; 32]));
                    let transaction = sign(&channel, owner, &spend, &unsigned);
                    assert!(verify(&transaction, &unsigned.prevouts()).is_err(), "{format}");
                }
            }
        }
    }
}

#[test]
fn a_commitment_on_the_chain_is_identified_as_it_was_built() {
    for format in FORMATS {
        let channel = Channel::new(format);
        for owner in Side::ALL {
            let mut state_htlcs = htlcs();
            state_htlcs.push(super::channel::htlc(9, Side::Local, 100, 1, 800_000));
            let commitment = channel.commitment(owner, &state_htlcs, 253);
            let state = channel.state(owner);
            let found =
                identify(&channel.builder, commitment.transaction(), owner, &state, &state_htlcs).unwrap();
            assert_eq!(found.outputs, commitment.channel_outputs(), "{format} {owner}");
            assert!(found.unknown.is_empty());
            assert_eq!(found.absent, [state_htlcs[6]], "the trimmed one has no output");
            assert_eq!(found.owner(), owner);
        }
    }
}

#[test]
fn a_commitment_of_another_state_or_channel_is_refused() {
    use channel_core::CommitmentNumber;
    use channel_tx::claim::IdentifyError;

    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Remote, &htlcs(), 0);
    let state = channel.state(Side::Remote);
    let id = |transaction: &Transaction, owner, state| {
        identify(&channel.builder, transaction, owner, state, &htlcs()).map(|found| found.outputs.len())
    };
    assert_eq!(id(commitment.transaction(), Side::Remote, &state), Ok(9));
    let mut other = state;
    other.number = CommitmentNumber::new(41).unwrap();
    let refused = IdentifyError::Number { expected: other.number, found: state.number };
    assert_eq!(id(commitment.transaction(), Side::Remote, &other), Err(refused));
    let mut other = state;
    other.point = channel.state(Side::Local).point;
    // The static output is still there: of the rest, nothing is known.
    assert_eq!(id(commitment.transaction(), Side::Remote, &other), Ok(2));
    let refused = IdentifyError::NotACommitment { outpoint: channel.builder.outpoint() };
    let mut close = commitment.transaction().clone();
    close.lock_time = LockTime::ZERO;
    assert_eq!(id(&close, Side::Remote, &state), Err(refused));
    let mut elsewhere = commitment.transaction().clone();
    elsewhere.input[0].previous_output.vout += 1;
    assert_eq!(id(&elsewhere, Side::Remote, &state), Err(refused));
}

#[test]
fn htlcs_that_are_not_stored_are_reported_as_unknown_outputs() {
    let channel = Channel::new(CommitmentFormat::TaprootV2);
    let commitment = channel.commitment(Side::Remote, &htlcs(), 253);
    let state = channel.state(Side::Remote);
    let found =
        identify(&channel.builder, commitment.transaction(), Side::Remote, &state, &htlcs()[..2]).unwrap();
    assert_eq!(found.unknown.len(), 4);
    assert_eq!(found.outputs.len() + 4, commitment.transaction().output.len());
    let known =
        |output: &ChannelOutput| matches!(output.role, ChannelRole::OnCommitment(OutputRole::Htlc(_)));
    assert_eq!(found.outputs.iter().filter(|output| known(output)).count(), 2);
}
