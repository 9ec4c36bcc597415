using System.Runtime.CompilerServices;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>A data directory as the program left it that wrote version 1: killed, with a run that waits for an approval and a schedule of every second.</summary>
public sealed class Version1Tests : IDisposable
{
    private static readonly RunId Asks = RunId.Parse("01a22954-ae59-7b86-bc0e-2ae40488cad9");
    private static readonly RunId Quick = RunId.Parse("01a22954-a3be-7099-b3ae-d2e1649fdb9c");
    private static readonly StreamId Ticks = StreamId.Schedule("ticks", "second");
    private readonly Folder _folder = new();

    public Version1Tests()
    {
        foreach (var file in Directory.EnumerateFiles(Golden(), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_folder.Path, Path.GetRelativePath(Golden(), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_opens_and_goes_on_in_this_version_with_both_in_one_folder()
    {
        int fired;
        await using (var journal = await _folder.Open("serve"))
        {
            var open = (await journal.ClaimAbandonedAsync()).ShouldHaveSingleItem();
            open.RunId.ShouldBe(Asks);
            ((WorkflowCreated)open.Events[0].Event).Labels.ShouldBeNull();
            await journal.Commit(Some.Events(StreamId.Run(Asks), open.Events.Count));
            fired = (await journal.All(Ticks)).Count;
            fired.ShouldBeGreaterThan(5);
            await journal.Commit([new(Ticks, fired + 1, Some.At, new ScheduleSkipped("second", "ticks", Some.At, "misfire"))]);
            (await journal.All(StreamId.Run(Quick)))[^1].Event.ShouldBeOfType<WorkflowCompleted>();
            await journal.SettledAsync();
        }
        File.ReadLines(_folder.Segments("serve")[^1]).First().ShouldStartWith("{\"journal\":2,");
        await using var again = await _folder.Open("serve");
        (await again.All(Ticks)).Count.ShouldBe(fired + 1);
        var run = await again.All(StreamId.Run(Asks));
        run.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, run.Count).Select(i => (long)i));
        run[^1].Event.ShouldBeOfType<TaskStarted>();
        // Runs that had ended in segments of version 1 were archived as they stood.
        foreach (var archive in Directory.EnumerateFiles(Path.Combine(_folder.Path, "runs"), "events.jsonl", SearchOption.AllDirectories))
            File.ReadLines(archive).ShouldAllBe(l => l.Contains("\"v\":1,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_first_segment_that_it_was_killed_over_is_no_damage_unless_somebody_was_told_of_what_it_held()
    {
        using var folder = new Folder();
        var other = Directory.CreateDirectory(folder.Writer("run-1")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(other, "00000001.jsonl"), [], TestContext.Current.CancellationToken);
        await using (var journal = await folder.Open()) (await journal.ClaimAbandonedAsync()).ShouldBeEmpty();
        Directory.Exists(other).ShouldBeFalse();

        var told = StreamId.Run(Some.Run());
        using (var feed = new FeedLog(new(folder.Path))) feed.Append([new(told, Some.Created(told))]);
        Directory.CreateDirectory(other);
        await File.WriteAllBytesAsync(Path.Combine(other, "00000001.jsonl"), [], TestContext.Current.CancellationToken);
        await using var later = await folder.Open();
        await Should.ThrowAsync<JournalCorruptException>(later.ClaimAbandonedAsync);
    }

    [Fact]
    public async Task The_newline_between_its_last_two_commits_is_minded_too()
    {
        var file = _folder.Segments("serve")[0];
        var lines = File.ReadAllLines(file);
        var last = Array.FindLastIndex(lines, l => l.Contains(",\"f\":1", StringComparison.Ordinal));
        File.WriteAllText(file, string.Join('\n', lines[..(last - 1)]) + "\n" + lines[last - 1] + "x" + string.Join('\n', lines[last..]) + "\n");
        var error = await Should.ThrowAsync<JournalCorruptException>(() => _folder.Open("serve"));
        error.Offset.ShouldBe(Encoding.UTF8.GetByteCount(string.Join('\n', lines[..(last - 1)]) + "\n"));
    }

    [Fact]
    public async Task Its_torn_tail_is_cut()
    {
        var file = _folder.Segments("serve")[0];
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^3]);
        await using var journal = await _folder.Open("serve");
        journal.Cuts.ShouldHaveSingleItem();
    }

    private static string Golden([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", "v1");
}
