//! The importers on fixtures of our own, one for every kind of document: invented nodes, the shapes of real output.

mod fixtures;

use bitcoin::Amount;
use channel_advisor::import::{DocumentKind as K, Import, Role};
use channel_advisor::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, HtlcDirection, Implementation, Knowledge, Snapshot,
    Truncation,
};
use channel_core::{Msat, Side};
use fixtures::{KINDS, import, read};

fn sat(amount: u64) -> Msat {
    Msat::from_sat(amount).expect("amounts of fixtures are small")
}

fn msat(amount: u64) -> Msat {
    Msat::from_msat(amount)
}

fn codes(snapshot: &Snapshot) -> Vec<(&str, Option<u32>)> {
    snapshot.assumptions.iter().map(|a| (a.code.as_str(), a.channels)).collect()
}

fn total(channel: &ChannelSnapshot) -> Msat {
    let pending: Msat = channel.htlcs.iter().flatten().map(|htlc| htlc.amount).sum();
    channel.local.saturating_add(channel.remote).saturating_add(pending)
}

#[test]
fn every_kind_has_a_fixture_and_is_recognised() {
    for (name, kind) in KINDS {
        let mut import = Import::new();
        assert_eq!(import.add(name, &read(name), None).unwrap(), *kind, "{name}");
        let finished = import.finish();
        assert_eq!(finished.is_ok(), kind.lists_channels(), "{name}");
        assert_eq!(finished.map_or(kind.implementation(), |s| s.implementation), kind.implementation());
    }
    let mut kinds: Vec<_> = KINDS.iter().map(|(_, kind)| *kind).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 31);
}

#[test]
fn lnd_balances_are_gross_and_hidden_dust_is_found() {
    let snapshot = import(&["lnd-listchannels.json"]);
    let channels = &snapshot.channels;
    assert_eq!(channels.len(), 4);
    for channel in channels {
        assert_eq!(total(channel), channel.capacity, "{}", channel.key);
    }
    let local: Vec<_> = channels.iter().map(|channel| channel.local).collect();
    assert_eq!(local, [sat(1_200_000), sat(40_000), sat(999_900), sat(0)]);
    let hidden: Vec<_> = channels.iter().map(|channel| channel.hidden_dust.unwrap()).collect();
    // Trimmed HTLCs of 300 and 353 sat; one of 999 at a limit of 1000; the peer's balance of 100 sat, below 546.
    assert_eq!(hidden, [sat(653), sat(999), sat(100), sat(0)]);
    // Ours is printed after the fee of 1124 + 172 WU at 1000 sat/kW and both anchors.
    assert_eq!(channels[0].local_reported, sat(1_200_000 - 1296 - 660));
    assert_eq!(channels[1].commitment, CommitmentKind::Taproot);
    assert_eq!(channels[1].opener, Some(Side::Remote));
    assert_eq!((channels[3].active, channels[3].private), (Some(false), Some(true)));
    assert_eq!(channels[0].max_in_flight_local, Some(sat(1_980_000)));
    assert_eq!((channels[0].to_self_delay, channels[0].opened_height), (Some(144), Some(800_001)));
    assert_eq!(channels[0].dust_limit_remote, Some(Amount::from_sat(546)));
    assert_eq!(channels[0].htlcs.as_ref().unwrap()[1].direction, HtlcDirection::Incoming);
    assert_eq!(codes(&snapshot), []);
}

