using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Benchmarks;

/// <summary>
/// The limit: the least that makes lines durable. One writer drains what is queued into one write and one fdatasync; no format, no
/// checks, no versions. What the journal costs above this is the price of what it promises.
/// </summary>
internal sealed partial class GroupCommitLog : IAsyncDisposable
{
    private readonly Channel<(ReadOnlyMemory<byte> Line, TaskCompletionSource? Durable)> _queue =
        Channel.CreateUnbounded<(ReadOnlyMemory<byte>, TaskCompletionSource?)>(new() { SingleReader = true });
    private readonly SafeFileHandle _file;
    private readonly Task _writer;

    public GroupCommitLog(string path)
    {
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        _writer = Task.Run(WriteAsync);
    }

    public long Commits { get; private set; }

    public long Lines { get; private set; }

    /// <summary>Joins the next commit and waits for nothing.</summary>
    public void Append(ReadOnlyMemory<byte> line) => _queue.Writer.TryWrite((line, null));

    public Task CommitAsync(ReadOnlyMemory<byte> line)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Writer.TryWrite((line, durable));
        return durable.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _writer;
        _file.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new byte[1 << 22];
        var waiting = new List<TaskCompletionSource>();
        long offset = 0;
        while (await _queue.Reader.WaitToReadAsync())
        {
            var length = 0;
            while (_queue.Reader.TryPeek(out var next) && length + next.Line.Length <= batch.Length && _queue.Reader.TryRead(out next))
            {
                next.Line.Span.CopyTo(batch.AsSpan(length));
                length += next.Line.Length;
                Lines++;
                if (next.Durable is not null) waiting.Add(next.Durable);
            }
            RandomAccess.Write(_file, batch.AsSpan(0, length), offset);
            offset += length;
            if (waiting.Count == 0) continue;
            if (FDataSync(_file) != 0) throw new IOException("fdatasync failed", Marshal.GetLastPInvokeError());
            Commits++;
            foreach (var w in waiting) w.SetResult();
            waiting.Clear();
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);
}
