using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Retention;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Tests.Running;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>Whether a run exists is the journal's answer, whatever folders there are: a run that was removed is not started again under its id.</summary>
public sealed class ExistenceTests : IDisposable
{
    private static readonly DateTimeOffset Due = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);
    private readonly Folder _folder = new();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private RunPaths Paths => new(_folder.Path);

    private RunRetention Retention => new(new DataDirectory(Paths.Root), new RetentionDefinition { Age = TimeSpan.FromDays(1) }, new ManualTimeProvider(Due.AddYears(1)));

    [Fact]
    public async Task A_run_exists_from_its_acceptance_on_and_after_its_removal_and_a_restart()
    {
        var id = RunId.ForSchedule("here", "nightly/two", Due);
        await using (var journal = await _folder.Open())
        {
            (await journal.ExistsAsync(id, _stop)).ShouldBeFalse();
            await journal.Commit(Some.Created(StreamId.Run(id)));
            (await journal.ExistsAsync(id, _stop)).ShouldBeTrue();
            await journal.Commit(Some.End(StreamId.Run(id), 1));
            await journal.SettledAsync();
            (await journal.ExistsAsync(id, _stop)).ShouldBeTrue();
            Retention.Remove([.. Retention.Expired(_stop).Select(e => e.Run)]).ShouldBe([id]);
            Directory.Exists(Paths.Of(id)).ShouldBeFalse();
            (await journal.ExistsAsync(id, _stop)).ShouldBeTrue();
        }
        await using var again = await _folder.Open();
        (await again.ExistsAsync(id, _stop)).ShouldBeTrue();
        (await again.ExistsAsync(RunId.ForSchedule("here", "nightly/two", Due.AddDays(1)), _stop)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_due_time_whose_run_was_removed_starts_no_other()
    {
        var id = RunId.ForSchedule("here", "flow/two", Due);
        var due = new RunRequest { RunId = id, Definition = Rig.Flow(Rig.Task("a")), Origin = new RunOrigin.Schedule("two", Due) };
        await using (var rig = new Rig(journal: await _folder.Open(), data: _folder.Path))
        {
            var (accepted, end) = await rig.Engine.SubmitAndWatchAsync(due, _stop);
            accepted.AlreadyExisted.ShouldBeFalse();
            (await rig.Gate.NextAsync()).Succeed();
            (await end.WaitAsync(TimeSpan.FromSeconds(30), _stop)).ShouldBeOfType<WorkflowCompleted>();
        }
        Retention.Remove([.. Retention.Expired(_stop).Select(e => e.Run)]).ShouldBe([id]);
        await using (var rig = new Rig(journal: await _folder.Open(), data: _folder.Path))
        {
            (await rig.Engine.SubmitAsync(due, _stop)).AlreadyExisted.ShouldBeTrue();
            rig.Engine.Snapshot.OpenRuns.ShouldBe(0);
            rig.Gate.AnyWaiting.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_folder_is_no_run()
    {
        var id = RunId.ForSchedule("here", "flow/two", Due);
        Directory.CreateDirectory(Path.Combine(Paths.Of(id), "mail"));
        await using var rig = new Rig(journal: await _folder.Open(), data: _folder.Path);
        (await rig.Engine.SubmitAsync(new RunRequest { RunId = id, Definition = Rig.Flow(Rig.Task("a")), Origin = new RunOrigin.Schedule("two", DateTimeOffset.UnixEpoch) }, _stop)).AlreadyExisted.ShouldBeFalse();
        (await rig.Gate.NextAsync()).Succeed();
    }

    [Fact]
    public async Task A_run_that_another_process_has_open_exists()
    {
        var id = RunId.ForSchedule("here", "flow/two", Due);
        await using var other = await _folder.Open("other");
        await other.Commit(Some.Created(StreamId.Run(id)));
        Directory.CreateDirectory(Paths.Of(id));
        await using var journal = await _folder.Open();
        (await journal.ExistsAsync(id, _stop)).ShouldBeTrue();
    }

    [Fact]
    public void What_other_processes_note_is_seen_and_the_oldest_are_forgotten_in_the_end()
    {
        var (mine, theirs) = (new RemovedRuns(Paths), new RemovedRuns(Paths));
        Directory.CreateDirectory(Paths.Root);
        var first = Some.Run();
        mine.Contains(first).ShouldBeFalse();
        theirs.Note([first], Due);
        mine.Contains(first).ShouldBeTrue();
        var many = Enumerable.Range(0, 80_000).Select(_ => Some.Run()).ToList();
        theirs.Note(many, Due);   // fills the file: it is put aside
        mine.Contains(first).ShouldBeTrue();
        mine.Contains(many[^1]).ShouldBeTrue();
        var last = Some.Run();
        theirs.Note([last], Due);
        mine.Contains(last).ShouldBeTrue();
        theirs.Note(Enumerable.Range(0, 80_000).Select(_ => Some.Run()), Due);
        mine.Contains(first).ShouldBeFalse();
        mine.Contains(last).ShouldBeTrue();
        new RemovedRuns(Paths).Read().Count.ShouldBe(80_001);
    }

    [Fact]
    public void Drafts_that_a_kill_has_left_go_once_they_are_old()
    {
        var old = (string[])["installation.7-1.tmp", "definitions/a.json.7-2.tmp", "deliveries/x.cursor.json.7-3.tmp", "index/idempotency.jsonl.7-4.tmp"];
        foreach (var name in old.Append("definitions/b.json.8-1.tmp").Append("definitions/b.json").Append("deliveries/mine.tmp"))
        {
            var path = Path.Combine(Paths.Root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
            if (!name.StartsWith("definitions/b", StringComparison.Ordinal)) File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        }
        new DataDirectory(Paths).Removal.Tidy();
        Directory.GetFiles(Paths.Root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Paths.Root, f))
            .ShouldBe(["definitions/b.json", "definitions/b.json.8-1.tmp", "deliveries/mine.tmp"], ignoreOrder: true);
    }

    [Fact]
    public async Task Notes_of_several_processes_at_once_lose_none()
    {
        Directory.CreateDirectory(Paths.Root);
        var runs = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 60).Select(_ => Some.Run()).ToList()).ToList();
        await Task.WhenAll(runs.Select(mine => Task.Run(() =>
        {
            var removed = new RemovedRuns(Paths);
            foreach (var run in mine) removed.Note([run], Due);
        })));
        new RemovedRuns(Paths).Read().Count.ShouldBe(240);
    }

    [Fact]
    public void A_line_that_is_being_written_is_read_once_it_is_whole()
    {
        var (removed, run) = (new RemovedRuns(Paths), Some.Run());
        File.WriteAllText(Paths.Removed, run.ToString());
        removed.Contains(run).ShouldBeFalse();
        File.AppendAllText(Paths.Removed, " 2026-03-01T02:00:00Z\n");
        removed.Contains(run).ShouldBeTrue();
    }
}
