using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>How runs of a schedule are submitted, those of due times and those that somebody asked for.</summary>
/// <param name="parts">What all keepers use.</param>
/// <param name="key">The schedule.</param>
/// <param name="stream">The stream: its event is the run's cause.</param>
/// <param name="settle">Writes down what has become of a run: null, or why it is refused.</param>
/// <param name="retryAt">Rings to try again.</param>
internal sealed class ScheduledSubmission(
    ScheduleParts parts, string key, StreamId stream, Func<PendingRun, string?, CancellationToken, Task> settle, Func<DateTimeOffset, CancellationToken, Task> retryAt)
{
    /// <param name="armed">The definition that runs are made of.</param>
    /// <param name="isGone">Whether no definition has the schedule any more.</param>
    /// <param name="pending">What is left to submit.</param>
    public PendingSubmission<ArmedSchedule, PendingRun> Of(Func<ArmedSchedule?> armed, Func<bool> isGone, Func<IEnumerable<PendingRun>> pending) =>
        new(armed, pending, new(DispatchAsync, SettleAsync, RetryAsync) { GiveUp = (run, stop) => GiveUpAsync(isGone, run, stop) }, parts.Clock);

    private async Task DispatchAsync(ArmedSchedule armed, PendingRun run, CancellationToken stop)
    {
        var started = parts.Clock.GetTimestamp();
        foreach (var replaced in run.Replaces) await parts.Actions.Cancel(replaced, stop).ConfigureAwait(false);
        var scheduled = new ScheduledRun(armed.Workflow, armed.Schedule, run.RunId, run.DueAt) { CausationId = EventIds.OfSystem(stream, run.Seq, parts.Installation()).ToString(), Actor = run.Actor };
        var accepted = await parts.Actions.Dispatch(scheduled, stop).ConfigureAwait(false);
        parts.Log.Fired(key, run.DueAt, run.RunId, accepted, parts.Clock.GetElapsedTime(started).TotalMilliseconds);
    }

    // An earlier process may have submitted it and died before it wrote so.
    private async Task<bool> GiveUpAsync(Func<bool> isGone, PendingRun run, CancellationToken stop)
    {
        if (!isGone()) return false;
        var exists = await parts.Journal.ExistsAsync(run.RunId, stop).ConfigureAwait(false);
        await SettleAsync(run, exists ? null : "No definition has its schedule any more.", stop).ConfigureAwait(false);
        return true;
    }

    private Task SettleAsync(PendingRun run, string? refusal, CancellationToken stop)
    {
        if (refusal is not null) parts.Log.RunRefused(key, run.DueAt, run.RunId, refusal);
        return settle(run, refusal, stop);
    }

    private async Task RetryAsync(PendingRun run, Exception e, long started, CancellationToken stop)
    {
        var at = parts.Clock.GetUtcNow() + parts.Options.RetryDelay;
        parts.Log.FireFailed(e, key, run.DueAt, run.RunId, parts.Clock.GetElapsedTime(started).TotalMilliseconds, at);
        await retryAt(at, stop).ConfigureAwait(false);
    }
}
