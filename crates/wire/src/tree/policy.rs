//! Affinity, quotas, quality of service and scheduling. Which operations exist, not what they do.

use super::*;

pub(super) static AFFINITY_GROUP_HOST_LABEL_SERVICE: Service = Service {
    name: "AffinityGroupHostLabelService",
    locators: &[],
    operations: &[Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static AFFINITY_GROUP_HOST_LABELS_SERVICE: Service = Service {
    name: "AffinityGroupHostLabelsService",
    locators: &[Locator::id("label", &AFFINITY_GROUP_HOST_LABEL_SERVICE)],
    operations: &[
        Operation::post("add").takes("AffinityLabel").gives("AffinityLabel").mandatory(&["(label.id|label.name)"]),
        Operation::get("list").gives_many("AffinityLabel").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static AFFINITY_GROUP_HOST_SERVICE: Service = Service {
    name: "AffinityGroupHostService",
    locators: &[],
    operations: &[Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static AFFINITY_GROUP_HOSTS_SERVICE: Service = Service {
    name: "AffinityGroupHostsService",
    locators: &[Locator::id("host", &AFFINITY_GROUP_HOST_SERVICE)],
    operations: &[
        Operation::post("add").takes("Host").gives("Host").mandatory(&["(host.id|host.name)"]),
        Operation::get("list").gives_many("Host").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static AFFINITY_GROUP_SERVICE: Service = Service {
    name: "AffinityGroupService",
    locators: &[
        Locator::segment("host_labels", "hostlabels", &AFFINITY_GROUP_HOST_LABELS_SERVICE),
        Locator::segment("hosts", "hosts", &AFFINITY_GROUP_HOSTS_SERVICE),
        Locator::segment("vm_labels", "vmlabels", &AFFINITY_GROUP_VM_LABELS_SERVICE),
        Locator::segment("vms", "vms", &AFFINITY_GROUP_VMS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("AffinityGroup").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("AffinityGroup").gives("AffinityGroup").query(&[ASYNC]),
    ],
};

pub(super) static AFFINITY_GROUP_VM_LABEL_SERVICE: Service = Service {
    name: "AffinityGroupVmLabelService",
    locators: &[],
    operations: &[Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static AFFINITY_GROUP_VM_LABELS_SERVICE: Service = Service {
    name: "AffinityGroupVmLabelsService",
    locators: &[Locator::id("label", &AFFINITY_GROUP_VM_LABEL_SERVICE)],
    operations: &[
        Operation::post("add").takes("AffinityLabel").gives("AffinityLabel").mandatory(&["(label.id|label.name)"]),
        Operation::get("list").gives_many("AffinityLabel").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static AFFINITY_GROUP_VM_SERVICE: Service = Service {
    name: "AffinityGroupVmService",
    locators: &[],
    operations: &[Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static AFFINITY_GROUP_VMS_SERVICE: Service = Service {
    name: "AffinityGroupVmsService",
    locators: &[Locator::id("vm", &AFFINITY_GROUP_VM_SERVICE)],
    operations: &[
        Operation::post("add").takes("Vm").gives("Vm").mandatory(&["(vm.id|vm.name)"]),
        Operation::get("list").gives_many("Vm").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static AFFINITY_GROUPS_SERVICE: Service = Service {
    name: "AffinityGroupsService",
    locators: &[Locator::id("group", &AFFINITY_GROUP_SERVICE)],
    operations: &[
        Operation::post("add").takes("AffinityGroup").gives("AffinityGroup").mandatory(&["group.name"]),
        Operation::get("list").gives_many("AffinityGroup").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static BALANCE_SERVICE: Service = Service {
    name: "BalanceService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Balance").query(&[FILTER, FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static BALANCES_SERVICE: Service = Service {
    name: "BalancesService",
    locators: &[Locator::id("balance", &BALANCE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Balance")
            .gives("Balance")
            .mandatory(&["balance.scheduling_policy_unit.id"])
            .priority(Priority::B),
        Operation::get("list").gives_many("Balance").query(&[FILTER, FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static FILTER_SERVICE: Service = Service {
    name: "FilterService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Filter").query(&[FILTER, FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static FILTERS_SERVICE: Service = Service {
    name: "FiltersService",
    locators: &[Locator::id("filter", &FILTER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Filter")
            .gives("Filter")
            .mandatory(&["filter.scheduling_policy_unit.id"])
            .priority(Priority::B),
        Operation::get("list").gives_many("Filter").query(&[FILTER, FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static HOST_NUMA_NODE_SERVICE: Service = Service {
    name: "HostNumaNodeService",
    locators: &[Locator::segment("statistics", "statistics", &STATISTICS_SERVICE)],
    operations: &[Operation::get("get").gives("NumaNode").query(&[FOLLOW])],
};

pub(super) static HOST_NUMA_NODES_SERVICE: Service = Service {
    name: "HostNumaNodesService",
    locators: &[Locator::id("node", &HOST_NUMA_NODE_SERVICE)],
    operations: &[Operation::get("list").gives_many("NumaNode").query(&[FOLLOW, MAX])],
};

pub(super) static QOS_SERVICE: Service = Service {
    name: "QosService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Qos").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Qos").gives("Qos").query(&[ASYNC]),
    ],
};

pub(super) static QOSS_SERVICE: Service = Service {
    name: "QossService",
    locators: &[Locator::id("qos", &QOS_SERVICE)],
    operations: &[
        Operation::post("add").takes("Qos").gives("Qos").mandatory(&["qos.name", "qos.type"]),
        Operation::get("list").gives_many("Qos").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static QUOTA_CLUSTER_LIMIT_SERVICE: Service = Service {
    name: "QuotaClusterLimitService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("QuotaClusterLimit").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static QUOTA_CLUSTER_LIMITS_SERVICE: Service = Service {
    name: "QuotaClusterLimitsService",
    locators: &[Locator::id("limit", &QUOTA_CLUSTER_LIMIT_SERVICE)],
    operations: &[
        Operation::post("add").takes("QuotaClusterLimit").gives("QuotaClusterLimit"),
        Operation::get("list").gives_many("QuotaClusterLimit").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static QUOTA_SERVICE: Service = Service {
    name: "QuotaService",
    locators: &[
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("quota_cluster_limits", "quotaclusterlimits", &QUOTA_CLUSTER_LIMITS_SERVICE),
        Locator::segment("quota_storage_limits", "quotastoragelimits", &QUOTA_STORAGE_LIMITS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("Quota").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Quota").gives("Quota").query(&[ASYNC]),
    ],
};

pub(super) static QUOTA_STORAGE_LIMIT_SERVICE: Service = Service {
    name: "QuotaStorageLimitService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("QuotaStorageLimit").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static QUOTA_STORAGE_LIMITS_SERVICE: Service = Service {
    name: "QuotaStorageLimitsService",
    locators: &[Locator::id("limit", &QUOTA_STORAGE_LIMIT_SERVICE)],
    operations: &[
        Operation::post("add").takes("QuotaStorageLimit").gives("QuotaStorageLimit"),
        Operation::get("list").gives_many("QuotaStorageLimit").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static QUOTAS_SERVICE: Service = Service {
    name: "QuotasService",
    locators: &[Locator::id("quota", &QUOTA_SERVICE)],
    operations: &[
        Operation::post("add").takes("Quota").gives("Quota").mandatory(&["quota.name"]),
        Operation::get("list").gives_many("Quota").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static SCHEDULING_POLICIES_SERVICE: Service = Service {
    name: "SchedulingPoliciesService",
    locators: &[Locator::id("policy", &SCHEDULING_POLICY_SERVICE)],
    operations: &[
        Operation::post("add").takes("SchedulingPolicy").gives("SchedulingPolicy").mandatory(&["policy.name"]),
        Operation::get("list").gives_many("SchedulingPolicy").query(&[FILTER, FOLLOW, MAX]),
    ],
};

pub(super) static SCHEDULING_POLICY_SERVICE: Service = Service {
    name: "SchedulingPolicyService",
    locators: &[
        Locator::segment("balances", "balances", &BALANCES_SERVICE),
        Locator::segment("filters", "filters", &FILTERS_SERVICE),
        Locator::segment("weights", "weights", &WEIGHTS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("SchedulingPolicy").query(&[FILTER, FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("SchedulingPolicy").gives("SchedulingPolicy").query(&[ASYNC]),
    ],
};

pub(super) static SCHEDULING_POLICY_UNIT_SERVICE: Service = Service {
    name: "SchedulingPolicyUnitService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("SchedulingPolicyUnit").query(&[FILTER, FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static SCHEDULING_POLICY_UNITS_SERVICE: Service = Service {
    name: "SchedulingPolicyUnitsService",
    locators: &[Locator::id("unit", &SCHEDULING_POLICY_UNIT_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("SchedulingPolicyUnit")
        .query(&[FILTER, FOLLOW, MAX])
        .priority(Priority::B)],
};

pub(super) static VM_NUMA_NODE_SERVICE: Service = Service {
    name: "VmNumaNodeService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("VirtualNumaNode").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("VirtualNumaNode").gives("VirtualNumaNode").query(&[ASYNC]),
    ],
};

pub(super) static VM_NUMA_NODES_SERVICE: Service = Service {
    name: "VmNumaNodesService",
    locators: &[Locator::id("node", &VM_NUMA_NODE_SERVICE)],
    operations: &[
        Operation::post("add").takes("VirtualNumaNode").gives("VirtualNumaNode").mandatory(&[
            "node.index",
            "node.memory",
            "node.cpu.cores[].index",
        ]),
        Operation::get("list").gives_many("VirtualNumaNode").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static WEIGHT_SERVICE: Service = Service {
    name: "WeightService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Weight").query(&[FILTER, FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static WEIGHTS_SERVICE: Service = Service {
    name: "WeightsService",
    locators: &[Locator::id("weight", &WEIGHT_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Weight")
            .gives("Weight")
            .mandatory(&["weight.scheduling_policy_unit.id"])
            .priority(Priority::B),
        Operation::get("list").gives_many("Weight").query(&[FILTER, FOLLOW, MAX]).priority(Priority::B),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &AFFINITY_GROUP_HOST_LABEL_SERVICE,
    &AFFINITY_GROUP_HOST_LABELS_SERVICE,
    &AFFINITY_GROUP_HOST_SERVICE,
    &AFFINITY_GROUP_HOSTS_SERVICE,
    &AFFINITY_GROUP_SERVICE,
    &AFFINITY_GROUP_VM_LABEL_SERVICE,
    &AFFINITY_GROUP_VM_LABELS_SERVICE,
    &AFFINITY_GROUP_VM_SERVICE,
    &AFFINITY_GROUP_VMS_SERVICE,
    &AFFINITY_GROUPS_SERVICE,
    &BALANCE_SERVICE,
    &BALANCES_SERVICE,
    &FILTER_SERVICE,
    &FILTERS_SERVICE,
    &HOST_NUMA_NODE_SERVICE,
    &HOST_NUMA_NODES_SERVICE,
    &QOS_SERVICE,
    &QOSS_SERVICE,
    &QUOTA_CLUSTER_LIMIT_SERVICE,
    &QUOTA_CLUSTER_LIMITS_SERVICE,
    &QUOTA_SERVICE,
    &QUOTA_STORAGE_LIMIT_SERVICE,
    &QUOTA_STORAGE_LIMITS_SERVICE,
    &QUOTAS_SERVICE,
    &SCHEDULING_POLICIES_SERVICE,
    &SCHEDULING_POLICY_SERVICE,
    &SCHEDULING_POLICY_UNIT_SERVICE,
    &SCHEDULING_POLICY_UNITS_SERVICE,
    &VM_NUMA_NODE_SERVICE,
    &VM_NUMA_NODES_SERVICE,
    &WEIGHT_SERVICE,
    &WEIGHTS_SERVICE,
];
