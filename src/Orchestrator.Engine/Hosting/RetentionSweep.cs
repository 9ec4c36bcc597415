using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Retention;

namespace Orchestrator.Engine.Hosting;

/// <summary>Removes finished runs, and events of schedules and workers, past their time at the start and every hour, off everybody's way.</summary>
internal sealed class RetentionSweep(RunRetention retention, StreamRetention streams, LiveIndex? index, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Ends with <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Sweep(stop);
                await Task.Delay(Interval, clock, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.RetentionFailed(e);
                await Task.Delay(Interval, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Sweep(CancellationToken stop)
    {
        retention.EmptyTrash();
        var removed = 0;
        foreach (var expired in retention.Expired(stop).Chunk(RunRetention.Together))
        {
            var gone = retention.Remove([.. expired.Select(e => e.Run)]);
            index?.Removed(gone);
            removed += gone.Count;
        }
        if (removed > 0) log.RunsRemoved(removed);
        if (streams.Trim(stop) is > 0 and var parts) log.StreamPartsRemoved(parts);
    }
}
