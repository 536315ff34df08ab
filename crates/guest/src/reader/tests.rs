//! What the reader promises, on chosen and on arbitrary bytes.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::bounded::{MAXIMUM_LIST, MAXIMUM_NUMBER, MAXIMUM_TEXT, is_allowed};
use crate::protocol::{Address, HostName, Interface, Memory, Network, Package, Packages, encode};

fn read(bytes: &[u8]) -> Vec<Received> {
    let mut reader = Reader::new(Limits::default());
    let mut received = Vec::new();
    reader.feed(bytes, Duration::ZERO, |message| received.push(message));
    received
}

#[test]
fn a_report_comes_back_as_it_was_written() {
    let report = Report {
        version: 1,
        sequence: 7,
        host_name: Some(HostName { host_name: "web".into(), fqdn: "web.example.org".into() }),
        network: Some(Network {
            interfaces: vec![Interface {
                name: "eth0".into(),
                mac: "52:54:00:00:00:01".into(),
                addresses: vec![Address { address: [10, 0, 0, 2].into(), prefix_length: 24 }],
            }],
        }),
        packages: Some(Packages {
            packages: vec![Package { name: "bash".into(), version: "5".into() }],
            truncated: false,
        }),
        ..Report::default()
    };
    let line = encode(&report).expect("a report");
    assert_eq!(read(&line), vec![Ok(report)]);
}

#[test]
fn unknown_fields_are_ignored_and_unknown_versions_refused() {
    assert!(read(b"{\"version\":1,\"weather\":{\"rain\":[1,2]},\"host_name\":{\"colour\":3}}\n")[0].is_ok());
    assert_eq!(read(b"{\"version\":2}\n"), vec![Err(Refused::UnknownVersion)]);
    assert_eq!(read(b"{}\n\n \n[]\nnull\n").len(), 3);
}

#[test]
fn texts_are_cleaned_and_cut_and_lists_bounded() {
    let long = "n".repeat(MAXIMUM_TEXT * 4);
    let line = format!(
        "{{\"version\":1,\"host_name\":{{\"host_name\":\"a\\u0000\\u001b<b>\\ud83d\\ude42\",\"fqdn\":\"{long}\"}}}}\n"
    );
    let report = read(line.as_bytes()).remove(0).expect("a report");
    let name = report.host_name.expect("a name");
    assert_eq!(name.host_name, "a<b>🙂");
    assert_eq!(name.fqdn.len(), MAXIMUM_TEXT);
    let many = vec!["{\"name\":\"e\"}"; MAXIMUM_LIST * 3].join(",");
    let line = format!("{{\"version\":1,\"network\":{{\"interfaces\":[{many}]}}}}\n");
    let report = read(line.as_bytes()).remove(0).expect("a report");
    assert_eq!(report.network.expect("a network").interfaces.len(), MAXIMUM_LIST);
}

#[test]
fn numbers_are_checked() {
    let of = |memory: &str| read(format!("{{\"version\":1,\"memory\":{memory}}}\n").as_bytes()).remove(0);
    assert_eq!(of("{\"total\":-1}"), Err(Refused::Malformed));
    assert_eq!(of("{\"total\":1.5}"), Err(Refused::Malformed));
    assert_eq!(of("{\"total\":1,\"free\":2}"), Err(Refused::Inconsistent));
    let huge = of("{\"total\":18446744073709551615}").expect("a report");
    assert_eq!(huge.memory, Some(Memory { total: MAXIMUM_NUMBER, ..Memory::default() }));
    let line = b"{\"version\":1,\"network\":{\"interfaces\":[{\"addresses\":[{\"address\":\"10.0.0.1\",\"prefix_length\":33}]}]}}\n";
    assert_eq!(read(line), vec![Err(Refused::Inconsistent)]);
}

#[test]
fn deep_nesting_is_an_error_not_an_overflow() {
    let line = format!("{{\"version\":1,\"x\":{}\n", "[".repeat(500_000));
    assert_eq!(read(line.as_bytes()), vec![Err(Refused::Malformed)]);
}

#[test]
fn a_message_too_long_is_skipped_and_the_next_one_read() {
    let mut bytes = vec![b'x'; MAXIMUM_MESSAGE + 1];
    bytes.extend_from_slice(b"\n{\"version\":1}\n");
    let received = read(&bytes);
    assert_eq!(received[0], Err(Refused::TooLong));
    assert!(received[1].is_ok());
}

#[test]
fn a_chatty_guest_is_slowed_and_may_speak_again() {
    let mut reader = Reader::new(Limits { burst_messages: 2, messages_per_second: 1, ..Limits::default() });
    let lines = b"{\"version\":1}\n".repeat(5);
    let mut passed = 0;
    let mut refused = 0;
    let mut count = |message: Received| match message {
        Ok(_) => passed += 1,
        Err(reason) => {
            assert_eq!(reason, Refused::TooMuch);
            refused += 1;
        }
    };
    reader.feed(&lines, Duration::from_secs(5), &mut count);
    reader.feed(b"{\"version\":1}\n", Duration::from_millis(6_500), &mut count);
    reader.feed(b"{\"version\":1}\n", Duration::from_secs(1), &mut count);
    assert_eq!((passed, refused), (3, 4));
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        any::<Vec<u8>>(),
        Just(b"\n".to_vec()),
        Just(b"{\"version\":1,".to_vec()),
        Just(b"\"host_name\":{\"host_name\":\"".to_vec()),
        Just(b"\\u0000\\ud800".to_vec()),
        Just(b"\"}".to_vec()),
        Just(b"}".to_vec()),
        Just(b"\"memory\":{\"total\":1e999}".to_vec()),
        Just(b"\xff\xfe".to_vec()),
    ];
    proptest::collection::vec(words, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_what_passes_is_clean(bytes in pieces(), cut in 1usize..64) {
        let mut reader = Reader::new(Limits::default());
        let mut in_pieces = Vec::new();
        for piece in bytes.chunks(cut) {
            reader.feed(piece, Duration::ZERO, |message| in_pieces.push(message));
            prop_assert!(reader.line.len() <= MAXIMUM_MESSAGE);
        }
        prop_assert_eq!(&in_pieces, &read(&bytes));
        for report in in_pieces.into_iter().flatten() {
            if let Some(name) = report.host_name {
                prop_assert!(name.host_name.chars().all(is_allowed));
            }
        }
    }
}
