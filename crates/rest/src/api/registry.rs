//! Which function answers which operation of the service tree. Filled from one flat table an area.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use ferrovirt_wire::tree;
use futures::future::BoxFuture;

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;

/// What a handler comes down to.
pub type Answer = Result<Reply, Fault>;

type Handler = Arc<dyn Fn(Call) -> BoxFuture<'static, Answer> + Send + Sync>;

/// The handlers by service and method name.
#[derive(Default)]
pub struct Registry {
    handlers: HashMap<(&'static str, &'static str), Handler>,
    mistakes: Vec<String>,
}

impl Registry {
    /// Binds a handler to an operation of the tree: `r.on("VmsService", "list", list)`.
    pub fn on<F, Out>(&mut self, service: &'static str, method: &'static str, handler: F)
    where
        F: Fn(Call) -> Out + Send + Sync + 'static,
        Out: Future<Output = Answer> + Send + 'static,
    {
        let declared =
            tree::service(service).is_some_and(|found| found.operations.iter().any(|one| one.method == method));
        if !declared {
            self.mistakes.push(format!("{service}.{method} is not in the service tree"));
        }
        let handler: Handler = Arc::new(move |call| Box::pin(handler(call)));
        if self.handlers.insert((service, method), handler).is_some() {
            self.mistakes.push(format!("{service}.{method} is bound twice"));
        }
    }

    /// The handler of an operation, if it is served.
    pub(crate) fn find(&self, service: &'static str, method: &'static str) -> Option<Handler> {
        self.handlers.get(&(service, method)).cloned()
    }

    /// Whether an operation is served, by `Service.method`.
    pub(crate) fn serves(&self, name: &str) -> bool {
        // The root is answered beside the registry.
        let known = |(service, method): (&str, &str)| {
            self.handlers.keys().any(|(one, other)| (*one, *other) == (service, method))
        };
        name == "SystemService.get" || name.split_once('.').is_some_and(known)
    }

    /// What is served, as `Service.method`, sorted.
    #[must_use]
    pub fn served(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.handlers.keys().map(|(service, method)| format!("{service}.{method}")).collect();
        all.sort();
        all
    }

    /// Bindings that can't be right; a test holds this empty.
    #[must_use]
    pub fn mistakes(&self) -> &[String] {
        &self.mistakes
    }
}
