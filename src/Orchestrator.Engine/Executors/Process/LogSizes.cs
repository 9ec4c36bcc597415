using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Keeps logs that children write themselves within their limit: all of them are looked at each second. O_APPEND makes it safe to
/// shorten a file that is being written; what is written between the look and the cut is lost and covered by the marker. Between two looks
/// a log can pass its limit.
/// </summary>
internal sealed class LogSizes
{
    private readonly ConcurrentDictionary<string, bool> _logs = new(StringComparer.Ordinal);
    private readonly long _limit;
    private readonly ILogger _log;
    private readonly EachSecond _each;

    public LogSizes(long limit, EachSecond each, ILogger log)
    {
        (_limit, _each, _log) = (limit, each, log);
        each.Add(Look);
    }

    public void Add(string path)
    {
        _logs[path] = true;
        _each.Arm();
    }

    /// <summary>The attempt has ended: one last look.</summary>
    public void Remove(string path)
    {
        _logs.TryRemove(path, out _);
        Check(path);
    }

    private bool Look()
    {
        foreach (var (path, _) in _logs) Check(path);
        return !_logs.IsEmpty;
    }

    private void Check(string path)
    {
        if (new FileInfo(path) is not { Exists: true } file || file.Length <= _limit) return;
        ExecutorLog.LogShortened(_log, path, _limit);
        if (!LogFile.Shorten(path, _limit)) ExecutorLog.LogLost(_log, path, Libc.LastError);
    }
}
