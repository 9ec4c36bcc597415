using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>A log that we write ourselves, for output that must be looked at on its way. Bounded like any other.</summary>
internal sealed class AttemptLog : IDisposable
{
    private readonly string _path;
    private readonly long _limit;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly SafeFileHandle _file;
    private long _kept, _dropped;
    private bool _shortened, _lost;

    public AttemptLog(string path, long limit, UnixFileMode mode, ILogger log)
    {
        (_path, _limit, _log) = (path, limit, log);
        _file = LogFile.OpenToAppend(path, mode);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_file.IsClosed || bytes.IsEmpty) return;
            var written = FileCalls.WriteAll((int)_file.DangerousGetHandle(), bytes);
            _kept += bytes.Length;
            // With some room beyond the limit, so that not every write makes a hole; what is left over goes at the end.
            if (written && _kept > _limit + (_limit / 8)) written = Shorten();
            if (written || _lost) return;
            _lost = true;   // said once; the task goes on
            ExecutorLog.LogLost(_log, _path, Libc.LastError);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_file.IsClosed) return;
            if (_kept > _limit) Shorten();
            _file.Dispose();
        }
    }

    private bool Shorten()
    {
        if (!_shortened) ExecutorLog.LogShortened(_log, _path, _limit);
        _shortened = true;
        _kept = LogFile.Shorten(_path, _limit, ref _dropped);
        return _kept >= 0;
    }
}
