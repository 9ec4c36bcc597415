using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Systemd;

/// <summary>
/// The sign of life of `serve`: sent at half the time the service manager waits for one, and only after the engine's loop has answered. While the loop hangs none
/// is sent, so that the service manager ends the program and starts it again; runs are then carried on by recovery.
/// </summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    /// <summary>How often the status is told where no sign of life is waited for.</summary>
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(10);

    private readonly ServiceNotifier _manager;
    private readonly Func<CancellationToken, Task> _ping;
    private readonly ILogger _log;
    private readonly PeriodicTimer _beats;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;
    private volatile bool _hangs;

    /// <param name="ping">Completes when the loop has answered.</param>
    public Heartbeat(ServiceNotifier manager, Func<CancellationToken, Task> ping, TimeProvider clock, ILogger log)
    {
        (_manager, _ping, _log) = (manager, ping, log);
        _beats = new(manager.Watchdog / 2 ?? StatusInterval, clock);
        _beating = manager.IsEnabled ? BeatAsync() : Task.CompletedTask;
    }

    /// <summary>What an administrator reads in `systemctl status`.</summary>
    public static string Describe(LoopSnapshot s, int slots, StorageTrouble? journal)
    {
        var work = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{s.RunningRuns} runs running, {s.QueuedRuns} waiting, {s.UsedSlots} of {slots} places in use");
        return journal is null ? work : $"{work}; no work is accepted: {journal.Reason.ReplaceLineEndings(" ")}";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _beats.Dispose();
        _stop.Dispose();
    }

    private async Task BeatAsync()
    {
        var answering = Task.CompletedTask;
        try
        {
            do
            {
                // One question at a time, however long the loop takes: a late answer is a sign of life when it comes.
                if (answering.IsCompleted) answering = AnswerAsync();
                else Hangs();
            }
            while (await _beats.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
        await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AnswerAsync()
    {
        await _ping(_stop.Token);
        if (_hangs) _log.LoopAnswersAgain();
        _hangs = false;
        _manager.Alive();
    }

    private void Hangs()
    {
        if (_hangs) return;
        _hangs = true;
        _log.LoopHangs();
        _manager.Status("The engine's loop does not answer");
    }
}