#[test]
fn lnd_documents_join_in_any_order() {
    let mut files = [
        "lnd-listchannels.json",
        "lnd-fwdinghistory.json",
        "lnd-feereport.json",
        "lnd-describegraph.json",
        "lnd-listpayments.json",
        "lnd-getinfo.json",
        "lnd-listpeers.json",
        "lnd-pendingchannels.json",
        "lnd-walletbalance.json",
    ];
    let forwards = import(&files);
    files.reverse();
    let backwards = import(&files);
    assert_eq!(format!("{:?}", forwards.channels), format!("{:?}", backwards.channels));
    assert_eq!(format!("{:?}", forwards.peers), format!("{:?}", backwards.peers));
    let [anna, ben, cat, _] = &forwards.channels[..] else { panic!("four channels") };
    // Our own fees from the report win over the graph's; limits come from the graph.
    let policy = anna.policy_local.unwrap();
    assert_eq!((policy.base, policy.ppm, policy.inbound_ppm), (msat(1000), 250, Some(-50)));
    assert_eq!((policy.htlc_minimum, policy.htlc_maximum), (Some(msat(1000)), Some(sat(1_000_000))));
    assert_eq!(anna.policy_remote.unwrap().ppm, 300);
    assert_eq!((anna.peer_alias.as_deref(), anna.peer_splices), (Some("anna"), Knowledge::Yes));
    assert_eq!((ben.peer_alias.as_deref(), ben.peer_splices), (Some("bénédicte 🐙"), Knowledge::Unknown));
    assert!(ben.policy_remote.is_none());
    // The graph has another short id for the only channel with this peer, and listpeers knows more than the graph.
    assert_eq!((cat.policy_local.unwrap().ppm, cat.policy_remote.unwrap().ppm), (77, 88));
    assert_eq!((cat.policy_remote.unwrap().disabled, cat.peer_splices), (Some(true), Knowledge::Yes));
    assert_eq!(forwards.node.splices, Knowledge::No);
    assert_eq!(forwards.node.alias.as_deref(), Some("own node"));
    let payments = forwards.self_payments.unwrap();
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].fee, payments[0].amount), (msat(120_000), msat(100_000_000)));
    assert_eq!(payments[0].outgoing.as_ref(), Some(&anna.key));
    assert_eq!(payments[0].incoming.as_ref(), Some(&ben.key));
    assert_eq!(forwards.wallet.unwrap().confirmed, Amount::from_sat(120_000));
    let history = forwards.forwards.unwrap();
    assert_eq!(
        history.events.iter().map(|event| event.time_ns % 1_000_000_000).collect::<Vec<_>>(),
        [5, 5, 5]
    );
    assert_eq!(
        history.events.iter().map(|event| event.fee.to_msat()).collect::<Vec<_>>(),
        [100, 25_000, 500]
    );
    let graph = forwards.graph.unwrap();
    assert_eq!((graph.node_count(), graph.direction_count()), (4, 7));
    let unknown: Vec<_> = graph.directions().iter().filter(|d| d.scid >> 40 == 700_000).collect();
    // No capacity is told there, so the largest HTLC stands for it.
    assert!(unknown.iter().any(|d| d.capacity == msat(400_000_000)));
    assert!(unknown.iter().any(|d| d.policy.htlc_maximum == Msat::MAX));
}

#[test]
fn lnd_self_payments_are_found_without_knowing_the_own_node() {
    let snapshot = import(&["lnd-listchannels.json", "lnd-listpayments.json"]);
    assert_eq!(snapshot.node.id, None);
    assert_eq!(snapshot.self_payments.unwrap().len(), 1);
}

#[test]
fn lnd_lines_with_comments_and_remarks_import() {
    let snapshot = import(&["lnd-listchannels.jsonl"]);
    let [first, second] = &snapshot.channels[..] else { panic!("two channels") };
    assert_eq!(first.local, sat(1_200_000));
    assert_eq!(second.peer.as_ref().unwrap().as_str(), "02c3c3...c3c3");
    assert_eq!((second.hidden_dust, second.commitment), (Some(sat(6000 - 362)), CommitmentKind::Legacy));
    assert_eq!(
        codes(&snapshot),
        [
            ("peer_dust_limit_unknown", Some(2)),
            ("own_dust_limit_unknown", Some(1)),
            ("htlc_entry_unreadable", Some(1)),
            ("commitment_type_unknown", Some(1)),
            ("hidden_dust_unlisted", Some(1)),
            ("opener_unknown", Some(1)),
        ]
    );
}

