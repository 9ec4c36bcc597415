using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors;

/// <summary>
/// How far one attempt is, on its way to the run: the first report at once, then at most one a second, the latest of each second, and the last
/// one before the end. Holds one report at a time, however many come.
/// </summary>
internal sealed class AttemptProgress(TaskId task, int attempt, TimeProvider clock, Action<RunInput.Progress> post)
{
    public const int LongestMessage = 500;
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private RunInput.Progress? _latest;
    private ITimer? _pause;
    private bool _pausing, _ended;

    public void Report(string? message, double? percent)
    {
        var progress = new RunInput.Progress(task, attempt, message is { Length: > LongestMessage } ? message[..LongestMessage] : message, Within(percent));
        lock (_gate)
        {
            if (_ended) return;
            if (_pausing) _latest = progress;
            else Send(progress);
        }
    }

    /// <summary>The attempt is over: what waits is sent, what comes later is not.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _pause?.Dispose();
            if (_latest is { } last) post(last);
            _latest = null;
        }
    }

    private void Send(RunInput.Progress progress)
    {
        post(progress);
        _pausing = true;
        _pause ??= clock.CreateTimer(static state => ((AttemptProgress)state!).Passed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pause.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    private void Passed()
    {
        lock (_gate)
        {
            if (_ended) return;
            _pausing = false;
            if (_latest is not { } latest) return;
            _latest = null;
            Send(latest);
        }
    }

    private static double? Within(double? percent) => percent is not { } value || double.IsNaN(value) ? null : Math.Clamp(value, 0, 100);
}
