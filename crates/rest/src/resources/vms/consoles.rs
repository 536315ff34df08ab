//! The graphical consoles of VMs, and the passwords and tickets that open them. A console's id is the hex of its
//! protocol's name.

use std::time::Duration;

use ferrovirt_engine::actions::vm::Update;
use ferrovirt_engine::actions::vm::consoles::{ProxyTicket, SetTicket, Ticket};
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::VmId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_model::vm::{ConsoleKind, GraphicsAddress};
use ferrovirt_wire::types;

use super::viewer_file::ConnectionFile;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::negotiation::VIRT_VIEWER;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::{many, one};
use crate::resources::shared::decorate;

pub(super) fn register(r: &mut Registry) {
    r.on("VmGraphicsConsolesService", "list", list);
    r.on("VmGraphicsConsolesService", "add", add);
    r.on("VmGraphicsConsoleService", "get", get);
    r.on("VmGraphicsConsoleService", "remove", remove);
    r.on("VmGraphicsConsoleService", "ticket", ticket);
    r.on("VmGraphicsConsoleService", "proxy_ticket", proxy_ticket);
    r.on("VmGraphicsConsoleService", "remote_viewer_connection_file", connection_file);
    r.on("VmService", "ticket", vm_ticket);
}

/// The ids that clients know by heart.
fn id(kind: ConsoleKind) -> &'static str {
    match kind {
        ConsoleKind::Vnc => "766e63",
        ConsoleKind::Spice => "7370696365",
    }
}

fn kind_of(id_text: &str) -> Result<ConsoleKind, Fault> {
    let kinds = [ConsoleKind::Vnc, ConsoleKind::Spice];
    kinds.into_iter().find(|kind| id(*kind) == id_text).ok_or_else(|| Fault::no_such("GraphicsConsole", id_text))
}

/// Where a console listens. Every kind that a definition names is offered as VNC.
fn address(view: &VmView) -> Option<&GraphicsAddress> {
    view.run.as_ref().and_then(|run| run.graphics.iter().find(|one| one.kind == ConsoleKind::Vnc))
}

fn to_wire(hrefs: &Hrefs, view: &VmView, kind: ConsoleKind) -> types::GraphicsConsole {
    let vm = view.vm.id;
    let at = address(view).filter(|_| kind == ConsoleKind::Vnc);
    let mut document = types::GraphicsConsole {
        address: at.map(|at| at.address.clone()),
        port: at.and_then(|at| at.port).map(i64::from),
        protocol: Some(match kind {
            ConsoleKind::Vnc => types::GraphicsType::Vnc,
            ConsoleKind::Spice => types::GraphicsType::Spice,
        }),
        tls_port: at.and_then(|at| at.tls_port).map(i64::from),
        vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
        ..types::GraphicsConsole::default()
    };
    let href = hrefs.within("vms", vm, "graphicsconsoles", id(kind));
    decorate("VmGraphicsConsoleService", &href, id(kind), &mut document);
    document
}

/// The consoles of a VM.
pub(super) fn of(hrefs: &Hrefs, view: &VmView) -> Vec<types::GraphicsConsole> {
    view.vm.definition.display.consoles.iter().map(|kind| to_wire(hrefs, view, *kind)).collect()
}

/// The consoles that the definition has; with `current` those that the running guest has.
async fn list(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    let mut shown = of(&call.hrefs, &view);
    if call.params.flag("current")? {
        shown.retain(|one| one.address.is_some());
    }
    many(&call, shown).await
}

/// The console that the path names, and its VM.
async fn named(call: &Call) -> Result<(VmView, ConsoleKind), Fault> {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    let text = call.text_id("console")?;
    let kind = kind_of(text)?;
    if !view.vm.definition.display.consoles.contains(&kind) {
        return Err(Fault::no_such("GraphicsConsole", text));
    }
    Ok((view, kind))
}

async fn get(call: Call) -> Answer {
    let (view, kind) = named(&call).await?;
    if call.wanted.virt_viewer {
        return Ok(Reply::raw(VIRT_VIEWER, file(&call, view).await?.into_bytes()));
    }
    let shown = to_wire(&call.hrefs, &view, kind);
    if call.params.flag("current")? && shown.address.is_none() {
        return Err(Fault::no_such("GraphicsConsole", id(kind)));
    }
    one(&call, shown).await
}

