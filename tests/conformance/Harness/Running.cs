using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Conformance.Harness;

/// <summary>A started program whose output is collected as it comes.</summary>
internal sealed partial class Running : IAsyncDisposable
{
    /// <summary>No case waits longer than this for anything: a hang is a failure with what was said so far.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _err = new();
    private readonly Lock _gate = new();
    private readonly List<(Func<string, bool> Predicate, TaskCompletionSource<string> Found)> _waits = [];
    private readonly Task _reading;
    private bool _disposed;

    private Running(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _out), ReadAsync(process.StandardError, _err));
    }

    public int Pid => _process.Id;

    public bool HasExited => _disposed || _process.HasExited;

    public static Running Start(string program, IEnumerable<string> args, string workingDirectory, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = workingDirectory, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var arg in args) start.ArgumentList.Add(arg);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("OTEL_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new(process);
    }

    /// <summary>What has been written so far.</summary>
    public string Output { get { lock (_gate) return _out.ToString(); } }

    public string Errors { get { lock (_gate) return _err.ToString(); } }

    /// <summary>Completes with the first output or error line that fits, past ones included.</summary>
    public async Task<string> LineAsync(Func<string, bool> predicate)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            foreach (var line in (_out.ToString() + '\n' + _err).Split('\n'))
                if (predicate(line)) return line;
            _waits.Add((predicate, found));
        }
        var ended = Task.WhenAll(_process.WaitForExitAsync(), _reading);
        try { await Task.WhenAny(found.Task, ended).WaitAsync(Patience); }
        catch (TimeoutException) { }   // told below, with what was said
        if (found.Task.IsCompletedSuccessfully) return await found.Task;
        throw new TimeoutException($"The line did not come{(ended.IsCompleted ? $" before the program ended with {_process.ExitCode}" : "")}.\nstdout:\n{Output}\nstderr:\n{Errors}");
    }

    /// <summary>Waits for the end and gives what was said.</summary>
    /// <param name="patience">For what does a lot of work; otherwise <see cref="Patience"/>.</param>
    public async Task<Finished> EndAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience ?? Patience);
            await _reading.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Signal(9);
            throw new TimeoutException($"The program did not end.\nstdout:\n{Output}\nstderr:\n{Errors}");
        }
        return new(_process.ExitCode, Output, Errors);
    }

    /// <summary>Sends a signal: 2 INT, 9 KILL, 15 TERM, 19 STOP, 18 CONT.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited) _ = Kill(_process.Id, signal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_process.HasExited)
        {
            Signal(15);
            try { await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10)); }
            catch (TimeoutException)
            {
                Signal(9);
                await _process.WaitForExitAsync();
            }
        }
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder into)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                into.Append(line).Append('\n');
                foreach (var (predicate, found) in _waits)
                    if (predicate(line)) found.TrySetResult(line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
