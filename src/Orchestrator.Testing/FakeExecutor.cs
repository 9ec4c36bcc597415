using System.Collections.Concurrent;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;

namespace Orchestrator.Testing;

/// <summary>Carries out every kind of task by its fake.</summary>
internal sealed class FakeExecutor(TimeProvider clock) : ITaskExecutor
{
    private readonly ConcurrentDictionary<string, FakeTask> _tasks = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>Attempts that end when the clock has moved.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public FakeTask Of(string task) => _tasks.GetOrAdd(task, static _ => new());

    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        var call = new FakeCall(attempt.Task.Id.ToString(), attempt.Attempt, attempt.Invocation);
        var fake = _tasks.GetValueOrDefault(call.Task) ?? Of(call.Task.Split('[')[0]);   // a fan-out's children share a fake, unless one has its own
        if (fake.Begin(call) is var takes && takes > TimeSpan.Zero)
        {
            var passed = Task.Delay(takes, clock, stop);
            Interlocked.Increment(ref _waiting);
            try { await passed.ConfigureAwait(false); }
            catch (OperationCanceledException) { return attempt.IsInterrupted() ? new TaskOutcome.Interrupted() : new TaskOutcome.Cancelled(); }
            finally { Interlocked.Decrement(ref _waiting); }
        }
        return fake.End(call);
    }
}
