using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>A run that was requested.</summary>
/// <param name="Run">The run.</param>
/// <param name="Existed">It was requested under the same id before; this request changed nothing.</param>
internal sealed record RequestedRun(ManualRun Run, bool Existed);

/// <summary>Keeps the runs of a schedule that somebody asked for.</summary>
internal sealed class ManualRuns : IDisposable
{
    private static readonly StreamRules<ManualState, LedgerEffect> s_rules = new(ManualState.Empty, static s => s.Version, static (s, e) => s.Apply(e))
    {
        After = ManualDecisions.After, From = ManualDecisions.From, OwesAtFirst = true,
    };
    private readonly ScheduleParts _parts;
    private readonly DecidedStream<ManualState, LedgerEffect> _ledger;
    private readonly PendingSubmission<ArmedSchedule, PendingRun> _submission;
    private readonly ScheduleKeeper _keeper;
    private bool _isExpected;

    public ManualRuns(ScheduleKeeper keeper, StreamId stream, ScheduleParts parts, SemaphoreSlim turn)
    {
        (_keeper, _parts) = (keeper, parts);
        _ledger = new(parts.Journal, stream, s_rules, parts.Recorded, turn);
        _submission = new ScheduledSubmission(parts, keeper.Key, stream, SettleAsync, keeper.RetryAtAsync).Of(() => keeper.Armed, () => keeper.IsGone, () => State.Pending.Values);
    }

    public ManualState State => _ledger.State;

    /// <summary>Whether what was asked for may be written down though the answer was lost.</summary>
    public bool IsInDoubt => _ledger.IsInDoubt;

    /// <summary>An earlier process has left a stream: its first look carries out what is owed.</summary>
    public void Expect() => _isExpected = true;

    /// <summary>The schedule is in force, a run of it ended, or it is time to try again.</summary>
    public async Task TickAsync(CancellationToken stop)
    {
        if (!_isExpected) return;
        await DoAsync(new ManualInput.Tick(), stop).ConfigureAwait(false);
        await _submission.SubmitAsync(stop).ConfigureAwait(false);
    }

    /// <summary>A run is requested: the run, and whether it was requested under this id before.</summary>
    public async Task<RequestedRun> RequestAsync(ManualInput.Request request, CancellationToken stop)
    {
        _isExpected = true;
        var events = await DoAsync(request, stop).ConfigureAwait(false);
        return new(State.Known[request.RequestId], !events.Any(e => e.Event is ScheduleRunRequested made && made.RequestId == request.RequestId));
    }

    public void Dispose() => _submission.Dispose();

    private async Task<IReadOnlyList<RecordedEvent>> DoAsync(ManualInput input, CancellationToken stop)
    {
        var (events, effects, _) = await DecideAsync(input, stop).ConfigureAwait(false);
        if (effects.Any(e => e is LedgerEffect.Submit)) await _submission.SubmitAsync(stop).ConfigureAwait(false);
        // What it waits for may have ended while its event was written.
        if (effects.Any(e => e is LedgerEffect.Watch) && State is { Queued.IsEmpty: false, Pending.IsEmpty: true } && _keeper.OpenOrPending().Count == 0)
            await DoAsync(new ManualInput.Tick(), stop).ConfigureAwait(false);
        return events;
    }

    private Task<Decision<LedgerEffect>> DecideAsync(ManualInput input, CancellationToken stop) => _ledger.DecideAsync(state => ManualDecisions.Decide(state, input, Context()), stop);

    private ManualContext Context()
    {
        var overlap = _keeper.Overlap;
        return new(_keeper.Workflow, _keeper.Id, _parts.Installation, _parts.Clock.GetUtcNow(), overlap, overlap == OverlapRule.Allow ? [] : _keeper.OpenOrPending());
    }

    private async Task SettleAsync(PendingRun run, string? refusal, CancellationToken stop)
    {
        await DecideAsync(refusal is null ? new ManualInput.Accepted(run.RunId) : new ManualInput.Refused(run.RunId, refusal), stop).ConfigureAwait(false);
        // A run that was refused, or has ended already, never ends again: nobody else would wake what waits for it.
        await _keeper.WakeAsync(stop).ConfigureAwait(false);
    }
}
