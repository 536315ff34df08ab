//! What users ask of data centres.

mod add;
mod remove;
mod update;

use ferrovirt_model::data_center::{DataCenter, QuotaMode};
use ferrovirt_model::ids::MacPoolId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;

use super::mac_pool;
use super::named::check_level;
use crate::action::ActionContext;
use crate::failure::Result;

pub use add::Add;
pub use remove::Remove;
pub use update::Update;

/// What a request says of a data centre; what it leaves open stays or takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// Storage of one host only.
    pub local: Option<bool>,
    /// Compatibility level.
    pub version: Option<(u32, u32)>,
    /// Whether quotas bind.
    pub quota_mode: Option<QuotaMode>,
    /// Where its clusters take MAC addresses by default.
    pub mac_pool: Option<MacPoolId>,
}

impl Wish {
    /// Lays the wish over what is there, and looks whether it can be meant.
    async fn lay_over(&self, cx: &mut ActionContext<'_>, data_center: &mut DataCenter) -> Result<()> {
        if let Some(name) = &self.name {
            names::check(NameKind::DataCenter, "DataCenter", name)?;
            let holder = cx.tx.data_centers().by_name(name).await?;
            if holder.is_some_and(|holder| holder.id != data_center.id) {
                return Err(Refusal::NameTaken { kind: "Data Center", name: name.clone() }.into());
            }
            data_center.name.clone_from(name);
        }
        if let Some(version) = self.version {
            check_level(version)?;
            data_center.version = version;
        }
        if let Some(pool) = self.mac_pool.filter(|pool| data_center.mac_pool != *pool) {
            mac_pool::choose(cx, pool).await?;
            data_center.mac_pool = pool;
        }
        data_center.description = self.description.clone().unwrap_or_else(|| data_center.description.clone());
        data_center.comment = self.comment.clone().unwrap_or_else(|| data_center.comment.clone());
        data_center.local = self.local.unwrap_or(data_center.local);
        data_center.quota_mode = self.quota_mode.unwrap_or(data_center.quota_mode);
        Ok(())
    }
}
