using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.Engine.Tests.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Deliveries;

public sealed class FollowerTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly StreamId _run = StreamId.Run(Some.Run());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_told_of_this_process_own_journal_before_its_sync_or_when_that_fails()
    {
        var disk = new SlowDisk();
        await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk });
        using var follower = new EventFollower(new(_folder.Path), DateTimeOffset.MinValue, own: journal);
        using var other = new EventFollower(new(_folder.Path), DateTimeOffset.MinValue);
        await journal.Commit(Some.Events(_run, 0));
        follower.Look().Single().Events.Count.ShouldBe(1);

        disk.Begin(fail: true);
        var refused = journal.Commit(Some.Events(_run, 1)).AsTask();
        await disk.Syncing;
        follower.Look().ShouldBeEmpty("it is in the file, and may yet be taken back");
        other.Look().Sum(p => p.Events.Count).ShouldBe(2, "another process sees a whole append and cannot know more");
        disk.End();
        await Should.ThrowAsync<JournalUnavailableException>(() => refused);
        follower.Look().ShouldBeEmpty();

        disk.Begin(fail: false);
        var taken = journal.Commit(Some.Events(_run, 1)).AsTask();
        await disk.Syncing;
        follower.Look().ShouldBeEmpty();
        disk.End();
        await taken;
        follower.Look().Single().Events.Single().Seq.ShouldBe(2);
        await journal.Write(Some.Events(_run, 2));
        follower.Look().Single().Events.Single().Seq.ShouldBe(3, "who asked for no sync is acknowledged without one");
    }

    [Fact]
    public async Task Runs_of_days_that_are_over_are_let_go_of_once_their_archives_say_the_same()
    {
        var paths = new RunPaths(_folder.Path);
        var now = new DateTimeOffset(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);
        var (old, gone, pending, fresh) = (Some.Run(), Some.Run(), Some.Run(), RunId.New(now, new byte[10]));
        await using var journal = await _folder.Open();
        await journal.Commit(Some.Created(StreamId.Run(pending)));   // told to its end, as far as this knows, and not archived yet
        Directory.CreateDirectory(paths.Of(old));
        File.WriteAllText(paths.EventsOf(old), "");
        File.SetLastWriteTimeUtc(paths.EventsOf(old), now.UtcDateTime.AddHours(-2));
        var ended = new EndedRuns(paths);
        foreach (var run in (RunId[])[old, gone, pending, fresh]) ended.Add(run);

        ended.Trim(now).ShouldBeTrue();
        ended.Horizon.ShouldBe(now - EndedRuns.Margin);
        (ended.Contains(old), ended.Contains(gone)).ShouldBe((false, false));
        (ended.Contains(pending), ended.Contains(fresh)).ShouldBe((true, true));
        ended.Trim(now.AddMinutes(59)).ShouldBeFalse();
        ended.Trim(now.AddMinutes(60)).ShouldBeTrue();
        ended.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_run_that_was_let_go_of_is_not_told_again_and_one_that_ends_late_still_is()
    {
        var (told, late) = (Some.Run(), Some.Run());   // of a day long ago
        await using (var journal = await _folder.Open())
        {
            await journal.Commit([.. Some.Created(StreamId.Run(told)), .. Some.End(StreamId.Run(told), 1)]);
            await journal.Commit(Some.Created(StreamId.Run(late)));
        }
        var paths = new RunPaths(_folder.Path);
        File.SetLastWriteTimeUtc(paths.EventsOf(told), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-3));
        using var follower = new EventFollower(paths, DateTimeOffset.MinValue);
        follower.Look().Select(p => p.Stream).ShouldBe([StreamId.Run(told), StreamId.Run(late)], ignoreOrder: true);
        follower.Held.ShouldBe(0);
        follower.Look().ShouldBeEmpty();
        await using (var journal = await _folder.Open())
        {
            await journal.Commit(Some.End(StreamId.Run(late), 1));
            follower.Look().Single().Events.Single().Event.ShouldBeOfType<WorkflowCompleted>();
            follower.Look().ShouldBeEmpty();
        }
        File.GetLastWriteTimeUtc(paths.EventsOf(told)).ShouldBeLessThan(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2), "its segment was kept for the other run, and its archive is not written anew");
        // As it is when the day is listed again an hour later: one archive lies before the horizon, the other was told lately.
        var ended = new EndedRuns(paths);
        ended.Add(late);
        ended.Trim(TimeProvider.System.GetUtcNow());
        new ArchiveSweep(paths, ended.Horizon).New(ended, thoroughly: false).ToList().ShouldBeEmpty();
        new ArchiveSweep(paths, ended.Horizon).New(new(paths), thoroughly: false).ToList().ShouldBe([late]);
    }

    [Fact]
    public async Task A_look_that_is_broken_off_by_a_fault_loses_no_event_and_tells_none_twice()
    {
        var (bad, good, schedule) = (StreamId.Run(Some.Run()), StreamId.Run(Some.Run()), StreamId.Schedule("nightly", "two"));
        await using var journal = await _folder.Open();
        await journal.Commit(Some.Events(schedule, 0));
        await journal.Commit([.. Some.Created(bad)]);
        await journal.Commit(Journal.UnreadableTests.Unreadable(bad, 1));
        await journal.Commit(Some.Events(schedule, 1));
        await journal.Commit(Some.Created(good));
        using var follower = new EventFollower(new(_folder.Path), DateTimeOffset.MinValue, unreadable: _ => throw new IOException("Too many open files"));
        var told = new List<(StreamId, long)>();
        Should.Throw<IOException>(() => Take(follower, told));
        Take(follower, told);
        told.ShouldBe([(schedule, 1L), (bad, 1), (schedule, 2), (good, 1)]);
    }

    [Fact]
    public async Task A_look_at_archives_that_is_broken_off_finds_the_others_the_next_time()
    {
        var runs = Enumerable.Range(0, 3).Select(_ => Some.Run()).ToList();
        await using (var journal = await _folder.Open())
            foreach (var run in runs)
                await journal.Commit([.. Some.Created(StreamId.Run(run)), .. Some.End(StreamId.Run(run), 1)]);
        var first = new RunPaths(_folder.Path).EventsOf(runs.Order().First());
        await File.WriteAllBytesAsync(first, Journal.UnreadableTests.Line(StreamId.Run(runs.Order().First())));
        foreach (var day in Directory.GetDirectories(Path.Combine(_folder.Path, "runs"), "*", SearchOption.AllDirectories)) Directory.SetLastWriteTimeUtc(day, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5));
        using var follower = new EventFollower(new(_folder.Path), DateTimeOffset.MinValue, unreadable: _ => throw new IOException("Too many open files"));
        var told = new List<(StreamId, long)>();
        Should.Throw<IOException>(() => Take(follower, told));
        follower.LookThoroughly();
        Take(follower, told);
        told.Select(t => t.Item1).Distinct().ShouldBe(runs.Order().Skip(1).Select(StreamId.Run), ignoreOrder: true);
        told.ShouldBeUnique();
    }

    private static void Take(EventFollower follower, List<(StreamId, long)> told)
    {
        foreach (var part in follower.Look()) told.AddRange(part.Events.Select(e => (e.Stream, e.Seq)));
    }

    private sealed class SlowDisk : Disk
    {
        private readonly ManualResetEventSlim _end = new(initialState: true);
        private volatile TaskCompletionSource? _syncing;
        private volatile bool _fail;

        public Task Syncing => _syncing!.Task;

        public void Begin(bool fail)
        {
            _end.Reset();
            (_syncing, _fail) = (new(TaskCreationOptions.RunContinuationsAsynchronously), fail);
        }

        public void End() => _end.Set();

        public override void Sync(SafeFileHandle file)
        {
            _syncing?.TrySetResult();
            _end.Wait();
            if (!_fail)
            {
                base.Sync(file);
                return;
            }
            _fail = false;
            throw new IOException("Input/output error.");
        }
    }
}
