//! Every search that can be written, run on a real PostgreSQL with a fresh schema: each field by each comparison, sorted
//! by each field, and through each relation.

use ferrovirt_model::search::{Entity, Field, FieldKind, Operator};
use ferrovirt_testdb::TestDb;
use sqlx::ConnectOptions;

use super::compiled;
use crate::search::{Options, tables};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn example(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text | FieldKind::OrderedText => "a*b",
        FieldKind::Integer => "5",
        FieldKind::Decimal => "1.5",
        FieldKind::Size { .. } => "3GiB",
        FieldKind::Flag => "true",
        FieldKind::Moment => "today",
        FieldKind::Span => "3d",
        FieldKind::Id => "00000000-0000-0000-0000-000000000000",
        FieldKind::Word(words) | FieldKind::Ranked(words) => words[0].0,
        FieldKind::OperatingSystem => "rhel*",
    }
}

fn searches(entity: Entity) -> Vec<String> {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let mut searches = vec![String::new(), "web".to_owned()];
    let each = |field: &Field| {
        let operators = [Equal, NotEqual, Less, Greater, LessOrEqual, GreaterOrEqual].into_iter();
        let (name, kind) = (field.name, field.kind);
        let compared = operators.filter(move |operator| kind.allows(*operator));
        compared.map(move |operator| format!("{name} {} {}", operator.as_str(), example(kind)))
    };
    for field in entity.fields() {
        searches.extend(each(field));
        searches.extend(["asc", "desc"].map(|direction| format!("sortby {} {direction}", field.name)));
        if field.kind.is_text() {
            searches.push(format!("{} = \"a\"", field.name));
        }
    }
    for relation in entity.relations() {
        searches.extend(relation.fields().iter().flat_map(each).map(|text| format!("{}.{text}", relation.word())));
    }
    searches
}

#[tokio::test]
async fn every_search_runs_on_a_fresh_schema() -> Outcome<()> {
    let database = TestDb::new().await;
    let mut connection = database.options().connect().await?;
    for entity in Entity::LISTED {
        let from = tables::of(entity).from;
        let main = from.split(' ').next().unwrap_or(from);
        for text in searches(entity) {
            let search = compiled(entity, &text, Options::default());
            let rows = search.fetch(&format!("{main}.*"), from, None, &mut connection).await;
            assert!(rows.is_ok(), "{entity:?} {text}: {:?}\n{search:?}", rows.err());
        }
    }
    Ok(())
}

const CLUSTER: &str = "insert into mac_pool values ('00000000-0000-0000-0000-000000000001', 'p', '', false, true, '[]');
    insert into data_center values ('00000000-0000-0000-0000-000000000001', 'd', '', '', false, 4, 8, 'disabled',
        '00000000-0000-0000-0000-000000000001', 'up');
    insert into cluster values ('00000000-0000-0000-0000-000000000001', 'c', '00000000-0000-0000-0000-000000000001', '{}');
    insert into template (id, name, definition, version_name, version_number, base_id, created_at)
        values ('00000000-0000-0000-0000-000000000000', 'Blank', '{}', '', 1, '00000000-0000-0000-0000-000000000000', 0);";

/// One host for each intent, link and problem; one VM for each lock, phase, agent's answer and age, and those without a run.
const HOSTS_AND_VMS: &str = "insert into host (id, name, cluster_id, address, port, description, comment, intent, link, problem,
        hardware_id, enrolled, boot_id, created_at, spm_priority)
    select gen_random_uuid(), concat_ws('-', intent, link, problem), '00000000-0000-0000-0000-000000000001', '', 1, '', '',
        intent, link, problem, '', true, '', 0, 0
    from unnest(array['pending_approval', 'installing', 'install_failed', 'active', 'preparing_for_maintenance', 'maintenance'])
            intent,
        unnest(array['unassigned', 'initializing', 'connected', 'connecting', 'non_responsive']) link,
        unnest(array[null, 'no network']) problem;
    insert into vm (id, name, cluster_id, template_id, definition, created_at, generation, lock_job_id, lock_purpose)
    select gen_random_uuid(), concat_ws('/', coalesce(lock, '-'), coalesce(phase, '-'), agent, age),
        '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000000', '{}', 0, 1,
        case when lock is not null then gen_random_uuid() end, lock
    from unnest(array[null, 'starting', 'stopping', 'migrating', 'images']) lock,
        unnest(array[null, 'promised', 'starting', 'running', 'paused', 'shutting_down', 'rebooting', 'migrating_out',
            'migrating_in', 'not_responding', 'unknown']) phase,
        unnest(array[true, false]) agent, unnest(array[10, 3600]) age;
    insert into vm_run (vm_id, generation, host_id, phase, owner, guest_agent, started_at, graphics, reported_at)
    select vm.id, 1, (select id from host limit 1), split_part(name, '/', 2), true, split_part(name, '/', 3) in ('t', 'true'),
        (extract(epoch from now()) * 1000)::bigint - split_part(name, '/', 4)::bigint * 1000, '[]', 0
    from vm where split_part(name, '/', 2) <> '-';";

#[tokio::test]
async fn status_in_searches_is_the_status_that_users_see() -> Outcome<()> {
    let database = TestDb::new().await;
    let mut connection = database.options().connect().await?;
    sqlx::raw_sql(CLUSTER).execute(&mut connection).await?;
    sqlx::raw_sql(HOSTS_AND_VMS).execute(&mut connection).await?;
    let now: i64 =
        sqlx::query_scalar("select (extract(epoch from now()) * 1000)::bigint").fetch_one(&mut connection).await?;
    let all = crate::search::Compiled::default();

    let vms = crate::vms::Vms { connection: &mut connection }.list_measured(&all, None).await?;
    assert_eq!(vms.len(), 220);
    for view in vms {
        let status = ferrovirt_model::vm::lifecycle::status(&view.vm, view.run.as_ref(), now);
        let text = format!("status = {} and id = {}", status.as_str(), view.vm.id);
        let search = compiled(Entity::Vm, &text, Options::default());
        let found = crate::vms::Vms { connection: &mut connection }.list_measured(&search, None).await?;
        assert_eq!(found.len(), 1, "{} should be {}", view.vm.name, status.as_str());
    }

    let hosts = crate::hosts::Hosts { connection: &mut connection }.list(&all, None).await?;
    assert_eq!(hosts.len(), 60);
    for view in hosts {
        let status = ferrovirt_model::host::lifecycle::status(&view.host);
        let text = format!("status = {} and id = {}", status.as_str(), view.host.id);
        let search = compiled(Entity::Host, &text, Options::default());
        let found = crate::hosts::Hosts { connection: &mut connection }.list(&search, None).await?;
        assert_eq!(found.len(), 1, "{} should be {}", view.host.name, status.as_str());
    }
    Ok(())
}
