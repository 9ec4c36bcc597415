using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>The end of an engine: nothing it started outlives it, and nobody who asked it for something waits for ever.</summary>
public sealed class StoppingTests
{
    [Fact]
    public async Task Whoever_stops_it_second_waits_for_the_same_end()
    {
        var stubborn = new StubbornExecutor();
        await using var rig = new Rig(executor: stubborn);
        await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        await stubborn.Started;
        var first = rig.Engine.StopAsync(TimeSpan.Zero);
        var second = rig.Engine.StopAsync(TimeSpan.Zero);
        await stubborn.AskedToStop;
        second.IsCompleted.ShouldBeFalse("the attempt has not ended yet");
        stubborn.End();
        await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_stop_without_patience_ends_the_patience_of_an_earlier_one()
    {
        await using var rig = new Rig();
        await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        await rig.Gate.NextAsync();
        var drain = rig.Engine.StopAsync(TimeSpan.FromHours(1));
        await rig.Engine.StopAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(30));
        await drain.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task While_it_drains_nothing_starts_and_the_next_worker_goes_on_with_all_of_it()
    {
        await using var rig = new Rig();
        rig.Workflows["child"] = Rig.Flow(Rig.Task("c")) with { Name = "child" };
        var retried = Rig.Task("retried") with { Retry = new() { MaxAttempts = 2, InitialDelay = TimeSpan.FromSeconds(5) } };
        TaskDefinition[] after =
        [
            Rig.Task("attempt", "a"), Rig.Task("ask", "a") with { Action = new ApprovalAction("Go on?") }, Rig.Task("pause", "a") with { Action = new WaitAction { For = "1s" } },
            Rig.Task("run", "a") with { Action = new WorkflowAction("child") },
        ];
        var (id, end) = await rig.StartAsync(Rig.Flow([Rig.Task("a"), retried, Rig.Task("long"), .. after]));
        var attempts = new[] { await rig.Gate.NextAsync(), await rig.Gate.NextAsync(), await rig.Gate.NextAsync() }.ToDictionary(h => h.Task);
        var retrying = rig.NextAsync<TaskRetrying>();
        attempts["retried"].Fail();
        await retrying;
        var stopping = rig.Engine.StopAsync(TimeSpan.FromMinutes(1));
        var completed = rig.NextAsync<TaskCompleted>();
        attempts["a"].Succeed();
        await completed;
        rig.Clock.Advance(TimeSpan.FromSeconds(10));   // the retry is due
        attempts["long"].Succeed();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<RunInterruptedException>(() => end);

        var events = await rig.EventsAsync(id);
        events.Count(e => e.Event is TaskStarted).ShouldBe(3);
        events.Select(e => e.Event).OfType<TaskQueued>().Select(q => q.Task.ToString()).Order().ShouldBe(["ask", "attempt", "pause", "run"]);

        await using var next = await rig.RestartAsync(TimeSpan.FromSeconds(20), id);
        var last = next.EndOf(id);
        var started = new[] { await next.Gate.NextAsync(), await next.Gate.NextAsync(), await next.Gate.NextAsync() };
        started.Select(h => h.Task).Order().ShouldBe(["attempt", "c", "retried"]);
        foreach (var held in started) held.Succeed();
        await next.Engine.AnswerAsync(id, new RunInput.Approve(new("ask"), "ann", null, System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty));
        next.Clock.Advance(TimeSpan.FromSeconds(2));
        (await last).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task Attempts_of_a_run_that_is_owned_elsewhere_now_end_before_the_engine_does()
    {
        var stubborn = new StubbornExecutor();
        var journal = new RefusingJournal();
        await using var rig = new Rig(journal: journal, executor: stubborn);
        var (id, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        await stubborn.Started;
        journal.Refusal = new JournalConflictException(StreamId.Run(id), 1, 2);
        await rig.Engine.CancelAsync(id, "me");
        await Should.ThrowAsync<RunInterruptedException>(() => end);
        await stubborn.AskedToStop;
        var stopping = rig.Engine.StopAsync(TimeSpan.Zero);
        stopping.IsCompleted.ShouldBeFalse("a process of the run still lives");
        stubborn.End();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_journal_that_throws_what_nobody_expects_loses_its_run_and_not_the_engine()
    {
        var journal = new RefusingJournal();
        await using var rig = new Rig(journal: journal);
        var (id, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var a = await rig.Gate.NextAsync();
        journal.Refusal = new ObjectDisposedException("journal");
        a.Succeed();
        await Should.ThrowAsync<RunInterruptedException>(() => end);
        journal.Refusal = null;
        var (_, next) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        (await rig.Gate.NextAsync()).Succeed();
        (await next).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task An_engine_that_has_stopped_answers_everybody()
    {
        await using var rig = new Rig();
        await rig.Engine.StopAsync(TimeSpan.Zero);
        var patience = TimeSpan.FromSeconds(30);
        var id = RunId.New(rig.Clock.GetUtcNow(), new byte[10]);
        await Should.ThrowAsync<EngineStoppingException>(() => rig.StartAsync(Rig.Flow(Rig.Task("a"))).WaitAsync(patience));
        (await rig.Engine.CancelAsync(id, "me").WaitAsync(patience)).ShouldBeFalse();
        await Should.ThrowAsync<RunInterruptedException>(() => rig.Engine.WaitAsync(id).WaitAsync(patience));
    }

    /// <summary>An attempt that ends when the test says so, whatever it is asked.</summary>
    private sealed class StubbornExecutor : ITaskExecutor
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<TaskOutcome> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        public Task AskedToStop => _asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        public void End() => _end.TrySetResult(new TaskOutcome.Cancelled());

        public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
        {
            await using var registration = stop.Register(() => _asked.TrySetResult());
            _started.TrySetResult();
            return await _end.Task;
        }
    }

    /// <summary>A journal that can be told to refuse.</summary>
    private sealed class RefusingJournal : IRunJournal
    {
        private readonly MemoryRunJournal _inner = new();

        public volatile Exception? Refusal;

        public ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability) =>
            Refusal is { } refusal ? throw refusal : _inner.AppendAsync(stream, expectedVersion, epoch, events, durability);

        public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => _inner.ExistsAsync(run, stop);

        public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, CancellationToken stop) => _inner.ReadAsync(stream, after, stop);

        public IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop) => _inner.ReadAllAsync(after, stop);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
