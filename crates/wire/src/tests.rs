//! Both pens against every type, against the facts that clients rely on, and against nonsense.

use std::fmt::Debug;

use proptest::prelude::*;

use crate::{
    Document, Element, Format, List, Made, Timestamp, Word,
    element::ElementVisitor,
    json,
    limits::{MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS},
    sample::sample,
    types::*,
    xml,
};

fn xml_of<T: Document>(value: &T) -> String {
    let text = String::from_utf8(xml::to_vec(value).unwrap()).unwrap();
    text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n").unwrap().to_owned()
}

fn json_of<T: Document>(value: &T) -> String {
    String::from_utf8(json::to_vec(value).unwrap()).unwrap()
}

fn xml_problem<T: Document + serde::de::DeserializeOwned + Debug>(text: &str) -> String {
    xml::from_slice::<T>(text.as_bytes()).unwrap_err().to_string()
}

/// Writes and reads back one sample of every type, alone and in a list.
struct RoundTrip<'b> {
    bytes: &'b [u8],
    seen: usize,
}

impl ElementVisitor for RoundTrip<'_> {
    fn visit<T: Element + Debug + PartialEq>(&mut self) {
        self.seen += 1;
        let one: T = sample(self.bytes);
        for format in [Format::Xml, Format::Json] {
            let text = format.to_vec(&one).unwrap();
            let back: T = format
                .from_slice(&text)
                .unwrap_or_else(|error| panic!("{} {format:?}: {error}\n{}", T::TAG, String::from_utf8_lossy(&text)));
            assert_eq!(comparable(&back), comparable(&one), "{format:?}: {}", String::from_utf8_lossy(&text));
        }
        let many: List<T> = vec![one, T::default()].into();
        let text = json::to_vec(&many).unwrap();
        assert_eq!(comparable(&json::from_slice::<List<T>>(&text).unwrap()), comparable(&many));
        let text = xml::to_vec(&many).unwrap();
        assert_eq!(xml::from_slice::<List<T>>(&text).unwrap().items.len(), 2);
    }
}

