//! Data flow: of the several paths a tool may give, the one to show.

use finding::FlowStep;

use super::places::Reading;
use super::schema::{CodeFlow, Location, ThreadFlowLocation, at};

/// The steps of the longest thread of the first code flow that has any, source first.
pub(super) fn flow(flows: &[CodeFlow], reading: Reading<'_>) -> Vec<FlowStep> {
    let with_steps = |flow: &&CodeFlow| flow.thread_flows.iter().any(|thread| !thread.locations.is_empty());
    let Some(which) = flows.iter().position(|flow| with_steps(&flow)) else { return Vec::new() };
    let threads = flows[which].thread_flows.iter().enumerate();
    // Of equally long ones the first.
    let Some((thread, longest)) = threads.rev().max_by_key(|(_, thread)| thread.locations.len()) else {
        return Vec::new();
    };
    let part = format!(".codeFlows[{which}].threadFlows[{thread}]");
    let mut steps: Vec<&ThreadFlowLocation> = reading
        .first_of(&longest.locations, &part)
        .iter()
        // The shared one holds what the step itself leaves out.
        .map(
            |step| {
                if step.location.is_some() { step } else { at(&reading.run.flow_places, step.index).unwrap_or(step) }
            },
        )
        .collect();
    if steps.iter().all(|step| step.execution_order.is_some_and(|order| order >= 0)) {
        steps.sort_by_key(|step| step.execution_order);
    }
    let nowhere = Location::default();
    let places = steps.iter().enumerate();
    places
        .map(|(index, step)| {
            reading.step(step.location.as_deref().unwrap_or(&nowhere), &format!("{part}.locations[{index}]"))
        })
        .filter(|step| step.evidence.path.is_some() || !step.message.is_empty())
        .collect()
}