#[test]
fn pages_of_forwards_add_up_and_a_cut_is_seen() {
    let event = |n: u64| {
        format!(
            r#"{{"timestamp_ns":"{}","chan_id_in":"1","chan_id_out":"2","amt_in_msat":"10","amt_out_msat":"9","fee_msat":"1"}}"#,
            1_750_000_000_000_000_000 + n
        )
    };
    let page = |(from, to): (u64, u64)| {
        format!(r#"{{"forwarding_events":[{}]}}"#, (from..to).map(event).collect::<Vec<_>>().join(","))
            .into_bytes()
    };
    let history = |pages: &[(u64, u64)]| {
        let mut import = Import::new();
        import.add("channels", &read("lnd-listchannels.json"), None).unwrap();
        for (n, range) in pages.iter().enumerate() {
            import.add(&format!("page {n}"), &page(*range), None).unwrap();
        }
        import.finish().unwrap().forwards.unwrap()
    };
    let cut = history(&[(0, 100)]);
    assert_eq!((cut.events.len(), cut.truncation), (100, Some(Truncation::Default100)));
    let continued = history(&[(90, 120), (0, 100)]);
    assert_eq!((continued.events.len(), continued.truncation), (120, None));
    assert_eq!(history(&[(0, 50_000)]).truncation, Some(Truncation::Page50000));
    assert_eq!(history(&[(0, 99)]).truncation, None);
}

#[test]
fn core_lightning_balances_hold_their_own_offers() {
    let snapshot = import(&["cln-listpeerchannels.json"]);
    let [normal, splicing, old, legacy] = &snapshot.channels[..] else { panic!("four open channels") };
    for channel in &snapshot.channels {
        assert_eq!(total(channel), channel.capacity, "{}", channel.key);
    }
    assert_eq!((normal.local, normal.remote), (msat(590_800_000), msat(396_000_000)));
    assert_eq!((normal.local_reported, normal.hidden_dust), (msat(600_000_000), None));
    let trimmed: Vec<_> = normal.htlcs.iter().flatten().map(|htlc| htlc.trimmed_local).collect();
    assert_eq!(trimmed, [Some(false), Some(false), Some(true)]);
    assert_eq!((splicing.pending_splice, normal.pending_splice), (Some(true), Some(false)));
    assert_eq!((old.capacity, old.local), (msat(250_000_000), msat(100_000)));
    assert_eq!(old.reserve_local, Some(Amount::from_sat(2500)));
    // A tool that reads numbers as floats has rounded "no limit" up.
    assert_eq!((old.max_in_flight_local, old.max_in_flight_remote), (Some(Msat::MAX), Some(Msat::MAX)));
    assert_eq!((old.commitment, old.policy_local.unwrap().ppm), (CommitmentKind::Anchors, 120));
    assert_eq!(legacy.local, msat(600_000_000));
    assert_eq!((normal.to_self_delay, normal.max_accepted_htlcs), (Some(144), None));
    assert_eq!(normal.opened_at, Some(1_750_000_000));
    assert_eq!(
        codes(&snapshot),
        [("peer_dust_limit_unknown", Some(4)), ("closing_left_out", Some(1)), ("opening_left_out", Some(1))]
    );
}

#[test]
fn core_lightning_documents_join() {
    let snapshot = import(&[
        "cln-setchannel.json",
        "cln-listpeerchannels.json",
        "cln-listforwards.json",
        "cln-listchannels.json",
        "cln-listfunds.json",
        "cln-listnodes.json",
        "cln-listpays.json",
        "cln-feerates.json",
        "cln-getinfo.json",
        "cln-listpeers.json",
        "cln-channelsapy.json",
    ]);
    let [anna, ben, cat, _] = &snapshot.channels[..] else { panic!("four open channels") };
    assert_eq!((anna.policy_local.unwrap().ppm, anna.policy_local.unwrap().base), (333, msat(7)));
    assert_eq!(anna.policy_remote.unwrap().ppm, 40, "the listing is newer than the graph");
    assert_eq!((anna.peer_alias.as_deref(), anna.peer_splices), (Some("anna"), Knowledge::Yes));
    assert_eq!((ben.peer_alias.as_deref(), ben.peer_splices), (Some("ben"), Knowledge::Yes));
    assert_eq!(cat.peer_splices, Knowledge::Unknown);
    assert_eq!(snapshot.node.splices, Knowledge::Yes);
    let wallet = snapshot.wallet.unwrap();
    assert_eq!((wallet.confirmed, wallet.coins), (Amount::from_sat(152_500), Some(2)));
    assert_eq!(snapshot.feerate.unwrap().to_sat_per_kw(), 1250);
    let payments = snapshot.self_payments.unwrap();
    assert_eq!(
        payments.iter().map(|p| (p.amount, p.fee)).collect::<Vec<_>>(),
        [(msat(80_000_000), msat(50_000))]
    );
    let events = snapshot.forwards.unwrap().events;
    assert_eq!(
        events.iter().map(|e| e.time_ns).collect::<Vec<_>>(),
        [1_749_999_001_250_000_000, 1_750_000_001_750_000_000]
    );
    assert_eq!(events[1].fee, msat(5000));
    assert_eq!(snapshot.graph.unwrap().direction_count(), 4);
}

#[test]
fn eclair_channels_give_both_sides() {
    let snapshot = import(&["eclair-channels.json"]);
    let [anna, ben, cat] = &snapshot.channels[..] else { panic!("three open channels") };
    for channel in &snapshot.channels {
        assert_eq!(total(channel), channel.capacity, "{}", channel.key);
        assert_eq!(channel.commitment == CommitmentKind::Taproot, channel.key == ben.key);
    }
    assert_eq!((anna.local, anna.remote), (msat(250_000_000), msat(148_000_000)));
    assert_eq!(
        (anna.dust_limit_local, anna.dust_limit_remote),
        (Some(Amount::from_sat(546)), Some(Amount::from_sat(1000)))
    );
    assert_eq!(
        (anna.max_in_flight_local, anna.max_in_flight_remote),
        (Some(msat(75_000_000)), Some(msat(90_000_000)))
    );
    assert_eq!((anna.to_self_delay, anna.max_accepted_htlcs), (Some(100), Some(15)));
    assert_eq!((anna.reserve_local, anna.peer_splices), (Some(Amount::from_sat(4000)), Knowledge::Yes));
    assert_eq!((ben.active, ben.pending_splice, ben.private), (Some(false), Some(true), Some(true)));
    assert_eq!((ben.peer_splices, ben.reserve_remote), (Knowledge::No, Some(Amount::from_sat(4000))));
    // The shape before 0.13: limits of the sides, and the reserve the peer asked for.
    assert_eq!((cat.commitment, cat.capacity), (CommitmentKind::Anchors, sat(400_000)));
    assert_eq!((cat.dust_limit_remote, cat.to_self_delay), (Some(Amount::from_sat(1100)), Some(720)));
    assert_eq!((cat.reserve_local, cat.reserve_remote), (Some(Amount::from_sat(4321)), None));
    assert_eq!((cat.max_in_flight_local, cat.opener), (Some(msat(70_000_000)), Some(Side::Local)));
    assert_eq!(codes(&snapshot), [("closing_left_out", Some(1)), ("opening_left_out", Some(1))]);
}

#[test]
fn eclair_documents_join() {
    let snapshot = import(&[
        "eclair-allupdates.json",
        "eclair-channelbalances.json",
        "eclair-channels.json",
        "eclair-relaystats.json",
        "eclair-nodes.json",
        "eclair-audit.json",
        "eclair-onchainbalance.json",
        "eclair-getinfo.json",
    ]);
    let [anna, ben, _] = &snapshot.channels[..] else { panic!("three open channels") };
    // Our node id is the smaller one here, so the first node's update is ours.
    assert_eq!((anna.policy_local.unwrap().ppm, anna.policy_remote.unwrap().ppm), (500, 222));
    assert_eq!(anna.policy_remote.unwrap().disabled, Some(true));
    assert_eq!(ben.policy_remote.unwrap().ppm, 333, "found by the alias");
    assert_eq!((anna.spendable, anna.receivable), (Some(sat(200_000)), Some(sat(100_000))));
    assert_eq!(ben.spendable, Some(msat(7)));
    assert_eq!(anna.peer_alias.as_deref(), Some("anna"));
    assert_eq!((snapshot.node.block_height, snapshot.node.splices), (Some(900_000), Knowledge::Yes));
    assert_eq!(snapshot.wallet.unwrap().confirmed, Amount::from_sat(123_456));
    let history = snapshot.forwards.unwrap();
    assert_eq!(history.peers.len(), 1);
    assert_eq!((history.peers[0].count_in, history.peers[0].on_chain_fee_paid), (2, sat(825)));
    // One forward of the old shape, then one of two incoming parts.
    assert_eq!(history.events.len(), 3);
    assert_eq!(history.events.iter().map(|e| e.fee.to_msat()).sum::<u64>(), 1 + 3400);
    assert_eq!(history.events[2].time_ns, 1_750_000_000_331_000_000);
    let payments = snapshot.self_payments.unwrap();
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].amount, payments[0].fee), (msat(100_000), msat(300)));
}