/// JSON, canonical enough to compare: decimals travel as text and come back as the same number.
fn comparable(value: &(impl Document + Debug)) -> String {
    json_of(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_type_comes_back_as_it_went(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut trip = RoundTrip { bytes: &bytes, seen: 0 };
        each_element(&mut trip);
        prop_assert_eq!(trip.seen, 219);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nonsense_is_refused_without_panic(text in "[<>/a-c\"=!&;?\\[\\]\\-x# \\n{},:0-9]{0,60}") {
        let _ = xml::from_slice::<Vm>(text.as_bytes());
        let _ = json::from_slice::<Vm>(text.as_bytes());
    }

    #[test]
    fn bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = xml::from_slice::<Vm>(&bytes);
        let _ = json::from_slice::<Vm>(&bytes);
    }

    #[test]
    fn a_damaged_document_is_refused_or_read(at in 0usize..4000, byte in any::<u8>()) {
        let vm: Vm = sample(&[7, 201, 44, 90, 13, 255, 31]);
        for format in [Format::Xml, Format::Json] {
            let mut text = format.to_vec(&vm).unwrap();
            let at = at % text.len();
            text[at] = byte;
            let _ = format.from_slice::<Vm>(&text);
        }
    }

    #[test]
    fn any_text_survives_json_and_comes_out_legal_in_xml(name in any::<String>()) {
        let vm = Vm { id: Some(name.clone()), name: Some(name.clone()), ..Vm::default() };
        // What XML cannot carry is replaced on the way out, so the answer stays readable.
        let back: Vm = xml::from_slice(&xml::to_vec(&vm).unwrap()).unwrap();
        if name.chars().all(crate::node::is_allowed) {
            prop_assert_eq!(&back, &vm);
            prop_assert_eq!(json::from_slice::<Vm>(&json::to_vec(&vm).unwrap()).unwrap(), vm);
        }
        let text = json_of(&Vm { name: Some(name.clone()), ..Vm::default() });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(value["name"].as_str(), Some(name.as_str()));
    }
}

fn a_vm() -> Vm {
    Vm {
        href: Some("/ovirt-engine/api/vms/1".into()),
        id: Some("1".into()),
        actions: Some(Actions { link: vec![Link::new("start", "/ovirt-engine/api/vms/1/start")] }),
        name: Some("web & <co>".into()),
        link: vec![Link::new("nics", "/ovirt-engine/api/vms/1/nics")],
        memory: Some(1_073_741_824),
        stateless: Some(false),
        creation_time: Some(Timestamp(1_769_860_800_678)),
        cpu: Some(Cpu { topology: Some(CpuTopology { cores: Some(2), ..Default::default() }), ..Default::default() }),
        os: Some(OperatingSystem {
            boot: Some(Boot { devices: Some(BootDevices { device: vec![BootDevice::Hd, BootDevice::Network] }) }),
            ..Default::default()
        }),
        cluster: Some(Box::new(Cluster {
            href: Some("/ovirt-engine/api/clusters/2".into()),
            id: Some("2".into()),
            ..Default::default()
        })),
        status: Some(VmStatus::WaitForLaunch),
        nics: Some(vec![Nic { id: Some("3".into()), ..Default::default() }].into()),
        ..Vm::default()
    }
}

#[test]
fn xml_is_as_clients_know_it() {
    assert_eq!(
        xml_of(&a_vm()),
        "<vm href=\"/ovirt-engine/api/vms/1\" id=\"1\">\
         <actions><link href=\"/ovirt-engine/api/vms/1/start\" rel=\"start\"/></actions>\
         <name>web &amp; &lt;co&gt;</name>\
         <link href=\"/ovirt-engine/api/vms/1/nics\" rel=\"nics\"/>\
         <cpu><topology><cores>2</cores></topology></cpu>\
         <creation_time>2026-01-31T12:00:00.678Z</creation_time>\
         <memory>1073741824</memory>\
         <os><boot><devices><device>hd</device><device>network</device></devices></boot></os>\
         <stateless>false</stateless>\
         <cluster href=\"/ovirt-engine/api/clusters/2\" id=\"2\"/>\
         <status>wait_for_launch</status>\
         <nics><nic id=\"3\"/></nics></vm>"
    );
}

#[test]
fn json_is_as_clients_know_it() {
    assert_eq!(
        json_of(&a_vm()),
        r#"{"href":"/ovirt-engine/api/vms/1","id":"1","#.to_owned()
            + r#""actions":{"link":[{"href":"/ovirt-engine/api/vms/1/start","rel":"start"}]},"#
            + r#""name":"web & <co>","link":[{"href":"/ovirt-engine/api/vms/1/nics","rel":"nics"}],"#
            + r#""cpu":{"topology":{"cores":"2"}},"creation_time":1769860800678,"memory":"1073741824","#
            + r#""os":{"boot":{"devices":{"device":["hd","network"]}}},"stateless":"false","#
            + r#""cluster":{"href":"/ovirt-engine/api/clusters/2","id":"2"},"status":"wait_for_launch","#
            + r#""nics":{"nic":[{"id":"3"}]}}"#
    );
}

#[test]
fn empty_collections_keep_their_shape() {
    assert_eq!(xml_of(&List::<Vm>::default()), "<vms/>");
    assert_eq!(json_of(&List::<Vm>::default()), "{}");
    assert_eq!(xml_of(&List::<Job>::default()), "<jobs/>");
    let followed = Vm { nics: Some(List::default()), ..Vm::default() };
    assert_eq!(xml_of(&followed), "<vm><nics/></vm>");
    assert_eq!(json_of(&followed), r#"{"nics":{}}"#);
    assert_eq!(json::from_slice::<Vm>(br#"{"nics":{}}"#).unwrap(), followed);
    assert_eq!(xml::from_slice::<Vm>(b"<vm><nics/></vm>").unwrap(), followed);
}

#[test]
fn odd_tags_are_those_of_the_api() {
    assert_eq!(
        xml_of(&List::from(vec![OperatingSystemInfo::default()])),
        "<operation_systems><operating_system/></operation_systems>"
    );
    assert_eq!(xml_of(&List::<Statistic>::default()), "<statistics/>");
    assert_eq!(xml_of(&List::<Qos>::default()), "<qoss/>");
    assert_eq!(xml_of(&List::<KatelloErratum>::default()), "<katello_errata/>");
    assert_eq!(xml_of(&OperatingSystem::default()), "<os/>");
    assert_eq!(xml_of(&Vlan { id: Some(5) }), "<vlan id=\"5\"/>");
    let version = Version { major: Some(4), minor: Some(7), ..Default::default() };
    let cluster = Cluster { supported_versions: Some(vec![version].into()), ..Default::default() };
    assert_eq!(
        xml_of(&cluster),
        "<cluster><supported_versions><version><major>4</major><minor>7</minor></version></supported_versions></cluster>"
    );
}

#[test]
fn what_xml_cannot_carry_is_replaced() {
    let name = Some("a\u{0}b\u{fffe}c\u{ffff}d\u{fffd}e\u{1b}".to_owned());
    let vm = Vm { id: name.clone(), name, ..Vm::default() };
    let clean = "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}";
    assert_eq!(xml_of(&vm), format!("<vm id=\"{clean}\"><name>{clean}</name></vm>"));
}

#[test]
fn decimals_are_numbers_in_json() {
    let value =
        Statistic { values: Some(vec![Value { datum: Some(12.5), detail: None }].into()), ..Default::default() };
    assert_eq!(json_of(&value), r#"{"values":{"value":[{"datum":12.5}]}}"#);
    assert!(json::to_vec(&Value { datum: Some(f64::NAN), detail: None }).is_err());
}

#[test]
fn what_python_sdk_sends_is_read() {
    let body = "<?xml version='1.0' encoding='utf-8'?>\n<vm>\n  <cluster><name>Default</name></cluster>\n  <unknown><deep a='1'>x</deep></unknown>\n\
                <memory> 1073741824 </memory><name>caf\u{e9} &#x263a;<![CDATA[<b>]]></name><link rel='a'/><stateless>true</stateless><link rel='b'/>\
                <template id=\"0\"/></vm>";
    let vm: Vm = xml::from_slice(body.as_bytes()).unwrap();
    assert_eq!(vm.cluster.unwrap().name.as_deref(), Some("Default"));
    assert_eq!(vm.memory, Some(1 << 30));
    assert_eq!(vm.name.as_deref(), Some("café ☺<b>"));
    assert_eq!(vm.stateless, Some(true));
    assert_eq!(vm.link.len(), 2);
    assert_eq!(vm.template.unwrap().id.as_deref(), Some("0"));
    let action: Action = xml::from_slice(b"<action/>").unwrap();
    assert_eq!(action, Action::default());
}

#[test]
fn json_is_read_with_real_values_too() {
    let body = br#"{"name":"web","memory":1073741824,"stateless":true,"creation_time":"1769860800678","start_time":"2026-01-31T12:00:00Z",
        "high_availability":{"priority":"7"},"cluster":null,"nics":{"nic":[{"name":"nic1"}]},"new_field":[{"x":[1,2.5,null]}]}"#;
    let vm: Vm = json::from_slice(body).unwrap();
    assert_eq!((vm.memory, vm.stateless), (Some(1 << 30), Some(true)));
    assert_eq!(vm.creation_time, Some(Timestamp(1_769_860_800_678)));
    assert_eq!(vm.start_time, Some(Timestamp(1_769_860_800_000)));
    assert_eq!(vm.high_availability.unwrap().priority, Some(7));
    assert_eq!(vm.cluster, None);
    assert_eq!(vm.nics.unwrap().items[0].name.as_deref(), Some("nic1"));
    assert_eq!(json::from_slice::<Action>(b"").unwrap(), Action::default());
}

#[test]
fn mistakes_are_told_with_their_place() {
    assert_eq!(
        xml_problem::<Vm>("<vm>\n<cpu>\n<topology><cores>two</cores></topology></cpu></vm>"),
        "'two' is not a whole number of 64 bits, at vm/cpu/topology/cores, line 3"
    );
    assert_eq!(
        xml_problem::<Vm>("<vm><stateless>yes</stateless></vm>"),
        "'yes' is not true or false, at vm/stateless, line 1"
    );
    assert_eq!(xml_problem::<Vm>("<disk/>"), "the document is 'disk', but 'vm' is expected here, at disk, line 1");
    assert_eq!(
        xml_problem::<Vm>("<vm><cluster>Default</cluster></vm>"),
        "elements are expected here, not a plain value, at vm/cluster, line 1"
    );
    assert_eq!(xml_problem::<Vm>("<vm><name><b/></name></vm>"), "a plain value is expected here, at vm/name, line 1");
    assert_eq!(
        xml_problem::<Vm>("<vm><display><type>x11</type></display></vm>"),
        "'x11' is not one of vnc, spice, at vm/display/type, line 1"
    );
    let json = json::from_slice::<Vm>(br#"{"cpu":{"topology":{"cores":1.5}}}"#).unwrap_err().to_string();
    assert_eq!(json, "'1.5' is not a whole number of 64 bits, at vm/cpu/topology/cores");
    let json = json::from_slice::<Vm>(b"{\"name\":\n oops}").unwrap_err();
    assert_eq!(json.line, Some(2));
    assert!(json::from_slice::<Vm>(br#"{"name":"a\u0000b"}"#).unwrap_err().to_string().contains("U+0000"));
}

#[test]
fn broken_xml_is_refused() {
    for body in [
        "",
        "   ",
        "text",
        "<vm>",
        "<vm></host>",
        "<vm/><vm/>",
        "<vm/>text",
        "<vm a='1' a='2'/>",
        "<vm a=1/>",
        "<vm>&nbsp;</vm>",
        "<vm>&#0;</vm>",
        "<vm><name>&#1;</name></vm>",
        "<vm>& </vm>",
        "</vm>",
        "<!DOCTYPE vm [<!ENTITY a \"aaaa\">]><vm><name>&a;</name></vm>",
        "<!DOCTYPE vm SYSTEM \"file:///etc/passwd\"><vm/>",
        "<?xml version='1.0' encoding='UTF-16'?><vm/>",
    ] {
        assert!(xml::from_slice::<Vm>(body.as_bytes()).is_err(), "{body}");
    }
    assert!(xml::from_slice::<Vm>(b"<vm><name>\xff</name></vm>").is_err());
    assert!(xml::from_slice::<Vm>("\u{feff}<vm/>".as_bytes()).is_ok());
}

/// `depth` levels of the largest types inside each other.
fn nested(depth: usize) -> (String, String) {
    let tags: Vec<&str> = (0..depth).map(|level| if level % 2 == 0 { "vm" } else { "template" }).collect();
    let open: String = tags.iter().map(|tag| format!("<{tag}>")).collect();
    let close: String = tags.iter().rev().map(|tag| format!("</{tag}>")).collect();
    let json: String = tags[1..].iter().map(|tag| format!("{{\"{tag}\":")).collect();
    (open + &close, json + "{}" + &"}".repeat(depth - 1))
}

#[test]
fn depth_is_limited_and_fits_a_small_stack() {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(|| {
        let (xml, json) = nested(MAX_DEPTH);
        assert!(xml::from_slice::<Vm>(xml.as_bytes()).is_ok());
        assert!(json::from_slice::<Vm>(json.as_bytes()).is_ok());
        for depth in [MAX_DEPTH + 1, 5000] {
            let (xml, json) = nested(depth);
            assert!(xml_problem::<Vm>(&xml).contains("nested deeper"));
            assert!(json::from_slice::<Vm>(json.as_bytes()).is_err());
        }
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn size_and_count_are_limited() {
    let long = format!("<vm><name>{}</name></vm>", "x".repeat(MAX_BYTES));
    assert!(xml_problem::<Vm>(&long).contains("larger than"));
    let many = format!("<vm>{}</vm>", "<a/>".repeat(MAX_ELEMENTS));
    assert!(xml_problem::<Vm>(&many).contains("more than"));
    let json = format!("{{\"a\":[{}0]}}", "0,".repeat(MAX_ELEMENTS));
    assert!(json::from_slice::<Vm>(json.as_bytes()).unwrap_err().to_string().contains("more than"));
}

#[test]
fn words_know_their_members() {
    assert_eq!(VmStatus::Up.as_str(), "up");
    assert_eq!("wait_for_launch".parse(), Ok(VmStatus::WaitForLaunch));
    assert_eq!("nope".parse::<DisplayType>().unwrap_err().to_string(), "not one of vnc, spice");
    assert_eq!(Architecture::X86_64.to_string(), "x86_64");
    assert_eq!(VmStatus::ALL.len(), VmStatus::WORDS.len());
}

#[test]
fn the_pieces_of_a_list_are_the_list() {
    let long = "x".repeat(10_000);
    let nic = |number: usize| Nic { id: Some(number.to_string()), name: Some(long.clone()), ..Nic::default() };
    for (count, pieces) in [(0, 1), (1, 1), (6, 1), (7, 1), (8, 2), (30, 5)] {
        let whole: List<Nic> = (0..count).map(nic).collect();
        for format in [Format::Xml, Format::Json] {
            let made: Vec<Vec<u8>> = Made::new(count, nic).pieces(format).map(Result::unwrap).collect();
            assert_eq!(made.concat(), format.to_vec(&whole).unwrap());
            assert_eq!(made.len(), pieces, "{count} items");
        }
    }
}
