using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class ArchiveTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_finished_run_moves_to_its_folder_and_leaves_nothing_behind()
    {
        var id = Some.Run();
        await using (var journal = (await _folder.Open()).WithFeed())
        {
            await FinishAsync(journal, id, 3);
            await journal.SettledAsync();
            File.Exists(new RunPaths(_folder.Path).EventsOf(id)).ShouldBeTrue();
            (await journal.All(StreamId.Run(id))).Count.ShouldBe(5);
            (await journal.Everything()).Count.ShouldBe(5);
        }
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "journal")).ShouldBeEmpty();
        await using var again = await _folder.Open();
        (await again.All(StreamId.Run(id))).Count.ShouldBe(5);
        await Should.ThrowAsync<JournalConflictException>(async () => await again.Commit(Some.Created(StreamId.Run(id))));
    }

    [Fact]
    public async Task An_open_run_is_carried_forward_when_all_around_it_is_finished()
    {
        StreamId open = StreamId.Run(Some.Run()), schedule = StreamId.Schedule("nightly", "at-two");
        await using (var journal = (await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 16_000 })).WithFeed())
        {
            await journal.Commit(Some.Events(open, 0, 3));
            for (var i = 0; i < 8; i++) await journal.Commit([new(schedule, i + 1, Some.At, new ScheduleSkipped("at-two", "nightly", Some.At, "overlap"))]);
            for (var i = 0; i < 60; i++) await FinishAsync(journal, Some.Run(), 5);
            await journal.SettledAsync();
            File.Exists(Path.Combine(_folder.Writer(), "00000001.jsonl")).ShouldBeFalse();
            (await journal.All(open)).Select(e => e.Seq).ShouldBe([1L, 2, 3]);
            (await journal.All(schedule)).Select(e => e.Seq).ShouldBe([1L, 2, 3, 4, 5, 6, 7, 8]);
            (await journal.Everything()).Count.ShouldBeGreaterThanOrEqualTo(3 + 8 + (60 * 7));
            await journal.Commit(Some.Events(open, 3));
            await journal.Commit([new(schedule, 9, Some.At, new ScheduleSkipped("at-two", "nightly", Some.At, "overlap"))]);
            using var crashed = _folder.Copy();
            await using var recovered = await crashed.Open();
            (await recovered.All(open)).Select(e => e.Seq).ShouldBe([1L, 2, 3, 4]);
            (await recovered.All(schedule)).Select(e => e.Seq).ShouldBe([1L, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
        _folder.Segments().Length.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_run_that_was_removed_stays_removed_though_its_segment_lives_on_for_another()
    {
        StreamId open = StreamId.Run(Some.Run());
        var gone = Some.Run();
        var paths = new RunPaths(_folder.Path);
        await using (var journal = await _folder.Open())
        {
            await journal.Commit(Some.Events(open, 0, 3));
            await FinishAsync(journal, gone, 3);
            await journal.SettledAsync();
        }
        new RemovedRuns(paths).Note([gone], Some.At);
        Directory.Delete(paths.Of(gone), recursive: true);
        await using var again = await _folder.Open();
        await again.SettledAsync();
        Directory.Exists(paths.Of(gone)).ShouldBeFalse();
        (await again.All(StreamId.Run(gone))).ShouldBeEmpty();
        (await again.All(open)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Segments_of_an_archived_run_may_go_in_any_order()
    {
        var id = Some.Run();
        var paths = new RunPaths(_folder.Path);
        File.WriteAllText(paths.Runs, "in the way: all segments stay");
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 300 })) await FinishAsync(journal, id, 1);
        File.Delete(paths.Runs);
        _folder.Segments().Length.ShouldBe(3);
        using var archived = _folder.Copy();
        await using (await archived.Open()) { }
        for (var left = 1; left < 7; left++)
        {
            using var crashed = _folder.Copy();
            var segments = crashed.Segments();
            for (var i = 0; i < 3; i++)
                if ((left >> i & 1) == 0) File.Delete(segments[i]);
            Directory.CreateDirectory(new RunPaths(crashed.Path).Of(id));
            File.Copy(new RunPaths(archived.Path).EventsOf(id), new RunPaths(crashed.Path).EventsOf(id));
            foreach (var writer in (string[])["other", "w"])
            {
                await using var journal = await crashed.Open(writer);
                (await journal.ClaimAbandonedAsync()).ShouldBeEmpty();
                (await journal.All(StreamId.Run(id))).Count.ShouldBe(3);
            }
            crashed.Segments().ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_run_that_cannot_be_archived_stays_in_the_journal()
    {
        var id = Some.Run();
        var paths = new RunPaths(_folder.Path);
        await using (var journal = await _folder.Open())
        {
            File.WriteAllText(paths.Runs, "in the way");
            await FinishAsync(journal, id, 1);
        }
        File.Delete(paths.Runs);
        await using (var journal = await _folder.Open()) (await journal.All(StreamId.Run(id))).Count.ShouldBe(3);
        File.Exists(paths.EventsOf(id)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_reader_finds_finished_and_open_runs_newest_first()
    {
        var ids = Enumerable.Range(0, 6).Select(_ => Some.Run()).ToList();
        await using var journal = await _folder.Open();
        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
            if (i % 2 == 0) await FinishAsync(journal, id, 2);
            else await journal.Commit(Some.Created(StreamId.Run(id)));
        await journal.SettledAsync();
        var reader = new RunReader(new(_folder.Path));
        reader.ListRunIds().ShouldBe(ids.OrderDescending());
        reader.FirstEvent(ids[0])!.Event.ShouldBeOfType<WorkflowCreated>();
        reader.LastEvent(ids[0])!.Event.ShouldBeOfType<WorkflowCompleted>();
        reader.LastEvent(ids[1])!.Seq.ShouldBe(1);
        (await reader.ReadEventsAsync(ids[1], TestContext.Current.CancellationToken)).Count.ShouldBe(1);
        (await reader.ReadEventsAsync(Some.Run(), TestContext.Current.CancellationToken)).ShouldBeEmpty();
        reader.FirstEvent(Some.Run()).ShouldBeNull();
        reader.Resolve(ids[2].ToString()).Found.ShouldBe(ids[2]);
        reader.Resolve(ids[2].ToString()[..8]).IsAmbiguous.ShouldBeTrue();
        reader.Resolve(ids[2].ToString()[..8]).Candidates.Count.ShouldBe(6);
        reader.Resolve("ffff").ShouldSatisfyAllConditions(l => l.Found.ShouldBeNull(), l => l.IsAmbiguous.ShouldBeFalse());
        await journal.Commit(Some.Events(StreamId.Run(ids[1]), 1));
        reader.LastEvent(ids[1])!.Seq.ShouldBe(2, "a reader sees what came since it last looked");
    }

    [Fact]
    public async Task Following_a_run_ends_with_its_terminal_event()
    {
        var id = Some.Run();
        var stream = StreamId.Run(id);
        await using var journal = await _folder.Open();
        await journal.Commit(Some.Created(stream));
        var seen = new List<string>();
        var version = 1;
        await foreach (var e in new RunReader(new(_folder.Path)).FollowAsync(id, TestContext.Current.CancellationToken))
        {
            seen.Add(e.Event.Type);
            if (version < 4) await journal.Commit(Some.Events(stream, version++));
            else if (version++ == 4) await journal.Commit(Some.End(stream, 4));
        }
        seen.ShouldBe(["workflow.created", "task.started", "task.started", "task.started", "workflow.completed"]);
    }

    private static async Task FinishAsync(JsonlRunJournal journal, RunId id, int tasks)
    {
        var stream = StreamId.Run(id);
        await journal.Commit(Some.Created(stream));
        await journal.Write(Some.Events(stream, 1, tasks));
        await journal.Commit(Some.End(stream, 1 + tasks));
    }
}
