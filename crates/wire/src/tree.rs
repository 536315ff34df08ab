//! The service tree of the API as a value: which service stands where, and which operations it has. Routes, links,
//! actions, the OpenAPI document and the count of what is served all come from here (source: the API model 4.6).
//! It does not know what any operation does.

mod common;
mod disk;
mod gluster;
mod host;
mod infrastructure;
mod network;
mod parameters;
mod policy;
mod storage;
mod virtualization;

use self::{
    common::*, disk::*, gluster::*, host::*, infrastructure::*, network::*, parameters::*, policy::*, storage::*,
    virtualization::*,
};

/// A node of the tree: the operations at one kind of address, and where the path may go on.
#[derive(Debug)]
pub struct Service {
    /// The model's name: `VmsService`.
    pub name: &'static str,
    /// How a path goes on from here.
    pub locators: &'static [Locator],
    /// What can be done here, variants of one operation included.
    pub operations: &'static [Operation],
}

/// A way from a service to one below it.
#[derive(Debug)]
pub struct Locator {
    /// The model's name: `disk_attachments`; for an item the name of its id: `vm`.
    pub name: &'static str,
    /// What stands in the path.
    pub step: Step,
    /// Where it leads.
    pub child: &'static Service,
}

/// One segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// This very text; the name of a collection, and the `rel` of links to it.
    Segment(&'static str),
    /// Any id.
    Id,
}

/// The HTTP methods of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// How much the world relies on an operation (from a survey of SDK examples, tools and portals).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Public clients, tests and tools use it.
    A,
    /// Portals use it, or it is a plausible extra.
    B,
    /// Rare or dead.
    C,
}

/// Name of a type of the model (`Vm`, `VmType`) or of a plain value (`string`, `boolean`, `integer`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeName {
    pub name: &'static str,
    /// Whether a list of them is meant.
    pub list: bool,
}

/// A named input or output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    pub of: TypeName,
}

/// Something a client can ask of a service.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The model's name: `list`, `add`, `export_to_path_on_host`.
    pub method: &'static str,
    pub verb: Verb,
    /// Last segment of the path for actions: `start`.
    pub action: Option<&'static str>,
    /// Type of the body.
    pub request: Option<&'static str>,
    /// Type of the answer.
    pub response: Option<TypeName>,
    /// Parameters of the query (or of the matrix, from old clients).
    pub query: &'static [Parameter],
    /// Elements of the `action` that comes in.
    pub parameters: &'static [Parameter],
    /// Elements of the `action` that goes out.
    pub results: &'static [Parameter],
    /// Paths that the body must fill: `vm.name`; `(host.id|host.name)` is either.
    pub mandatory: &'static [&'static str],
    pub priority: Priority,
    pub deprecated: bool,
    /// The operation with the same verb and path that this one is another body of.
    pub variant_of: Option<&'static str>,
    /// Whether any path leads here.
    pub mounted: bool,
}

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct Match<'p> {
    pub service: &'static Service,
    /// The ids of the path, outermost first, each with its locator's name: `("vm", "123")`.
    pub ids: Vec<(&'static str, &'p str)>,
    /// The action that the path ends in.
    pub action: Option<&'static str>,
}

/// The service at the address of the API itself.
pub static ROOT: &Service = &SYSTEM_SERVICE;

/// Every service, those that no path leads to included.
pub fn services() -> impl Iterator<Item = &'static Service> {
    let areas = [
        common::SERVICES,
        disk::SERVICES,
        gluster::SERVICES,
        host::SERVICES,
        infrastructure::SERVICES,
        network::SERVICES,
        policy::SERVICES,
        storage::SERVICES,
        virtualization::SERVICES,
    ];
    areas.into_iter().flatten().copied()
}

/// The service with the model's name `name`.
pub fn service(name: &str) -> Option<&'static Service> {
    services().find(|service| service.name == name)
}

/// Where the segments behind the address of the API lead; `None` for a path that does not exist. No segments lead to the
/// root. Segments come without matrix parameters and with their percent signs resolved.
pub fn resolve<'p>(segments: &[&'p str]) -> Option<Match<'p>> {
    let mut found = Match { service: ROOT, ids: Vec::new(), action: None };
    for (index, segment) in segments.iter().enumerate() {
        if let Some(locator) = found.service.locators.iter().find(|locator| locator.stands_at(segment)) {
            found.service = locator.child;
            continue;
        }
        if index + 1 == segments.len() {
            found.action = found.service.actions().find(|action| action == segment);
            if found.action.is_some() {
                break;
            }
        }
        let locator = found.service.locators.iter().find(|locator| locator.step == Step::Id)?;
        if segment.is_empty() {
            return None;
        }
        found.ids.push((locator.name, segment));
        found.service = locator.child;
    }
    Some(found)
}

/// Every path of the API with the service it leads to: `/vms/{vm}/nics`. Actions are not among them.
pub fn paths() -> Vec<(String, &'static Service)> {
    let mut paths = Vec::new();
    collect_paths("", ROOT, &mut paths);
    paths
}

