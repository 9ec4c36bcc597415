using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Subscriptions;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Tests.Telemetry;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Subscriptions;

/// <summary>Code in the process is told of events; nothing it does changes anything for runs or for others.</summary>
public sealed class SubscriptionTests : IAsyncDisposable
{
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private readonly LifecyclePublisher _publisher;
    private readonly EventSubscriptions _all;
    private readonly RunScript _run = new("flow", null, RunScript.Task("a"), RunScript.Task("b"));

    public SubscriptionTests()
    {
        var producer = new EventProducer("test", "node-1", "host", "0");
        _publisher = new(new LifecycleOptions(), producer, TimeProvider.System, NullLoggerFactory.Instance);
        _all = new(_publisher, producer, NullLogger<EventSubscriptions>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _all.DisposeAsync();
        await _publisher.DisposeAsync();
    }

    [Theory]
    [InlineData("task.*", "task.started task.completed task.started task.failed")]
    [InlineData("*.failed", "task.failed workflow.failed")]
    [InlineData("workflow.creat??", "workflow.created")]
    [InlineData("*", "workflow.created workflow.queued workflow.started task.started task.completed task.started task.failed workflow.finalizing workflow.failed")]
    [InlineData("task.started", "task.started task.started")]
    public async Task A_pattern_chooses_types_and_the_order_of_the_run_is_kept(string pattern, string types)
    {
        var seen = new List<string>();
        using var subscription = _all.Subscribe(pattern, e => seen.Add(e.Type));
        TellAll();
        await _all.FlushAsync(Soon);
        string.Join(' ', seen).ShouldBe(types);
        subscription.Stats.EventsProcessed.ShouldBe(seen.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Task.*")]
    [InlineData("task.[a-z]")]
    public void A_pattern_that_fits_nothing_is_refused(string pattern) =>
        Should.Throw<ArgumentException>(() => _all.Subscribe(pattern, _ => { }));

    [Fact]
    public async Task A_throwing_subscriber_is_counted_stays_and_stops_nobody()
    {
        var seen = new List<string>();
        using var bad = _all.Subscribe("task.*", _ => throw new InvalidOperationException("no"));
        using var badFilter = _all.Subscribe("task.*", _ => { }, filter: _ => throw new InvalidOperationException("no"));
        using var good = _all.Subscribe("task.*", async (e, stop) => { await System.Threading.Tasks.Task.Yield(); seen.Add(e.Type); });
        TellAll();
        await _all.FlushAsync(Soon);
        seen.Count.ShouldBe(4);
        (bad.Stats.EventsFailed, badFilter.Stats.EventsFailed, good.Stats.EventsFailed).ShouldBe((4, 4, 0));
        _all.Stats.ShouldBe(new SubscriptionStats(EventsPublished: 9, EventsProcessed: 4, EventsFailed: 8, Dropped: 0, SubscribersCount: 3));
    }

    [Fact]
    public async Task A_filter_says_what_else_must_be_true()
    {
        var seen = new List<string>();
        using var subscription = _all.Subscribe("task.*", e => seen.Add($"{e.Task} {e.Type}"), filter: e => e.Task.ToString() == "b");
        TellAll();
        await _all.FlushAsync(Soon);
        seen.ShouldBe(["b task.started", "b task.failed"]);
    }

    [Fact]
    public async Task A_stuck_subscriber_drops_its_own_events_only()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = Channel.CreateUnbounded<string>();
        using var stuck = _all.Subscribe("*", (_, _) => { entered.TrySetResult(); return gate.Task; }, capacity: 2);
        using var well = _all.Subscribe("*", e => seen.Writer.TryWrite(e.Type));
        _publisher.Publish(_run.Batch(new WorkflowCreated { Workflow = "flow", DefinitionVersion = new string('a', 64), Trigger = Core.TriggerKind.Manual }));
        await entered.Task.WaitAsync(Soon);
        _publisher.Publish(_run.Batch(Started("a"), Done("a"), Started("b"), Done("b")));   // two find room
        for (var i = 0; i < 5; i++) await seen.Reader.ReadAsync(Soon);
        (stuck.Stats.Dropped, well.Stats.Dropped, _all.Stats.Dropped).ShouldBe((2, 0, 2));
        gate.SetResult();
        await _all.FlushAsync(Soon);
        stuck.Stats.EventsProcessed.ShouldBe(3);
    }

    [Fact]
    public async Task Disposing_ends_a_subscription_even_from_its_own_handler()
    {
        var seen = 0;
        EventSubscription? once = null;
        once = _all.Subscribe("task.*", _ => { seen++; once!.Dispose(); });
        TellAll();
        await once.Ended.WaitAsync(Soon);
        await _all.FlushAsync(Soon);
        (seen, _all.Stats.SubscribersCount).ShouldBe((1, 0));
    }

    [Fact]
    public void Those_of_higher_priority_are_handed_an_event_first()
    {
        var subscriptions = new[] { 0, 5, -1, 5 }.Select(p => _all.Subscribe("*", _ => { }, priority: p)).ToList();
        _all.InOrder.ShouldBe([subscriptions[1], subscriptions[3], subscriptions[0], subscriptions[2]]);
    }

    [Fact]
    public async Task Whoever_subscribes_in_the_middle_of_a_run_gets_whole_envelopes_and_no_history()
    {
        _publisher.Publish(_run.Begin() with { IsHistory = true });
        var seen = new List<LifecycleEnvelope>();
        using var subscription = _all.Subscribe("*", seen.Add);
        _publisher.Publish(_run.Batch(Started("a")));
        await _all.FlushAsync(Soon);
        var envelope = seen.ShouldHaveSingleItem();
        (envelope.Type, envelope.Workflow, envelope.CorrelationId, envelope.Seq).ShouldBe(("task.started", "flow", _run.Id.ToString(), 4));
        envelope.DefinitionVersion.ShouldNotBeNull();
    }

    [Fact]
    public async Task Events_of_schedules_and_workers_are_told_too()
    {
        var seen = new List<string>();
        using var subscription = _all.Subscribe("worker.*", e => seen.Add(e.Type));
        _publisher.Publish(new RecordedEvent(StreamId.Node("node-1"), 1, Start, new WorkerStarted("node-1", "1")));
        await _all.FlushAsync(Soon);
        seen.ShouldBe(["worker.started"]);
    }

    private void TellAll()
    {
        _publisher.Publish(_run.Begin());
        _publisher.Publish(_run.Batch(Started("a"), Done("a"), Started("b"), Fail("b")));
        _publisher.Publish(_run.Failed("it broke", Core.FailureKind.ExitCode));
    }
}
