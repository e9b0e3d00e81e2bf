//! What the importers refuse, and what they say then: file, place, value, hint.

mod fixtures;

use std::io::{self, Read};

use channel_advisor::import::{
    ChannelProblem, DocumentProblem, ErrorClass, Import, ImportError, Location, Role, SetProblem,
    ValueProblem, read_document,
};
use channel_advisor::snapshot::Implementation;
use fixtures::{KINDS, read};

fn refuse(text: impl AsRef<[u8]>) -> ImportError {
    Import::new().add("file", text.as_ref(), None).expect_err("the test gives what must be refused")
}

/// The listing of one LND channel, one field of it replaced.
fn lnd(field: &str, value: &str) -> String {
    let fields = [
        ("chan_id", "\"1\""),
        ("capacity", "\"100000\""),
        ("local_balance", "\"60000\""),
        ("remote_balance", "\"30000\""),
    ];
    let mut rows: Vec<_> = fields
        .iter()
        .filter(|(name, _)| *name != field)
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    rows.push(format!("\"{field}\": {value}"));
    format!("{{\"channels\": [{{{}}}]}}", rows.join(", "))
}

#[test]
fn documents_that_are_no_listing_are_told_apart() {
    for (text, message) in [
        (&b""[..], "file: the file is empty"),
        (b" \n\t", "file: the file is empty"),
        (b"# only a comment\n", "file: the file is empty"),
        (b"\0\0\0\0", "file: not JSON: the first byte is 0x00"),
        (b"\x7fELF\x02", "file: not JSON: the first byte is 0x7f"),
        (b"chan_id,capacity", "file: not JSON: the first byte is `c`"),
        (b"\"channels\"", "file: not JSON: the first byte is `\"`"),
        (b"{\"channels\": [{\"chan_id\": \"\xff\xfe\"}]}", "file: not UTF-8 text (byte 27)"),
        (b"{\"channels\": [{\"chan_id\": \"1\"", "file: the JSON ends too early (line 1, column 29)"),
        (b"{\"channels\"\n:\n", "file: the JSON ends too early (line 3, column 0)"),
        (b"{}", "file: not a listing of LND, Core Lightning, Eclair or LDK, nor a table of channels"),
        (b"[1, 2]", "file: not a listing of LND, Core Lightning, Eclair or LDK, nor a table of channels"),
        (b"[]", "file: not a listing of LND, Core Lightning, Eclair or LDK, nor a table of channels"),
        (
            b"{\"channels\": {\"chan_id\": 1}}",
            "file: not a listing of LND, Core Lightning, Eclair or LDK, nor a table of channels",
        ),
        (b"{\"forwarding_events\": []} x", "file: trailing characters at line 1 column 27"),
        (b"{\"channels\": [{\"chan_id\": \"1\"}],}", "file: trailing comma at line 1 column 33"),
        (b"\x1f\x8b\x08\x00 no gzip", "file: the gzip stream is damaged or cut off"),
    ] {
        let error = refuse(text);
        assert_eq!(error.to_string(), message);
        assert_eq!((error.class(), error.document()), (ErrorClass::Data, Some("file")), "{message}");
        assert!(!error.hint().is_empty(), "{message}");
    }
}

#[test]
fn deep_nesting_is_refused_without_overflow() {
    for (open, inside) in
        [("[", ""), ("{\"channels\":", ""), ("[[", ""), ("", "{\"channels\":[{\"chan_id\":")]
    {
        let text = format!("{inside}{}", if open.is_empty() { "[" } else { open }.repeat(200_000));
        let error = refuse(&text);
        assert_eq!(error.class(), ErrorClass::Data, "{error}");
        assert!(matches!(error, ImportError::Document { .. }), "{error}");
    }
}

#[test]
fn a_gigabyte_of_zeros_ends_after_the_first_block() {
    let mut left = io::repeat(0).take(1 << 30);
    let error = read_document("zeros", &mut left).unwrap_err();
    assert_eq!(error.to_string(), "zeros: not JSON: the first byte is 0x00");
    assert!(left.limit() > (1 << 30) - (1 << 20), "{}", left.limit());
}

