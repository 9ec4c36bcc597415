using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>What every journal promises, whatever it is stored in.</summary>
public abstract class JournalCompliance : IAsyncLifetime
{
    private IRunJournal _journal = null!;
    private IRunOwnership _owners = null!;

    protected abstract Task<(IRunJournal Journal, IRunOwnership Owners)> OpenAsync();

    public async ValueTask InitializeAsync() => (_journal, _owners) = await OpenAsync();

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
        var tasks = Enumerable.Range(0, 100).Select(i => _journal.AppendAsync(stream, i, 0, Some.Events(stream, i), i % 3 == 0 ? AppendDurability.Committed : AppendDurability.Written).AsTask()).ToList();
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
        await ShouldFollowAsync(first[^1].Position, (a, [4, 5]), (b, [1]));
        await ShouldFollowAsync(first[1].Position, (a, [3, 4, 5]), (b, [1]));
    }

    // In the order of each stream; which of two streams comes first is the journal's to say.
    private async Task ShouldFollowAsync(long position, params (StreamId Stream, long[] Seqs)[] expected)
    {
        var after = await _journal.Everything(position);
        after.Count.ShouldBe(expected.Sum(e => e.Seqs.Length));
        after.ShouldAllBe(e => e.Position > position);
        foreach (var (stream, seqs) in expected) after.Where(e => e.Recorded.Stream == stream).OrderBy(e => e.Position).Select(e => e.Recorded.Seq).ShouldBe(seqs);
    }

    [Fact]
    public async Task An_append_must_be_gapless_and_of_one_stream()
    {
        StreamId a = StreamId.Run(Some.Run()), b = StreamId.Run(Some.Run());
        await Should.ThrowAsync<ArgumentException>(async () => await _journal.AppendAsync(a, 0, 0, [], AppendDurability.Committed));
        await Should.ThrowAsync<ArgumentException>(async () => await _journal.AppendAsync(a, 0, 0, Some.Events(b, 0), AppendDurability.Committed));
        await Should.ThrowAsync<ArgumentException>(async () => await _journal.AppendAsync(a, 0, 0, Some.Events(a, 1), AppendDurability.Committed));
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
    public async Task A_stream_is_read_after_an_event()
    {
        StreamId run = StreamId.Run(Some.Run()), schedule = StreamId.Schedule("nightly", "at-two");
        foreach (var stream in (StreamId[])[run, schedule])
        {
            await _journal.Commit(Some.Events(stream, 0, 3));
            await _journal.Commit(Some.Events(stream, 3, 2));
            foreach (var after in (long[])[0, 2, 3, 5, 9])
                (await _journal.ReadAsync(stream, after, CancellationToken.None).Select(e => e.Seq).ToListAsync()).ShouldBe(Enumerable.Range(1, 5).Select(i => (long)i).Where(i => i > after));
            (await _journal.ReadLastAsync(stream, 2, CancellationToken.None)).Select(e => e.Seq).ShouldBe([4L, 5]);
        }
    }

    [Fact]
    public async Task A_listener_hears_once_of_each_append()
    {
        var stream = StreamId.Run(Some.Run());
        Listener taken = new(), refused = new();
        _journal.Append(stream, 0, 0, Some.Events(stream, 0), AppendDurability.Committed, taken);
        (await taken.Told).ShouldBeNull();
        _journal.Append(stream, 0, 0, Some.Events(stream, 0), AppendDurability.Committed, refused);
        (await refused.Told).ShouldBeOfType<JournalConflictException>();
    }

    [Fact]
    public async Task A_claim_gives_all_events_and_shuts_out_whoever_owned_the_run_before()
    {
        var run = Some.Run();
        var stream = StreamId.Run(run);
        await AppendAsync(stream, 0, epoch: 0);
        var first = (await _owners.ClaimAsync(run)).ShouldNotBeNull();
        first.Events.Select(e => e.Seq).ShouldBe([1L]);
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(stream, 1, epoch: 0));
        await AppendAsync(stream, 1, first.Epoch);

        var second = (await _owners.ClaimAsync(run)).ShouldNotBeNull();
        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        second.Events.Select(e => e.Seq).ShouldBe([1L, 2]);
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(stream, 2, first.Epoch));
        (await _journal.All(stream)).Count.ShouldBe(2, "what was refused left nothing");
        await AppendAsync(stream, 2, second.Epoch);
        _owners.Renew().ShouldBeTrue();
    }

    [Fact]
    public async Task A_claim_comes_after_appends_that_were_handed_over_before_it()
    {
        var run = Some.Run();
        var stream = StreamId.Run(run);
        await AppendAsync(stream, 0, epoch: 0);
        var appends = Enumerable.Range(1, 200).Select(i => AppendAsync(stream, i, epoch: 0)).ToList();
        var claimed = (await _owners.ClaimAsync(run)).ShouldNotBeNull();
        try { await Task.WhenAll(appends); }
        catch (JournalConflictException) { }   // those that came after the claim
        (await _journal.All(stream)).Count.ShouldBe(claimed.Events.Count, "nothing comes in after the claim");
        appends.Count(a => a.IsCompletedSuccessfully).ShouldBe(claimed.Events.Count - 1);
    }

    [Fact]
    public async Task A_run_that_was_given_up_takes_nothing_until_it_is_claimed()
    {
        var run = Some.Run();
        var stream = StreamId.Run(run);
        await AppendAsync(stream, 0, epoch: 0);
        _owners.Release(run);
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(stream, 1, epoch: 0));
        var claimed = (await _owners.ClaimAbandonedAsync()).ShouldHaveSingleItem();
        await AppendAsync(stream, 1, claimed.Epoch);
    }

    [Fact]
    public async Task A_run_that_has_ended_or_is_unknown_cannot_be_claimed()
    {
        var run = Some.Run();
        await _journal.Commit(Some.Created(StreamId.Run(run)));
        await _journal.Commit(Some.End(StreamId.Run(run), 1));
        (await _owners.ClaimAsync(run)).ShouldBeNull();
        (await _owners.ClaimAsync(Some.Run())).ShouldBeNull();
        (await _owners.ClaimAbandonedAsync()).ShouldBeEmpty();
    }

    private Task AppendAsync(StreamId stream, long version, long epoch) =>
        _journal.AppendAsync(stream, version, epoch, version == 0 ? Some.Created(stream) : Some.Events(stream, version), AppendDurability.Committed).AsTask();

    private sealed class Listener : ICommitListener
    {
        private readonly TaskCompletionSource<Exception?> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception?> Told => _told.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Committed(Exception? error) => _told.SetResult(error);
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
    protected override Task<(IRunJournal, IRunOwnership)> OpenAsync()
    {
        var journal = new MemoryRunJournal();
        return Task.FromResult<(IRunJournal, IRunOwnership)>((journal, journal));
    }
}

