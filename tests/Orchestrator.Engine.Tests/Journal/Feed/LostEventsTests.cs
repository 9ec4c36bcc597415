using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Tests.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal.Feed;

public sealed class LostEventsTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly RunId _open = Some.Run(), _whole = Some.Run(), _ended = Some.Run(), _removed = Some.Run(), _gone = Some.Run();
    private readonly StreamId _schedule = StreamId.Schedule("nightly", "two");
    private readonly List<JournalEvent> _told = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_told_and_is_gone_has_something_in_its_place_and_is_told()
    {
        await using var journal = await _folder.Open();
        await journal.Commit(Some.Created(StreamId.Run(_open)));
        await journal.Commit(Some.Created(StreamId.Run(_whole)));
        await journal.Commit(Some.Created(StreamId.Run(_ended)));
        await journal.Commit(Some.End(StreamId.Run(_ended), 1));
        await journal.Commit(Some.Events(_schedule, 0, 2));
        await journal.SettledAsync();
        new RemovedRuns(new(_folder.Path)).Note([_removed], Some.At);
        var found = await FindAsync(journal, new()
        {
            [StreamId.Run(_open)] = 4, [StreamId.Run(_whole)] = 1, [StreamId.Run(_ended)] = 1, [StreamId.Run(_removed)] = 9, [StreamId.Run(_gone)] = 3, [_schedule] = 5, [StreamId.Node("n")] = 2,
        });

        found.Single(r => r.RunId == _whole).Events.Count.ShouldBe(1);
        var events = found.Single(r => r.RunId == _open).Events;
        events.Select(e => e.Seq).ShouldBe([1L, 2, 3, 4]);
        events.Skip(1).ShouldAllBe(e => e.Event.Equals(new WorkflowEventsLost(2, 4)));
        (await journal.All(StreamId.Run(_open))).Count.ShouldBe(4);
        (await journal.All(_schedule)).Select(e => e.Seq).ShouldBe([1L, 2, 3, 4, 5]);
        (await journal.All(StreamId.Node("n"))).ShouldAllBe(e => e.Event.Equals(new JournalEventsLost("node:n", 1, 2)));
        _told.ShouldBe([new JournalEventsLost(StreamId.Run(_open).ToString(), 2, 4), new JournalEventsLost(StreamId.Run(_gone).ToString(), 1, 3)], ignoreOrder: true);

        _told.Clear();
        (await FindAsync(journal, new() { [StreamId.Run(_open)] = 4, [_schedule] = 5 }, found)).Sum(r => r.Events.Count).ShouldBe(5);
        _told.ShouldBeEmpty("nothing is lost any more");
    }

    [Fact]
    public async Task A_run_that_another_process_is_at_work_on_is_not_lost()
    {
        await using var other = await _folder.Open("other");
        await other.Commit(Some.Created(StreamId.Run(_open)));
        await using var journal = await _folder.Open();
        await FindAsync(journal, new() { [StreamId.Run(_open)] = 1, [StreamId.Run(_gone)] = 1 }, []);
        _told.ShouldBe([new JournalEventsLost(StreamId.Run(_gone).ToString(), 1, 1)]);
    }

    [Fact]
    public async Task A_stream_whose_last_event_cannot_be_read_is_not_lost_and_stops_nothing()
    {
        await using var journal = await _folder.Open();
        await journal.Commit(Some.Created(StreamId.Run(_open)));
        await journal.Commit(UnreadableTests.Unreadable(StreamId.Run(_open), 1));
        await FindAsync(journal, new() { [StreamId.Run(_open)] = 2, [StreamId.Run(_gone)] = 1 }, []);
        _told.ShouldBe([new JournalEventsLost(StreamId.Run(_gone).ToString(), 1, 1)]);
    }

    private async Task<IReadOnlyList<AdoptedRun>> FindAsync(JsonlRunJournal journal, Dictionary<StreamId, long> told, IReadOnlyList<AdoptedRun>? open = null) =>
        await new LostEvents(new DataDirectory(_folder.Path), journal, TimeProvider.System, NullLogger.Instance).FindAsync(
            told, open ?? [new(_open, await journal.All(StreamId.Run(_open))), new(_whole, await journal.All(StreamId.Run(_whole)))], _told.Add, CancellationToken.None);
}
