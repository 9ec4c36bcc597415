using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>What a delegate knows about the attempt it executes. The attempt's span is <see cref="System.Diagnostics.Activity.Current"/>.</summary>
public sealed class DelegateContext
{
    private readonly TaskAttempt _attempt;
    private readonly Func<TaskAttempt, DelegateLog> _open;
    private readonly IServiceScopeFactory? _scopes;
    private readonly Lock _gate = new();
    private DelegateLog? _log;
    private AsyncServiceScope? _scope;
    private volatile bool _closed;
    private bool _disposed;

    internal DelegateContext(TaskAttempt attempt, Func<TaskAttempt, DelegateLog> open, IServiceScopeFactory? scopes = null) => (_attempt, _open, _scopes) = (attempt, open, scopes);

    /// <summary>The run.</summary>
    public RunId RunId => _attempt.RunId;

    /// <summary>Name of the workflow.</summary>
    public string Workflow => _attempt.Workflow;

    /// <summary>The task.</summary>
    public TaskId TaskId => _attempt.Task.Id;

    /// <summary>1-based.</summary>
    public int Attempt => _attempt.Attempt;

    /// <summary>The task's `with`, expressions replaced.</summary>
    public ImmutableSortedDictionary<string, JsonElement> With => _attempt.Invocation.With;

    /// <summary>The run's folder (absolute), for what should be kept beside its logs; it may not exist yet.</summary>
    public string RunDirectory => _attempt.RunDirectory;

    /// <summary>Folder that relative paths start from (absolute).</summary>
    public string WorkingDirectory => _attempt.Invocation.WorkingDir is { Length: > 0 } own ? Path.GetFullPath(own, _attempt.BaseDirectory) : _attempt.BaseDirectory;

    /// <summary>Trace context to hand to other systems that know no ambient activity.</summary>
    public TraceStamp Trace => _attempt.Trace;

    /// <summary>
    /// Writes to the attempt's log, which is made with the first line, and to the host's log; secrets are masked in both. Lines that come
    /// after the attempt has been closed are dropped.
    /// </summary>
    public ILogger Logger => Log;

    /// <summary>
    /// Services of this attempt: a dependency injection scope of its own, made when it is first asked for and disposed when the delegate has returned.
    /// </summary>
    /// <exception cref="InvalidOperationException">The delegate does not run inside a host.</exception>
    public IServiceProvider Services
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return (_scope ??= (_scopes ?? throw new InvalidOperationException("There are no services: this delegate does not run inside a host.")).CreateAsyncScope()).ServiceProvider;
            }
        }
    }

    internal DelegateLog Log
    {
        get
        {
            if (_log is { } known) return known;
            var log = Interlocked.CompareExchange(ref _log, _open(_attempt), null) ?? _log;
            if (_closed) log.Close();   // requested only now, by abandoned work
            return log;
        }
    }

    /// <summary>
    /// Says how far the attempt is: the event `task.progress`. At most one a second is journaled, the latest wins, and the last one before the
    /// end is never lost. Safe from any thread, never blocks; ignored once the attempt has been closed.
    /// </summary>
    /// <param name="message">One sentence; cut after 500 characters, secrets masked.</param>
    /// <param name="percent">0 to 100; values outside are moved to the nearer end.</param>
    public void ReportProgress(string? message, double? percent = null)
    {
        if (_attempt.Progress is not { } progress) return;
        progress.Report(message is null ? null : SecretMasker.Apply(_attempt.Patterns, message), percent);
    }

    /// <summary>An exception for the host's log: where the attempt knows secrets, without what it says.</summary>
    internal Exception Masked(Exception e) => _attempt.Secrets.Count == 0 ? e : new InvalidOperationException($"{e.GetType().Name} at {e.StackTrace?.Trim()}");

    /// <summary>Disposes what the attempt's services made, once the delegate has returned.</summary>
    internal ValueTask DisposeServicesAsync()
    {
        AsyncServiceScope? scope;
        lock (_gate) (scope, _scope, _disposed) = (_scope, null, true);
        return scope?.DisposeAsync() ?? default;
    }

    /// <summary>The attempt is over: nothing more is written. Returns the log's name if there is one.</summary>
    internal string? Close()
    {
        _closed = true;
        return _log?.Close();
    }
}
