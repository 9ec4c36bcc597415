namespace Orchestrator.Conformance.Harness;

/// <summary>
/// Waits for what another process does to the world. There is no signal from there, so the world is looked at again and
/// again; no case depends on how long it takes, only on that it happens.
/// </summary>
internal static class Poll
{
    public static Task UntilAsync(Func<bool> holds, string what = "the condition") => UntilAsync(() => Task.FromResult(holds()), what);

    public static async Task UntilAsync(Func<Task<bool>> holds, string what = "the condition")
    {
        var started = TimeProvider.System.GetTimestamp();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Running.Patience) throw new TimeoutException($"{what} did not come true.");
            await again.WaitForNextTickAsync();
        }
    }
}
