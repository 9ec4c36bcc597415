using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Explanations;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Queries;

/// <summary>What a question was answered with.</summary>
/// <param name="Found">The explanation; null where there is none.</param>
/// <param name="Problem">Why there is none, a sentence.</param>
/// <param name="IsUnavailable">Whether there would be one if everything could be read.</param>
public sealed record ExplanationResult(Explanation? Found, string? Problem = null, bool IsUnavailable = false)
{
    /// <summary>Whether more than one run has such an id.</summary>
    public bool IsAmbiguous { get; init; }
}

/// <summary>Explains runs and their tasks, now or at a past instant, from what the journal has. Changes nothing.</summary>
/// <param name="store">Where runs are kept.</param>
/// <param name="limits">Limits of the worker, as configured now.</param>
/// <param name="clock">The clock.</param>
public sealed class RunExplanations(IRunStore store, WorkerLimits limits, TimeProvider clock)
{
    // Runs that are looked at to find those that were open at a past instant.
    private const int MaxLooked = 10_000;
    private static readonly TimeSpan RateMemory = TimeSpan.FromHours(1);
    private readonly PlanCache _plans = new();

    /// <summary>Explains a run, or one of its tasks.</summary>
    /// <param name="run">The run.</param>
    /// <param name="task">The task; null: the run with all tasks that are not completed.</param>
    /// <param name="at">The instant; null: now.</param>
    /// <param name="stop">Cancels the reading.</param>
    /// <param name="tasks">Without a task: whether its tasks are explained too.</param>
    public async Task<ExplanationResult> ExplainAsync(RunId run, TaskId? task, DateTimeOffset? at, CancellationToken stop, bool tasks = true)
    {
        var events = await store.Runs.ReadEventsAsync(run, stop).ConfigureAwait(false);
        if (events.Count == 0) return new(null, $"There is no run '{run}'.");
        var (when, isPast) = (at ?? clock.GetUtcNow(), at is not null);
        if (isPast && events[0].Time > when) return new(null, $"Run {run} was accepted at {Said.Time(events[0].Time)}: it did not exist at {Said.Time(when)}.");
        ExplainedRun? explained;
        try { explained = Fold(run, [.. events.Select(e => OutputFiles.Hydrate(e, store.Files, run))], at ?? DateTimeOffset.MaxValue, isPast); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidTransitionException)
        {
            return new(null, $"Run {run} cannot be read: {e.Message}", IsUnavailable: true);
        }
        if (explained is null) return new(null, $"The definition that run {run} was started with is missing or damaged in {store.Definitions.Place}.", IsUnavailable: true);
        var scene = new Scene(when, limits, explained.HasWaiting ? await OpenAtAsync(when, isPast, stop).ConfigureAwait(false) : []) { IsPast = isPast };
        if (task is not { } id) return new(RunExplanation.Of(explained, scene, tasks));
        return explained.State.TryIndexOf(id, out var index) ? new(TaskExplanation.Of(explained, index, scene)) : new(null, NoTask(explained.State, id));
    }

    /// <summary>The run as it was at an instant; null where its definition is missing.</summary>
    internal ExplainedRun? Fold(RunId run, IReadOnlyList<RecordedEvent> events, DateTimeOffset at, bool isPast)
    {
        if (events[0].Event is not WorkflowCreated created || store.Definitions.Find(created.DefinitionVersion) is not { } definition) return null;
        return new(_plans.Of(created.DefinitionVersion, definition), events, at, worker => new(isPast ? null : store.Unfinished.HasLiveOwner(run), worker is null ? null : StoppedAt(worker, at)));
    }

    /// <summary>Runs that were open at an instant, and those that had started shortly before where rates are limited.</summary>
    internal async Task<IReadOnlyList<RunFacts>> OpenAtAsync(DateTimeOffset at, bool isPast, CancellationToken stop)
    {
        var facts = new List<RunFacts>();
        var since = limits.IsRateLimited ? at - RateMemory : at;
        foreach (var run in Candidates(at, isPast))
        {
            stop.ThrowIfCancellationRequested();
            // Of a long past most have ended before: their last event says so.
            if (isPast && store.Runs.LastEvent(run) is { Event: WorkflowEnded } last && last.Time <= since) continue;
            var events = await store.Runs.ReadEventsAsync(run, stop).ConfigureAwait(false);
            if (events is not [{ Event: WorkflowCreated created } first, ..] || isPast && first.Time > at || events[^1] is { Event: WorkflowEnded } end && end.Time <= since) continue;
            if (store.Definitions.Find(created.DefinitionVersion) is not { } definition) continue;
            try { facts.Add(RunFacts.Of(new(_plans.Of(created.DefinitionVersion, definition), events, isPast ? at : DateTimeOffset.MaxValue))); }
            catch (InvalidTransitionException) { }   // a run that cannot be read has no part in what it would hold
        }
        return facts;
    }

    private IEnumerable<RunId> Candidates(DateTimeOffset at, bool isPast)
    {
        if (!isPast && !limits.IsRateLimited) return store.Unfinished.ListUnfinished();
        return store.Runs.ListRunIds().SkipWhile(run => run.Time > at).Take(MaxLooked);
    }

    // What a worker says of itself when it stops; one that was killed says nothing.
    private DateTimeOffset? StoppedAt(string worker, DateTimeOffset at)
    {
        RecordedEvent? last = null;
        foreach (var recorded in store.Runs.ReadSystem(StreamId.Node(worker)))
            if (recorded.Time <= at && recorded.Event is WorkerStarted or WorkerStopping) last = recorded;
        return last is { Event: WorkerStopping } ? last.Time : null;
    }

    private static string NoTask(RunState state, TaskId id)
    {
        var known = Enumerable.Range(0, state.TaskCount).Select(i => state.IdOf(i).ToString()).ToList();
        return $"Run {state.Id} has no task '{id}'. {(Suggest.DidYouMean(id.ToString(), known) is { Length: > 0 } guess ? guess : $"It has {string.Join(", ", known.Take(10))}.")}";
    }
}
