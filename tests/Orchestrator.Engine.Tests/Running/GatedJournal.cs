using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>A journal in memory that asks the test before it takes anything.</summary>
internal sealed class GatedJournal : IRunJournal
{
    private readonly MemoryRunJournal _inner = new();

    /// <summary>What an append waits for, and may fail with. Null: appends are taken at once.</summary>
    public volatile Func<StreamId, IReadOnlyList<RecordedEvent>, Task>? Before;

    /// <summary>Holds the next batch that has such an event; the source lets it through, or makes it fail.</summary>
    public TaskCompletionSource Hold<TEvent>() where TEvent : RunEvent
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Before = (_, events) => events.Any(e => e.Event is TEvent) ? gate.Task : Task.CompletedTask;
        return gate;
    }

    /// <summary>Refuses everything, as a full disk does, until it takes appends again.</summary>
    public void Refuse() => Before = (_, _) => Task.FromException(new JournalUnavailableException("no space left"));

    public void TakeAgain() => Before = null;

    public async ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
    {
        if (Before is { } before) await before(stream, events);
        await _inner.AppendAsync(stream, expectedVersion, epoch, events, durability);
    }

    public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => _inner.ExistsAsync(run, stop);

    public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, CancellationToken stop) => _inner.ReadAsync(stream, after, stop);

    public IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop) => _inner.ReadAllAsync(after, stop);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
