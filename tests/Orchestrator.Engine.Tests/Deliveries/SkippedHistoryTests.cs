using Orchestrator.Core.Runs;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.Engine.Tests.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Deliveries;

/// <summary>A first feed begins now: what was there before is history, wherever it stands.</summary>
public sealed class SkippedHistoryTests : IDisposable
{
    private readonly Folder _folder = new();

    [Fact]
    public async Task What_was_there_is_not_told_and_what_comes_is()
    {
        var (ended, open) = (StreamId.Run(Some.Run()), StreamId.Run(Some.Run()));
        await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { ArchivesWhenTold = true });
        await journal.Commit(Some.Created(ended));
        await journal.Commit(Some.End(ended, 1));
        await journal.Commit(Some.Created(open));

        using var follower = new EventFollower(new(_folder.Path), TimeProvider.System.GetUtcNow(), own: journal);
        follower.SkipAll();
        follower.Look().ShouldBeEmpty();
        journal.StartArchiving();
        await journal.SettledAsync();   // an archive is nothing new
        await journal.Commit(Some.End(open, 1));
        follower.Look().SelectMany(p => p.Events).Select(e => (e.Stream, e.Seq)).ShouldBe([(open, 2L)]);
    }

    public void Dispose() => _folder.Dispose();
}
