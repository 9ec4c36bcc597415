using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Hosting;

/// <summary>A worker's news of itself wait for the journal in a bounded queue.</summary>
public sealed class NodeStreamTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly WorkerIdentity Identity = new("node-1", "1.0.0");
    private readonly HeldJournal _journal = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly LifecyclePublisher _publisher;
    private readonly NodeStream _stream;

    public NodeStreamTests()
    {
        _publisher = new(new(), Identity.Producer, _clock, NullLoggerFactory.Instance);
        _stream = new(_journal, _publisher, Identity, _clock, NullLogger<NodeStream>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _journal.Let();
        await _stream.DisposeAsync();
        await _publisher.DisposeAsync();
    }

    [Fact]
    public async Task News_are_journaled_in_the_order_they_were_told_and_at_their_own_time()
    {
        _journal.Hold();
        var began = _clock.GetUtcNow();
        for (var i = 0; i < 250; i++, _clock.Advance(TimeSpan.FromSeconds(1))) _stream.Tell(News(i));
        _journal.Let();
        await _stream.StopAsync("over").WaitAsync(Patience);
        var events = await _journal.ReadAsync(StreamId.Node("node-1"), 0, CancellationToken.None).ToListAsync();
        events.Count.ShouldBe(251);
        events.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, 251).Select(n => (long)n));
        for (var i = 0; i < 250; i++) (((TelemetryDegraded)events[i].Event).Reason, events[i].Time).ShouldBe(($"{i}", began.AddSeconds(i)));
        events[250].Event.ShouldBeOfType<WorkerStopping>();
        _journal.Appends.ShouldBeLessThan(10, "what waits goes in one batch");
        _stream.Lost.ShouldBe(0);
    }

    [Fact]
    public async Task A_journal_that_does_not_answer_keeps_a_bounded_number_waiting_and_the_rest_is_counted()
    {
        _journal.Hold();
        const int more = 500;
        for (var i = 0; i < NodeStream.MaxQueued + more; i++) _stream.Tell(News(i));
        _stream.Lost.ShouldBeInRange(more - 200, more, "besides the queue there is one batch under way");
        _journal.Let();
        await _stream.StopAsync("over").WaitAsync(Patience);
        var events = await _journal.ReadAsync(StreamId.Node("node-1"), 0, CancellationToken.None).CountAsync();
        (events + _stream.Lost).ShouldBe(NodeStream.MaxQueued + more + 1);
    }

    [Fact]
    public async Task A_journal_that_does_not_answer_holds_up_the_stop_for_ten_seconds_only()
    {
        _journal.Hold();
        _stream.Tell(News(0));
        await _journal.Asked.WaitAsync(Patience);
        var stop = _stream.StopAsync("over");
        _clock.Advance(TimeSpan.FromSeconds(9));
        stop.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(2));
        await stop.WaitAsync(Patience);
    }

    [Fact]
    public async Task News_that_the_journal_refuses_are_lost_and_those_after_them_follow_without_a_gap()
    {
        await _stream.AppendAsync(News(0), CancellationToken.None).WaitAsync(Patience);
        _journal.Refuses = true;
        await _stream.AppendAsync(News(1), CancellationToken.None).WaitAsync(Patience);
        _journal.Refuses = false;
        await _stream.AppendAsync(News(2), CancellationToken.None).WaitAsync(Patience);
        var events = await _journal.ReadAsync(StreamId.Node("node-1"), 0, CancellationToken.None).ToListAsync();
        events.Select(e => (e.Seq, ((TelemetryDegraded)e.Event).Reason)).ShouldBe([(1, "0"), (2, "2")]);
        _stream.Lost.ShouldBe(1);
    }

    private static TelemetryDegraded News(int number) => new(["events"], $"{number}");

    private sealed class HeldJournal : IRunJournal
    {
        private readonly MemoryRunJournal _inner = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _gate = Open();
        private int _appends;

        public volatile bool Refuses;

        public Task Asked => _asked.Task;

        public int Appends => Volatile.Read(ref _appends);

        public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Let() => _gate.TrySetResult();

        public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => _inner.ExistsAsync(run, stop);

        public async ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
        {
            Interlocked.Increment(ref _appends);
            _asked.TrySetResult();
            await _gate.Task;
            if (Refuses) throw new JournalUnavailableException("no space left");
            await _inner.AppendAsync(stream, expectedVersion, epoch, events, durability);
        }

        public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, CancellationToken stop) => _inner.ReadAsync(stream, after, stop);

        public IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop) => _inner.ReadAllAsync(after, stop);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();

        private static TaskCompletionSource Open()
        {
            var open = new TaskCompletionSource();
            open.SetResult();
            return open;
        }
    }
}
