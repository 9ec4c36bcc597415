using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class AdoptionTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly RunId _id = Some.Run();
    private readonly StreamId _run;

    public AdoptionTests() => _run = StreamId.Run(_id);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_writers_share_a_directory_and_neither_adopts_the_other()
    {
        await using var a = await _folder.Open("a");
        await using var b = await _folder.Open("b");
        await a.Commit(Some.Events(_run, 0));
        (await b.ClaimAbandonedAsync()).ShouldBeEmpty();
        (await b.ClaimAsync(_id)).ShouldBeNull();
        await a.Commit(Some.Events(_run, 1));
        await b.Commit(Some.Events(StreamId.Run(Some.Run()), 0));
        (await a.All(_run)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_folder_has_one_writer()
    {
        await using (await _folder.Open())
            (await Should.ThrowAsync<JournalUnavailableException>(() => _folder.Open())).Message.ShouldContain("Another process");
        await using (await _folder.Open()) { }
    }

    [Fact]
    public async Task A_dead_writers_open_runs_go_on_in_ours()
    {
        var finished = Some.Run();
        using var crashed = await CrashAsync(async a =>
        {
            await a.Commit(Some.Events(_run, 0, 3));
            await a.Commit(Some.Created(StreamId.Run(finished)));
            await a.Commit(Some.End(StreamId.Run(finished), 1));
        });
        await using (var b = await crashed.Open("b"))
        {
            var open = await b.ClaimAbandonedAsync();
            open.Single().RunId.ShouldBe(_id);
            open.Single().Events.Select(e => e.Seq).ShouldBe([1L, 2, 3]);
            (await b.ClaimAbandonedAsync()).Count.ShouldBe(1, "adopting again finds the same");
            await b.Commit(Some.Events(_run, 3));
            (await b.All(_run)).Count.ShouldBe(4);
            (await b.All(StreamId.Run(finished))).Count.ShouldBe(2);
            await Should.ThrowAsync<JournalUnavailableException>(() => crashed.Open("a"));
            await b.Commit(Some.End(_run, 4));
        }
        Directory.GetDirectories(Path.Combine(crashed.Path, "journal")).ShouldBeEmpty();
        var reader = new RunReader(new(crashed.Path));
        (await reader.ReadEventsAsync(_id, TestContext.Current.CancellationToken)).Count.ShouldBe(5);
        (await reader.ReadEventsAsync(finished, TestContext.Current.CancellationToken)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_run_spread_over_two_dead_writers_is_one_stream()
    {
        using var first = await CrashAsync(a => a.Commit(Some.Events(_run, 0, 3)).AsTask());
        Folder second;
        await using (var b = await first.Open("b"))
        {
            await b.ClaimAbandonedAsync();
            await b.Commit(Some.Events(_run, 3, 2));
            second = first.Copy();
        }
        using (second)
        {
            await using var c = await second.Open("c");
            (await c.ClaimAsync(_id))!.Events.Select(e => e.Seq).ShouldBe([1L, 2, 3, 4, 5]);
            (await new RunReader(new(second.Path)).ReadEventsAsync(_id, TestContext.Current.CancellationToken)).Count.ShouldBe(5);
        }
    }

    [Fact]
    public async Task A_run_is_resumed_by_hand_from_the_writer_that_holds_it()
    {
        using var crashed = await CrashAsync(a => a.Commit(Some.Events(_run, 0)).AsTask());
        await using var b = await crashed.Open("b");
        (await b.ClaimAsync(Some.Run())).ShouldBeNull();
        (await b.ClaimAsync(_id))!.Events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_event_twice_counts_once_and_two_different_ones_are_corruption()
    {
        using var crashed = await CrashAsync(a => a.Commit(Some.Events(_run, 0, 3)).AsTask());
        Directory.CreateDirectory(crashed.Writer("copy"));
        var copy = Path.Combine(crashed.Writer("copy"), "00000001.jsonl");
        File.Copy(crashed.Segments("a")[0], copy);
        using (var same = crashed.Copy())
        {
            await using var b = await same.Open("b");
            (await b.ClaimAbandonedAsync()).Single().Events.Count.ShouldBe(3);
        }
        using var other = await CrashAsync(a => a.Commit([new(_run, 1, Some.At, new TaskStarted(new("other"), 1, 1, "noop"))]).AsTask());
        File.Copy(other.Segments("a")[0], copy, overwrite: true);
        await using var c = await crashed.Open("c");
        (await Should.ThrowAsync<JournalCorruptException>(() => c.ClaimAbandonedAsync())).Message.ShouldContain("differs");
    }

    private async Task<Folder> CrashAsync(Func<JsonlRunJournal, Task> work)
    {
        using var alive = new Folder();
        await using var journal = await alive.Open("a");
        await work(journal);
        await journal.SettledAsync();
        return alive.Copy();
    }
}
