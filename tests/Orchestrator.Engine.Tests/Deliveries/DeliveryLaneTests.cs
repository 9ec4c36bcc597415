using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Deliveries.Webhook;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.Engine.Tests.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Deliveries;

public sealed class DeliveryLaneTests
{
    private static readonly DeliveryOutcome Failed = new(DeliveryAnswer.Failed, "not today");

    [Fact]
    public async Task Five_failures_open_the_breaker_for_a_minute_and_then_one_attempt_decides()
    {
        var well = false;
        await using var rig = await LaneRig.StartAsync(new((_, _) => well ? DeliveryOutcome.Delivered : Failed));
        await rig.RunAsync(events: 3);
        rig.Deliver();
        await rig.AskedAsync(1);
        for (var n = 2; n <= 5; n++) await AdvanceAsync(TimeSpan.FromSeconds(Math.Pow(2, n - 2)), asked: n);   // 1, 2, 4 and 8 s
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Waiting.Single().ShouldBe(rig.Clock.GetUtcNow().AddSeconds(60));
        rig.Lane.State.OpenUntil.ShouldBe(rig.Clock.GetUtcNow().AddSeconds(60));

        rig.Clock.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(1));
        rig.Sink.Asked.Count.ShouldBe(5, "left alone");
        await AdvanceAsync(TimeSpan.FromTicks(1), asked: 6);   // half open: it fails, and the minute begins anew
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Waiting.Single().ShouldBe(rig.Clock.GetUtcNow().AddSeconds(60));
        well = true;
        await AdvanceAsync(TimeSpan.FromSeconds(60), asked: 9);   // half open: it succeeds, and the others follow at once
        await rig.StopAsync();
        rig.Sink.Asked.Select(l => l.Seq).ShouldBe([1L, 1, 1, 1, 1, 1, 1, 2, 3]);
        (rig.Lane.State.Emitted, rig.Lane.State.Delivered, rig.Lane.State.GivenUp, rig.Lane.State.Failures).ShouldBe((3, 3, 0, 6));
        rig.Lane.State.OpenUntil.ShouldBeNull();
        rig.Told.Count(e => e is WebhookAttempted).ShouldBe(6);