#[test]
fn ldk_balances_come_from_capacities_and_reserves() {
    let snapshot = import(&["ldk-channels.json"]);
    let [first, drained] = &snapshot.channels[..] else { panic!("two open channels") };
    assert_eq!((first.local, first.remote), (msat(600_000_000), msat(393_000_000)));
    assert_eq!(total(first), first.capacity);
    assert_eq!(first.htlcs.as_ref().unwrap()[1].trimmed_local, Some(true));
    // It cannot send, but the other side has only 988,000 sat: the rest is ours.
    assert_eq!((drained.local, drained.remote), (sat(12_000), sat(988_000)));
    assert_eq!((first.commitment, first.peer_splices), (CommitmentKind::Anchors, Knowledge::Yes));
    assert_eq!((first.policy_local.unwrap().ppm, first.policy_remote.unwrap().ppm), (70, 60));
    let server = import(&["ldk-list-channels.json"]);
    let channel = &server.channels[0];
    assert_eq!((channel.local, channel.remote, channel.htlcs.is_none()), (sat(600_000), sat(390_000), true));
    assert_eq!((channel.opener, channel.private), (Some(Side::Remote), Some(true)));
    assert!(codes(&server).contains(&("htlcs_not_listed", Some(1))));
    assert!(codes(&server).contains(&("balances_are_capacities", Some(1))));
}

