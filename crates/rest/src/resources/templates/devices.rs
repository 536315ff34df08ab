//! The small devices of templates: the one CD drive, consoles as the definition has them, and watchdogs,
//! of which there are none.

use ferrovirt_model::ids::TemplateId;
use ferrovirt_model::template::Template;
use ferrovirt_model::vm::ConsoleKind;
use ferrovirt_wire::{List, types};

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::{many, one};
use crate::resources::shared;

/// The id of the one CD drive.
const TRAY: &str = "00000000-0000-0000-0000-000000000000";

pub(super) fn register(r: &mut Registry) {
    r.on("TemplateCdromsService", "list", list_cdroms);
    r.on("TemplateCdromService", "get", get_cdrom);
    r.on("TemplateGraphicsConsolesService", "list", list_consoles);
    r.on("TemplateGraphicsConsoleService", "get", get_console);
    r.on("TemplateWatchdogsService", "list", list_watchdogs);
}

async fn template(call: &Call) -> Result<Template, Fault> {
    Ok(call.engine().template(&call.caller, call.id("template")?).await?)
}

async fn list_cdroms(call: Call) -> Answer {
    let template = template(&call).await?;
    many(&call, vec![cdrom(&call.hrefs, &template)]).await
}

async fn get_cdrom(call: Call) -> Answer {
    let template = template(&call).await?;
    let id = call.text_id("cdrom")?;
    if id != TRAY {
        return Err(Fault::no_such("cdrom", id));
    }
    one(&call, cdrom(&call.hrefs, &template)).await
}

async fn list_consoles(call: Call) -> Answer {
    let template = template(&call).await?;
    many(&call, consoles(&call.hrefs, &template)).await
}

async fn get_console(call: Call) -> Answer {
    let template = template(&call).await?;
    let id = call.text_id("console")?;
    let found = template.definition.display.consoles.iter().find(|kind| console_id(**kind) == id);
    let kind = found.ok_or_else(|| Fault::no_such("console", id))?;
    one(&call, console(&call.hrefs, template.id, *kind)).await
}

async fn list_watchdogs(call: Call) -> Answer {
    template(&call).await?;
    Ok(Reply::ok(List::<types::Watchdog>::default()))
}

/// The one CD drive.
pub(super) fn cdrom(hrefs: &Hrefs, from: &Template) -> types::Cdrom {
    let template = from.id;
    let cd = from.definition.cdrom;
    let mut document = types::Cdrom {
        file: cd.map(|disk| Box::new(types::File { id: Some(disk.to_string()), ..Default::default() })),
        template: Some(Box::new(links::reference(hrefs.of("templates", template), template))),
        ..Default::default()
    };
    let href = hrefs.within("templates", template, "cdroms", TRAY);
    shared::decorate("TemplateCdromService", &href, TRAY, &mut document);
    document
}

/// Its consoles.
pub(super) fn consoles(hrefs: &Hrefs, template: &Template) -> Vec<types::GraphicsConsole> {
    let kinds = template.definition.display.consoles.iter();
    kinds.map(|kind| console(hrefs, template.id, *kind)).collect()
}

/// The protocol's name in hexadecimal digits, which clients know by heart.
fn console_id(kind: ConsoleKind) -> &'static str {
    match kind {
        ConsoleKind::Vnc => "766e63",
        ConsoleKind::Spice => "7370696365",
    }
}

fn console(hrefs: &Hrefs, template: TemplateId, kind: ConsoleKind) -> types::GraphicsConsole {
    let id = console_id(kind);
    let mut document = types::GraphicsConsole {
        protocol: Some(match kind {
            ConsoleKind::Vnc => types::GraphicsType::Vnc,
            ConsoleKind::Spice => types::GraphicsType::Spice,
        }),
        template: Some(Box::new(links::reference(hrefs.of("templates", template), template))),
        ..Default::default()
    };
    let href = hrefs.within("templates", template, "graphicsconsoles", id);
    shared::decorate("TemplateGraphicsConsoleService", &href, id, &mut document);
    document
}
