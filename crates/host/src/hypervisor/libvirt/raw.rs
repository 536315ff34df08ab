//! The few libvirt calls that the bindings lack: events, typed parameters of jobs, statistics and guests.
//!
//! This is the only module of Ferrovirt that may be `unsafe`. It hands out plain values and knows no VM policy.
#![allow(unsafe_code, reason = "libvirt is a C library; each block says why it holds")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::Arc;

use tokio::sync::{broadcast, mpsc};
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt::sys;

use super::words;
use crate::hypervisor::{Event, Happening};

/// A typed parameter's value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Any of the integer kinds; negative ones are kept as zero, since libvirt uses them for "unknown".
    Number(u64),
    /// A floating number.
    Real(f64),
    /// A flag.
    Truth(bool),
    /// A text.
    Text(String),
}

impl Value {
    pub(super) fn number(&self) -> u64 {
        match self {
            Value::Number(number) => *number,
            Value::Truth(truth) => u64::from(*truth),
            Value::Real(real) if *real > 0.0 => *real as u64,
            Value::Real(_) | Value::Text(_) => 0,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Value::Number(number) => number.to_string(),
            Value::Real(real) => real.to_string(),
            Value::Truth(truth) => truth.to_string(),
            Value::Text(text) => text.clone(),
        }
    }
}

/// Typed parameters by name.
pub(super) type Parameters = BTreeMap<String, Value>;

/// Copies parameters out of libvirt's memory.
///
/// # Safety
/// `parameters` points to `count` parameters filled in by libvirt, or `count` is 0.
unsafe fn copy(parameters: sys::virTypedParameterPtr, count: c_int) -> Parameters {
    let count = usize::try_from(count).unwrap_or(0);
    if parameters.is_null() || count == 0 {
        return Parameters::new();
    }
    // SAFETY: the caller vouches for pointer and count, and null was dealt with above.
    let slice = unsafe { std::slice::from_raw_parts(parameters, count) };
    slice
        .iter()
        .filter_map(|parameter| {
            // SAFETY: libvirt ends `field` with a zero within its 80 bytes.
            let name = unsafe { CStr::from_ptr(parameter.field.as_ptr()) }.to_string_lossy().into_owned();
            // SAFETY: `type_` says which member of the union libvirt wrote.
            let value = unsafe {
                match u32::try_from(parameter.type_).ok()? {
                    sys::VIR_TYPED_PARAM_INT => Value::Number(u64::try_from(parameter.value.i).unwrap_or(0)),
                    sys::VIR_TYPED_PARAM_UINT => Value::Number(u64::from(parameter.value.ui)),
                    sys::VIR_TYPED_PARAM_LLONG => Value::Number(u64::try_from(parameter.value.l).unwrap_or(0)),
                    sys::VIR_TYPED_PARAM_ULLONG => Value::Number(parameter.value.ul),
                    sys::VIR_TYPED_PARAM_DOUBLE => Value::Real(parameter.value.d),
                    sys::VIR_TYPED_PARAM_BOOLEAN => Value::Truth(parameter.value.b != 0),
                    sys::VIR_TYPED_PARAM_STRING => Value::Text(text(parameter.value.s)?),
                    _ => return None,
                }
            };
            Some((name, value))
        })
        .collect()
}

/// Copies a C string.
///
/// # Safety
/// `pointer` is null or points to a string that ends with a zero.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller vouches for the rest.
    Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}

/// Kind and parameters of the running job.
pub(super) fn job_stats(domain: &Domain) -> Result<(i32, Parameters), Error> {
    let (mut kind, mut parameters, mut count) = (0, std::ptr::null_mut(), 0);
    // SAFETY: the domain outlives the call; libvirt fills the three values, which are all valid to write.
    let result = unsafe { sys::virDomainGetJobStats(domain.as_ptr(), &mut kind, &mut parameters, &mut count, 0) };
    if result < 0 {
        return Err(Error::last_error());
    }
    // SAFETY: the call succeeded, so pointer and count belong together; they are freed once, and copied before.
    unsafe {
        let copied = copy(parameters, count);
        sys::virTypedParamsFree(parameters, count);
        Ok((kind, copied))
    }
}

/// Cancels the running job.
pub(super) fn abort_job(domain: &Domain) -> Result<(), Error> {
    // SAFETY: the domain outlives the call.
    let result = unsafe { sys::virDomainAbortJob(domain.as_ptr()) };
    if result < 0 { Err(Error::last_error()) } else { Ok(()) }
}

/// Switches the running migration to post-copy.
pub(super) fn start_post_copy(domain: &Domain) -> Result<(), Error> {
    // SAFETY: the domain outlives the call.
    let result = unsafe { sys::virDomainMigrateStartPostCopy(domain.as_ptr(), 0) };
    if result < 0 { Err(Error::last_error()) } else { Ok(()) }
}