#[test]
fn tables_take_the_defaults_of_the_heuristic_profile() {
    let snapshot = import(&["table.json"]);
    let [alpha, beta] = &snapshot.channels[..] else { panic!("two rows") };
    assert_eq!((alpha.local, alpha.remote, alpha.capacity), (sat(20_000), sat(75_000), sat(100_000)));
    assert_eq!(alpha.table_dust, Some((Amount::from_sat(1500), Amount::from_sat(800))));
    assert_eq!(alpha.dust_limit_local, Some(Amount::from_sat(294)));
    assert_eq!((beta.local, beta.remote), (sat(5), sat(0)));
    assert_eq!(beta.dust_limit_remote, Some(Amount::from_sat(546)));
    let keys: Vec<_> = import(&["table-list.json"]).channels.iter().map(|c| c.key.to_string()).collect();
    assert_eq!(keys, ["alpha", "7"]);
}

#[test]
fn the_same_documents_give_the_same_snapshot() {
    let files = [
        "lnd-listchannels.json",
        "lnd-describegraph.json",
        "lnd-listpayments.json",
        "lnd-fwdinghistory.json",
    ];
    let shown = |snapshot: Snapshot| {
        format!(
            "{:?} {:?} {:?} {:?}",
            snapshot.channels, snapshot.peers, snapshot.forwards, snapshot.assumptions
        )
    };
    assert_eq!(shown(import(&files)), shown(import(&files)));
}

