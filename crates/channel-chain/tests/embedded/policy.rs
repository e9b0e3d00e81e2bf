//! The rules of the mempool at their boundaries.

use bitcoin::transaction::Version;
use bitcoin::{Amount, ScriptBuf, Transaction, TxOut, Witness};
use channel_chain::conformance::{OpenCoin, fund, open_script};
use channel_chain::policy::{INCREMENTAL_RELAY, MINIMUM_RELAY, TRUC, fee_of};
use channel_chain::refusal::{PackageRule, StandardRule, TrucRule};
use channel_chain::{BroadcastError, Chain, EmbeddedChain, Refusal, Submission};

use crate::suite::Embedded;

const FEE: Amount = Amount::from_sat(10_000);

fn funded(count: u32) -> (EmbeddedChain, Vec<OpenCoin>) {
    let regtest = Embedded(EmbeddedChain::in_memory());
    let coins = fund(&regtest, count);
    (regtest.0, coins)
}

fn refusal(result: Result<(), BroadcastError>) -> Refusal {
    match result {
        Err(BroadcastError::Refused(rejection)) => *rejection.figures.unwrap(),
        other => panic!("not refused: {other:?}"),
    }
}

fn send(chain: &EmbeddedChain, transaction: &Transaction) -> Result<(), BroadcastError> {
    chain.broadcast(Submission::Transaction(transaction))
}

fn pair(chain: &EmbeddedChain, parent: &Transaction, child: &Transaction) -> Result<(), BroadcastError> {
    chain.broadcast(Submission::Package { parent, child })
}

/// Adds an output of data, so that the transaction has exactly `vbytes` vB.
fn grown_to(mut transaction: Transaction, vbytes: usize) -> Transaction {
    let data = |len: usize| {
        let mut script = vec![0x6a, 0x4d];
        script.extend(u16::try_from(len).unwrap().to_le_bytes());
        script.extend(std::iter::repeat_n(0, len));
        TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::from_bytes(script) }
    };
    let start = vbytes - transaction.vsize() - 14;
    for len in (start.saturating_sub(4)..=start + 4).rev() {
        transaction.output.push(data(len));
        if transaction.vsize() == vbytes {
            return transaction;
        }
        transaction.output.pop();
    }
    panic!("{vbytes} vB cannot be reached")
}

fn fee(transaction: &Transaction, coins: &[OpenCoin]) -> Amount {
    let spent: u64 = coins.iter().map(|coin| coin.value.to_sat()).sum();
    let paid: u64 = transaction.output.iter().map(|output| output.value.to_sat()).sum();
    Amount::from_sat(spent - paid)
}

#[test]
fn a_transaction_pays_the_minimum_feerate_to_the_sat() {
    let (chain, coins) = funded(1);
    let vbytes = u64::try_from(coins[0].pay(Version::TWO, FEE).vsize()).unwrap();
    let required = fee_of(MINIMUM_RELAY, vbytes);
    assert_eq!(required.to_sat(), vbytes.div_ceil(10));
    let short = coins[0].pay(Version::TWO, required - Amount::ONE_SAT);
    let expected = Refusal::MinimumFeerate {
        txid: short.compute_txid(),
        fee: required - Amount::ONE_SAT,
        vbytes,
        required,
    };
    assert_eq!(refusal(send(&chain, &short)), expected);
    send(&chain, &coins[0].pay(Version::TWO, required)).unwrap();
}

#[test]
fn dust_begins_below_the_limit_of_the_script() {
    let (chain, coins) = funded(1);
    let with = |value: u64| {
        let rest = coins[0].value - FEE - Amount::from_sat(value);
        OpenCoin::spend(Version::TWO, &coins, &[rest, Amount::from_sat(value)])
    };
    let dust = with(329);
    let expected = Refusal::Dust { txid: dust.compute_txid(), count: 1, fee: FEE };
    assert_eq!(refusal(send(&chain, &dust)), expected);
    send(&chain, &with(330)).unwrap();
}

#[test]
fn two_dust_outputs_are_too_many_even_without_a_fee() {
    let (chain, coins) = funded(1);
    let (one, rest) = (Amount::ONE_SAT, coins[0].value - Amount::from_sat(2));
    let parent = OpenCoin::spend(TRUC, &coins, &[rest, one, one]);
    let child_coins: Vec<_> = (0..3).map(|vout| OpenCoin::of(&parent, vout)).collect();
    let child = OpenCoin::spend(TRUC, &child_coins, &[coins[0].value - FEE]);
    let expected = Refusal::Dust { txid: parent.compute_txid(), count: 2, fee: Amount::ZERO };
    assert_eq!(refusal(pair(&chain, &parent, &child)), expected);
}

