using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Two engines over one journal: one was frozen while it had a run, the other took the run over, and the first wakes.</summary>
public sealed class TwoEnginesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("memory")]
    [InlineData("files, one process")]
    [InlineData("files, two processes")]
    public async Task The_run_ends_once_and_the_engine_that_lost_it_stops_what_it_does_for_it(string store)
    {
        var health = new StorageHealth(TimeProvider.System);
        var shared = store == "memory" ? new MemoryRunJournal() : null;
        var files = shared is null ? await JsonlRunJournal.OpenAsync(_folder.Options("first") with { LeaseTime = TimeSpan.FromHours(3), Storage = health }) : null;
        var theirs = store == "files, two processes" ? await _folder.Open("second") : files;
        await using var first = new Rig(journal: (IRunJournal?)shared ?? files, data: _folder.Path);
        await using var second = new Rig(journal: (IRunJournal?)shared ?? theirs, data: _folder.Path);

        var (id, end) = await first.StartAsync(Rig.Flow(Rig.Task("a"), Rig.Task("b")));
        var (a, b) = (await first.Gate.NextAsync(), await first.Gate.NextAsync());

        if (theirs != files) File.SetLastWriteTimeUtc(Path.Combine(_folder.Writer("first"), "lock"), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1));
        var claimed = (await ((IRunOwnership?)shared ?? theirs!).ClaimAsync(id)).ShouldNotBeNull();
        (await second.Engine.AdoptAsync([claimed], "its worker did not answer")).ShouldBeEmpty();
        var (again, too) = (await second.Gate.NextAsync(), await second.Gate.NextAsync());
        var ending = second.EndOf(id);

        a.Succeed();   // the first engine wakes and has something to say
        await Should.ThrowAsync<RunInterruptedException>(() => end);
        (await b.Release.Task.WaitAsync(Patience)).ShouldBeOfType<TaskOutcome.Cancelled>("nobody waits for its attempt any more");
        await Should.ThrowAsync<KeyNotFoundException>(() => first.Engine.WaitAsync(id));   // it is not open there any more

        if (theirs != files)
        {
            // Nothing was recorded of it, so it was not accepted: an answer that it existed already would lose it.
            (await Should.ThrowAsync<JournalUnavailableException>(() => first.StartAsync(Rig.Flow(Rig.Task("late"))))).Message.ShouldContain("another process took it over");
            health.Of(StoragePart.Journal).ShouldNotBeNull("nobody should send it more work");
        }

        again.Succeed();
        too.Succeed();
        (await ending).ShouldBeOfType<WorkflowCompleted>();
        var events = await second.EventsAsync(id);
        events.Count(e => e.Event is WorkflowEnded).ShouldBe(1);
        events.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, events.Count).Select(i => (long)i));
    }
}
