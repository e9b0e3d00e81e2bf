//! What is told from a spend of a funding output.

use std::collections::HashMap;

use bitcoin::absolute::LockTime;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{OutPoint, Sequence, Transaction, Txid};
use channel_core::commitment::CommitmentSpec;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side,
};
use channel_tx::close::{CloseProposal, CloseVariant, ClosingChannel, ShutdownScript};
use channel_tx::commitment::CommitmentBuilder;
use channel_tx::funding::Contribution;
use channel_tx::splice::Splice;
use channel_tx::watch::{
    ChannelWatch, CommitmentHistory, NoHistory, Relation, SpendKind, UnknownSpend, WatchTarget,
};

use crate::channel::{FORMATS, builder, feerate, funding_keys, outpoint, output, p2tr, point, sat, spec};

fn number(number: u64) -> CommitmentNumber {
    CommitmentNumber::new(number).unwrap()
}

/// We are at 7, the peer at 9.
fn latest() -> PerSide<CommitmentNumber> {
    PerSide { local: number(7), remote: number(9) }
}

/// Every point is known, and the ids that were put in.
#[derive(Debug, Default)]
struct History(HashMap<(OutPoint, Side, u64), Txid>);

impl CommitmentHistory for History {
    fn point(&self, owner: Side, number: CommitmentNumber) -> Option<PublicKey> {
        Some(point(owner, number.to_u64()).point)
    }

    fn txid(&self, funding: OutPoint, owner: Side, number: CommitmentNumber) -> Option<Txid> {
        self.0.get(&(funding, owner, number.to_u64())).copied()
    }
}

fn commitment(builder: &CommitmentBuilder, owner: Side, number: u64, spec: &CommitmentSpec) -> Transaction {
    builder.commitment(owner, &point(owner, number), spec).unwrap().transaction().clone()
}

fn kind<H: CommitmentHistory>(watch: &ChannelWatch<'_, H>, transaction: &Transaction) -> SpendKind {
    let spend = watch.classify(transaction).unwrap();
    assert_eq!(spend.txid, transaction.compute_txid());
    assert_eq!(transaction.input[spend.input].previous_output, spend.funding);
    spend.kind
}

fn scripts() -> PerSide<ShutdownScript> {
    PerSide { local: 80, remote: 81 }.map(|byte| ShutdownScript::new(p2tr(byte)).unwrap())
}

#[test]
fn commitments_of_both_sides_are_told_apart() {
    let spec = spec(600_000_000, 400_000_000);
    for format in FORMATS {
        let builder = builder(format, 1_000_000);
        let watch = ChannelWatch::new(&builder, latest(), NoHistory);
        for (owner, number, relation) in [
            (Side::Local, 7, Relation::Current),
            (Side::Local, 8, Relation::Next),
            (Side::Local, 9, Relation::Ahead),
            (Side::Local, 6, Relation::Revoked),
            (Side::Remote, 9, Relation::Current),
            (Side::Remote, 10, Relation::Next),
            (Side::Remote, 11, Relation::Ahead),
            (Side::Remote, 8, Relation::Revoked),
            (Side::Remote, 0, Relation::Revoked),
        ] {
            let transaction = commitment(&builder, owner, number, &spec);
            let number = self::number(number);
            let expected = SpendKind::Commitment { owner, number, relation };
            assert_eq!(kind(&watch, &transaction), expected, "{format} {owner} {number:?}");
        }
    }
}