/// Counters of every running domain: id and parameters.
pub(super) fn all_stats(connect: &Connect) -> Result<Vec<(String, Parameters)>, Error> {
    let kinds = sys::VIR_DOMAIN_STATS_STATE
        | sys::VIR_DOMAIN_STATS_CPU_TOTAL
        | sys::VIR_DOMAIN_STATS_BALLOON
        | sys::VIR_DOMAIN_STATS_VCPU
        | sys::VIR_DOMAIN_STATS_INTERFACE
        | sys::VIR_DOMAIN_STATS_BLOCK;
    let flags = sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
    let mut records: *mut sys::virDomainStatsRecordPtr = std::ptr::null_mut();
    // SAFETY: the connection outlives the call, and `records` is valid to write.
    let count = unsafe { sys::virConnectGetAllDomainStats(connect.as_ptr(), kinds, &mut records, flags) };
    let Ok(count) = usize::try_from(count) else { return Err(Error::last_error()) };
    let mut all = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: libvirt returned `count` records, each valid until the list is freed below.
        unsafe {
            let record = *records.add(index);
            if let Some(id) = domain_id((*record).dom) {
                all.push((id, copy((*record).params, (*record).nparams)));
            }
        }
    }
    // SAFETY: the list came from libvirt and is freed once.
    unsafe { sys::virDomainStatsRecordListFree(records) };
    Ok(all)
}

/// What the guest agent says: operating system, users, time zone, host name, file systems.
pub(super) fn guest_info(domain: &Domain) -> Result<Parameters, Error> {
    let (mut parameters, mut count) = (std::ptr::null_mut(), 0);
    // SAFETY: the domain outlives the call; both values are valid to write. Kinds 0 means all that the agent knows.
    let result = unsafe { sys::virDomainGetGuestInfo(domain.as_ptr(), 0, &mut parameters, &mut count, 0) };
    if result < 0 {
        return Err(Error::last_error());
    }
    // SAFETY: as in `job_stats`.
    unsafe {
        let copied = copy(parameters, count);
        sys::virTypedParamsFree(parameters, count);
        Ok(copied)
    }
}

/// # Safety
/// `domain` is null or a live domain.
unsafe fn domain_id(domain: sys::virDomainPtr) -> Option<String> {
    if domain.is_null() {
        return None;
    }
    let mut buffer: [c_char; sys::VIR_UUID_STRING_BUFLEN as usize] = [0; sys::VIR_UUID_STRING_BUFLEN as usize];
    // SAFETY: the domain lives, and the buffer has the length that libvirt asks for.
    unsafe {
        if sys::virDomainGetUUIDString(domain, buffer.as_mut_ptr()) < 0 {
            return None;
        }
        text(buffer.as_ptr())
    }
}

/// What callbacks may do: say what happened.
pub(super) struct Sink {
    pub(super) events: broadcast::Sender<Event>,
    /// Wakes the keeper of the connection.
    pub(super) closed: mpsc::Sender<()>,
}

impl Sink {
    fn say(&self, id: Option<String>, what: Happening) {
        if let Some(id) = id {
            // Nobody listening is no error.
            let _ = self.events.send(Event::Domain { id, what });
        }
    }
}

unsafe extern "C" fn free_sink(opaque: *mut c_void) {
    // SAFETY: `opaque` came from `Arc::into_raw` at registration, and libvirt frees it once.
    drop(unsafe { Arc::from_raw(opaque.cast_const().cast::<Sink>()) });
}

/// # Safety
/// `opaque` is the pointer given at registration; libvirt keeps it alive during callbacks.
unsafe fn sink<'a>(opaque: *mut c_void) -> &'a Sink {
    // SAFETY: see above.
    unsafe { &*opaque.cast_const().cast::<Sink>() }
}

unsafe extern "C" fn on_lifecycle(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: libvirt passes a live domain and our own pointer.
    unsafe { sink(opaque).say(domain_id(domain), words::lifecycle(event, detail)) };
    0
}

unsafe extern "C" fn on_reboot(_: sys::virConnectPtr, domain: sys::virDomainPtr, opaque: *mut c_void) {
    // SAFETY: as above.
    unsafe { sink(opaque).say(domain_id(domain), Happening::Rebooted) };
}

unsafe extern "C" fn on_io_error(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    _path: *const c_char,
    alias: *const c_char,
    _action: c_int,
    reason: *const c_char,
    opaque: *mut c_void,
) {
    // SAFETY: as above; the texts live during the callback.
    unsafe {
        let device = text(alias).unwrap_or_default();
        let full = text(reason).is_some_and(|reason| reason == "enospc");
        sink(opaque).say(domain_id(domain), Happening::IoError { device, full });
    }
}

