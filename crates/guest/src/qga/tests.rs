//! The protocol's manners, without a machine: answers, errors and switches.

use serde_json::{Value, json};

use super::*;

fn ask(agent: &mut Agent, request: &str) -> Value {
    let bytes = agent.answer(&Framed::Request(request.as_bytes().to_vec())).expect("an answer");
    assert_eq!(bytes.last(), Some(&b'\n'));
    serde_json::from_slice(&bytes).expect("json")
}

fn agent(options: Options) -> Agent {
    Agent::new(options)
}

#[test]
fn sync_and_ping_answer_as_libvirt_expects() {
    let mut agent = agent(Options::default());
    assert_eq!(ask(&mut agent, r#"{"execute":"guest-ping"}"#), json!({ "return": {} }));
    assert_eq!(
        ask(&mut agent, r#"{"execute":"guest-sync","arguments":{"id":1234567890123}}"#),
        json!({ "return": 1_234_567_890_123i64 })
    );
    let request = br#"{"execute":"guest-sync-delimited","arguments":{"id":7}}"#.to_vec();
    assert_eq!(agent.answer(&Framed::Request(request)), Some(b"\xff{\"return\":7}\n".to_vec()));
}

#[test]
fn errors_have_the_protocols_classes() {
    let mut agent = agent(Options::default());
    let class = |answer: &Value| answer["error"]["class"].as_str().map(str::to_owned);
    assert_eq!(class(&ask(&mut agent, r#"{"execute":"guest-dance"}"#)).as_deref(), Some("CommandNotFound"));
    assert_eq!(
        class(&ask(&mut agent, r#"{"execute":"guest-exec","arguments":{"path":"/bin/true"}}"#)).as_deref(),
        Some("CommandNotFound")
    );
    assert_eq!(
        class(&ask(&mut agent, r#"{"execute":"guest-sync","arguments":{"id":"x"}}"#)).as_deref(),
        Some("GenericError")
    );
    assert_eq!(class(&ask(&mut agent, r#"{"execute":5}"#)).as_deref(), Some("GenericError"));
    assert_eq!(
        class(&ask(&mut agent, r#"{"execute":"guest-shutdown","arguments":{"mode":"fly"}}"#)).as_deref(),
        Some("GenericError")
    );
    assert!(agent.answer(&Framed::Garbage).is_some());
    let answer = ask(&mut agent, r#"{"execute":"guest-ping","id":"x1"}"#);
    assert_eq!(answer["id"], "x1");
}

#[test]
fn info_lists_what_is_switched_off() {
    let info = ask(&mut agent(Options { allow_exec: true, ..Options::default() }), r#"{"execute":"guest-info"}"#);
    let commands = info["return"]["supported_commands"].as_array().expect("a list").clone();
    let of = |name: &str| commands.iter().find(|command| command["name"] == name).expect("a command").clone();
    assert_eq!(of("guest-exec")["enabled"], true);
    assert_eq!(of("guest-set-user-password")["enabled"], false);
    assert_eq!(of("guest-shutdown")["success-response"], false);
}

#[test]
fn what_is_asked_of_any_linux_has_an_answer() {
    let mut agent = agent(Options::default());
    for command in [
        "guest-get-osinfo",
        "guest-get-host-name",
        "guest-get-timezone",
        "guest-get-users",
        "guest-get-fsinfo",
        "guest-get-disks",
        "guest-get-vcpus",
        "guest-network-get-interfaces",
        "guest-get-time",
        "guest-fsfreeze-status",
    ] {
        let answer = ask(&mut agent, &format!("{{\"execute\":\"{command}\"}}"));
        assert!(answer.get("return").is_some(), "{command}: {answer}");
    }
}

#[test]
fn every_listed_command_is_performed_somewhere() {
    // Commands that would change this machine are given arguments that they must refuse.
    let harmless: Vec<&str> = COMMANDS
        .iter()
        .map(|(name, _, _)| *name)
        .filter(|name| {
            !["suspend", "fsfreeze-f", "fsfreeze-t", "fstrim", "delimited"].iter().any(|part| name.contains(part))
        })
        .collect();
    let mut agent =
        agent(Options { allow_exec: true, allow_ssh_keys: true, allow_passwords: true, ..Options::default() });
    for command in harmless {
        let request =
            json!({ "execute": command, "arguments": { "mode": 5, "time": "x", "id": 1, "vcpus": 1, "mem-blks": 1 } });
        let answer = ask(&mut agent, &request.to_string());
        assert_ne!(answer["error"]["class"], "CommandNotFound", "{command}");
    }
}

#[test]
fn a_program_runs_when_allowed_and_its_output_comes_back() {
    let mut agent = agent(Options { allow_exec: true, ..Options::default() });
    let request = json!({ "execute": "guest-exec", "arguments": {
        "path": "/bin/sh", "arg": ["-c", "cat; echo $COLOUR >&2; exit 3"], "env": ["COLOUR=red"],
        "input-data": "aGVsbG8=", "capture-output": true } });
    let pid = ask(&mut agent, &request.to_string())["return"]["pid"].clone();
    let status = json!({ "execute": "guest-exec-status", "arguments": { "pid": pid } }).to_string();
    let mut answer = ask(&mut agent, &status);
    for _ in 0..500 {
        if answer["return"]["exited"] == true {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        answer = ask(&mut agent, &status);
    }
    let expected = json!({ "exited": true, "exitcode": 3, "out-data": "aGVsbG8=", "err-data": "cmVkCg==" });
    assert_eq!(answer["return"], expected);
    assert!(ask(&mut agent, &status).get("error").is_some(), "the end is told once");
}
