namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Shares scans of /proc: who asks while one is under way gets the next, together with everybody else who asked meanwhile. A thousand
/// attempts cancelled at once cost a few scans.
/// </summary>
internal sealed class ProcessScans
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task<List<SeenProcess>>? _next;

    /// <summary>A scan that begins after this call.</summary>
    public Task<List<SeenProcess>> ScanAsync()
    {
        lock (_gate) return _next ??= StartAsync(_running);
    }

    private async Task<List<SeenProcess>> StartAsync(Task previous)
    {
        await Task.Yield();
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _running = _next!;
            _next = null;
        }
        return ProcessTable.Scan();
    }
}