#[test]
fn an_empty_listing_is_an_empty_snapshot() {
    let add = |import: Import| {
        let mut import = import;
        import.add("none.json", br#"{"channels": []}"#, None).map(|kind| (kind, import.finish().unwrap()))
    };
    let (kind, snapshot) = add(Import::new()).unwrap();
    assert_eq!((kind, snapshot.channels.len()), (K::LndListChannels, 0));
    let (kind, _) = add(Import::new().assume(Implementation::Cln)).unwrap();
    assert_eq!(kind, K::ClnListPeerChannels);
    let mut eclair = Import::new().assume(Implementation::Eclair);
    assert_eq!(eclair.add("stats.json", b"[]", Some(Role::Forwards)).unwrap(), K::EclairRelayStats);
    assert_eq!(eclair.add("channels.json", b"[]", None).unwrap(), K::EclairChannels);
    assert_eq!(eclair.finish().unwrap().implementation, Implementation::Eclair);
}

#[test]
fn a_graph_of_another_implementation_is_welcome_when_it_is_called_one() {
    let mut import = Import::new();
    import.add("graph", &read("lnd-describegraph.json"), Some(Role::Graph)).unwrap();
    import.add("channels", &read("eclair-channels.json"), None).unwrap();
    let snapshot = import.finish().unwrap();
    assert_eq!(snapshot.implementation, Implementation::Eclair);
    assert_eq!(snapshot.graph.unwrap().node_count(), 4);
}

/// Imports documents written out in a test.
fn import_texts(texts: &[&str]) -> Snapshot {
    let mut import = Import::new();
    for (number, text) in texts.iter().enumerate() {
        import.add(&format!("text {number}"), text.as_bytes(), None).expect("the text imports");
    }
    import.finish().expect("a text lists channels")
}

#[test]
fn core_lightning_amounts_printed_under_both_names_import() {
    let channels = r#"{"channels": [{"peer_id": "02aa", "state": "CHANNELD_NORMAL",
        "short_channel_id": "116x1x1", "msatoshi_to_us": 600000000, "to_us_msat": "600000000msat",
        "msatoshi_total": 1000000000, "total_msat": "1000000000msat", "spendable_msatoshi": 9,
        "spendable_msat": "9msat", "out_msatoshi_fulfilled": 7, "out_fulfilled_msat": "7msat",
        "htlcs": [{"direction": "out", "msatoshi": 5000, "amount_msat": "5000msat"}]}]}"#;
    let forwards = r#"{"forwards": [{"in_channel": "116x1x1", "out_channel": "117x1x1", "in_msatoshi": 1001,
        "in_msat": "1001msat", "out_msatoshi": 1000, "out_msat": "1000msat", "fee": 1, "fee_msat": "1msat",
        "status": "settled", "received_time": 1560696342.368, "resolved_time": 1560696342.556}]}"#;
    let pays = r#"{"pays": [{"status": "complete", "msatoshi": 1000, "amount_msat": "1000msat",
        "msatoshi_sent": 1003, "amount_sent_msat": "1003msat", "created_at": 1560696342}]}"#;
    let funds = r#"{"outputs": [{"value": 5000, "msatoshi": 5000000, "amount_msat": "5000000msat",
        "status": "confirmed"}], "channels": []}"#;
    let snapshot = import_texts(&[channels, forwards, pays, funds]);
    let channel = &snapshot.channels[0];
    assert_eq!((channel.local, channel.remote), (msat(599_995_000), sat(400_000)));
    assert_eq!((channel.spendable, channel.total_sent), (Some(msat(9)), Some(msat(7))));
    assert_eq!(snapshot.forwards.unwrap().events[0].fee, msat(1));
    assert_eq!(snapshot.wallet.unwrap().confirmed, Amount::from_sat(5000));

    let older = r#"{"channels": [{"peer_id": "02aa", "state": "CHANNELD_NORMAL",
        "short_channel_id": "116x1x1", "msatoshi_to_us": 1, "msatoshi_total": 3, "htlcs": []}]}"#;
    let channel = &import_texts(&[older]).channels[0];
    assert_eq!((channel.local, channel.remote), (msat(1), msat(2)));
}

