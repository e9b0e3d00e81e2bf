//! The transactions of the real builders, out as PSBTs and back: a channel is opened, spliced and closed.

use bitcoin::{Amount, SignedAmount, TxOut};
use channel_core::CommitmentFormat::{SegwitAnchors, SegwitV3, TaprootV2, TaprootV3};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::{CommitmentFormat, CsvDelay, FeerateKw, Msat, PerSide, Side};
use channel_tx::close::{CloseProposal, ClosingChannel, ShutdownScript, WorthKeeping};
use channel_tx::commitment::CommitmentBuilder;
use channel_tx::funding::{Contribution, ForeignCoin, FundingInput, FundingTransaction, Opening, Share};
use channel_tx::keys::Basepoints;
use channel_tx::psbt::{
    ImportedInput, MusigOutput, OutputHint, check_outside_funding, decode, export, import,
};
use channel_tx::spend::{Coin, InputHint, UnsignedTransaction};
use channel_tx::splice::{Splice, SpliceCandidate};
use channel_tx::weight::WalletScript;

use crate::cases::{
    both_sign, coin, funding, key, nonces_of_both, origin, outpoint, party_signs, pays, wallet_script,
    wallet_signs,
};
use crate::round_trip::{assert_same_but_for_witnesses, through_bytes};

const FORMATS: [CommitmentFormat; 4] = [TaprootV3, TaprootV2, SegwitV3, SegwitAnchors];

fn wallet_coin(script: WalletScript, index: u32, sat: u64) -> Coin {
    match coin(script, index, sat).hint {
        InputHint::Coin(coin) => coin,
        other => panic!("{other:?}"),
    }
}

fn keys(byte: u8) -> PerSide<bitcoin::secp256k1::PublicKey> {
    PerSide { local: key(byte), remote: key(byte + 1) }
}

fn feerate() -> FeerateKw {
    FeerateKw::from_sat_per_kw(500)
}

fn own_change() -> bitcoin::ScriptBuf {
    wallet_script(WalletScript::P2tr, &origin(7))
}

fn open(format: CommitmentFormat) -> FundingTransaction {
    let coins =
        vec![wallet_coin(WalletScript::P2wpkh, 1, 600_000), wallet_coin(WalletScript::P2tr, 2, 500_000)];
    let part = Contribution::exact(Side::Local, coins, SignedAmount::from_sat(1_000_000), own_change());
    Opening::alone(format, keys(11), vec![part], feerate()).build().unwrap()
}

fn channel(format: CommitmentFormat, opened: &FundingTransaction) -> CommitmentBuilder {
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let trim = PerSide { local: limit, remote: limit };
    let terms = CommitmentTerms { format, opener: Side::Local, capacity: opened.capacity, trim };
    let points = |byte: u8| Basepoints {
        funding: key(byte),
        revocation: key(byte + 20),
        payment: key(byte + 30),
        delayed_payment: key(byte + 40),
        htlc: key(byte + 50),
    };
    let delay = CsvDelay::new(144).unwrap();
    let (basepoints, delays) =
        (PerSide { local: points(11), remote: points(12) }, PerSide { local: delay, remote: delay });
    CommitmentBuilder::new(terms, opened.outpoint, basepoints, delays).unwrap()
}

/// We splice in, the peer brings a coin of its own and takes change.
fn spliced(format: CommitmentFormat, opened: &FundingTransaction) -> SpliceCandidate {
    let builder = channel(format, opened);
    let balances = PerSide { local: Msat::from_msat(600_000_000), remote: Msat::from_msat(400_000_000) };
    let spec = CommitmentSpec::new(balances, FeerateKw::ZERO).unwrap();
    let coins = vec![wallet_coin(WalletScript::P2tr, 3, 300_000)];
    let ours = Contribution::exact(Side::Local, coins, SignedAmount::from_sat(200_000), own_change());
    let txout = pays(50_000, wallet_script(WalletScript::P2tr, &origin(99)));
    let weight = WalletScript::P2tr.input();
    let foreign = FundingInput::Foreign(ForeignCoin { outpoint: outpoint(90), txout, weight });
    let change: TxOut = pays(10_000, wallet_script(WalletScript::P2wpkh, &origin(98)));
    let share = Share::Stated(SignedAmount::from_sat(39_000));
    let theirs = Contribution { side: Side::Remote, inputs: vec![foreign], outputs: vec![change], share };
    Splice::new(&builder, &spec, keys(13), vec![ours, theirs], feerate()).build().unwrap()
}

