using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Keeps logs that children write themselves within their limit: all of them are looked at each second. Between two looks a log can pass it.</summary>
internal sealed class LogSizes
{
    private readonly ConcurrentDictionary<string, Cuts> _logs = new(StringComparer.Ordinal);
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
        _logs[path] = new();
        _each.Arm();
    }

    /// <summary>The attempt has ended: one last look.</summary>
    public void Remove(string path)
    {
        if (_logs.TryRemove(path, out var cuts)) Check(path, cuts);
    }

    private bool Look()
    {
        foreach (var (path, cuts) in _logs) Check(path, cuts);
        return !_logs.IsEmpty;
    }

    private void Check(string path, Cuts cuts)
    {
        if (new FileInfo(path) is not { Exists: true } file || file.Length <= _limit) return;
        lock (cuts)   // the last look may come while one of each second is under way
        {
            if (!cuts.Begun) ExecutorLog.LogShortened(_log, path, _limit);
            cuts.Begun = true;
            if (LogFile.Shorten(path, _limit, ref cuts.Dropped) >= 0 || cuts.Lost) return;
            cuts.Lost = true;
            ExecutorLog.LogLost(_log, path, Libc.LastError);
        }
    }

    /// <summary>What was done to one log.</summary>
    private sealed class Cuts
    {
        public long Dropped;
        public bool Begun, Lost;
    }
}
