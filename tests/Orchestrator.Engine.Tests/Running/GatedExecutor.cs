using System.Threading.Channels;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Attempts start when the run says so and end when the test says so.</summary>
internal sealed class GatedExecutor : ITaskExecutor
{
    private readonly Channel<Held> _started = Channel.CreateUnbounded<Held>();

    /// <summary>The next attempt that started, in order; the runner ends a test that waits for ever.</summary>
    public async Task<Held> NextAsync() => await _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public bool AnyWaiting => _started.Reader.TryPeek(out _);

    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        var held = new Held(attempt);
        await using var registration = stop.Register(() => held.Release.TrySetResult(new TaskOutcome.Cancelled()));
        await _started.Writer.WriteAsync(held, CancellationToken.None);
        return await held.Release.Task;
    }

    internal sealed record Held(TaskAttempt Attempt)
    {
        public TaskCompletionSource<TaskOutcome> Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public string Task => Attempt.Task.Id.ToString();
        public void Succeed() => Release.TrySetResult(new TaskOutcome.Succeeded());
        public void Fail(bool retryable = true) => Release.TrySetResult(new TaskOutcome.Failed(Core.FailureKind.Error, "broken", retryable));
    }
}
