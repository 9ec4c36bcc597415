using System.Buffers;
using Orchestrator.Engine.Posix;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// A pipe from a child into its log: bytes are masked, passed to the reader of results, and written. Nothing waits in a read: the
/// waiting thread tells when there is something, the pool moves it.
/// </summary>
internal sealed unsafe class OutputPipe : IReadinessListener, IThreadPoolWorkItem, IDisposable
{
    private const int Chunk = 64 * 1024, ChunksAtOnce = 16, GetFlags = 3, SetFlags = 4;

    private readonly Readiness _readiness;
    private readonly AttemptLog _log;
    private readonly SecretMasker? _masker;
    private readonly LastJsonLine? _lines;
    private readonly ArrayBufferWriter<byte> _masked = new(256);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _watch;
    private int _readEnd, _writeEnd;

    public OutputPipe(Readiness readiness, AttemptLog log, SecretPatterns? secrets, LastJsonLine? lines)
    {
        (_readiness, _log, _lines) = (readiness, log, lines);
        _masker = secrets is null ? null : new(secrets);
        var ends = stackalloc int[2];
        if (Libc.Pipe(ends, OpenFlags.CloseOnExec) != 0) throw new SpawnRefusedException($"No pipe can be made for the task's output (error {Libc.LastError}; see ulimit -n).");
        (_readEnd, _writeEnd) = (ends[0], ends[1]);
        // Only our end: the child expects a blocking one.
        _ = Libc.Control(_readEnd, SetFlags, Libc.Control(_readEnd, GetFlags, 0) | OpenFlags.NonBlocking);
        lock (_gate)
            if (readiness.TryWatch(_readEnd, this, out _watch)) return;
        CloseWriteEnd();
        _ = FileCalls.Close(_readEnd);
        throw new SpawnRefusedException("The task's output pipe cannot be watched (epoll): the system has no watches left.");
    }

    /// <summary>What the child gets as its output.</summary>
    public int WriteEnd => _writeEnd;

    /// <summary>Completes when every holder of the other end is gone, or after <see cref="Dispose"/>.</summary>
    public Task Ended => _ended.Task;

    /// <summary>After the spawn: only children may keep the pipe open now.</summary>
    public void CloseWriteEnd()
    {
        if (_writeEnd >= 0) _ = FileCalls.Close(_writeEnd);
        _writeEnd = -1;
    }

    public void OnReady() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void Execute()
    {
        lock (_gate)
        {
            if (_readEnd < 0) return;
            if (Drain()) Finish();
            else _readiness.Rearm(_readEnd, _watch);
        }
    }

    /// <summary>Reads what is there and closes the pipe, even if a process still holds the other end.</summary>
    public void Dispose()
    {
        CloseWriteEnd();
        lock (_gate)
        {
            if (_readEnd < 0) return;
            Drain();
            Finish();
        }
    }

    // True at the end of the stream. Bounded, so that one busy child does not keep a pool thread from the others.
    private bool Drain()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (var i = 0; i < ChunksAtOnce; i++)
            {
                var n = FileCalls.Read(_readEnd, buffer);
                if (n <= 0) return n == 0 || Libc.LastError != Libc.TryAgain;
                Take(buffer.AsSpan(0, n));
            }
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: _masker is not null);
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _lines?.Write(bytes);
        if (_masker is null)
        {
            _log.Write(bytes);
            return;
        }
        _masker.Write(bytes, _masked);
        Flush();
    }

    private void Finish()
    {
        _masker?.Complete(_masked);
        Flush();
        _lines?.Complete();
        _readiness.Forget(_readEnd, _watch);
        _ = FileCalls.Close(_readEnd);
        _readEnd = -1;
        _ended.TrySetResult();
    }

    private void Flush()
    {
        _log.Write(_masked.WrittenSpan);
        _masked.ResetWrittenCount();
    }
}
