//! What can be searched by: the fields of each kind of object, and the kinds that it is related to.
//!
//! Names and comparisons are those of the oVirt search language. Every kind has `id` besides, and a list's words are
//! found by the names that the API shows as well.

mod compute;
mod infrastructure;
mod people;

use super::ast::Operator;

/// A kind of object that searches speak of. The last seven are only found through others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// VMs.
    Vm,
    /// Templates.
    Template,
    /// Instance types.
    InstanceType,
    /// Hosts.
    Host,
    /// Clusters.
    Cluster,
    /// Data centres.
    DataCenter,
    /// Storage domains.
    StorageDomain,
    /// Disks.
    Disk,
    /// Networks.
    Network,
    /// vNIC profiles.
    VnicProfile,
    /// Users.
    User,
    /// Groups.
    Group,
    /// Events.
    Event,
    /// Jobs.
    Job,
    /// NICs of VMs and templates.
    Nic,
    /// Network interfaces of hosts.
    HostNic,
    /// Clusters, as networks see them.
    ClusterNetwork,
    /// Hosts, as networks see them.
    HostNetwork,
    /// Gluster volumes, of which there are none.
    Volume,
    /// Quotas, of which there are none.
    Quota,
    /// External providers, of which there are none.
    Provider,
}

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: FieldKind,
    /// Whether text without a field is looked for in it.
    pub free_text: bool,
    /// Whether lists can be sorted by it.
    pub sortable: bool,
}

/// What the values of a field are, and with that how it can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text; `*` stands for anything.
    Text,
    /// As [`FieldKind::Text`], and what comes before or after it in the alphabet may be asked for.
    OrderedText,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// Bytes; a bare number counts in this unit.
    Size {
        /// Bytes.
        unit: i64,
    },
    /// Yes or no.
    Flag,
    /// A time.
    Moment,
    /// A span of time.
    Span,
    /// An id.
    Id,
    /// One of these words: as it is written, and as rows hold it.
    Word(&'static [(&'static str, &'static str)]),
    /// As [`FieldKind::Word`], in a known order: what stands further on is larger.
    Ranked(&'static [(&'static str, &'static str)]),
    /// The name of a guest system.
    OperatingSystem,
}

impl FieldKind {
    /// Whether values of this kind are text.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::OrderedText)
    }

    /// Whether values of this kind can be compared so.
    #[must_use]
    pub fn allows(self, operator: Operator) -> bool {
        match self {
            Self::Text | Self::Flag | Self::Id | Self::Word(_) | Self::OperatingSystem => {
                matches!(operator, Operator::Equal | Operator::NotEqual)
            }
            Self::OrderedText
            | Self::Integer
            | Self::Decimal
            | Self::Size { .. }
            | Self::Moment
            | Self::Span
            | Self::Ranked(_) => true,
        }
    }
}

const MIB: FieldKind = FieldKind::Size { unit: 1 << 20 };
const GIB: FieldKind = FieldKind::Size { unit: 1 << 30 };
const BYTES: FieldKind = FieldKind::Size { unit: 1 };

const ARCHITECTURES: FieldKind = FieldKind::Word(&[
    ("x86_64", "x86_64"),
    ("x86", "x86_64"),
    ("ppc64", "ppc64"),
    ("ppc", "ppc64"),
    ("ppc64le", "ppc64"),
    ("ppcle", "ppc64"),
    ("s390x", "s390x"),
    ("undefined", "undefined"),
]);

const fn field(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, free_text: false, sortable: true }
}

/// Text that is also found without naming the field.
const fn text(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Text, free_text: true, sortable: true }
}

/// Text with an order, that is also found without naming the field.
const fn ordered(name: &'static str) -> Field {
    Field { name, kind: FieldKind::OrderedText, free_text: true, sortable: true }
}

const fn id(name: &'static str) -> Field {
    field(name, FieldKind::Id)
}

/// What one kind of object can be searched by.
struct Searchable {
    fields: &'static [Field],
    /// Other names of fields.
    aliases: &'static [(&'static str, &'static str)],
    relations: &'static [Entity],
}

impl Entity {
    /// Every kind that has a list of its own.
    pub const LISTED: [Self; 14] = [
        Self::Vm,
        Self::Template,
        Self::InstanceType,
        Self::Host,
        Self::Cluster,
        Self::DataCenter,
        Self::StorageDomain,
        Self::Disk,
        Self::Network,
        Self::VnicProfile,
        Self::User,
        Self::Group,
        Self::Event,
        Self::Job,
    ];

    fn searchable(self) -> Searchable {
        match self {
            Self::Vm => compute::VM,
            Self::Template | Self::InstanceType => compute::TEMPLATE,
            Self::Nic => compute::NIC,
            Self::Host => infrastructure::HOST,
            Self::HostNic => infrastructure::HOST_NIC,
            Self::Cluster => infrastructure::CLUSTER,
            Self::DataCenter => infrastructure::DATA_CENTER,
            Self::StorageDomain => infrastructure::STORAGE_DOMAIN,
            Self::Disk => infrastructure::DISK,
            Self::Network => infrastructure::NETWORK,
            Self::ClusterNetwork => infrastructure::CLUSTER_NETWORK,
            Self::HostNetwork => infrastructure::HOST_NETWORK,
            Self::VnicProfile => infrastructure::VNIC_PROFILE,
            Self::User => people::USER,
            Self::Group => people::GROUP,
            Self::Event => people::EVENT,
            Self::Job => people::JOB,
            Self::Volume => infrastructure::VOLUME,
            Self::Quota => infrastructure::QUOTA,
            Self::Provider => infrastructure::PROVIDER,
        }
    }

    /// Its fields.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        self.searchable().fields
    }

    /// The kinds whose fields may be asked for as well, as `word.field`.
    #[must_use]
    pub fn relations(self) -> &'static [Self] {
        self.searchable().relations
    }

    /// The field of that name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        let searchable = self.searchable();
        let alias = searchable.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
        let name = alias.map_or(name, |(_, name)| name);
        searchable.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The related kind of that word, in singular or plural.
    #[must_use]
    pub fn relation(self, word: &str) -> Option<Self> {
        let fits = |related: &&Self| {
            let own = related.word();
            own.eq_ignore_ascii_case(word)
                || word.strip_suffix(['s', 'S']).is_some_and(|one| own.eq_ignore_ascii_case(one))
        };
        self.relations().iter().find(fits).copied()
    }

    /// The word before the point of a related field.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Vm => "vm",
            Self::Template => "template",
            Self::InstanceType => "instancetype",
            Self::Host => "host",
            Self::Cluster => "cluster",
            Self::DataCenter => "datacenter",
            Self::StorageDomain => "storage",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::VnicProfile => "vnicprofile",
            Self::User => "user",
            Self::Group => "group",
            Self::Event => "event",
            Self::Job => "job",
            Self::Nic => "vnic",
            Self::HostNic => "nic",
            Self::ClusterNetwork => "cluster_network",
            Self::HostNetwork => "host_network",
            Self::Volume => "volume",
            Self::Quota => "quota",
            Self::Provider => "provider",
        }
    }
}
