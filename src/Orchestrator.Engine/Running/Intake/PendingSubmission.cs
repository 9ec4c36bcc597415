namespace Orchestrator.Engine.Running;

/// <summary>What is done with a run that a stream has started.</summary>
/// <param name="Dispatch">Submits it; harmless when it is repeated. A <see cref="RunRefusedException"/> is final.</param>
/// <param name="Settle">Writes down what has become of it: null, or why it is refused.</param>
/// <param name="RetryAsync">Something else went wrong, with the timestamp of the attempt: says so, and sees to another attempt.</param>
internal sealed record SubmissionSteps<TDefinition, TPending>(
    Func<TDefinition, TPending, CancellationToken, Task> Dispatch, Func<TPending, string?, CancellationToken, Task> Settle, Func<TPending, Exception, long, CancellationToken, Task> RetryAsync)
{
    /// <summary>There is no definition. True: there will be none any more, and what has become of the run is written down; false: it waits for one.</summary>
    public Func<TPending, CancellationToken, Task<bool>> GiveUp { get; init; } = static (_, _) => Task.FromResult(false);
}

/// <summary>Submits the runs that a stream of a schedule or trigger has started, until they are accepted or refused for ever.</summary>
/// <param name="definition">The definition that runs are made of; without one they are submitted when there is one.</param>
/// <param name="pending">What is left to submit, in order.</param>
internal sealed class PendingSubmission<TDefinition, TPending>(
    Func<TDefinition?> definition, Func<IEnumerable<TPending>> pending, SubmissionSteps<TDefinition, TPending> steps, TimeProvider clock) : IDisposable
    where TDefinition : class
{
    private readonly SemaphoreSlim _submitting = new(1, 1);

    /// <summary>One at a time, in order; while one submits, another leaves what it has to it.</summary>
    public async Task SubmitAsync(CancellationToken stop)
    {
        while (pending().Any())
        {
            if (!await _submitting.WaitAsync(TimeSpan.Zero, stop).ConfigureAwait(false)) return;
            try
            {
                foreach (var run in pending().ToList())
                    if (!await TrySubmitAsync(run, stop).ConfigureAwait(false)) return;
            }
            finally { _submitting.Release(); }
        }
    }

    public void Dispose() => _submitting.Dispose();

    private async Task<bool> TrySubmitAsync(TPending run, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        try
        {
            if (definition() is not { } found) return await steps.GiveUp(run, stop).ConfigureAwait(false);
            string? refusal = null;
            try { await steps.Dispatch(found, run, stop).ConfigureAwait(false); }
            catch (RunRefusedException e) { refusal = e.Message; }
            await steps.Settle(run, refusal, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            await steps.RetryAsync(run, e, started, stop).ConfigureAwait(false);
            return false;
        }
    }
}
