using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.TestKit;

/// <summary>
/// A server of another package for one test, in a folder of its own. What is started is a shell that keeps the server and hangs on a pipe: its standard input. The server
/// ends with this object, and with this process however that ends: the shell heeds no signal to its group, or nobody would be left to end the server.
/// </summary>
/// <param name="name">For complaints.</param>
/// <param name="root">Its folder; gone with this object.</param>
/// <param name="ready">What it says when it can be used; null: nothing is waited for.</param>
internal sealed class ServerProcess(string name, string root, string? ready = null) : IAsyncDisposable
{
    private const int MaxLines = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _keeper;
    private TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it has said, the newest lines.</summary>
    public string Log => string.Join('\n', _log);

    public bool HasSpoken => !_log.IsEmpty;

    public bool HasExited => _keeper is not { HasExited: false };

    /// <summary>Orders for the keeper.</summary>
    public StreamWriter Orders => _keeper!.StandardInput;

    /// <summary>Starts it, again too, and waits until it is ready.</summary>
    public async Task StartAsync(ProcessStartInfo keeper)
    {
        _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        keeper.RedirectStandardInput = keeper.RedirectStandardError = true;
        _keeper = Process.Start(keeper)!;
        _keeper.OutputDataReceived += (_, line) => Hear(line.Data, isLast: false);
        _keeper.ErrorDataReceived += (_, line) => Hear(line.Data, isLast: true);
        if (keeper.RedirectStandardOutput) _keeper.BeginOutputReadLine();
        _keeper.BeginErrorReadLine();
        if (ready is not null && !await _ready.Task.WaitAsync(Patience)) throw new InvalidOperationException($"{name} did not start:\n{Log}");
    }

    /// <summary>Ends it at once, as a power cut would; its folder stays.</summary>
    public async Task StopAsync()
    {
        if (_keeper is not { } keeper) return;
        _keeper = null;
        keeper.StandardInput.Close();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(root, recursive: true);
    }

    private void Hear(string? line, bool isLast)
    {
        if (line is null)
        {
            if (isLast) _ready.TrySetResult(false);
            return;
        }
        _log.Enqueue(line);
        if (_log.Count > MaxLines) _log.TryDequeue(out _);
        if (ready is not null && line.Contains(ready, StringComparison.Ordinal)) _ready.TrySetResult(true);
    }
}