unsafe extern "C" fn on_guest_agent(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    state: c_int,
    _reason: c_int,
    opaque: *mut c_void,
) {
    let connected = state == sys::VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED as c_int;
    // SAFETY: as above.
    unsafe { sink(opaque).say(domain_id(domain), Happening::GuestAgent(connected)) };
}

unsafe extern "C" fn on_iteration(_: sys::virConnectPtr, domain: sys::virDomainPtr, round: c_int, opaque: *mut c_void) {
    // SAFETY: as above.
    unsafe { sink(opaque).say(domain_id(domain), Happening::Iteration(u32::try_from(round).unwrap_or(0))) };
}

unsafe extern "C" fn on_job_completed(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    parameters: sys::virTypedParameterPtr,
    count: c_int,
    opaque: *mut c_void,
) {
    // SAFETY: as above; the parameters live during the callback, and are copied.
    unsafe {
        let done = words::job_done(&copy(parameters, count));
        sink(opaque).say(domain_id(domain), Happening::JobDone(done));
    }
}

unsafe extern "C" fn on_device_removed(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    alias: *const c_char,
    opaque: *mut c_void,
) {
    // SAFETY: as above.
    unsafe { sink(opaque).say(domain_id(domain), Happening::DeviceRemoved(text(alias).unwrap_or_default())) };
}

unsafe extern "C" fn on_device_kept(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    alias: *const c_char,
    opaque: *mut c_void,
) {
    // SAFETY: as above.
    unsafe { sink(opaque).say(domain_id(domain), Happening::DeviceKept(text(alias).unwrap_or_default())) };
}

unsafe extern "C" fn on_close(_: sys::virConnectPtr, _reason: c_int, opaque: *mut c_void) {
    // SAFETY: as above. A full channel means that the keeper has been woken already.
    let _ = unsafe { sink(opaque) }.closed.try_send(());
}

type Generic = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void);

/// Registers for everything that the agent wants to hear. Kinds that a driver does not offer are left out; the
/// lifecycle must be there.
pub(super) fn listen(connect: &Connect, sink: &Arc<Sink>) -> Result<(), Error> {
    // SAFETY: libvirt casts each callback back to the type that belongs to its event number (libvirt-domain.h), so
    // passing it as the generic type is how the interface is meant to be used.
    let callbacks: [(c_uint, Generic); 8] = unsafe {
        [
            (
                sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                std::mem::transmute::<*const c_void, Generic>(on_lifecycle as *const c_void),
            ),
            (sys::VIR_DOMAIN_EVENT_ID_REBOOT, on_reboot as Generic),
            (
                sys::VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
                std::mem::transmute::<*const c_void, Generic>(on_io_error as *const c_void),
            ),
            (
                sys::VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
                std::mem::transmute::<*const c_void, Generic>(on_guest_agent as *const c_void),
            ),
            (
                sys::VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION,
                std::mem::transmute::<*const c_void, Generic>(on_iteration as *const c_void),
            ),
            (
                sys::VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                std::mem::transmute::<*const c_void, Generic>(on_job_completed as *const c_void),
            ),
            (
                sys::VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                std::mem::transmute::<*const c_void, Generic>(on_device_removed as *const c_void),
            ),
            (
                sys::VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
                std::mem::transmute::<*const c_void, Generic>(on_device_kept as *const c_void),
            ),
        ]
    };
    for (kind, callback) in callbacks {
        let opaque = Arc::into_raw(Arc::clone(sink)).cast_mut().cast::<c_void>();
        // SAFETY: the connection lives; a null domain means all; `opaque` is freed by `free_sink` when libvirt is done.
        let result = unsafe {
            sys::virConnectDomainEventRegisterAny(
                connect.as_ptr(),
                std::ptr::null_mut(),
                kind as c_int,
                Some(callback),
                opaque,
                Some(free_sink),
            )
        };
        if result < 0 {
            // SAFETY: libvirt did not take the pointer, so it is still ours.
            unsafe { free_sink(opaque) };
            if kind == sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE {
                return Err(Error::last_error());
            }
        }
    }
    let opaque = Arc::into_raw(Arc::clone(sink)).cast_mut().cast::<c_void>();
    // SAFETY: as above.
    let result =
        unsafe { sys::virConnectRegisterCloseCallback(connect.as_ptr(), Some(on_close), opaque, Some(free_sink)) };
    if result < 0 {
        // SAFETY: as above. A local test driver has no connection that could close.
        unsafe { free_sink(opaque) };
    }
    Ok(())
}
