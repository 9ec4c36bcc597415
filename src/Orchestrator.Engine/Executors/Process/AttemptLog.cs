using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>A log that we write ourselves, for output that must be looked at on its way. Bounded like any other.</summary>
internal sealed class AttemptLog : IDisposable
{
    private readonly string _path;
    private readonly long _limit;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private int _file;
    private long _written;
    private bool _lost;

    public AttemptLog(string path, long limit, UnixFileMode mode, ILogger log)
    {
        (_path, _limit, _log) = (path, limit, log);
        // A task can put a FIFO or a link in its place: neither waited for nor followed.
        _file = FileCalls.OpenDescriptor(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.NoFollow | OpenFlags.CloseOnExec, (uint)mode);
        if (_file < 0) throw new IOException($"The log '{path}' cannot be opened (error {Libc.LastError}).");
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_file < 0 || bytes.IsEmpty) return;
            var written = FileCalls.WriteAll(_file, bytes);
            _written += bytes.Length;
            if (written && _written > _limit)
            {
                ExecutorLog.LogShortened(_log, _path, _limit);
                written = LogFile.Shorten(_path, _limit);
                _written = new FileInfo(_path) is { Exists: true } file ? file.Length : 0;
            }
            if (written || _lost) return;
            _lost = true;   // said once; the task goes on
            ExecutorLog.LogLost(_log, _path, Libc.LastError);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_file >= 0) _ = FileCalls.Close(_file);
            _file = -1;
        }
    }
}