#[test]
fn an_owner_alone_on_its_commitment_is_known_by_its_point() {
    for format in FORMATS {
        let builder = builder(format, 1_000_000);
        // The opener's balance on the peer's commitment is trimmed once it has paid for the anchors.
        let ours = builder.terms().format.anchors_total().to_sat() * 1000 + 4000;
        for (owner, spec) in
            [(Side::Local, spec(1_000_000_000, 0)), (Side::Remote, spec(ours, 1_000_000_000 - ours))]
        {
            let transaction = commitment(&builder, owner, 5, &spec);
            let watch = ChannelWatch::new(&builder, latest(), History::default());
            let relation = Relation::Revoked;
            let expected = SpendKind::Commitment { owner, number: number(5), relation };
            assert_eq!(kind(&watch, &transaction), expected, "{format}");
            let forgetful = ChannelWatch::new(&builder, latest(), NoHistory);
            let unknown = SpendKind::Unknown(UnknownSpend::Commitment { number: number(5) });
            assert_eq!(kind(&forgetful, &transaction), unknown, "{format}");
        }
    }
}

#[test]
fn a_commitment_without_balances_is_known_by_its_id_only() {
    let htlc = Htlc {
        id: HtlcId::new(0),
        offered_by: Side::Local,
        amount: Msat::from_msat(999_999_000),
        payment_hash: PaymentHash::from_bytes([1; 32]),
        cltv_expiry: CltvExpiry::new(900_000).unwrap(),
    };
    let balances = PerSide { local: Msat::from_msat(1000), remote: Msat::ZERO };
    let spec = CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, [htlc]).unwrap();
    let builder = builder(CommitmentFormat::TaprootV3, 1_000_000);
    for owner in Side::ALL {
        let transaction = commitment(&builder, owner, 3, &spec);
        let unknown = SpendKind::Unknown(UnknownSpend::Commitment { number: number(3) });
        let watch = ChannelWatch::new(&builder, latest(), History::default());
        assert_eq!(kind(&watch, &transaction), unknown);
        let history = History([((builder.outpoint(), owner, 3), transaction.compute_txid())].into());
        let watch = ChannelWatch::new(&builder, latest(), &history);
        let relation = Relation::Revoked;
        assert_eq!(kind(&watch, &transaction), SpendKind::Commitment { owner, number: number(3), relation });
    }
}

#[test]
fn what_is_only_marked_as_a_commitment_is_unknown() {
    let builder = builder(CommitmentFormat::TaprootV3, 1_000_000);
    let good = commitment(&builder, Side::Remote, 8, &spec(600_000_000, 400_000_000));
    let watch = ChannelWatch::new(&builder, latest(), NoHistory);
    let unknown = SpendKind::Unknown(UnknownSpend::Commitment { number: number(8) });
    let mut version = good.clone();
    version.version.0 = 2;
    assert_eq!(kind(&watch, &version), unknown);
    let mut elsewhere = good.clone();
    for output in &mut elsewhere.output {
        output.script_pubkey = p2tr(90);
    }
    assert_eq!(kind(&watch, &elsewhere), unknown);
    // Paying both balances' static scripts is what no commitment does.
    let mut both = good.clone();
    both.output.push(bitcoin::TxOut {
        value: sat(1000),
        script_pubkey: builder.to_remote(Side::Local).script_pubkey(),
    });
    assert_eq!(kind(&watch, &both), unknown);
    let mut unmarked = good.clone();
    unmarked.lock_time = LockTime::ZERO;
    assert_eq!(kind(&watch, &unmarked), SpendKind::Unknown(UnknownSpend::Other));
    let mut elsewhere = good;
    elsewhere.input[0].previous_output = outpoint(99);
    assert_eq!(watch.classify(&elsewhere), None);
}

