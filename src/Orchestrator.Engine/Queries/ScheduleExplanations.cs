using Orchestrator.Core.Definitions;
using Orchestrator.Core.Explanations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Queries;

/// <summary>Explains schedules and workflows, now or at a past instant, from their ledgers and definitions. Changes nothing.</summary>
/// <param name="store">Where ledgers and runs are kept.</param>
/// <param name="runs">Explains runs.</param>
/// <param name="clock">The clock.</param>
/// <param name="isServed">Whether a service has the data directory now.</param>
public sealed class ScheduleExplanations(IRunStore store, RunExplanations runs, TimeProvider clock, Func<bool> isServed)
{
    private const int MaxParts = 20;
    private const int MaxLooked = 2_000;
    private readonly ScheduleZones _zones = new();

    /// <summary>Ids of the schedules of a workflow that have a ledger.</summary>
    public IEnumerable<string> LedgersOf(string workflow) =>
        store.Runs.SystemStreams().Select(s => s.PartsOf("schedule")).Where(s => s?.Workflow == workflow).Select(s => s!.Value.Id).Order(StringComparer.Ordinal);

    /// <summary>Explains a schedule; there is nothing to explain where neither a ledger nor a definition has it.</summary>
    /// <param name="name">Name of the workflow.</param>
    /// <param name="id">The schedule's id.</param>
    /// <param name="workflow">The workflow's definition now; null: there is none.</param>
    /// <param name="at">The instant; null: now.</param>
    /// <param name="stop">Cancels the reading.</param>
    public async Task<ExplanationResult> ScheduleAsync(string name, string id, WorkflowDefinition? workflow, DateTimeOffset? at, CancellationToken stop)
    {
        var when = at ?? clock.GetUtcNow();
        var open = await runs.OpenAtAsync(when, at is not null, stop).ConfigureAwait(false);
        return Schedule(name, id, workflow, when, at is not null, open) is { } found ? new(found) : new(null, $"Workflow '{name}' has no schedule '{id}'.");
    }

    /// <summary>Explains a workflow: its definition, its schedules, its open runs and how the last one ended.</summary>
    /// <param name="name">Name of the workflow.</param>
    /// <param name="workflow">Its definition now; null: there is none that can be used.</param>
    /// <param name="problem">Why its definition cannot be used; null: it can, or there is none.</param>
    /// <param name="at">The instant; null: now.</param>
    /// <param name="stop">Cancels the reading.</param>
    public async Task<ExplanationResult> WorkflowAsync(string name, WorkflowDefinition? workflow, string? problem, DateTimeOffset? at, CancellationToken stop)
    {
        var (when, isPast) = (at ?? clock.GetUtcNow(), at is not null);
        var everything = await runs.OpenAtAsync(when, isPast, stop).ConfigureAwait(false);
        var open = everything.Where(r => r.Workflow == name && r.IsOpen).OrderBy(r => r.Since).ToList();
        var ids = (workflow?.Schedules.Select(s => s.Id) ?? []).Concat(LedgersOf(name)).Distinct(StringComparer.Ordinal);
        var schedules = ids.Select(id => Schedule(name, id, workflow, when, isPast, everything)).OfType<Explanation>().ToList();
        var triggers = Triggers(name, workflow, when).ToList();
        var last = LastEnded(name, when);
        if (workflow is null && problem is null && schedules.Count == 0 && triggers.Count == 0 && open.Count == 0 && last is null) return new(null, $"There is no workflow '{name}'.");
        var parts = new List<Explanation>();
        foreach (var run in open.Take(MaxParts))
            if ((await runs.ExplainAsync(run.Id, null, at, stop, tasks: false).ConfigureAwait(false)).Found is { } found) parts.Add(found);
        return new(WorkflowExplanation.Of(new(name, when, isPast) { HasDefinition = workflow is not null, Problem = problem, Schedules = [.. schedules], Triggers = [.. triggers], Runs = [.. parts], Open = open, LastEnded = last }));
    }

    private Explanation? Schedule(string name, string id, WorkflowDefinition? workflow, DateTimeOffset at, bool isPast, IReadOnlyList<RunFacts> open)
    {
        var definition = workflow?.Schedules.FirstOrDefault(s => s.Id == id);
        var entries = store.Runs.ReadSystem(StreamId.Schedule(name, id));
        if (definition is null && entries.Count == 0) return null;
        var (isUp, service) = Service(at, isPast);
        var error = definition is null || ArmedSchedule.TryCreate(workflow!, definition, _zones, out _, out var wrong, out _) ? null : wrong;
        return ScheduleExplanation.Of(new(name, id, entries, at, _zones.TimesOf)
        {
            Definition = definition, Problem = error, Open = [.. open.Where(r => r.Workflow == name && r.Schedule == id && r.IsOpen)],
            OpenOfWorkflow = [.. open.Where(r => r.Workflow == name && r.IsOpen).OrderBy(r => r.Since)], IsServed = isUp, Service = service,
            Maintenance = store.Runs.ReadSystem(StreamId.AllSchedules).TakeWhile(e => e.Time <= at).Aggregate(MaintenanceState.Empty, static (s, e) => s.Apply(e)),
        }, at, isPast);
    }

    private IEnumerable<ExplainedTrigger> Triggers(string name, WorkflowDefinition? workflow, DateTimeOffset at)
    {
        var kept = store.Runs.SystemStreams().Select(s => s.PartsOf("trigger")).Where(s => s?.Workflow == name).Select(s => s!.Value.Id);
        foreach (var id in (workflow?.Triggers.Select(t => t.Id) ?? []).Concat(kept.Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal))
        {
            var entries = store.Runs.ReadSystem(StreamId.Trigger(name, id)).TakeWhile(e => e.Time <= at).ToList();
            if (workflow?.Triggers.FirstOrDefault(t => t.Id == id) is var definition && (definition is not null || entries.Count > 0)) yield return new(name, id, entries, definition);
        }
    }

    private (bool? IsUp, string Sentence) Service(DateTimeOffset at, bool isPast)
    {
        if (!isPast) return isServed() ? (true, "`orchestrator serve` has the data directory.") : (false, "No `orchestrator serve` has the data directory: no schedule fires until one does.");
        RecordedEvent? last = null;
        foreach (var stream in store.Runs.SystemStreams())
            if (stream.ToString().StartsWith("node:", StringComparison.Ordinal))
                foreach (var recorded in store.Runs.ReadSystem(stream))
                    if (recorded.Event is WorkerStarted or WorkerStopping && recorded.Time <= at && !(recorded.Time < last?.Time)) last = recorded;
        var time = last is null ? null : Said.Time(last.Time);
        return last?.Event switch
        {
            WorkerStopping e => (false, $"The service was down: worker {e.InstanceId} had stopped at {time}."),
            WorkerStarted e => (null, $"Worker {e.InstanceId} had started at {time} and had not recorded a stop; whether it was killed is not known."),
            _ => (null, "The journal does not say whether a service was up."),
        };
    }

    private RecordedEvent? LastEnded(string name, DateTimeOffset at)
    {
        foreach (var run in store.Runs.ListRunIds().SkipWhile(r => r.Time > at).Take(MaxLooked))
            if (store.Runs.FirstEvent(run) is { Event: WorkflowCreated created } && created.Workflow == name && store.Runs.LastEvent(run) is { Event: WorkflowEnded } end && end.Time <= at) return end;
        return null;
    }
}
