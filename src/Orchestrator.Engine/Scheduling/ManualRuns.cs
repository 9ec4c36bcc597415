using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>A run that was requested.</summary>
/// <param name="Run">The run.</param>
/// <param name="Existed">It was requested under the same id before; this request changed nothing.</param>
internal sealed record RequestedRun(ManualRun Run, bool Existed);

/// <summary>Keeps the runs of a schedule that somebody asked for. Few schedules have any: without, there is next to nothing of it.</summary>
internal sealed class ManualRuns(ScheduleKeeper keeper, StreamId stream, ScheduleParts parts, SemaphoreSlim turn) : IScheduledRuns
{
    private static readonly StreamRules<ManualState, LedgerEffect> s_rules = new(ManualState.Empty, static s => s.Version, static (s, e) => s.Apply(e))
    {
        After = ManualDecisions.After, From = ManualDecisions.From, OwesAtFirst = true,
    };
    private volatile Asked? _asked;   // null: nobody has ever asked, as far as is known

    public ManualState State => _asked?.Ledger.State ?? ManualState.Empty;

    /// <summary>Whether what was asked for may be written down though the answer was lost.</summary>
    public bool IsInDoubt => _asked is { Ledger.IsInDoubt: true };

    ArmedSchedule? IScheduledRuns.Armed => keeper.Armed;

    bool IScheduledRuns.IsGone => keeper.IsGone;

    bool IScheduledRuns.HasPending => !State.Pending.IsEmpty;

    IEnumerable<PendingRun> IScheduledRuns.Pending => State.Pending.Values;

    /// <summary>An earlier process has left a stream: its first look carries out what is owed.</summary>
    public void Expect() => _ = Begin();

    /// <summary>The schedule is in force, a run of it ended, or it is time to try again.</summary>
    public async Task TickAsync(CancellationToken stop)
    {
        if (_asked is not { } asked) return;
        await DoAsync(new ManualInput.Tick(), stop).ConfigureAwait(false);
        await asked.Submission.SubmitAsync(stop).ConfigureAwait(false);
    }

    /// <summary>A run is requested: the run, and whether it was requested under this id before.</summary>
    public async Task<RequestedRun> RequestAsync(ManualInput.Request request, CancellationToken stop)
    {
        var events = await DoAsync(request, stop).ConfigureAwait(false);
        return new(State.Known[request.RequestId], !events.Any(e => e.Event is ScheduleRunRequested made && made.RequestId == request.RequestId));
    }

    private async Task<IReadOnlyList<RecordedEvent>> DoAsync(ManualInput input, CancellationToken stop)
    {
        var (events, effects, _) = await DecideAsync(input, stop).ConfigureAwait(false);
        if (effects.Any(e => e is LedgerEffect.Submit)) await Begin().Submission.SubmitAsync(stop).ConfigureAwait(false);
        // What it waits for may have ended while its event was written.
        if (effects.Any(e => e is LedgerEffect.Watch) && State is { Queued.IsEmpty: false, Pending.IsEmpty: true } && keeper.OpenOrPending().Count == 0)
            await DoAsync(new ManualInput.Tick(), stop).ConfigureAwait(false);
        return events;
    }

    private Task<Decision<LedgerEffect>> DecideAsync(ManualInput input, CancellationToken stop) => Begin().Ledger.DecideAsync(state => ManualDecisions.Decide(state, input, Context()), stop);

    private ManualContext Context()
    {
        var overlap = keeper.Overlap;
        return new(keeper.Workflow, keeper.Id, parts.Installation, parts.Clock.GetUtcNow(), overlap, overlap == OverlapRule.Allow ? [] : keeper.OpenOrPending());
    }

    public async Task SettleAsync(PendingRun run, string? refusal, CancellationToken stop)
    {
        await DecideAsync(refusal is null ? new ManualInput.Accepted(run.RunId) : new ManualInput.Refused(run.RunId, refusal), stop).ConfigureAwait(false);
        // A run that was refused, or has ended already, never ends again: nobody else would wake what waits for it.
        await keeper.WakeAsync(stop).ConfigureAwait(false);
    }

    public Task RetryAtAsync(DateTimeOffset at, CancellationToken stop) => keeper.RetryAtAsync(at, stop);

    private Asked Begin() => _asked ?? Interlocked.CompareExchange(ref _asked, new(new(parts.Journal, stream, s_rules, parts.Recorded, turn), new(parts, keeper.Key, stream, this)), null) ?? _asked!;

    private sealed record Asked(DecidedStream<ManualState, LedgerEffect> Ledger, ScheduledSubmission Submission);
}
