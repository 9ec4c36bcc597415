using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Who has runs of a schedule to submit: those of due times, or those that somebody asked for.</summary>
internal interface IScheduledRuns
{
    /// <summary>The definition that runs are made of.</summary>
    ArmedSchedule? Armed { get; }

    /// <summary>Whether no definition has the schedule any more.</summary>
    bool IsGone { get; }

    /// <summary>Whether something is left to submit.</summary>
    bool HasPending { get; }

    /// <summary>What is left to submit.</summary>
    IEnumerable<PendingRun> Pending { get; }

    /// <summary>Writes down what has become of a run: null, or why it is refused.</summary>
    Task SettleAsync(PendingRun run, string? refusal, CancellationToken stop);

    /// <summary>Rings to try again.</summary>
    Task RetryAtAsync(DateTimeOffset at, CancellationToken stop);
}

/// <summary>How runs of a schedule are submitted, those of due times and those that somebody asked for.</summary>
/// <param name="parts">What all keepers use.</param>
/// <param name="key">The schedule.</param>
/// <param name="stream">The stream: its event is the run's cause.</param>
/// <param name="runs">Who has them.</param>
internal sealed class ScheduledSubmission(ScheduleParts parts, string key, StreamId stream, IScheduledRuns runs) : PendingSubmission<ArmedSchedule, PendingRun>(parts.Clock)
{
    protected override ArmedSchedule? Definition => runs.Armed;

    protected override bool HasPending => runs.HasPending;

    protected override IEnumerable<PendingRun> Pending => runs.Pending;

    protected override async Task DispatchAsync(ArmedSchedule definition, PendingRun run, CancellationToken stop)
    {
        var started = parts.Clock.GetTimestamp();
        foreach (var replaced in run.Replaces) await parts.Actions.Cancel(replaced, stop).ConfigureAwait(false);
        var scheduled = new ScheduledRun(definition.Workflow, definition.Schedule, run.RunId, run.DueAt)
        {
            CausationId = EventIds.OfSystem(stream, run.Seq, parts.Installation()).ToString(), Actor = run.Actor,
        };
        var accepted = await parts.Actions.Dispatch(scheduled, stop).ConfigureAwait(false);
        parts.Log.Fired(key, run.DueAt, run.RunId, accepted, parts.Clock.GetElapsedTime(started).TotalMilliseconds);
    }

    // An earlier process may have submitted it and died before it wrote so.
    protected override async Task<bool> GiveUpAsync(PendingRun run, CancellationToken stop)
    {
        if (!runs.IsGone) return false;
        var exists = await parts.Journal.ExistsAsync(run.RunId, stop).ConfigureAwait(false);
        await SettleAsync(run, exists ? null : "No definition has its schedule any more.", stop).ConfigureAwait(false);
        return true;
    }

    protected override Task SettleAsync(PendingRun run, string? refusal, CancellationToken stop)
    {
        if (refusal is not null) parts.Log.RunRefused(key, run.DueAt, run.RunId, refusal);
        return runs.SettleAsync(run, refusal, stop);
    }

    protected override async Task RetryAsync(PendingRun run, Exception e, long started, CancellationToken stop)
    {
        var at = parts.Clock.GetUtcNow() + parts.Options.RetryDelay;
        parts.Log.FireFailed(e, key, run.DueAt, run.RunId, parts.Clock.GetElapsedTime(started).TotalMilliseconds, at);
        await runs.RetryAtAsync(at, stop).ConfigureAwait(false);
    }
}