public class JsonlJournalCompliance : JournalCompliance
{
    private readonly Folder _folder = new();

    private protected virtual JsonlJournalOptions Options(Folder folder) => folder.Options();

    protected override async Task<(IRunJournal, IRunOwnership)> OpenAsync()
    {
        var journal = (await JsonlRunJournal.OpenAsync(Options(_folder))).WithFeed();
        return (journal, journal);
    }

    [Fact]
    public async Task A_position_is_the_same_after_a_restart_whatever_was_archived_meanwhile()
    {
        using var folder = new Folder();
        List<JournalEntry> told;
        await using (var journal = (await JsonlRunJournal.OpenAsync(Options(folder))).WithFeed())
        {
            foreach (var stream in Enumerable.Range(0, 6).Select(_ => StreamId.Run(Some.Run())))
            {
                await journal.Commit(Some.Created(stream));
                await journal.Commit(Some.End(stream, 1));
            }
            told = await journal.Everything();
            await journal.SettledAsync();
        }
        await using var again = (await JsonlRunJournal.OpenAsync(Options(folder))).WithFeed();
        (await again.Everything()).Select(e => (e.Position, e.Recorded.Stream, e.Recorded.Seq)).ShouldBe(told.Select(e => (e.Position, e.Recorded.Stream, e.Recorded.Seq)));
        told.Count.ShouldBe(12);
    }

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
