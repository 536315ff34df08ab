//! Jobs and their steps: the engine's own to read, and those of programs outside.

use std::collections::HashMap;

use ferrovirt_engine::actions::job::{Add, AddStep, Clear, End, EndStep};
use ferrovirt_model::ids::{JobId, StepId};
use ferrovirt_model::job::{Job, JobStatus, Step};
use ferrovirt_wire::types;

use super::related::{hang, id_of, ids_of, inlined, many, one};
use super::shared;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Follow, distinct};
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("JobsService", "list", list);
    r.on("JobsService", "add", add);
    r.on("JobService", "get", get);
    r.on("JobService", "clear", clear);
    r.on("JobService", "end", end);
    r.on("StepsService", "list", list_steps);
    r.on("StepsService", "add", add_step);
    r.on("StepService", "get", get_step);
    r.on("StepService", "end", end_step);
}

async fn list(call: Call) -> Answer {
    let jobs = call.engine().list_jobs(&call.caller, &call.list_query()?).await?;
    many(&call, jobs.iter().map(|job| document(&call.hrefs, job)).collect()).await
}

async fn get(call: Call) -> Answer {
    let job = call.engine().job(&call.caller, call.id("job")?).await?;
    one(&call, document(&call.hrefs, &job)).await
}

async fn add(call: Call) -> Answer {
    let body: types::Job = call.body()?;
    call.require("Job", "description", body.description.is_some())?;
    let add =
        Add { description: body.description.unwrap_or_default(), auto_cleared: body.auto_cleared.unwrap_or(true) };
    let job = call.engine().act(&call.caller, add).await?.value;
    Ok(Reply::created(call.item_href(job.id), document(&call.hrefs, &job)))
}

async fn clear(call: Call) -> Answer {
    call.engine().act(&call.caller, Clear { job: call.id("job")? }).await?;
    Ok(Reply::action(types::Action::default()))
}

async fn end(call: Call) -> Answer {
    let asked = call.action()?;
    let status = ended(&asked, asked.status.as_deref());
    call.engine().act(&call.caller, End { job: call.id("job")?, status }).await?;
    Ok(Reply::action(types::Action::default()))
}

async fn list_steps(call: Call) -> Answer {
    let job: JobId = call.id("job")?;
    call.engine().job(&call.caller, job).await?;
    let steps = call.engine().job_steps(&[job]).await?;
    many(&call, steps.iter().map(|step| step_document(&call.hrefs, step)).collect()).await
}

async fn add_step(call: Call) -> Answer {
    let body: types::Step = call.body()?;
    call.require("Step", "description, type", body.description.is_some() && body.r#type.is_some())?;
    let parent = body.parent_step.as_deref().and_then(|step| step.id.as_deref());
    let add = AddStep {
        job: call.id("job")?,
        parent: shared::read_id::<StepId>("step", parent)?,
        kind: body.r#type.unwrap_or(types::StepEnum::Unknown).to_string(),
        description: body.description.unwrap_or_default(),
    };
    let step = call.engine().act(&call.caller, add).await?.value;
    Ok(Reply::created(call.item_href(step.id), step_document(&call.hrefs, &step)))
}

async fn get_step(call: Call) -> Answer {
    let step = call.engine().job_step(&call.caller, call.id("job")?, call.id("step")?).await?;
    one(&call, step_document(&call.hrefs, &step)).await
}

async fn end_step(call: Call) -> Answer {
    let asked = call.action()?;
    let status = ended(&asked, asked.status.as_deref());
    call.engine().act(&call.caller, EndStep { job: call.id("job")?, step: call.id("step")?, status }).await?;
    Ok(Reply::action(types::Action::default()))
}

/// How it ended: by `succeeded`, or by a word for the status.
fn ended(asked: &types::Action, word: Option<&str>) -> JobStatus {
    if let Some(succeeded) = asked.succeeded {
        return if succeeded { JobStatus::Finished } else { JobStatus::Failed };
    }
    match word.and_then(JobStatus::parse) {
        Some(status) if status != JobStatus::Started => status,
        _ => JobStatus::Finished,
    }
}

/// The lists below jobs that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Job]) -> Result<(), Fault> {
    let Some(below) = follow.at("steps") else { return Ok(()) };
    let steps = call.engine().job_steps(&ids_of(shown)).await?;
    let rows = steps.iter().map(|step| (step.job.to_string(), step_document(&call.hrefs, step))).collect();
    hang(call, below, shown, |one| &mut one.steps, rows).await
}

/// The steps that steps belong to, where they are followed: they stand in the same jobs.
pub(super) async fn lists_of_steps(call: &Call, follow: &Follow, shown: &mut [types::Step]) -> Result<(), Fault> {
    let Some(below) = follow.at("parent_step") else { return Ok(()) };
    let jobs: Vec<JobId> = distinct(shown.iter().filter_map(|one| id_of(one.job.as_deref())));
    let wanted: Vec<StepId> = shown.iter().filter_map(|one| id_of(one.parent_step.as_deref())).collect();
    let mut found = call.engine().job_steps(&jobs).await?;
    found.retain(|step| wanted.contains(&step.id));
    let found = inlined(call, below, found.iter().map(|step| step_document(&call.hrefs, step)).collect()).await?;
    let found: HashMap<Option<String>, types::Step> = found.into_iter().map(|one| (one.id.clone(), one)).collect();
    for parent in shown.iter_mut().filter_map(|one| one.parent_step.as_deref_mut()) {
        if let Some(one) = found.get(&parent.id) {
            *parent = one.clone();
        }
    }
    Ok(())
}

/// The document of a job.
pub(crate) fn document(hrefs: &Hrefs, job: &Job) -> types::Job {
    let mut document = types::Job {
        description: Some(job.description.clone()),
        auto_cleared: Some(job.auto_cleared),
        end_time: job.ended_at.map(types::Timestamp),
        external: Some(job.external),
        last_updated: Some(types::Timestamp(job.updated_at)),
        start_time: Some(types::Timestamp(job.started_at)),
        status: shared::word(job.status.as_str()),
        owner: job.owner.map(|owner| Box::new(links::reference(hrefs.of("users", owner), owner))),
        ..Default::default()
    };
    shared::decorate("JobService", &hrefs.of("jobs", job.id), job.id, &mut document);
    document
}

/// The document of a step. What the engine's own steps are called has no word on the wire: they execute.
fn step_document(hrefs: &Hrefs, step: &Step) -> types::Step {
    let parent = step.parent.map(|parent| hrefs.within("jobs", step.job, "steps", parent)).zip(step.parent);
    let mut document = types::Step {
        description: Some(step.description.clone()),
        end_time: step.ended_at.map(types::Timestamp),
        external: Some(step.external_id.is_some()),
        number: shared::number(step.number),
        progress: step.progress.map(i64::from),
        start_time: Some(types::Timestamp(step.started_at)),
        status: shared::word(step.status.as_str()),
        r#type: Some(shared::word(&step.kind).unwrap_or(types::StepEnum::Executing)),
        job: Some(Box::new(links::reference(hrefs.of("jobs", step.job), step.job))),
        parent_step: parent.map(|(href, id)| Box::new(links::reference(href, id))),
        ..Default::default()
    };
    let href = hrefs.within("jobs", step.job, "steps", step.id);
    shared::decorate("StepService", &href, step.id, &mut document);
    document
}
