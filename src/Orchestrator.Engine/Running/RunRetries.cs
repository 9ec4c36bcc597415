using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Repeating;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Running;

/// <summary>Repeats part of a finished run as a new one that takes over the results of the rest.</summary>
public sealed class RunRetries(IRunStore store, TimeProvider clock)
{
    private const int LargestInline = 4 * 1024;

    /// <summary>What a retry would do, or why there is none; a refusal's code is <c>run_not_found</c> where there is no such run.</summary>
    /// <param name="current">Finds the definition in force under a name, the second argument being the run's base folder; null: the run's own is used.</param>
    public async Task<(RetryPreview? Preview, RetryRefusal? Refusal)> PreviewAsync(
        RunId run, RetrySelection selection, Func<string, string, WorkflowLookup>? current, CancellationToken stop = default)
    {
        var events = await store.Runs.ReadEventsAsync(run, stop).ConfigureAwait(false);
        if (events is not [{ Event: WorkflowCreated created }, ..]) return (null, new("run_not_found", $"There is no run '{run}'.", null));
        if (store.Definitions.Find(created.DefinitionVersion) is not { } own)
            return (null, new("definition_missing", $"The definition that run {run} was started with is missing or damaged in {store.Definitions.Place}.", "Restore the file from a backup, or start the workflow again."));
        own = own with { BaseDir = created.BaseDir };
        var (state, lost) = Fold(run, own, events);
        var definition = own;
        if (current is not null && state.IsTerminal)
        {
            var found = current(created.Workflow, created.BaseDir ?? store.Place);
            if (found.Definition is null) return (null, new("workflow_not_found", found.Problem ?? $"There is no workflow '{created.Workflow}'.", "Leave out --definition current to use the definition the run was started with."));
            definition = found.Definition;
        }
        var (plan, refusal) = RetryPlanning.Of(state, events, definition, selection, lost);
        if (plan is null) return (null, refusal);
        if (current is null) return (new(plan, created, events.Count, created.Params, []), null);

        // Values that the run was given are given again; the definition in force may ask for others.
        var names = definition.Params.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var bound = ParameterBinder.Bind(definition, created.Params.Where(p => names.Contains(p.Key)).ToDictionary(), clock.GetUtcNow(),
            created is { ScheduleId: { } schedule, DueAt: { } due } ? new(schedule, due) : null);
        return bound.IsValid
            ? (new(plan, created, events.Count, bound.Values, [.. created.Params.Keys.Where(n => !names.Contains(n))]), null)
            : (null, new("invalid_params", $"The parameters of run {run} no longer fit the workflow: {string.Join(" ", bound.Problems.Select(p => $"{p.Message} {p.Remedy}".TrimEnd()))}",
                "Leave out --definition current, or start the workflow with parameters that fit."));
    }

    /// <summary>
    /// Copies the results that are too large for the journal into the new run's folder, so that they are
    /// durable before it is accepted, and gives what to submit.
    /// </summary>
    /// <exception cref="IOException">They cannot be copied; nothing was submitted.</exception>
    /// <param name="preview">What is to be repeated.</param>
    /// <param name="id">The new run.</param>
    /// <param name="requestedBy">Who asks.</param>
    /// <param name="trace">The caller's trace context.</param>
    /// <param name="via">The span that took the request.</param>
    public RunRequest Prepare(RetryPreview preview, RunId id, string? requestedBy, TraceStamp? trace, TraceStamp? via = null)
    {
        var created = preview.Created;
        var earlier = preview.Plan.Earlier;
        return new()
        {
            RunId = id, Definition = preview.Plan.Definition, Params = RunParameters.Checked(preview.Params),
            Origin = new RunOrigin.Retry(earlier, requestedBy)
            {
                Trace = trace, Via = via, CorrelationId = created.CorrelationId ?? earlier.ToString(),
                CausationId = EventIds.Of(StreamId.Run(earlier), preview.LastSeq).ToString(),
                Links = TraceOrigin.Repeats(earlier, created with { Links = default }), Sampled = created.Sampled, Due = RunOrigin.Retry.DueOf(created),
                Kept = [.. preview.Plan.Steps.Where(s => !s.Runs).Select(s => Store(s.Kept!, id))],
            },
        };
    }

    /// <summary>Takes back the files of a run that was prepared but not accepted.</summary>
    public void Discard(RunId id)
    {
        if (store.Runs.FirstEvent(id) is null) store.Files.Discard(id);
    }

    private (RunState State, HashSet<TaskId> Lost) Fold(RunId run, WorkflowDefinition definition, IReadOnlyList<RecordedEvent> events)
    {
        var state = new RunState(new RunPlan(definition));
        var lost = new HashSet<TaskId>();
        foreach (var recorded in events)
        {
            var whole = recorded;
            try { whole = OutputFiles.Hydrate(recorded, store.Files, run); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                // An item's results are part of its task's.
                var task = ((TaskEvent)recorded.Event).Task;
                lost.Add(task.TrySplit(out var parent, out _) ? parent : task);
            }
            state.Apply(whole);
        }
        return (state, lost);
    }

    private TaskCompleted Store(TaskCompleted kept, RunId id)
    {
        if (kept.Outputs is not { } outputs) return kept;
        var json = JsonSerializer.SerializeToUtf8Bytes(outputs, OutputJson.Default.ImmutableSortedDictionaryStringJsonElement);
        if (json.Length <= LargestInline && kept.OutputsFile is null) return kept with { OutputBytes = json.Length };
        var reference = RunFolder.OutputsRef(kept.Task);
        store.Files.Write(id, reference, json);
        return kept with { OutputsFile = reference, OutputBytes = json.Length };
    }
}
