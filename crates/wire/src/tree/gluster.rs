//! Gluster volumes, bricks and hooks. Which operations exist, not what they do.

use super::*;

pub(super) static GLUSTER_BRICK_SERVICE: Service = Service {
    name: "GlusterBrickService",
    locators: &[Locator::segment("statistics", "statistics", &STATISTICS_SERVICE)],
    operations: &[
        Operation::get("get").gives("GlusterBrick").query(&[FOLLOW]).priority(Priority::C),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::C),
        Operation::action("replace", "replace").parameters(&[ASYNC, FORCE]).deprecated().priority(Priority::C),
    ],
};

pub(super) static GLUSTER_BRICKS_SERVICE: Service = Service {
    name: "GlusterBricksService",
    locators: &[Locator::id("brick", &GLUSTER_BRICK_SERVICE)],
    operations: &[
        Operation::action("activate", "activate").parameters(&[ASYNC, BRICKS]).priority(Priority::C),
        Operation::post("add")
            .takes("GlusterBrick")
            .gives_many("GlusterBrick")
            .query(&[REPLICA_COUNT, STRIPE_COUNT])
            .priority(Priority::C),
        Operation::get("list").gives_many("GlusterBrick").query(&[FOLLOW, MAX]).priority(Priority::C),
        Operation::action("migrate", "migrate").parameters(&[ASYNC, BRICKS]).priority(Priority::C),
        Operation::delete("remove").query(&[ASYNC, BRICKS, REPLICA_COUNT]).priority(Priority::C),
        Operation::action("stop_migrate", "stopmigrate").parameters(&[ASYNC, BRICKS]).priority(Priority::C),
    ],
};

pub(super) static GLUSTER_HOOK_SERVICE: Service = Service {
    name: "GlusterHookService",
    locators: &[],
    operations: &[
        Operation::action("disable", "disable").parameters(&[ASYNC]).priority(Priority::C),
        Operation::action("enable", "enable").parameters(&[ASYNC]).priority(Priority::C),
        Operation::get("get").gives("GlusterHook").query(&[FOLLOW]).priority(Priority::C),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::C),
        Operation::action("resolve", "resolve")
            .parameters(&[ASYNC, HOST, RESOLUTION_TYPE])
            .mandatory(&["resolution_type"])
            .priority(Priority::C),
    ],
};

pub(super) static GLUSTER_HOOKS_SERVICE: Service = Service {
    name: "GlusterHooksService",
    locators: &[Locator::id("hook", &GLUSTER_HOOK_SERVICE)],
    operations: &[Operation::get("list").gives_many("GlusterHook").query(&[FOLLOW, MAX]).priority(Priority::C)],
};

pub(super) static GLUSTER_VOLUME_SERVICE: Service = Service {
    name: "GlusterVolumeService",
    locators: &[
        Locator::segment("gluster_bricks", "glusterbricks", &GLUSTER_BRICKS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("GlusterVolume").query(&[FOLLOW]).priority(Priority::C),
        Operation::action("get_profile_statistics", "getprofilestatistics").results(&[DETAILS]).priority(Priority::C),
        Operation::action("rebalance", "rebalance").parameters(&[ASYNC, FIX_LAYOUT, FORCE]).priority(Priority::C),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::C),
        Operation::action("reset_all_options", "resetalloptions").parameters(&[ASYNC]).priority(Priority::C),
        Operation::action("reset_option", "resetoption")
            .parameters(&[ASYNC, FORCE, OPTION])
            .mandatory(&["force", "option.name"])
            .priority(Priority::C),
        Operation::action("set_option", "setoption")
            .parameters(&[ASYNC, OPTION])
            .mandatory(&["option.name", "option.value"])
            .priority(Priority::C),
        Operation::action("start", "start").parameters(&[ASYNC, FORCE]).priority(Priority::C),
        Operation::action("start_profile", "startprofile").parameters(&[ASYNC]).priority(Priority::C),
        Operation::action("stop", "stop").parameters(&[ASYNC, FORCE]).priority(Priority::C),
        Operation::action("stop_profile", "stopprofile").parameters(&[ASYNC]).priority(Priority::C),
        Operation::action("stop_rebalance", "stoprebalance").parameters(&[ASYNC]).priority(Priority::C),
    ],
};

pub(super) static GLUSTER_VOLUMES_SERVICE: Service = Service {
    name: "GlusterVolumesService",
    locators: &[Locator::id("volume", &GLUSTER_VOLUME_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("GlusterVolume")
            .gives("GlusterVolume")
            .mandatory(&["volume.name", "volume.volume_type", "volume.bricks[].brick_dir", "volume.bricks[].server_id"])
            .priority(Priority::C),
        Operation::get("list")
            .gives_many("GlusterVolume")
            .query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH])
            .priority(Priority::C),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &GLUSTER_BRICK_SERVICE,
    &GLUSTER_BRICKS_SERVICE,
    &GLUSTER_HOOK_SERVICE,
    &GLUSTER_HOOKS_SERVICE,
    &GLUSTER_VOLUME_SERVICE,
    &GLUSTER_VOLUMES_SERVICE,
];