#[test]
fn closes_pay_to_known_scripts_only() {
    let builder = builder(CommitmentFormat::TaprootV3, 1_000_000);
    let spec = spec(600_000_000, 400_000_000);
    let channel = ClosingChannel::new(&builder, &spec).unwrap();
    let bare = ChannelWatch::new(&builder, latest(), NoHistory);
    let [ours, theirs] = Side::ALL.map(|side| scripts().of(side).clone());
    let half = bare.clone().with_shutdown_script(Side::Local, &ours);
    let watch = half.clone().with_shutdown_script(Side::Remote, &theirs);
    let other = SpendKind::Unknown(UnknownSpend::Other);
    let lock_time = LockTime::from_height(850_000).unwrap();
    let proposal = CloseProposal { closer: Side::Local, scripts: scripts(), fee: sat(500), lock_time };
    let made = |variant| channel.variant(&proposal, variant).unwrap().unsigned.transaction;
    let both = made(CloseVariant::CloserAndCloseeOutputs);
    assert_eq!(kind(&watch, &both), SpendKind::MutualClose);
    assert_eq!(kind(&half, &both), other);
    assert_eq!(kind(&bare, &both), other);
    let only = made(CloseVariant::CloserOutputOnly);
    assert_eq!(kind(&half, &only), SpendKind::MutualClose);
    assert_eq!(kind(&bare, &only), other);
    // The close of before `option_simple_close`: final, without a lock time.
    let mut negotiated = both.clone();
    negotiated.input[0].sequence = Sequence::MAX;
    assert_eq!(kind(&watch, &negotiated), other);
    negotiated.lock_time = LockTime::ZERO;
    assert_eq!(kind(&watch, &negotiated), SpendKind::MutualClose);
    for broken in 0..4 {
        let mut transaction = both.clone();
        match broken {
            0 => transaction.output.push(output(1000, 90)),
            1 => transaction.output[0].script_pubkey = transaction.output[1].script_pubkey.clone(),
            2 => transaction.output.clear(),
            _ => transaction.input[0].sequence = Sequence::ZERO,
        }
        assert_eq!(kind(&watch, &transaction), other, "{broken}");
    }
}

#[test]
fn splices_are_known_by_their_id_and_have_commitments_of_their_own() {
    let builder = builder(CommitmentFormat::TaprootV2, 1_000_000);
    let spec = spec(600_000_000, 400_000_000);
    let parts = vec![Contribution::pay_out(Side::Local, vec![output(100_000, 70)])];
    let splice = Splice::new(&builder, &spec, funding_keys(50), parts, feerate(1000));
    let first = splice.build().unwrap();
    let second = Splice { feerate: feerate(2000), ..splice }.replace(&first).unwrap();
    let bare = ChannelWatch::new(&builder, latest(), NoHistory);
    let watch = bare.clone().with_candidate(&first.builder).with_candidate(&second.builder);
    for candidate in [&first, &second] {
        let transaction = &candidate.transaction.unsigned.transaction;
        let funding = candidate.transaction.outpoint;
        assert_eq!(kind(&watch, transaction), SpendKind::Splice { funding });
        assert_eq!(kind(&bare, transaction), SpendKind::Unknown(UnknownSpend::Other));
        let ours = commitment(&candidate.builder, Side::Local, 7, &candidate.spec);
        let relation = Relation::Current;
        let expected = SpendKind::Commitment { owner: Side::Local, number: number(7), relation };
        assert_eq!(kind(&watch, &ours), expected);
        assert_eq!(watch.classify(&ours).unwrap().funding, funding);
        assert_eq!(bare.classify(&ours), None);
    }
    let targets = watch.watch_scripts();
    assert_eq!(targets.len(), 4, "three funding outputs, and our balance at one script");
    for builder in [&builder, &first.builder, &second.builder] {
        let (outpoint, txout) = (builder.outpoint(), builder.funding_txout().clone());
        assert!(targets.contains(&WatchTarget::Funding { outpoint, txout }));
    }
    let ours = builder.to_remote(Side::Remote).script_pubkey();
    assert!(targets.iter().any(|target| target.script_pubkey() == ours.as_script()));
}

#[test]
fn relations_meet_at_the_latest_number() {
    let max = CommitmentNumber::new((1 << 48) - 1).unwrap();
    assert_eq!(Relation::of(max, max), Relation::Current);
    assert_eq!(Relation::of(max, number((1 << 48) - 2)), Relation::Next);
    assert_eq!(Relation::of(max, number((1 << 48) - 3)), Relation::Ahead);
    assert_eq!(Relation::of(number(0), max), Relation::Revoked);
}
