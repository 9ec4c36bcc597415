using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>Random lives of a journal, some of which end by a kill; then the power is cut at many steps.</summary>
public sealed class JournalPowerCutTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_committed_is_lost_by_a_power_cut(int seed)
    {
        using var lab = new PowerCutLab();
        var random = new Random(seed);
        var open = new List<StreamId>();
        for (var life = 0; life < 3; life++) await LiveAsync(lab, random, open, isKilled: life < 2);
        await lab.CheckAsync(RecoverAsync);
    }

    [Fact]
    public async Task What_a_killed_process_had_written_stays_where_later_commits_follow_it()
    {
        using var lab = new PowerCutLab();
        await KilledAfterWritingAsync(lab);
        await lab.CheckAsync(RecoverAsync);
    }

    [Fact]
    public async Task Written_events_before_a_commit_whose_sync_failed_are_not_left_to_chance()
    {
        using var lab = new PowerCutLab();
        var run = StreamId.Run(Some.Run());
        await using (var journal = await OpenAsync(lab.Paths))
        {
            await CommitAsync(lab, journal, Some.Created(run));
            await journal.Write(Some.Events(run, 1, 2));
            lab.Disk.Fault = (call, _) => call == "sync" ? new IOException("Input/output error") : null;
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Events(run, 3)));
            lab.Disk.Fault = null;
            await CommitAsync(lab, journal, Some.Events(run, 3));
            await CommitAsync(lab, journal, Some.Events(run, 4));
        }
        await lab.CheckAsync(RecoverAsync);
    }

    [Theory]
    [InlineData("write")]
    [InlineData("sync")]
    public async Task What_was_taken_back_from_a_segment_is_gone_for_good_before_the_next_one_says_where_it_ends(string failing)
    {
        using var lab = new PowerCutLab();
        lab.Disk.TearsFailedWrites = true;
        var run = StreamId.Run(Some.Run());
        await using (var journal = await OpenAsync(lab.Paths))
        {
            await CommitAsync(lab, journal, Some.Created(run));
            for (var i = 1; i < 24; i += 4)
            {
                lab.Disk.Fault = (call, _) => call == failing ? new IOException("Input/output error") : null;
                await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Events(run, i, 3)));
                lab.Disk.Fault = null;
                await CommitAsync(lab, journal, Some.Events(run, i, 4));
            }
        }
        await lab.CheckEachAsync(RecoverAsync);
    }

    [Fact]
    public async Task An_archive_whose_sync_failed_is_written_again_before_its_segment_goes()
    {
        using var lab = new PowerCutLab();
        await using (var journal = await OpenAsync(lab.Paths))
        {
            for (var i = 0; i < 12; i++)
            {
                var run = StreamId.Run(Some.Run());
                await CommitAsync(lab, journal, [.. Some.Created(run), .. Some.Events(run, 1, 3), .. Some.End(run, 4)]);
                lab.Disk.Fault = i is > 3 and < 8 ? (call, n) => call is "sync" or "sync all" && n % 3 == 0 ? new IOException("Input/output error") : null : null;
                await journal.SettledAsync();
                lab.Disk.Fault = null;
            }
        }
        await lab.CheckAsync(RecoverAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_fails_takes_nothing_committed_with_it(bool torn)
    {
        int calls;
        using (var whole = new PowerCutLab())
        {
            await StubbornAsync(whole);
            calls = whole.Disk.Calls;
        }
        await PowerCutLab.SideBySideAsync(Enumerable.Range(1, calls), async failing =>
        {
            using var lab = new PowerCutLab();
            lab.Disk.TearsFailedWrites = torn;
            lab.Disk.Fault = (_, n) => n == failing ? new IOException("Input/output error") : null;
            await StubbornAsync(lab);
            await lab.CheckEndAsync(RecoverAsync, $"call {failing} of {calls} failed");
        });
    }

    /// <summary>The suite is worth something: a journal that leaves out syncs of a kind does not pass it.</summary>
    [Theory]
    [InlineData("commits")]
    [InlineData("archives")]
    [InlineData("folders")]
    [InlineData("recovery")]
    public async Task Left_out_syncs_are_noticed(string what)
    {
        using var lab = new PowerCutLab();
        lab.Disk.LeavesOut = call => what switch
        {
            "commits" => IsSegment(call) && !call.WasThere,
            "archives" => !call.IsFolder && !IsSegment(call),
            "recovery" => IsSegment(call) && call.WasThere,
            _ => call.IsFolder,
        };
        if (what == "recovery") await KilledAfterWritingAsync(lab);
        else await LiveAsync(lab, new Random(1), [], isKilled: false);
        await Should.ThrowAsync<InvalidOperationException>(() => lab.CheckAsync(RecoverAsync));

        // A segment is opened before it has its name.
        static bool IsSegment(SyncCall call) =>
            call.Path.StartsWith("data/journal/", StringComparison.Ordinal) && (call.Path.EndsWith(".jsonl", StringComparison.Ordinal) || call.Path.EndsWith(".jsonl.tmp", StringComparison.Ordinal));
    }

    private static async Task KilledAfterWritingAsync(PowerCutLab lab)
    {
        var run = StreamId.Run(Some.Run());
        var first = await OpenAsync(lab.Paths);
        await first.Commit(Some.Created(run));
        await first.Write(Some.Events(run, 1, 2));
        await KillAsync(lab, first);
        await using var second = await OpenAsync(lab.Paths);
        await CommitAsync(lab, second, Some.Events(run, 3));
        await second.SettledAsync();
    }

    // Whoever was refused asks again.
    private static async Task StubbornAsync(PowerCutLab lab)
    {
        for (var life = 0; life < 2; life++)
        {
            JsonlRunJournal? journal = null;
            for (var tries = 0; journal is null; tries++)
                try { journal = await OpenAsync(lab.Paths); }
                catch (JournalUnavailableException) when (tries < 2) { }
            for (var i = 0; i < 3; i++)
            {
                var run = StreamId.Run(Some.Run());
                foreach (var events in (RecordedEvent[][])[Some.Created(run), Some.Events(run, 1, 4), Some.Events(run, 5, 3), i == 2 ? Some.Events(run, 8) : Some.End(run, 8)])
                {
                    if (events[0].Seq == 5) await AgainAsync(() => journal.Write(events));
                    else await AgainAsync(() => CommitAsync(lab, journal, events));
                }
                await journal.SettledAsync();
            }
            await journal.DisposeAsync();
        }
    }

    private static async Task AgainAsync(Func<ValueTask> act)
    {
        try { await act(); }
        catch (JournalUnavailableException) { await act(); }
    }

    private static async Task LiveAsync(PowerCutLab lab, Random random, List<StreamId> open, bool isKilled)
    {
        var journal = await OpenAsync(lab.Paths);
        var versions = new Dictionary<StreamId, long>();
        foreach (var stream in open) versions[stream] = (await journal.All(stream)).Count;
        for (var i = 0; i < 40; i++)
        {
            if (open.Count == 0 || random.Next(3) == 0)
            {
                var run = StreamId.Run(Some.Run());
                open.Add(run);
                versions[run] = 1;
                await CommitAsync(lab, journal, Some.Created(run));
            }
            else
            {
                var run = open[random.Next(open.Count)];
                var version = versions[run];
                if (version == 0)
                {
                    // Written but not committed by a life that was killed: it was never there.
                    await CommitAsync(lab, journal, Some.Created(run));
                    versions[run] = 1;
                    continue;
                }
                if (random.Next(5) == 0)
                {
                    await CommitAsync(lab, journal, Some.End(run, version));
                    open.Remove(run);
                    continue;
                }
                var events = Some.Events(run, version, random.Next(1, 4));
                if (random.Next(2) == 0) await CommitAsync(lab, journal, events);
                else await journal.Write(events);
                versions[run] += events.Length;
            }
            if (random.Next(8) == 0) await journal.SettledAsync();
        }
        if (isKilled) await KillAsync(lab, journal);
        else await journal.DisposeAsync();
    }

    private static Task<JsonlRunJournal> OpenAsync(RunPaths paths) =>
        JsonlRunJournal.OpenAsync(new() { DataDirectory = paths.Root, Writer = "w", Disk = paths.Disk, SegmentBytes = 2500 });

    private static async Task RecoverAsync(RunPaths paths)
    {
        await using var journal = await OpenAsync(paths);
        await journal.ClaimAbandonedAsync();
    }

    private static async ValueTask CommitAsync(PowerCutLab lab, JsonlRunJournal journal, RecordedEvent[] events)
    {
        await journal.Commit(events);
        events[0].Stream.TryGetRun(out var run).ShouldBeTrue();
        var last = events[^1];
        lab.Disk.Acknowledge($"event {last.Seq} of {run}", paths => HasAll(paths, run, last));
    }

    private static bool HasAll(RunPaths paths, RunId run, RecordedEvent last)
    {
        var events = new RunReader(paths).ReadEventsAsync(run).GetAwaiter().GetResult();
        return events.Count >= last.Seq && events.Select((e, i) => e.Seq == i + 1).All(ok => ok) && events[(int)last.Seq - 1].Event.Type == last.Event.Type;
    }

    private static async Task KillAsync(PowerCutLab lab, JsonlRunJournal journal)
    {
        lab.Disk.IsDead = true;
        await journal.DisposeAsync();
        lab.Disk.IsDead = false;
    }
}