#[test]
fn lnd_short_ids_are_found_beside_hex_channel_ids() {
    const HEX: &str = "00000000000000000000000000000000000000000000000000000000000000aa";
    let listing = format!(
        r#"{{"channels": [{{"remote_pubkey": "02aa", "chan_id": "{HEX}", "scid": "879609302220865536",
        "scid_str": "800000x1x0", "capacity": "50000", "local_balance": "46530", "remote_balance": "0"}}]}}"#
    );
    let forwards = r#"{"forwarding_events": [{"timestamp_ns": "1738000000000000000", "fee_msat": "5",
        "chan_id_in": "1", "chan_id_out": "879609302220865536", "amt_out_msat": "1000"}]}"#;
    let fees = format!(
        r#"{{"channel_fees": [{{"scid": "879609302220865536", "chan_id": "{HEX}", "base_fee_msat": "1",
        "fee_per_mil": "250", "inbound_fee_per_mil": -40}}]}}"#
    );
    let snapshot = import_texts(&[&listing, forwards, &fees]);
    let channel = &snapshot.channels[0];
    assert_eq!(channel.opened_height, Some(800_000));
    assert_eq!(snapshot.forwards.unwrap().events[0].outgoing, channel.key);
    let policy = channel.policy_local.unwrap();
    assert_eq!((policy.ppm, policy.inbound_ppm), (250, Some(-40)));
}

#[test]
fn eclair_names_the_payer_and_a_waiting_splice_keeps_its_short_id() {
    let listing = r#"[{"nodeId": "02aa", "channelId": "aa", "state": "NORMAL", "data": {"type": "DATA_NORMAL",
        "commitments": {"channelParams": {"localParams": {"isChannelOpener": true, "paysCommitTxFees": false}},
        "active": [
            {"fundingTxIndex": 1, "fundingAmount": 3000, "localFunding": {"status": "unconfirmed"},
             "localCommit": {"spec": {"htlcs": [], "toLocal": 1000000, "toRemote": 2000000}}},
            {"fundingTxIndex": 0, "fundingAmount": 2000, "localFunding": {"shortChannelId": "800000x1x0"},
             "localCommit": {"spec": {"htlcs": [], "toLocal": 1000000, "toRemote": 1000000}}}]}}}]"#;
    let channel = &import_texts(&[listing]).channels[0];
    assert_eq!((channel.capacity, channel.local), (sat(3000), sat(1000)));
    assert_eq!(channel.opener, Some(Side::Remote));
    assert_eq!((channel.opened_height, channel.pending_splice), (Some(800_000), Some(true)));
}

#[test]
fn eclair_audits_before_0_14_show_what_payments_to_ourselves_cost() {
    let listing = r#"[{"nodeId": "02aa", "channelId": "aa", "state": "NORMAL", "data": {"commitments": {
        "params": {"localParams": {"nodeId": "03bb"}}, "active": [{"fundingAmount": 2000,
        "localCommit": {"spec": {"htlcs": [], "toLocal": 1000000, "toRemote": 1000000}}}]}}}]"#;
    let audit = r#"{"sent": [{"paymentHash": "00", "recipientNodeId": "03bb", "parts": [{"amount": 5000,
        "feesPaid": 7, "toChannelId": "aa", "timestamp": {"unix": 1738000000}}]}], "relayed": []}"#;
    let payments = import_texts(&[listing, audit]).self_payments.unwrap();
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].amount, payments[0].fee), (msat(5000), msat(7)));
    assert_eq!(payments[0].outgoing.as_ref().map(ChannelKey::as_str), Some("aa"));
}