#[test]
fn failing_to_read_is_not_the_fault_of_the_data() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "no"))
        }
    }
    let error = read_document("secret", Broken).unwrap_err();
    assert_eq!((error.class(), error.to_string().as_str()), (ErrorClass::Io, "secret: cannot be read: no"));
}

#[test]
fn impossible_amounts_are_named_with_their_place() {
    for (field, value, problem, found) in [
        ("local_balance", "-1", ValueProblem::Negative, "-1"),
        ("local_balance", "\"-60000\"", ValueProblem::Negative, "\"-60000\""),
        ("remote_balance", "0.5", ValueProblem::Fractional, "0.5"),
        ("remote_balance", "\"30000.5\"", ValueProblem::Fractional, "\"30000.5\""),
        ("capacity", "18446744073709551615", ValueProblem::TooLarge, "18446744073709551615"),
        ("capacity", "\"1e5\"", ValueProblem::NotANumber, "\"1e5\""),
        ("capacity", "null", ValueProblem::Missing, ""),
        ("capacity", "[1]", ValueProblem::NotANumber, "a list or an object"),
        ("fee_per_kw", "4294967296", ValueProblem::TooLarge, "4294967296"),
    ] {
        let error = refuse(lnd(field, value));
        let ImportError::Value { path, found: shown, problem: told, .. } = &error else { panic!("{error}") };
        assert_eq!(
            (path.as_ref(), shown.as_ref(), *told),
            (&*format!("channels[0].{field}"), found, problem)
        );
        assert_eq!(error.location(), Location::Path(path));
    }
    let htlc =
        lnd("pending_htlcs", r#"[{"incoming": true, "amount": "1"}, {"incoming": true, "amount": -2}]"#);
    assert_eq!(refuse(htlc).to_string(), "file: channels[0].pending_htlcs[1].amount: negative number: -2");
    let graph = r#"{"nodes": [], "edges": [{"channel_id": "1", "node1_pub": "A", "node2_pub": "B", "capacity": "1"},
        {"channel_id": "2", "node1_pub": "A", "node2_pub": "B", "capacity": "1",
         "node1_policy": {"fee_base_msat": "-5"}}]}"#;
    let key = |digit: &str| format!("\"02{}\"", digit.repeat(64));
    let graph = graph.replace("\"A\"", &key("a")).replace("\"B\"", &key("b"));
    assert_eq!(
        refuse(graph).to_string(),
        "file: edges[1].node1_policy.fee_base_msat: negative number: \"-5\""
    );
    assert_eq!(
        refuse(r#"{"a": {"local_balance": -1}}"#).to_string(),
        "file: \"a\".local_balance: negative number: -1"
    );
    assert_eq!(
        refuse(r#"[{"chan_id": 1, "capacity": 1.5}]"#).to_string(),
        "file: [0].capacity: fractional number where a whole one is expected: 1.5"
    );
}

#[test]
fn repeated_channels_are_refused() {
    let row = r#"{"chan_id": "7", "capacity": 2, "local_balance": 1, "remote_balance": 1}"#;
    for (text, place) in [
        (format!("{{\"channels\": [{row}, {row}]}}"), "channels[1]"),
        (format!("[{row},\n{row}]"), "[1]"),
        (r#"{"x": {"capacity": 1}, "y": {"capacity": 1}, "x": {"capacity": 2}}"#.to_owned(), "\"x\""),
        (r#"[{"channel_id": "x", "capacity": 1}, {"channel_id": "x", "capacity": 1}]"#.to_owned(), "[1]"),
    ] {
        let error = refuse(&text);
        assert!(
            matches!(&error, ImportError::Channel { path, problem: ChannelProblem::Duplicate, .. } if path.as_ref() == place),
            "{error}"
        );
    }
    for name in ["cln-listpeerchannels.json", "eclair-channels.json", "ldk-channels.json"] {
        let text = String::from_utf8(read(name)).unwrap();
        let (head, rest) = text.split_at(text.find('[').unwrap() + 1);
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        let first = stream.next().unwrap().unwrap().to_string();
        let error = refuse(format!("{head}{first},{rest}"));
        assert!(
            matches!(error, ImportError::Channel { problem: ChannelProblem::Duplicate, .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn balances_beyond_the_capacity_are_refused_to_the_last_unit() {
    assert!(Import::new().add("full", lnd("remote_balance", "40000").as_bytes(), None).is_ok());
    let error = refuse(lnd("remote_balance", "40001"));
    assert_eq!(
        error.to_string(),
        "file: channels[0]: channel 1: local 60000000 msat + remote 40001000 msat exceed the capacity of 100000000 msat"
    );
    let huge = "18446744073709551";
    let error = refuse(format!(
        "[{{\"chan_id\": 1, \"capacity\": {huge}, \"local_balance\": {huge}, \"remote_balance\": {huge}}}]"
    ));
    assert!(
        matches!(error, ImportError::Channel { problem: ChannelProblem::Overfull { .. }, .. }),
        "{error}"
    );
    let cln = r#"[{"short_channel_id": "1x1x1", "total_msat": 5, "to_us_msat": 6}]"#;
    assert!(matches!(refuse(cln), ImportError::Channel { problem: ChannelProblem::Overfull { .. }, .. }));
    let table = r#"{"a": {"local_balance": 1}}"#;
    assert!(matches!(refuse(table), ImportError::Channel { problem: ChannelProblem::Overfull { .. }, .. }));
}

#[test]
fn documents_of_two_nodes_are_refused() {
    let mut import = Import::new();
    import.add("lnd.json", &read("lnd-listchannels.json"), None).unwrap();
    let mixed = import.add("cln.json", &read("cln-getinfo.json"), None).unwrap_err();
    assert_eq!(mixed.to_string(), "cln.json comes from Core Lightning, but lnd.json from LND");
    let twice = import.add("lnd2.json", &read("lnd-listchannels.jsonl"), None).unwrap_err();
    assert_eq!(twice.to_string(), "lnd.json and lnd2.json are both LND's listchannels");
    assert_eq!(twice.document(), Some("lnd2.json"));
    let mut import = Import::new().assume(Implementation::Eclair);
    let other = import.add("lnd.json", &read("lnd-listchannels.json"), None).unwrap_err();
    assert_eq!(other.to_string(), "lnd.json comes from LND, but Eclair was asked for");
    assert!(matches!(other, ImportError::Set(SetProblem::Mixed { first: None, .. })));
}

#[test]
fn a_listing_of_channels_is_asked_for_by_its_command() {
    for (name, command) in [
        ("lnd-getinfo.json", "lncli listchannels"),
        ("cln-getinfo.json", "lightning-cli listpeerchannels"),
        ("eclair-nodes.json", "eclair-cli channels"),
    ] {
        let mut import = Import::new();
        import.add(name, &read(name), None).unwrap();
        let error = import.finish().unwrap_err();
        assert!(matches!(error, ImportError::Set(SetProblem::NoChannels { .. })));
        assert_eq!(error.hint(), format!("add the output of {command}"));
    }
    let nothing = Import::new().finish().unwrap_err();
    assert_eq!((nothing.document(), nothing.location()), (None, Location::Document));
}

#[test]
fn a_forced_role_must_fit_the_content() {
    let error = Import::new().add("f", &read("lnd-feereport.json"), Some(Role::Forwards)).unwrap_err();
    assert_eq!(error.to_string(), "f: given as forwards, but it is LND's feereport");
    assert!(matches!(error, ImportError::Document { problem: DocumentProblem::WrongRole { .. }, .. }));
    for (name, kind) in KINDS {
        let roles = [
            Role::Channels,
            Role::Forwards,
            Role::Fees,
            Role::Graph,
            Role::Payments,
            Role::Funds,
            Role::Features,
        ];
        for role in roles {
            let added = Import::new().add(name, &read(name), Some(role));
            assert_eq!(added.is_ok(), role.takes(*kind), "{name} as {role}");
        }
    }
}
