//! Tests of the report stream: order, completeness, heartbeat and bounded memory.

use tokio_stream::StreamExt;

use super::*;

fn vm(id: &str, generation: u64) -> VmState {
    VmState { vm_id: id.into(), generation, ..VmState::default() }
}

#[tokio::test]
async fn a_stream_opens_with_everything_and_numbers_without_gaps() {
    let reports = Reports::new();
    reports.push_vm(vm("a", 1));
    reports.push_capabilities(Capabilities { hostname: "h1".into(), ..Capabilities::default() });
    let mut stream = reports.stream();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first.number, 1);
    let Some(Body::FullSync(sync)) = first.body else { panic!("no full sync") };
    assert_eq!(sync.vms.len(), 1);
    assert!(matches!(stream.next().await.unwrap().unwrap().body, Some(Body::Capabilities(_))));
    reports.push_vm(vm("a", 1));
    reports.push_vm(vm("a", 2));
    let third = stream.next().await.unwrap().unwrap();
    assert_eq!(third.number, 3, "an unchanged state is not told twice");
    assert!(matches!(third.body, Some(Body::Vm(state)) if state.generation == 2));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_beats() {
    let reports = Reports::new();
    let mut stream = reports.stream();
    stream.next().await.unwrap().unwrap();
    assert!(matches!(stream.next().await.unwrap().unwrap().body, Some(Body::Heartbeat(_))));
}

#[tokio::test]
async fn a_reader_that_falls_behind_loses_its_stream() {
    let reports = Reports::new();
    let mut stream = reports.stream();
    for generation in 0..(LAG as u64 * 2) {
        reports.push_vm(vm("a", generation + 1));
        if generation % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let mut lost = false;
    let mut last = 0;
    while let Some(report) = stream.next().await {
        match report {
            Ok(report) => {
                assert_eq!(report.number, last + 1);
                last = report.number;
            }
            Err(status) => {
                assert_eq!(status.code(), tonic::Code::DataLoss);
                lost = true;
            }
        }
    }
    assert!(lost);
}

#[tokio::test]
async fn a_forgotten_vm_is_told_once() {
    let reports = Reports::new();
    reports.push_vm(vm("a", 1));
    let mut stream = reports.stream();
    stream.next().await.unwrap().unwrap();
    reports.push_vm_gone("a", 1);
    reports.push_vm_gone("a", 1);
    reports.push_vm(vm("b", 1));
    assert!(matches!(stream.next().await.unwrap().unwrap().body, Some(Body::VmGone(_))));
    assert!(matches!(stream.next().await.unwrap().unwrap().body, Some(Body::Vm(_))));
    assert!(reports.vm("a").is_none());
}
