using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>What dead writers have left to archive does not delay a process that is not ready yet.</summary>
public sealed class LateArchivingTests : IDisposable
{
    private readonly Folder _folder = new();

    [Fact]
    public async Task Finished_runs_of_a_dead_writer_are_archived_only_when_told()
    {
        var runs = Enumerable.Range(0, 20).Select(_ => Some.Run()).ToList();
        await using (var dead = await JsonlRunJournal.OpenAsync(_folder.Options("dead") with { ArchivesWhenTold = true }))
            foreach (var run in runs)
            {
                await dead.Commit(Some.Created(StreamId.Run(run)));
                await dead.Commit(Some.End(StreamId.Run(run), 1));
            }
        Archived(runs).ShouldBe(0);

        await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { ArchivesWhenTold = true });
        (await journal.ClaimAbandonedAsync()).ShouldBeEmpty();
        (await journal.All(StreamId.Run(runs[0]))).Count.ShouldBe(2, "it can be read all the same");
        Archived(runs).ShouldBe(0);

        journal.StartArchiving();
        await journal.SettledAsync();
        Archived(runs).ShouldBe(runs.Count);
    }

    [Fact]
    public async Task A_run_that_was_removed_before_its_segment_was_archived_does_not_come_back()
    {
        var (gone, left) = (Some.Run(), Some.Run());
        var store = new DataDirectory(_folder.Path);
        await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { ArchivesWhenTold = true });
        foreach (var run in new[] { gone, left })
        {
            await journal.Commit(Some.Created(StreamId.Run(run)));
            await journal.Commit(Some.End(StreamId.Run(run), 1));
        }
        Directory.CreateDirectory(new RunPaths(_folder.Path).Of(gone));   // an earlier process had archived it
        store.Removal.Remove([gone]).ShouldBe([gone]);
        (await journal.All(StreamId.Run(gone))).ShouldBeEmpty("its events are in the segment for the sake of others only");
        (await journal.All(StreamId.Run(left))).Count.ShouldBe(2);

        journal.StartArchiving();
        await journal.SettledAsync();
        (Archived([gone]), Archived([left])).ShouldBe((0, 1));
    }

    public void Dispose() => _folder.Dispose();

    private int Archived(IEnumerable<RunId> runs) => runs.Count(run => File.Exists(new RunPaths(_folder.Path).EventsOf(run)));
}
