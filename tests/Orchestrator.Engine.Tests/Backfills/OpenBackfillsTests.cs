using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Backfills;

public sealed class OpenBackfillsTests : IAsyncDisposable
{
    private readonly BackfillBench _bench = new();

    [Fact]
    public async Task Each_item_becomes_one_run_and_never_more_are_open_than_said()
    {
        await _bench.CreateAsync("2026-01-04", parallelism: 2);
        await _bench.UntilAsync(s => s.Open.Values.Count(i => i.IsAccepted) == 2);
        _bench.Days.ShouldBe(["2026-01-01", "2026-01-02"]);
        _bench.End(_bench.Runs[1].RunId!.Value);
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(3)?.IsAccepted == true);
        _bench.End(_bench.Runs[0].RunId!.Value);
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(4)?.IsAccepted == true);
        foreach (var run in _bench.Runs[2..]) _bench.End(run.RunId!.Value, fails: run == _bench.Runs[3]);
        await _bench.UntilAsync(s => s.Finished is not null);
        _bench.Days.ShouldBe(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]);
        _bench.State.Finished!.ShouldSatisfyAllConditions(f => f.Status.ShouldBe(BackfillStatus.Failed), f => f.Completed.ShouldBe(3), f => f.Failed.ShouldBe(1));
    }

    [Fact]
    public async Task A_run_says_what_it_is_part_of()
    {
        await _bench.CreateAsync("2026-01-01");
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(1)?.IsAccepted == true);
        var run = _bench.Runs.ShouldHaveSingleItem();
        run.Origin.Kind.ShouldBe(TriggerKind.Backfill);
        run.Origin.RequestedBy.ShouldBe("ann");
        run.Origin.CorrelationId.ShouldBe(_bench.State.Created!.BackfillId);
        run.Origin.CausationId.ShouldBe(Core.Lifecycle.EventIds.OfSystem(StreamId.Backfill(_bench.State.Created.BackfillId), _bench.State.Open[1].Seq, "here").ToString());
    }

    [Fact]
    public async Task A_full_engine_is_asked_again_until_it_takes_the_run()
    {
        _bench.FullFor = 2;
        await _bench.CreateAsync("2026-01-01");
        for (var i = 0; i < 2; i++)
        {
            await _bench.Clock.WaitForTimersAsync(1);
            _bench.Clock.Advance(TimeSpan.FromSeconds(5));
        }
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(1)?.IsAccepted == true);
        _bench.Runs.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_run_that_is_refused_for_ever_ends_its_item()
    {
        _bench.RefuseAll = true;
        await _bench.CreateAsync("2026-01-02");
        await _bench.UntilAsync(s => s.Finished is not null);
        _bench.State.Ended.Values.ShouldAllBe(i => i.Outcome == BackfillOutcome.Refused && i.Error == "no such pool");
    }

    [Fact]
    public async Task An_append_that_was_written_though_it_failed_starts_nothing_twice()
    {
        await _bench.CreateAsync("2026-01-03");
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(1)?.IsAccepted == true);
        _bench.Journal.LostAnswers = 1;
        _bench.End(_bench.Runs[0].RunId!.Value);
        await _bench.Clock.WaitForTimersAsync(1);
        _bench.Clock.Advance(TimeSpan.FromSeconds(5));
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(2)?.IsAccepted == true);
        _bench.Days.ShouldBe(["2026-01-01", "2026-01-02"]);
    }

    [Fact]
    public async Task A_run_that_is_repeated_ends_its_item_with_the_last_of_them()
    {
        await _bench.CreateAsync("2026-01-01");
        await _bench.UntilAsync(s => s.Open.GetValueOrDefault(1)?.IsAccepted == true);
        var (run, next) = (_bench.Runs[0].RunId!.Value, RunId.ForRetry(_bench.Runs[0].RunId!.Value, _bench.Clock.GetUtcNow()));
        _bench.Repeat(run, next);
        _bench.End(next);
        await _bench.UntilAsync(s => s.Finished is not null);
        var ended = _bench.State.Ended[1];
        (ended.RunId, ended.LastRunId, ended.Outcome).ShouldBe((run, next, BackfillOutcome.Completed));
    }

    [Fact]
    public async Task A_cancel_asks_open_runs_to_stop_and_submits_nothing_more()
    {
        await _bench.CreateAsync("2026-01-09", parallelism: 2);
        await _bench.UntilAsync(s => s.Open.Values.Count(i => i.IsAccepted) == 2);
        (await _bench.CancelAsync()).ShouldNotBeNull().Status.ShouldBe(BackfillStatus.Cancelling);
        await _bench.UntilAsync(_ => _bench.Cancelled.Count == 2);
        _bench.Cancelled.ShouldBe([(_bench.Runs[0].RunId!.Value, "ann"), (_bench.Runs[1].RunId!.Value, "ann")], ignoreOrder: true);
        foreach (var run in _bench.Runs) _bench.End(run.RunId!.Value, fails: true);
        await _bench.UntilAsync(s => s.Finished is not null);
        _bench.State.Finished!.ShouldSatisfyAllConditions(f => f.Status.ShouldBe(BackfillStatus.Cancelled), f => f.NotStarted.ShouldBe(7));
        (await _bench.CancelAsync())?.Status.ShouldBe(BackfillStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_while_the_engine_is_full_ends_what_was_never_accepted()
    {
        _bench.FullFor = int.MaxValue;
        await _bench.CreateAsync("2026-01-09");
        await _bench.Clock.WaitForTimersAsync(1);
        await _bench.CancelAsync();
        await _bench.UntilAsync(s => s.Finished is not null);
        _bench.Runs.ShouldBeEmpty();
        _bench.State.Ended[1].ShouldSatisfyAllConditions(i => i.Outcome.ShouldBe(BackfillOutcome.Cancelled), i => i.WasAccepted.ShouldBeFalse());
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
