using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>What every journal promises, whatever it is stored in.</summary>
public abstract class JournalCompliance : IAsyncLifetime
{
    private IRunJournal _journal = null!;

    protected abstract Task<IRunJournal> OpenAsync();

    public async ValueTask InitializeAsync() => _journal = await OpenAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _journal.DisposeAsync();
    }

    [Fact]
    public async Task What_was_appended_is_read_back_in_order()
    {
        var stream = StreamId.Run(Some.Run());
        await _journal.Commit(Some.Created(stream));
        await _journal.Write(Some.Events(stream, 1, 3));
        await _journal.Commit(Some.Events(stream, 4, 2));
        var events = await _journal.All(stream);
        events.Select(e => e.Seq).ShouldBe([1L, 2, 3, 4, 5, 6]);
        events.Skip(1).ShouldBe([.. Some.Events(stream, 1, 5)]);
        events.ShouldAllBe(e => e.Stream == stream);
    }

    [Fact]
    public async Task An_unknown_stream_is_empty() => (await _journal.All(StreamId.Run(Some.Run()))).ShouldBeEmpty();

    [Fact]
    public async Task Another_version_than_expected_is_a_conflict_and_changes_nothing()
    {
        var stream = StreamId.Run(Some.Run());
        await _journal.Commit(Some.Events(stream, 0, 2));
        foreach (var version in (long[])[0, 1, 3])
            (await Should.ThrowAsync<JournalConflictException>(async () => await _journal.Commit(Some.Events(stream, version)))).Message.ShouldContain("version 2");
        await Should.ThrowAsync<JournalConflictException>(async () => await _journal.Commit(Some.Events(StreamId.Run(Some.Run()), 7)));
        await _journal.Commit(Some.Events(stream, 2));
        (await _journal.All(stream)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Appends_to_one_stream_need_not_wait_for_each_other()
    {
        var stream = StreamId.Run(Some.Run());
        var tasks = Enumerable.Range(0, 100).Select(i => _journal.AppendAsync(stream, i, Some.Events(stream, i), i % 3 == 0 ? AppendDurability.Committed : AppendDurability.Written).AsTask()).ToList();
        await Task.WhenAll(tasks);
        (await _journal.All(stream)).Select(e => e.Seq).ShouldBe(Enumerable.Range(1, 100).Select(i => (long)i));
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        var streams = Enumerable.Range(0, 50).Select(_ => StreamId.Run(Some.Run())).ToList();
        await Task.WhenAll(streams.Select(async s =>
        {
            for (var i = 0; i < 20; i++) await _journal.Commit(Some.Events(s, i * 2, 2));
        }));
        foreach (var s in streams) (await _journal.All(s)).Select(e => e.Seq).ShouldBe(Enumerable.Range(1, 40).Select(i => (long)i));
        var all = await _journal.Everything();
        all.Count.ShouldBe(2000);
        all.Select(e => e.Position).ShouldBe(all.Select(e => e.Position).Order());
        all.Select(e => e.Position).Distinct().Count().ShouldBe(2000);
    }

    [Fact]
    public async Task A_cursor_goes_on_where_it_stopped()
    {
        StreamId a = StreamId.Run(Some.Run()), b = StreamId.Schedule("nightly", "at-two");
        await _journal.Commit(Some.Events(a, 0, 3));
        var first = await _journal.Everything();
        first.Count.ShouldBe(3);
        await _journal.Commit([new(b, 1, Some.At, new ScheduleSkipped("at-two", "nightly", Some.At, "overlap"))]);
        await _journal.Commit(Some.Events(a, 3, 2));
        (await _journal.Everything(first[^1].Position)).Select(e => (e.Recorded.Stream, e.Recorded.Seq)).ShouldBe([(b, 1L), (a, 4L), (a, 5L)]);
        (await _journal.Everything(first[1].Position)).Select(e => (e.Recorded.Stream, e.Recorded.Seq)).ShouldBe([(a, 3L), (b, 1L), (a, 4L), (a, 5L)]);
    }

    [Fact]
    public async Task An_append_must_be_gapless_and_of_one_stream()
    {
        StreamId a = StreamId.Run(Some.Run()), b = StreamId.Run(Some.Run());
        await Should.ThrowAsync<ArgumentException>(async () => await _journal.AppendAsync(a, 0, [], AppendDurability.Committed));
        await Should.ThrowAsync<ArgumentException>(async () => await _journal.AppendAsync(a, 0, Some.Events(b, 0), AppendDurability.Committed));
        await Should.ThrowAsync<ArgumentException>(async () => await _journal.AppendAsync(a, 0, Some.Events(a, 1), AppendDurability.Committed));
        (await _journal.All(a)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_finished_run_can_still_be_read()
    {
        var stream = StreamId.Run(Some.Run());
        await _journal.Commit(Some.Created(stream));
        await _journal.Commit(Some.End(stream, 1));
        (await _journal.All(stream)).Select(e => e.Event.Type).ShouldBe(["workflow.created", "workflow.completed"]);
        (await _journal.Everything()).Count.ShouldBe(2);
        await Should.ThrowAsync<JournalConflictException>(async () => await _journal.Commit(Some.Created(stream)));
    }

    [Fact]
    public async Task A_closed_journal_takes_no_appends()
    {
        await _journal.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await _journal.Commit(Some.Events(StreamId.Run(Some.Run()), 0)));
        await _journal.DisposeAsync();
    }
}

public sealed class MemoryJournalCompliance : JournalCompliance
{
    protected override Task<IRunJournal> OpenAsync() => Task.FromResult<IRunJournal>(new MemoryRunJournal());
}

public class JsonlJournalCompliance : JournalCompliance
{
    private readonly Folder _folder = new();

    private protected virtual JsonlJournalOptions Options(Folder folder) => folder.Options();

    protected override async Task<IRunJournal> OpenAsync() => await JsonlRunJournal.OpenAsync(Options(_folder));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class RelaxedJournalCompliance : JsonlJournalCompliance
{
    private protected override JsonlJournalOptions Options(Folder folder) => folder.Options() with { Durability = JournalDurability.Relaxed };
}

/// <summary>Every append rolls the segment: nothing depends on the segment an event lies in.</summary>
public sealed class TinySegmentJournalCompliance : JsonlJournalCompliance
{
    private protected override JsonlJournalOptions Options(Folder folder) => folder.Options() with { SegmentBytes = 400 };
}
