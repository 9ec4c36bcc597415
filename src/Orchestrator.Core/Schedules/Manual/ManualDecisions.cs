using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Manual;

/// <summary>What can happen to the manual runs of a schedule.</summary>
public abstract record ManualInput
{
    private ManualInput() { }

    /// <summary>Somebody asks for a run.</summary>
    /// <param name="RequestId">What the request is known by; asked for again, nothing happens.</param>
    /// <param name="Actor">Who.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Request(string RequestId, string Actor, string? Reason) : ManualInput;

    /// <summary>A run of the schedule ended, or the process started.</summary>
    public sealed record Tick : ManualInput;

    /// <summary>A run was accepted, now or earlier.</summary>
    public sealed record Accepted(RunId Run) : ManualInput;

    /// <summary>A run was refused for ever.</summary>
    public sealed record Refused(RunId Run, string Error) : ManualInput;
}

/// <summary>What a decision follows from besides state and input.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="ScheduleId">Id of the schedule.</param>
/// <param name="Installation">Id of the installation: it enters the ids of runs.</param>
/// <param name="Now">The instant.</param>
/// <param name="Overlap">What a run does that finds another open.</param>
/// <param name="Open">Runs of the schedule that are open or about to be, oldest first.</param>
public sealed record ManualContext(string Workflow, string ScheduleId, Func<string> Installation, DateTimeOffset Now, OverlapRule Overlap, IReadOnlyList<RunId> Open);

/// <summary>The rules of manual runs: they overlap as due times do. Pure and total.</summary>
public static class ManualDecisions
{
    // Beyond it runs are not accepted for so long that more of them help nobody.
    private const int MaxWaiting = 1000;

    /// <summary>The events that an input leads to, in order; to be appended in one batch.</summary>
    public static IReadOnlyList<RecordedEvent> Decide(ManualState state, ManualInput input, ManualContext context)
    {
        var turn = new Turn(state, context);
        switch (input)
        {
            case ManualInput.Request e when !state.Known.ContainsKey(e.RequestId):
                turn.Release();
                turn.Request(e);
                break;
            case ManualInput.Tick: turn.Release(); break;
            case ManualInput.Accepted e when Pending(state, e.Run) is { } run:
                turn.Add(new ScheduleDispatched(context.ScheduleId, context.Workflow, run.DueAt, run.RunId));
                break;
            case ManualInput.Refused e when Pending(state, e.Run) is { } run:
                turn.Add(new ScheduleFailed(context.ScheduleId, context.Workflow, run.DueAt, run.RunId, e.Error));
                break;
        }
        return turn.Events;
    }

    /// <summary>The effects of events just folded onto a state.</summary>
    public static List<LedgerEffect> After(ManualState state, IReadOnlyList<RecordedEvent> events)
    {
        List<LedgerEffect> effects =
            [.. events.Select(e => e.Event).OfType<ScheduleRunStarted>().Select(e => state.Pending.GetValueOrDefault(e.At)).OfType<PendingRun>().Select(run => new LedgerEffect.Submit(run))];
        if (events.Any(e => e.Event is ScheduleQueued) && !state.Queued.IsEmpty) effects.Add(new LedgerEffect.Watch());
        return effects;
    }

    /// <summary>All outstanding effects of a state.</summary>
    public static List<LedgerEffect> From(ManualState state)
    {
        List<LedgerEffect> effects = [.. state.Pending.Values.Select(run => new LedgerEffect.Submit(run))];
        if (!state.Queued.IsEmpty) effects.Add(new LedgerEffect.Watch());
        return effects;
    }

    private static PendingRun? Pending(ManualState state, RunId run) => state.Pending.Values.FirstOrDefault(p => p.RunId == run);

    private sealed class Turn(ManualState state, ManualContext context)
        : EventTurn<ManualState>(StreamId.Manual(context.Workflow, context.ScheduleId), state, state.Version, static (s, e) => s.Apply(e), context.Now)
    {
        public void Request(ManualInput.Request e)
        {
            // The instant tells requests apart in the entries that follow, also where the clock stands still or was set back.
            var now = context.Now.AddTicks(-(context.Now.Ticks % TimeSpan.TicksPerMicrosecond));   // as the journal keeps it
            var at = State.LastAt is { } last && now <= last ? last.AddMicroseconds(1) : now;
            var run = RunId.ForManual(context.Installation(), $"{context.Workflow}/{context.ScheduleId}", e.RequestId, at);
            Add(new ScheduleRunRequested(context.ScheduleId, context.Workflow, e.RequestId, at, run, e.Actor) { Reason = e.Reason });
            var open = Open();
            if (State.Pending.Count + State.Queued.Count >= MaxWaiting)
                Add(new ScheduleFailed(context.ScheduleId, context.Workflow, at, run, $"{MaxWaiting} runs that were asked for wait already"));
            else if (context.Overlap == OverlapRule.Skip && open.Length > 0) Add(new ScheduleBlocked(context.ScheduleId, context.Workflow, at, open[0]));
            else if (context.Overlap == OverlapRule.Queue && (open.Length > 0 || !State.Queued.IsEmpty))
                Add(new ScheduleQueued(context.ScheduleId, context.Workflow, at, open.Length > 0 ? open[0] : default));
            else Start(e.RequestId, at, run, context.Overlap == OverlapRule.Replace && open.Length > 0 ? open : null);
        }

        /// <summary>Requests that waited start as soon as no run is open.</summary>
        public void Release()
        {
            while (!State.Queued.IsEmpty && (context.Overlap != OverlapRule.Queue || Open().Length == 0))
            {
                var (at, id) = State.Queued.First();
                Start(id, at, State.Known[id].RunId, null);
            }
        }

        private void Start(string id, DateTimeOffset at, RunId run, ImmutableArray<RunId>? replaces) =>
            Add(new ScheduleRunStarted(context.ScheduleId, context.Workflow, id, at, run) { Replaces = replaces });

        private ImmutableArray<RunId> Open() =>
            context.Overlap == OverlapRule.Allow ? [] : [.. context.Open.Concat(State.Pending.Values.Select(p => p.RunId)).Distinct()];
    }
}