/// Changes the list of consoles of a definition.
async fn change(call: &Call, vm: VmId, kind: ConsoleKind, wanted: bool) -> Result<(), Fault> {
    let action = Update {
        vm,
        name: None,
        cluster: None,
        cpu_profile: None,
        edit: Box::new(move |definition| {
            let consoles = &mut definition.display.consoles;
            consoles.retain(|one| *one != kind);
            if wanted {
                consoles.push(kind);
            }
            Ok(())
        }),
        next_run: false,
        known_as: None,
    };
    call.engine().act(&call.caller, action).await?;
    Ok(())
}

async fn add(call: Call) -> Answer {
    let vm: VmId = call.id("vm")?;
    let body: types::GraphicsConsole = call.body()?;
    let kind = match body.protocol {
        Some(types::GraphicsType::Vnc) => ConsoleKind::Vnc,
        Some(types::GraphicsType::Spice) => ConsoleKind::Spice,
        None => return Err(Fault::incomplete("GraphicsConsole", "protocol", "add")),
    };
    let view = call.engine().vm(&call.caller, vm).await?;
    if view.vm.definition.display.consoles.contains(&kind) {
        return Err(Refusal::rule("The VM has a console of this kind already.").into());
    }
    change(&call, vm, kind, true).await?;
    let view = call.engine().vm(&call.caller, vm).await?;
    Ok(Reply::created(call.item_href(id(kind)), to_wire(&call.hrefs, &view, kind)))
}

async fn remove(call: Call) -> Answer {
    let (view, kind) = named(&call).await?;
    change(&call, view.vm.id, kind, false).await?;
    Ok(Reply::removed())
}

async fn set_ticket(call: &Call, vm: VmId, wanted: Option<&types::Ticket>) -> Result<Ticket, Fault> {
    let lifetime = wanted.and_then(|ticket| ticket.expiry);
    let lifetime = lifetime.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    let password = wanted.and_then(|ticket| ticket.value.clone()).filter(|value| !value.is_empty()).map(Secret::new);
    Ok(call.engine().act(&call.caller, SetTicket { vm, password, lifetime, name: None }).await?.value)
}

async fn answer_ticket(call: &Call, vm: VmId) -> Answer {
    let action = call.action()?;
    let ticket = set_ticket(call, vm, action.ticket.as_ref()).await?;
    let shown = types::Ticket {
        expiry: i64::try_from(ticket.lifetime.as_secs()).ok(),
        value: Some(ticket.password.expose().to_owned()),
    };
    Ok(Reply::action(types::Action { ticket: Some(shown), ..types::Action::default() }))
}

async fn ticket(call: Call) -> Answer {
    let (view, _) = named(&call).await?;
    answer_ticket(&call, view.vm.id).await
}

async fn vm_ticket(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    answer_ticket(&call, view.vm.id).await
}

async fn proxy_ticket(call: Call) -> Answer {
    let (view, _) = named(&call).await?;
    let done = call.engine().act(&call.caller, ProxyTicket { vm: view.vm.id, name: None }).await?;
    let value = Some(done.value.expose().to_owned());
    Ok(Reply::action(types::Action { proxy_ticket: Some(types::ProxyTicket { value }), ..types::Action::default() }))
}

/// A fresh password and where to use it, as remote-viewer reads it.
async fn file(call: &Call, view: VmView) -> Result<String, Fault> {
    let ticket = set_ticket(call, view.vm.id, None).await?;
    let at = address(&view).ok_or_else(|| Fault::from(Refusal::rule("The console's address is not known yet.")))?;
    let file = ConnectionFile {
        protocol: "vnc",
        address: &at.address,
        port: at.port,
        tls_port: at.tls_port,
        password: &ticket.password,
        vm: &view.vm.name,
    };
    Ok(file.text())
}

async fn connection_file(call: Call) -> Answer {
    let (view, _) = named(&call).await?;
    let text = file(&call, view).await?;
    Ok(Reply::action(types::Action { remote_viewer_connection_file: Some(text), ..types::Action::default() }))
}
