using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Tests.Scheduling;
using Orchestrator.Engine.Triggers;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Triggers;

public sealed class LiveTriggersTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orc-triggers-");
    private readonly LedgerJournal _journal = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly List<TriggeredRun> _runs = [];
    private readonly WorkflowDefinition _workflow = new()
    {
        Name = "deploy", Triggers = [new() { Id = "pushed", Http = new() { Secret = "S" } }], Tasks = [new() { Id = new("a"), Action = new NoopAction() }],
    };
    private int _failures;
    private bool _refuses;
    private LiveTriggers _triggers;

    public LiveTriggersTests() => _triggers = Create();

    [Fact]
    public async Task A_delivery_is_in_the_ledger_before_its_run_is_submitted_and_the_ledger_is_its_cause()
    {
        var run = (await DeliverAsync("d1")).ShouldBeOfType<DeliveryAnswer.Fired>().Run;
        Ledger().ShouldBe(["received", "fired", "dispatched"]);
        var submitted = _runs.ShouldHaveSingleItem();
        submitted.Run.RunId.ShouldBe(run);
        submitted.CausationId.ShouldBe(EventIds.OfSystem(StreamId.Trigger("deploy", "pushed"), 2, new Installation(() => new(_data.FullName)).Id).ToString());
        (await DeliverAsync("d1")).ShouldBe(new DeliveryAnswer.Duplicate(run));
        _runs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_is_not_accepted_is_submitted_again_until_it_is()
    {
        _failures = 2;
        (await DeliverAsync("d1")).ShouldBeOfType<DeliveryAnswer.Fired>();
        Ledger().ShouldBe(["received", "fired"]);
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await UntilAsync(() => Ledger().Length == 3);
        Ledger().ShouldBe(["received", "fired", "dispatched"]);
        _runs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_process_that_died_had_fired_is_submitted_by_the_next_with_the_same_id_however_old()
    {
        _failures = 1;
        var run = (await DeliverAsync("d1")).ShouldBeOfType<DeliveryAnswer.Fired>().Run;
        Restart();
        _clock.Advance(TimeSpan.FromDays(400));
        await _triggers.ReconcileAsync([_workflow], CancellationToken.None);
        _runs.ShouldHaveSingleItem().Run.RunId.ShouldBe(run);
        Ledger().ShouldBe(["received", "fired", "dispatched"]);
        (await DeliverAsync("d1")).ShouldBe(new DeliveryAnswer.Duplicate(run));
    }

    [Fact]
    public async Task A_write_that_fails_takes_nothing_and_one_whose_answer_was_lost_takes_it_once()
    {
        _journal.Refusals = 1;
        await Should.ThrowAsync<JournalUnavailableException>(DeliverAsync("d1"));
        _runs.ShouldBeEmpty();
        _journal.LostAnswers = 1;
        await Should.ThrowAsync<JournalUnavailableException>(DeliverAsync("d1"));
        (await DeliverAsync("d1")).ShouldBeOfType<DeliveryAnswer.Duplicate>().Run.ShouldNotBeNull();
        _runs.Count.ShouldBe(1);
        Ledger().ShouldBe(["received", "fired", "duplicate", "dispatched"]);
    }

    [Fact]
    public async Task What_is_written_though_its_answer_was_lost_starts_its_run_soon_though_nobody_sends_it_again()
    {
        await _triggers.StartAsync(CancellationToken.None);
        await _clock.WaitForTimersAsync(1);
        _journal.LostAnswers = 1;
        await Should.ThrowAsync<JournalUnavailableException>(DeliverAsync("d1"));
        _runs.ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromSeconds(20));
        await TimedUntilAsync(() => Ledger().Length == 3);
        Ledger().ShouldBe(["received", "fired", "dispatched"]);
        _runs.Count.ShouldBe(1);
        await _triggers.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_run_that_was_not_accepted_yet_is_submitted_soon_though_the_clock_is_set_back()
    {
        await _triggers.StartAsync(CancellationToken.None);
        await _clock.WaitForTimersAsync(1);
        _failures = 1;
        (await DeliverAsync("d1")).ShouldBeOfType<DeliveryAnswer.Fired>();
        _clock.SetWallClock(_clock.GetUtcNow().AddDays(-400));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await TimedUntilAsync(() => _runs.Count == 1);
        await _triggers.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Deliveries_that_wait_start_their_run_soon_when_their_time_has_come_by_a_clock_that_was_set_forward()
    {
        var batched = _workflow with { Triggers = [_workflow.Triggers[0] with { Batch = new(10, TimeSpan.FromHours(1)) }] };
        await _triggers.StartAsync(CancellationToken.None);
        await _clock.WaitForTimersAsync(1);
        (await DeliverAsync("d1", batched)).ShouldBeOfType<DeliveryAnswer.Held>();
        _triggers.Held.ShouldHaveSingleItem().Count.ShouldBe(1);
        _clock.SetWallClock(_clock.GetUtcNow().AddHours(2));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await TimedUntilAsync(() => _runs.Count == 1);
        _triggers.Held.ShouldBeEmpty();
        await _triggers.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_run_that_is_refused_for_ever_is_an_entry()
    {
        _refuses = true;
        (await DeliverAsync("d1")).ShouldBeOfType<DeliveryAnswer.Fired>();
        Ledger().ShouldBe(["received", "fired", "failed"]);
    }

    [Fact]
    public async Task A_flood_of_refusals_is_two_entries_with_their_number()
    {
        for (var i = 0; i < 1000; i++) await _triggers.RejectAsync(_workflow, _workflow.Triggers[0], new(RejectReasons.Signature) { Error = "no" }, CancellationToken.None);
        await _triggers.RejectAsync(_workflow, _workflow.Triggers[0], new(RejectReasons.Window), CancellationToken.None);
        Ledger().ShouldBe(["rejected", "rejected"]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => Ledger().Length == 3);
        _journal.Events.Select(e => e.Event).OfType<TriggerRejected>().Select(r => (r.Reason, r.Count)).ShouldBe([("signature", null), ("window", null), ("signature", 999)]);
    }

    [Fact]
    public async Task What_was_counted_is_written_when_the_service_ends()
    {
        for (var i = 0; i < 3; i++) await _triggers.RejectAsync(_workflow, _workflow.Triggers[0], new(RejectReasons.Flood), CancellationToken.None);
        await _triggers.HaltAsync(CancellationToken.None);
        _journal.Events.Select(e => e.Event).OfType<TriggerRejected>().Sum(r => r.Count ?? 1).ShouldBe(3);
        await Should.ThrowAsync<EngineStoppingException>(DeliverAsync("d1"));
    }

    [Fact]
    public void More_requests_than_the_rate_are_too_many_until_time_has_passed()
    {
        var (rates, http) = (new DeliveryRates(_clock), new HttpTrigger { Secret = "S", Rate = 2, Burst = 3 });
        for (var i = 0; i < 3; i++) rates.TooMany("deploy/pushed", http).ShouldBeNull();
        rates.TooMany("deploy/pushed", http).ShouldNotBeNull().ShouldBe(TimeSpan.FromSeconds(0.5), TimeSpan.FromMilliseconds(1));
        rates.TooMany("deploy/other", http).ShouldBeNull();
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        rates.TooMany("deploy/pushed", http).ShouldBeNull();
        rates.TooMany("deploy/pushed", http).ShouldNotBeNull();
    }

    public void Dispose()
    {
        _triggers.Dispose();
        _data.Delete(recursive: true);
    }

    private Task<DeliveryAnswer> DeliverAsync(string id, WorkflowDefinition? workflow = null) =>
        _triggers.DeliverAsync(workflow ?? _workflow, (workflow ?? _workflow).Triggers[0], new(id, TriggerSource.Http, JsonElement.Parse("{}")), CancellationToken.None);

    private string[] Ledger() => [.. _journal.Of("trigger:deploy/pushed").Select(e => e.Type["trigger.".Length..])];

    private void Restart()
    {
        _triggers.Dispose();
        _triggers = Create();
    }

    private LiveTriggers Create() => new(_journal, _clock, new(Dispatch), new(), new(() => new(_data.FullName)), NullLogger<LiveTriggers>.Instance);

    private Task<bool> Dispatch(TriggeredRun run, CancellationToken stop)
    {
        if (_refuses) throw new RunRefusedException("no pool");
        if (_failures-- > 0) throw new TooManyRunsException(1);
        _runs.Add(run);
        return Task.FromResult(true);
    }

    // What is looked at by a service of its own.
    private static async Task TimedUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition()) await Task.Run(() => patience.Token.ThrowIfCancellationRequested());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 10_000 && !condition(); i++) await Task.Yield();
        condition().ShouldBeTrue();
    }
}
