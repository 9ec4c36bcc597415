namespace Orchestrator.Engine.Running;

/// <summary>
/// Submits the runs that a stream of a schedule or trigger has started, until they are accepted or refused for ever. There may be one for each of thousands of schedules: it holds
/// next to nothing.
/// </summary>
internal abstract class PendingSubmission<TDefinition, TPending>(TimeProvider clock)
    where TDefinition : class
{
    private int _isSubmitting;

    /// <summary>The definition that runs are made of; without one they are submitted when there is one.</summary>
    protected abstract TDefinition? Definition { get; }

    /// <summary>Whether something is left to submit.</summary>
    protected abstract bool HasPending { get; }

    /// <summary>What is left to submit, in order.</summary>
    protected abstract IEnumerable<TPending> Pending { get; }

    /// <summary>Submits a run; harmless when it is repeated.</summary>
    /// <exception cref="RunRefusedException">For ever.</exception>
    protected abstract Task DispatchAsync(TDefinition definition, TPending run, CancellationToken stop);

    /// <summary>Writes down what has become of a run: null, or why it is refused.</summary>
    protected abstract Task SettleAsync(TPending run, string? refusal, CancellationToken stop);

    /// <summary>Something else went wrong, with the timestamp of the attempt: says so, and sees to another attempt.</summary>
    protected abstract Task RetryAsync(TPending run, Exception e, long started, CancellationToken stop);

    /// <summary>There is no definition. True: there will be none any more, and what has become of the run is written down; false: it waits for one.</summary>
    protected virtual Task<bool> GiveUpAsync(TPending run, CancellationToken stop) => Task.FromResult(false);

    /// <summary>One at a time, in order; while one submits, another leaves what it has to it.</summary>
    public async Task SubmitAsync(CancellationToken stop)
    {
        while (HasPending)
        {
            stop.ThrowIfCancellationRequested();
            if (Interlocked.Exchange(ref _isSubmitting, 1) != 0) return;
            try
            {
                foreach (var run in Pending.ToList())
                    if (!await TrySubmitAsync(run, stop).ConfigureAwait(false)) return;
            }
            finally { Volatile.Write(ref _isSubmitting, 0); }
        }
    }

    private async Task<bool> TrySubmitAsync(TPending run, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        try
        {
            if (Definition is not { } found) return await GiveUpAsync(run, stop).ConfigureAwait(false);
            string? refusal = null;
            try { await DispatchAsync(found, run, stop).ConfigureAwait(false); }
            catch (RunRefusedException e) { refusal = e.Message; }
            await SettleAsync(run, refusal, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            await RetryAsync(run, e, started, stop).ConfigureAwait(false);
            return false;
        }
    }
}
