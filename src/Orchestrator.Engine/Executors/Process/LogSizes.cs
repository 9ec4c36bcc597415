using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Keeps logs that children write themselves within their limit: one timer looks at all of them each second. O_APPEND makes it safe to
/// shorten a file that is being written; what is written between the look and the cut is lost and covered by the marker. Between two looks
/// a log can pass its limit.
/// </summary>
internal sealed class LogSizes : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, bool> _logs = new(StringComparer.Ordinal);
    private readonly long _limit;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private int _armed;

    public LogSizes(long limit, TimeProvider clock, ILogger log)
    {
        (_limit, _log) = (limit, log);
        _timer = clock.CreateTimer(static self => ((LogSizes)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(string path)
    {
        _logs[path] = true;
        if (Interlocked.Exchange(ref _armed, 1) == 0) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The attempt has ended: one last look.</summary>
    public void Remove(string path)
    {
        _logs.TryRemove(path, out _);
        Check(path);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        foreach (var (path, _) in _logs) Check(path);
        Volatile.Write(ref _armed, 0);
        if (!_logs.IsEmpty && Interlocked.Exchange(ref _armed, 1) == 0) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    private void Check(string path)
    {
        if (new FileInfo(path) is not { Exists: true } file || file.Length <= _limit) return;
        ExecutorLog.LogShortened(_log, path, _limit);
        if (!LogFile.Shorten(path, _limit)) ExecutorLog.LogLost(_log, path, Libc.LastError);
    }
}