#[test]
fn a_truc_transaction_has_ten_thousand_vb_and_its_child_one_thousand() {
    let (chain, coins) = funded(2);
    let parent = |vbytes| grown_to(coins[0].pay(TRUC, FEE), vbytes);
    let rule = |refusal| match refusal {
        Refusal::Truc { rule, .. } => rule,
        other => panic!("another rule: {other}"),
    };
    let too_large = rule(refusal(send(&chain, &parent(10_001))));
    assert_eq!(too_large, TrucRule::TooLarge { vbytes: 10_001, max: 10_000 });
    let parent = parent(10_000);
    send(&chain, &parent).unwrap();
    let child = |vbytes| grown_to(OpenCoin::of(&parent, 0).pay(TRUC, FEE), vbytes);
    let too_large = rule(refusal(send(&chain, &child(1001))));
    assert_eq!(too_large, TrucRule::TooLarge { vbytes: 1001, max: 1000 });
    send(&chain, &child(1000)).unwrap();
    let other = coins[1].pay(Version::TWO, FEE);
    send(&chain, &grown_to(other, 10_001)).unwrap();
}

#[test]
fn a_replacement_pays_for_all_it_removes_and_for_its_own_size() {
    let (chain, coins) = funded(1);
    let first = coins[0].pay(Version::TWO, FEE);
    let child = OpenCoin::of(&first, 0).pay(Version::TWO, FEE);
    send(&chain, &first).unwrap();
    send(&chain, &child).unwrap();
    let vbytes = u64::try_from(first.vsize()).unwrap();
    let required = FEE + FEE + fee_of(INCREMENTAL_RELAY, vbytes);
    let short = coins[0].pay(Version::TWO, required - Amount::ONE_SAT);
    let txid = short.compute_txid();
    let expected = Refusal::ReplacementFee { txid, fee: fee(&short, &coins), required };
    assert_eq!(refusal(send(&chain, &short)), expected);
    let enough = coins[0].pay(Version::TWO, required);
    send(&chain, &enough).unwrap();
    assert_eq!(chain.mempool().unwrap(), [enough]);
}

#[test]
fn a_large_replacement_with_a_lower_feerate_is_refused() {
    let (chain, coins) = funded(1);
    send(&chain, &coins[0].pay(Version::TWO, FEE)).unwrap();
    let large = grown_to(coins[0].pay(Version::TWO, FEE + FEE), 5000);
    let expected = Refusal::ReplacementFeerate { txid: large.compute_txid() };
    assert_eq!(refusal(send(&chain, &large)), expected);
}

#[test]
fn a_replacement_does_not_spend_what_it_replaces() {
    let (chain, coins) = funded(1);
    let first = coins[0].pay(Version::TWO, FEE);
    send(&chain, &first).unwrap();
    let both = [coins[0], OpenCoin::of(&first, 0)];
    let circle = OpenCoin::spend(Version::TWO, &both, &[Amount::from_sat(1000)]);
    let expected = Refusal::SpendsReplaced { txid: circle.compute_txid(), replaced: first.compute_txid() };
    assert_eq!(refusal(send(&chain, &circle)), expected);
}

#[test]
fn a_package_replaces_the_package_of_the_other_side() {
    let (chain, coins) = funded(1);
    let side = |values: [u64; 2], fee: u64| {
        let [dust, split] = values.map(Amount::from_sat);
        let parent = OpenCoin::spend(TRUC, &coins, &[coins[0].value - dust - split, split, dust]);
        let main = OpenCoin::of(&parent, 0);
        let rest = main.value - Amount::from_sat(fee);
        let child = OpenCoin::spend(TRUC, &[main, OpenCoin::of(&parent, 2)], &[rest]);
        (parent, child)
    };
    let (parent, child) = side([240, 50_000], 2000);
    pair(&chain, &parent, &child).unwrap();
    let (other, cheap) = side([240, 60_000], 2000);
    assert!(matches!(refusal(pair(&chain, &other, &cheap)), Refusal::ReplacementFee { .. }));
    let (other, better) = side([240, 60_000], 4000);
    pair(&chain, &other, &better).unwrap();
    assert_eq!(chain.mempool().unwrap(), [other, better]);
}

#[test]
fn a_cluster_has_64_transactions() {
    let (chain, coins) = funded(1);
    let mut last = coins[0];
    for _ in 0..64 {
        let next = last.pay(Version::TWO, FEE);
        send(&chain, &next).unwrap();
        last = OpenCoin::of(&next, 0);
    }
    let refused = refusal(send(&chain, &last.pay(Version::TWO, FEE)));
    assert!(matches!(refused, Refusal::ClusterLimit { count: 65, .. }), "{refused}");
    chain.mine(1, &open_script()).unwrap();
    assert!(chain.mempool().unwrap().is_empty(), "all 64 go into one block");
    send(&chain, &last.pay(Version::TWO, FEE)).unwrap();
}

