//! The sample as Windows would run it: COM starts its server, which runs a task of another process.

#![cfg(windows)]

use std::time::Duration;

use windows::ApplicationModel::Background::BackgroundTaskCancellationReason as Reason;
use windows::Win32::Foundation::{REGDB_E_CLASSNOTREG, S_OK};
use windows::core::GUID;
use windows_suite::{Apartment, Heard, Instance, InstanceId, activate, processes};

/// The class that the sample's manifest declares.
const SAMPLE: GUID = GUID::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);

/// How long a server may take to leave, once it may.
const LEAVING: Duration = Duration::from_secs(30);

fn instance(number: u128) -> Instance {
    Instance::new(InstanceId {
        instance: GUID::from_u128(number),
        task: GUID::from_u128(0x7a5c),
        name: "SampleTask".to_owned(),
    })
}

#[test]
fn a_class_that_no_manifest_declares_is_not_registered() {
    let _apartment = Apartment::enter().unwrap();
    assert_eq!(activate(GUID::from_u128(1)).unwrap_err().code(), REGDB_E_CLASSNOTREG);
}

#[test]
fn a_run_is_deferred_tells_its_progress_and_completes_when_it_is_cancelled() {
    let _apartment = Apartment::enter().unwrap();
    let instance = instance(1);
    instance.run(SAMPLE);
    let heard = instance.until(&Heard::Progress(10)).unwrap();
    assert!(heard.contains(&Heard::Deferred(1)) && heard.contains(&Heard::HandlerAdded), "{heard:?}");
    instance.cancel(Reason::Abort).unwrap();
    instance.until(&Heard::Completed(1)).unwrap();
    instance.until(&Heard::Returned(S_OK)).unwrap();
}

