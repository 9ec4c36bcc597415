using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Retention;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Retention;

/// <summary>Which runs no rule keeps any more.</summary>
public sealed class RunRetentionTests : IDisposable
{
    private readonly Folder _folder = new();

    [Fact]
    public async Task A_run_that_ended_just_now_counts_among_those_that_are_kept()
    {
        var (old, latest) = (Some.Run(), Some.Run());
        await using (var journal = await _folder.Open())
        {
            await FinishAsync(journal, old);
            await journal.SettledAsync();
            await FinishAsync(journal, latest);
            using var crashed = _folder.Copy();   // before the archive of the latest is made, as a rule
            Expired(crashed).ShouldBe([old]);
        }
        Expired(_folder).ShouldBe([old]);
    }

    [Fact]
    public async Task An_open_run_does_not_count()
    {
        var (ended, open) = (Some.Run(), Some.Run());
        await using var journal = await _folder.Open();
        await FinishAsync(journal, ended);
        await journal.Commit(Some.Created(StreamId.Run(open)));
        await journal.SettledAsync();
        Expired(_folder).ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private static async Task FinishAsync(IRunJournal journal, RunId run)
    {
        await journal.Commit(Some.Created(StreamId.Run(run)));
        await journal.Commit(Some.End(StreamId.Run(run), 1));
    }

    private static IEnumerable<RunId> Expired(Folder folder) =>
        new RunRetention(new DataDirectory(folder.Path), new() { Count = 1 }, new ManualTimeProvider(Some.At)).Expired().Select(e => e.Run);
}