/// Both parties, with the secrets `byte` and `byte + 1`, sign the funding input; everything crosses in PSBTs.
fn sign_funding(psbt: &mut bitcoin::Psbt, unsigned: &UnsignedTransaction, index: usize, byte: u8) {
    let InputHint::Funding(script) = &unsigned.inputs[index].hint else { panic!("no funding input") };
    if script.aggregate().is_none() {
        party_signs(psbt, unsigned, index, byte);
        party_signs(psbt, unsigned, index, byte + 1);
        return;
    }
    let secrets = nonces_of_both(psbt, index, script, byte);
    let ImportedInput::MuSig2(rounds) = import(&through_bytes(psbt), unsigned).unwrap().inputs()[index]
    else {
        panic!("no session")
    };
    assert!(rounds.nonces.iter().all(Option::is_some));
    let signature = both_sign(psbt, unsigned, index, byte, secrets);
    let sighash_type = bitcoin::TapSighashType::Default;
    psbt.inputs[index].tap_key_sig = Some(bitcoin::taproot::Signature { signature, sighash_type });
}

#[test]
fn an_opening_goes_to_the_wallet_and_comes_back_signed() {
    for format in FORMATS {
        let opened = open(format);
        let (script, origin) = (funding(format, 11), origin(7));
        assert_eq!(opened.funding, script);
        let change = OutputHint::Wallet { script: WalletScript::P2tr, origin: &origin };
        let hints = [OutputHint::Funding(&script), change];
        let mut psbt = through_bytes(&export(&opened.unsigned, &hints).unwrap());
        let vout = usize::try_from(opened.outpoint.vout).unwrap();
        let described = MusigOutput::read(&psbt.outputs[vout]).unwrap();
        assert_eq!(described.aggregates().count(), usize::from(script.aggregate().is_some()));
        let change = usize::try_from(opened.contributed[0].change.unwrap()).unwrap();
        assert_eq!(psbt.outputs[change].tap_internal_key, Some(origin.key.x_only_public_key().0));
        // The check for transactions of other wallets agrees with the builder.
        let checked = check_outside_funding(&psbt, &script, opened.capacity).unwrap();
        assert_eq!((checked.outpoint, Some(checked.fee)), (opened.outpoint, opened.unsigned.fee.total()));
        wallet_signs(&mut psbt);
        let signed = import(&through_bytes(&psbt), &opened.unsigned).unwrap().finalise().unwrap();
        assert_same_but_for_witnesses(&signed, &opened.unsigned);
        // Its ECDSA signature may be a byte or two shorter than the longest.
        let left = opened.weight.to_wu() - signed.weight().to_wu();
        assert!(left <= 2, "{left}");
    }
}

#[test]
fn a_splice_and_the_close_after_it_cross_in_psbts() {
    for format in FORMATS {
        let opened = open(format);
        let candidate = spliced(format, &opened);
        let unsigned = &candidate.transaction.unsigned;
        let at = |wanted: &dyn Fn(&InputHint) -> bool| {
            unsigned.inputs.iter().position(|input| wanted(&input.hint)).unwrap()
        };
        let shared = at(&|hint| matches!(hint, InputHint::Funding(_)));
        let foreign = at(&|hint| matches!(hint, InputHint::Foreign));
        assert_eq!(unsigned.transaction.input[shared].previous_output, opened.outpoint);
        let next = funding(format, 13);
        let mut psbt = through_bytes(&export(unsigned, &[OutputHint::Funding(&next)]).unwrap());
        wallet_signs(&mut psbt);
        sign_funding(&mut psbt, unsigned, shared, 11);
        let theirs = bitcoin::Witness::from_slice(&[[5; 64]]);
        psbt.inputs[foreign].final_script_witness = Some(theirs.clone());
        let imported = import(&through_bytes(&psbt), unsigned).unwrap();
        assert_eq!(imported.inputs()[foreign], ImportedInput::Foreign);
        assert_eq!(imported.witness(foreign), Some(&theirs));
        let signed = imported.finalise().unwrap();
        assert_same_but_for_witnesses(&signed, unsigned);
        assert!(candidate.transaction.weight.to_wu() - signed.weight().to_wu() <= 4);

        let closing = ClosingChannel::new(&candidate.builder, &candidate.spec).unwrap();
        let shutdown = |script, index| ShutdownScript::new(wallet_script(script, &origin(index))).unwrap();
        let scripts =
            PerSide { local: shutdown(WalletScript::P2tr, 8), remote: shutdown(WalletScript::P2wpkh, 9) };
        let fee = closing.fee_at(&scripts, feerate());
        let lock_time = bitcoin::absolute::LockTime::from_consensus(850_000);
        let proposal = CloseProposal { closer: Side::Remote, scripts, fee, lock_time };
        for closing in closing.offers(&proposal, WorthKeeping::ALL).unwrap() {
            let unsigned = &closing.unsigned;
            let paid = origin(8);
            let hint = OutputHint::Wallet { script: WalletScript::P2tr, origin: &paid };
            let mut psbt = through_bytes(&export(unsigned, &[hint]).unwrap());
            sign_funding(&mut psbt, unsigned, 0, 13);
            let signed = import(&decode(&psbt.serialize()).unwrap(), unsigned).unwrap().finalise().unwrap();
            assert_same_but_for_witnesses(&signed, unsigned);
            assert!(closing.weight.to_wu() - signed.weight().to_wu() <= 4);
        }
    }
}
