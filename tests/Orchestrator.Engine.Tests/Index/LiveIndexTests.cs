using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Index;

/// <summary>The index while a node keeps it: what was appended is in the next list, and other processes read it without asking.</summary>
public sealed class LiveIndexTests : IAsyncLifetime
{
    private static readonly RunFilter s_all = new(null, null, 1_000, null);
    private readonly Folder _folder = new();
    private readonly LifecyclePublisher _publisher = new(new(), EventProducer.Unknown, TimeProvider.System, NullLoggerFactory.Instance);
    private JsonlRunJournal _journal = null!;
    private EventFeed _feed = null!;
    private LiveIndex _index = null!;

    public async ValueTask InitializeAsync()
    {
        _journal = await _folder.Open();
        _feed = _journal.OpenFeed(TimeProvider.System, NullLogger<EventFeed>.Instance);
        _feed.Start();
        _publisher.Subscribe(_ => _feed.Wake());
        Begin();
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        await _publisher.DisposeAsync();
        await _journal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_list_holds_what_was_appended_before_it_and_readers_beside_it_come_to_the_same()
    {
        await BegunAsync();
        var random = new Random(11);
        foreach (var run in Enumerable.Range(0, 60).Select(seed => new RandomRun(seed)))
        {
            for (var at = 0; at < run.Events.Count;)
            {
                var next = run.Events.Skip(at).Take(random.Next(1, 5)).ToArray();
                await AppendAsync(next);
                at += next.Length;
            }
            var listed = await _index.ListAsync(s_all, CancellationToken.None);
            listed.ShouldNotBeNull();
            listed.ShouldBe(await new RunArchive(Store).ListAsync(s_all, CancellationToken.None));
        }
        // A reader of another process cannot ask for a lot to be written, and must not have to.
        await AppendAsync([.. new RandomRun(99).Events]);
        (await Beside().QueryAsync(database => RunQueries.List(database, s_all), CancellationToken.None)).Count.ShouldBe(61);
        (await _index.QueryAsync(database => RunQueries.List(database, s_all), CancellationToken.None))!.Count.ShouldBe(61);
    }

    [Fact]
    public async Task What_was_appended_while_nobody_kept_it_is_there_when_it_is_kept_again()
    {
        await BegunAsync();
        await AppendAsync([.. new RandomRun(1).Events]);
        await _index.DisposeAsync();
        foreach (var seed in (int[])[2, 3, 4]) await AppendAsync([.. new RandomRun(seed).Events]);
        Begin();
        await AppendAsync([.. new RandomRun(5).Events]);   // before it has caught up, perhaps
        (await BegunAsync()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_run_that_goes_on_all_the_time_delays_no_list()
    {
        await BegunAsync();
        var busy = new RandomRun(7);
        using var done = new CancellationTokenSource();
        await AppendAsync([busy.Events[0]]);
        var going = Task.Run(async () =>
        {
            for (var seq = 2; !done.IsCancellationRequested; seq++)
                await AppendAsync([new(StreamId.Run(busy.Id), seq, busy.Events[0].Time, new TaskProgress(new("a"), 1, "on", null))]);
        }, CancellationToken.None);
        for (var i = 0; i < 20; i++) (await _index.ListAsync(s_all, CancellationToken.None)).ShouldNotBeNull();
        await done.CancelAsync();
        await going;
    }

    [Fact]
    public async Task Removed_runs_are_in_no_list_after_it_was_told()
    {
        await BegunAsync();
        foreach (var run in Enumerable.Range(0, 200).Select(seed => new RandomRun(seed)).Where(r => r.HasEnded).Take(10)) await AppendAsync([.. run.Events]);
        await _journal.SettledAsync();
        var gone = Store.Removal.Remove([.. Store.Runs.ListSettled().Take(4)]);
        _index.Removed(gone);
        var left = await _index.ListAsync(s_all, CancellationToken.None);
        left!.Count.ShouldBe(6);
        left.ShouldAllBe(r => !gone.Contains(r.RunId));
    }

    [Fact]
    public async Task An_index_that_is_deleted_is_made_again()
    {
        await BegunAsync();
        await AppendAsync([.. new RandomRun(1).Events]);
        await BegunAsync();
        File.Delete(new IndexFolder(Store.State).Current!);
        await AppendAsync([.. new RandomRun(2).Events]);
        (await BegunAsync()).Count.ShouldBe(2);
    }

    private DataDirectory Store => new(_folder.Path);

    private OfflineIndex Beside() => new(Store, TimeProvider.System, static _ => { });

    private void Begin()
    {
        _index = new(Store, _feed, _publisher, TimeProvider.System, NullLogger<LiveIndex>.Instance);
        _index.Start();
    }

    private async Task AppendAsync(RecordedEvent[] events)
    {
        await _journal.Commit(events);
        events[0].Stream.TryGetRun(out var run).ShouldBeTrue();
        _publisher.Publish(new AppendedBatch(run, new WorkflowDefinition { Name = "any", Tasks = [] }, events));
    }

    // The first answer that comes from the index: until it has caught up there is none.
    private async Task<IReadOnlyList<Core.Runs.View.RunRow>> BegunAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (await _index.ListAsync(s_all, patience.Token) is { } listed) return listed;
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            await moment.WaitForNextTickAsync(patience.Token);
        }
    }
}