        async Task AdvanceAsync(TimeSpan by, int asked)
        {
            await rig.Clock.WaitForTimersAsync(1);
            rig.Clock.Advance(by);
            await rig.AskedAsync(asked);
        }
    }

    [Fact]
    public async Task Several_letters_are_on_their_way_at_once_and_from_the_first_that_is_lost_on_all_come_again_in_order()
    {
        // The third is lost once; those sent behind it had been taken.
        var lost = false;
        await using var rig = await LaneRig.StartAsync(new((message, _) => message.Seq == 3 && !lost && (lost = true) ? Failed : DeliveryOutcome.Delivered, window: 4) { Gate = new(TaskCreationOptions.RunContinuationsAsynchronously) });
        await rig.RunAsync(events: 9);
        rig.Deliver();
        await rig.AskedAsync(4);
        rig.Sink.Asked.Count.ShouldBe(4, "no more than the window is on its way");
        rig.Sink.Gate!.SetResult();
        rig.Sink.Gate = null;
        await rig.Clock.WaitForTimersAsync(1);   // the wait before the second attempt
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await rig.AskedAsync(6 + 4 + 3);
        await rig.StopAsync();
        rig.Sink.Asked.Select(l => l.Seq).ShouldBe([1L, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7, 8, 9]);
        (rig.Lane.State.Emitted, rig.Lane.State.Delivered, rig.Lane.State.Failures).ShouldBe((9, 9, 1));
    }

    [Theory]
    [InlineData("*", 4, 4, 0)]
    [InlineData("workflow.*", 0, 0, 4)]
    public async Task Events_of_a_run_that_was_removed_before_they_were_delivered_are_counted(string events, long emitted, long dropped, long missed)
    {
        var before = await LaneRig.StartAsync(new((_, _) => DeliveryOutcome.Delivered));
        var run = await before.RunAsync(events: 4);
        var folder = await before.LeaveAsync();   // archives it
        Directory.Delete(before.Paths.Of(run), recursive: true);
        await using var rig = await LaneRig.StartAsync(new((_, _) => DeliveryOutcome.Delivered, events), folder);
        await rig.RunAsync(events: 2);
        rig.Deliver();
        await rig.AskedAsync(2);
        await rig.StopAsync();
        (rig.Lane.State.Emitted - 2, rig.Lane.State.Delivered - 2, rig.Lane.State.Dropped, rig.Lane.State.Missed).ShouldBe((emitted, 0, dropped, missed));
        rig.Sink.Asked.Select(l => l.Type).ShouldBe(["workflow.created", "workflow.completed"]);
    }

    [Theory]
    [InlineData("*", 0, 99)]
    [InlineData("workflow.*", 0, 99)]
    public async Task What_the_feed_has_let_go_of_before_it_was_delivered_is_counted_by_events(string events, long dropped, long missed)
    {
        var folder = new Folder();
        Directory.CreateDirectory(new RunPaths(folder.Path).Feed);
        await File.WriteAllBytesAsync(Path.Combine(new RunPaths(folder.Path).Feed, $"{100:D19}.feed"), []);
        await using var rig = await LaneRig.StartAsync(new((_, _) => DeliveryOutcome.Delivered, events), folder);
        rig.Deliver(from: 0);
        await rig.RunAsync(events: 2);
        await rig.AskedAsync(2);
        await rig.StopAsync();
        (rig.Lane.State.Position, rig.Lane.State.Delivered, rig.Lane.State.Dropped, rig.Lane.State.Missed).ShouldBe((101, 2, dropped, missed));
        rig.Lane.State.Emitted.ShouldBe(2 + dropped);
    }

    [Fact]
    public async Task A_fault_of_its_own_in_the_middle_of_a_run_loses_no_event()
    {
        await using var rig = await LaneRig.StartAsync(new((_, _) => DeliveryOutcome.Delivered) { Messages = new FaultyMessages() });
        await rig.RunAsync(events: 5);
        rig.Deliver();
        await rig.AskedAsync(2);
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await rig.AskedAsync(5);
        await rig.StopAsync();
        rig.Sink.Asked.Select(l => l.Seq).ShouldBe([1L, 2, 3, 4, 5]);
        (rig.Lane.State.Emitted, rig.Lane.State.Delivered).ShouldBe((5, 5));
    }

    [Fact]
    public async Task A_letter_that_was_given_up_and_not_counted_before_a_crash_is_tried_again_and_counted_once()
    {
        await using var rig = await LaneRig.StartAsync(new((_, _) => DeliveryOutcome.Delivered));
        await rig.RunAsync(events: 2);
        var files = new LaneFiles(rig.Paths.Deliveries());
        files.Write(rig.Sink.Name, new() { Position = 0 });
        rig.Dead.Add(new() { EventId = Guid.NewGuid(), Sink = rig.Sink.Name, Type = "workflow.created", At = Some.At, Attempts = 3, Error = "x", Host = "x", Stream = "node:x", Position = 1, Body = "{}" });
        rig.Deliver();
        await rig.AskedAsync(2);
        await rig.StopAsync();
        rig.Dead.Read(rig.Sink.Name).ShouldBeEmpty();
        var (letters, gone) = rig.Dead.ReadAll(rig.Sink.Name);
        SinkAccount.Of(rig.Lane.State, letters, gone).ShouldBe(new(Emitted: 2, Delivered: 2, Dead: 0, Dropped: 0, Replayed: 0, Discarded: 0, Missed: 0));
    }

    [Fact]
    public void A_line_that_a_crash_has_torn_does_not_swallow_the_next_letter()
    {
        using var folder = new Folder();
        var paths = new RunPaths(folder.Path);
        var dead = new DeadLetterStore(paths.Deliveries());
        DeadLetter Dead(long at) => new() { EventId = Guid.NewGuid(), Sink = "s", Type = "t", At = Some.At, Attempts = 1, Error = "x", Host = "x", Stream = "node:x", Position = at, Body = "{}" };
        dead.Add(Dead(1));
        File.AppendAllText(Path.Combine(paths.Deliveries().FullPath, "s.dead.jsonl"), "{\"event_id\":\"to");
        dead.Add(Dead(2));
        dead.Read("s").Select(l => l.Position).ShouldBe([1L, 2]);
    }

    [Fact]
    public void A_lock_that_another_process_does_not_give_back_is_an_error_that_names_it()
    {
        using var folder = new Folder();
        var paths = new RunPaths(folder.Path);
        Directory.CreateDirectory(paths.Deliveries().FullPath);
        var path = Path.Combine(paths.Deliveries().FullPath, "lock");
        var held = DirectoryLock.TryTake(paths.Disk, path).ShouldNotBeNull();
        var dead = new DeadLetterStore(paths.Deliveries(), TimeSpan.FromMilliseconds(50));
        var letter = new DeadLetter { EventId = Guid.NewGuid(), Sink = "s", Type = "t", At = Some.At, Attempts = 1, Error = "x", Host = "x", Stream = "node:x", Position = 1, Body = "{}" };
        Should.Throw<IOException>(() => dead.Add(letter)).Message.ShouldSatisfyAllConditions(m => m.ShouldContain(path), m => m.ShouldContain("0.05 s"));
        held.Dispose();
        dead.Add(letter);
        dead.Read("s").Count.ShouldBe(1);
    }

    private sealed class FaultyMessages : IOutboxMessages
    {
        private readonly WebhookMessages _messages = new(new("*", "", default));
        private bool _failed;

        public Subscription Subscription => _messages.Subscription;

        public bool MayWant(string type, string? workflow) => _messages.MayWant(type, workflow);

        public bool WantsAllOf(StreamId? stream) => _messages.WantsAllOf(stream);

        public OutboxMessage? Write(FeedItem item) => item.Envelope.Seq != 3 || _failed ? _messages.Write(item) : throw new IOException((_failed = true).ToString());

        public void Dispose() => _messages.Dispose();
    }
}
