using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Submits the runs that a stream of a schedule has started, until they are accepted or refused for ever.</summary>
/// <param name="key">The schedule.</param>
/// <param name="stream">The stream: its event is the run's cause.</param>
/// <param name="pending">What is left to submit.</param>
/// <param name="settle">Writes down what has become of a run: null, or why it is refused.</param>
/// <param name="retryAt">Rings to try again.</param>
internal sealed class PendingSubmission(
    ScheduleParts parts, string key, StreamId stream, Func<IEnumerable<PendingRun>> pending, Func<PendingRun, string?, CancellationToken, Task> settle, Func<DateTimeOffset, CancellationToken, Task> retryAt) : IDisposable
{
    private readonly SemaphoreSlim _submitting = new(1, 1);

    /// <summary>One at a time, in order; while one submits, another leaves what it has to it.</summary>
    /// <param name="armed">The definition that runs are made of; without one they are submitted when there is one.</param>
    public async Task SubmitAsync(Func<ArmedSchedule?> armed, CancellationToken stop)
    {
        while (pending().Any())
        {
            if (!await _submitting.WaitAsync(TimeSpan.Zero, stop).ConfigureAwait(false)) return;
            try
            {
                foreach (var run in pending().ToList())
                    if (armed() is not { } definition || !await TrySubmitAsync(definition, run, stop).ConfigureAwait(false)) return;
            }
            finally { _submitting.Release(); }
        }
    }

    public void Dispose() => _submitting.Dispose();

    private async Task<bool> TrySubmitAsync(ArmedSchedule armed, PendingRun run, CancellationToken stop)
    {
        var started = parts.Clock.GetTimestamp();
        string? refusal = null;
        try
        {
            foreach (var replaced in run.Replaces) await parts.Actions.Cancel(replaced, stop).ConfigureAwait(false);
            var scheduled = new ScheduledRun(armed.Workflow, armed.Schedule, run.RunId, run.DueAt) { CausationId = EventIds.OfSystem(stream, run.Seq, parts.Installation()).ToString(), Actor = run.Actor };
            var accepted = await parts.Actions.Dispatch(scheduled, stop).ConfigureAwait(false);
            parts.Log.Fired(key, run.DueAt, run.RunId, accepted, parts.Clock.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (RunRefusedException e)
        {
            parts.Log.RunRefused(key, run.DueAt, run.RunId, e.Message);
            refusal = e.Message;
        }
        catch (Exception e) when (!stop.IsCancellationRequested) { return await RetryAsync(e, run, started, stop).ConfigureAwait(false); }
        try
        {
            await settle(run, refusal, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested) { return await RetryAsync(e, run, started, stop).ConfigureAwait(false); }
    }

    private async Task<bool> RetryAsync(Exception e, PendingRun run, long started, CancellationToken stop)
    {
        var at = parts.Clock.GetUtcNow() + parts.Options.RetryDelay;
        parts.Log.FireFailed(e, key, run.DueAt, run.RunId, parts.Clock.GetElapsedTime(started).TotalMilliseconds, at);
        await retryAt(at, stop).ConfigureAwait(false);
        return false;
    }
}