fn collect_paths(path: &str, service: &'static Service, paths: &mut Vec<(String, &'static Service)>) {
    paths.push((if path.is_empty() { "/".to_owned() } else { path.to_owned() }, service));
    for locator in service.locators {
        let segment = match locator.step {
            Step::Segment(segment) => format!("{path}/{segment}"),
            Step::Id => format!("{path}/{{{}}}", locator.name),
        };
        collect_paths(&segment, locator.child, paths);
    }
}

impl<'p> Match<'p> {
    /// The innermost id called `name`.
    pub fn id(&self, name: &str) -> Option<&'p str> {
        self.ids.iter().rev().find(|(known, _)| *known == name).map(|(_, id)| *id)
    }

    /// What `verb` asks here; of several variants the main one. `None` is a method that is not allowed.
    pub fn operation(&self, verb: Verb) -> Option<&'static Operation> {
        self.service.operations_for(verb, self.action).next()
    }
}

impl Service {
    /// Operations with this verb and action, the main one before its variants.
    pub fn operations_for(&self, verb: Verb, action: Option<&str>) -> impl Iterator<Item = &'static Operation> {
        let all = self.operations.iter().filter(move |one| one.verb == verb && one.action == action);
        let variants = all.clone().filter(|one| one.variant_of.is_some());
        all.filter(|one| one.variant_of.is_none()).chain(variants)
    }

    /// The operation with the model's name `method`.
    pub fn operation(&self, method: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|one| one.method == method)
    }

    /// Segments of the collections below: for an item, the `rel` of each of its links.
    pub fn links(&self) -> impl Iterator<Item = &'static str> {
        self.locators.iter().filter_map(|locator| match locator.step {
            Step::Segment(segment) => Some(segment),
            Step::Id => None,
        })
    }

    /// Segments of the actions: the `rel` of each link in `actions`.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> {
        self.operations.iter().filter(|one| one.variant_of.is_none()).filter_map(|one| one.action)
    }

    /// The collection below that stands at `segment`.
    pub fn child(&self, segment: &str) -> Option<&'static Service> {
        self.locators.iter().find(|locator| locator.stands_at(segment)).map(|locator| locator.child)
    }

    /// The service of this collection's items.
    pub fn item(&self) -> Option<&'static Service> {
        self.locators.iter().find(|locator| locator.step == Step::Id).map(|locator| locator.child)
    }
}

/// Services stand in statics and are known by name.
impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Service {}

impl Verb {
    /// The method's name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// How the tables below are spelled.
impl Operation {
    const fn new(method: &'static str, verb: Verb) -> Self {
        Self {
            method,
            verb,
            action: None,
            request: None,
            response: None,
            query: &[],
            parameters: &[],
            results: &[],
            mandatory: &[],
            priority: Priority::A,
            deprecated: false,
            variant_of: None,
            mounted: true,
        }
    }

    const fn get(method: &'static str) -> Self {
        Self::new(method, Verb::Get)
    }

    const fn post(method: &'static str) -> Self {
        Self::new(method, Verb::Post)
    }

    const fn put(method: &'static str) -> Self {
        Self::new(method, Verb::Put)
    }

    const fn delete(method: &'static str) -> Self {
        Self::new(method, Verb::Delete)
    }

    const fn action(method: &'static str, segment: &'static str) -> Self {
        let mut operation = Self::post(method).takes("Action").gives("Action");
        operation.action = Some(segment);
        operation
    }

    const fn takes(mut self, name: &'static str) -> Self {
        self.request = Some(name);
        self
    }

    const fn gives(mut self, name: &'static str) -> Self {
        self.response = Some(TypeName { name, list: false });
        self
    }

    const fn gives_many(mut self, name: &'static str) -> Self {
        self.response = Some(TypeName { name, list: true });
        self
    }

    const fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    const fn parameters(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    const fn results(mut self, results: &'static [Parameter]) -> Self {
        self.results = results;
        self
    }

    const fn mandatory(mut self, mandatory: &'static [&'static str]) -> Self {
        self.mandatory = mandatory;
        self
    }

    const fn variant_of(mut self, method: &'static str) -> Self {
        self.variant_of = Some(method);
        self
    }

    const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    const fn unmounted(mut self) -> Self {
        self.mounted = false;
        self.priority = Priority::C;
        self
    }
}

impl Parameter {
    const fn one(name: &'static str, of: &'static str) -> Self {
        Self { name, of: TypeName { name: of, list: false } }
    }

    const fn many(name: &'static str, of: &'static str) -> Self {
        Self { name, of: TypeName { name: of, list: true } }
    }
}

impl Locator {
    fn stands_at(&self, segment: &str) -> bool {
        matches!(self.step, Step::Segment(known) if known == segment)
    }

    const fn segment(name: &'static str, segment: &'static str, child: &'static Service) -> Self {
        Self { name, step: Step::Segment(segment), child }
    }

    const fn id(name: &'static str, child: &'static Service) -> Self {
        Self { name, step: Step::Id, child }
    }
}

#[cfg(test)]
mod tests;