#[test]
fn parts_that_are_no_family_are_no_package() {
    let (chain, coins) = funded(2);
    let (one, other) = (coins[0].pay(TRUC, FEE), coins[1].pay(TRUC, FEE));
    let expected = Refusal::Package { txid: other.compute_txid(), rule: PackageRule::NotAChild };
    assert_eq!(refusal(pair(&chain, &one, &other)), expected);
    let twice = [coins[0], OpenCoin::of(&one, 0)];
    let twice = OpenCoin::spend(TRUC, &twice, &[Amount::from_sat(1000)]);
    let expected = Refusal::Package { txid: twice.compute_txid(), rule: PackageRule::Conflict };
    assert_eq!(refusal(pair(&chain, &one, &twice)), expected);
    assert!(chain.mempool().unwrap().is_empty());
}

#[test]
fn shapes_outside_the_standard_are_refused() {
    let (chain, coins) = funded(1);
    let rule = |transaction: &Transaction| match refusal(send(&chain, transaction)) {
        Refusal::NonStandard { rule, .. } => rule,
        other => panic!("another rule: {other}"),
    };
    for version in [0, 4] {
        assert_eq!(rule(&coins[0].pay(Version(version), FEE)), StandardRule::Version(version));
    }
    let mut small = coins[0].pay(Version::TWO, FEE);
    small.output[0] = TxOut { value: Amount::from_sat(1000), script_pubkey: ScriptBuf::new_op_return([1]) };
    assert_eq!(rule(&small), StandardRule::TooSmall(small.base_size()));
    let mut strange = coins[0].pay(Version::TWO, FEE);
    strange.output[0].script_pubkey = ScriptBuf::from_bytes(vec![0x51; 40]);
    assert_eq!(rule(&strange), StandardRule::OutputScript(0));
}

#[test]
fn another_witness_of_a_waiting_transaction_is_told_apart() {
    let (chain, coins) = funded(1);
    let mut transaction = coins[0].pay(Version::TWO, FEE);
    send(&chain, &transaction).unwrap();
    transaction.input[0].witness = Witness::from_slice(&[[1_u8]]);
    let expected = Refusal::OtherWitness { txid: transaction.compute_txid() };
    assert_eq!(refusal(send(&chain, &transaction)), expected);
}

#[test]
fn a_coinbase_is_spent_after_a_hundred_blocks() {
    let chain = EmbeddedChain::in_memory();
    let mined = chain.mine(1, &open_script()).unwrap()[0];
    let coinbase = chain.block(&mined.hash).unwrap().unwrap().txdata.remove(0);
    let spend = OpenCoin::of(&coinbase, 0).pay(Version::TWO, FEE);
    chain.mine(98, &open_script()).unwrap();
    assert!(matches!(
        refusal(send(&chain, &spend)),
        Refusal::ImmatureCoinbase { age: 99, required: 100, .. }
    ));
    chain.mine(1, &open_script()).unwrap();
    send(&chain, &spend).unwrap();
}

#[test]
fn a_check_answers_as_a_broadcast_and_changes_nothing() {
    let (chain, coins) = funded(1);
    let (good, free) = (coins[0].pay(Version::TWO, FEE), coins[0].pay(Version::TWO, Amount::ZERO));
    chain.check(&good).unwrap();
    assert!(chain.mempool().unwrap().is_empty());
    assert_eq!(refusal(chain.check(&free)), refusal(send(&chain, &free)));
    send(&chain, &good).unwrap();
    chain.check(&good).unwrap();
    assert_eq!(chain.mempool().unwrap(), [good]);
}

#[test]
fn a_block_that_conflicts_with_the_mempool_clears_it() {
    let (chain, coins) = funded(1);
    let first = coins[0].pay(Version::TWO, FEE);
    send(&chain, &first).unwrap();
    let mined = chain.mine(1, &open_script()).unwrap()[0];
    chain.invalidate(mined).unwrap();
    assert_eq!(chain.mempool().unwrap(), std::slice::from_ref(&first), "it waits again");
    let other = coins[0].pay(Version::TWO, FEE + FEE);
    send(&chain, &other).unwrap();
    let child = OpenCoin::of(&other, 0).pay(Version::TWO, FEE);
    send(&chain, &child).unwrap();
    chain.reconsider(mined).unwrap();
    assert!(chain.mempool().unwrap().is_empty(), "the first is confirmed, the other and its child cannot be");
    assert!(matches!(refusal(send(&chain, &first)), Refusal::AlreadyConfirmed { .. }));
}
