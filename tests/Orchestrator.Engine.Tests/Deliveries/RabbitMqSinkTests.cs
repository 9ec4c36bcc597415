using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Deliveries.RabbitMq;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.Engine.Tests.Telemetry;
using Orchestrator.TestKit.RabbitMq;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Deliveries;

public sealed class RabbitMqSinkTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_window_of_letters_arrives_in_order_and_is_faster_than_one_at_a_time()
    {
        const int count = 2000;
        await using var broker = await RabbitMqServer.StartAsync();
        await BoundQueue.DeclareAsync(broker.Uri, "orchestrator", "q", "#");
        await using var sink = new RabbitMqSink(new() { Uri = () => broker.Uri });
        OutboxMessage[] messages = [.. Enumerable.Range(1, 2 * count).Select(MessageOf)];
        await sink.OpenAsync(CancellationToken.None);
        (await sink.SendAsync(MessageOf(0), CancellationToken.None)).Answer.ShouldBe(DeliveryAnswer.Delivered);

        var alone = Stopwatch.GetTimestamp();
        foreach (var message in messages.Take(count)) (await sink.SendAsync(message, CancellationToken.None)).Answer.ShouldBe(DeliveryAnswer.Delivered);
        var slow = Stopwatch.GetElapsedTime(alone);
        var together = Stopwatch.GetTimestamp();
        var flight = new MessageFlight(sink, TimeProvider.System);
        foreach (var message in messages.Skip(count))
        {
            (await flight.SendAsync(message, CancellationToken.None)).ShouldBeTrue();
            while (flight.Next(sink.Window - 1) is { } sent) (await sent.Answer!).Answer.ShouldBe(DeliveryAnswer.Delivered);
        }
        while (flight.Next(0) is { } sent) (await sent.Answer!).Answer.ShouldBe(DeliveryAnswer.Delivered);
        var fast = Stopwatch.GetElapsedTime(together);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one at a time {count / slow.TotalSeconds:0} events/s, {sink.Window} at a time {count / fast.TotalSeconds:0} events/s"));

        (await BoundQueue.TakeAsync(broker.Uri, "q")).Select(m => m.Body).ShouldBe(Enumerable.Range(0, 2 * count + 1).Select(n => $"{n}"));
        fast.ShouldBeLessThan(slow);
    }

    [Fact]
    public async Task In_a_window_only_the_letter_that_no_queue_wants_is_refused_and_after_a_lost_connection_nothing_is_sent_until_it_is_opened()
    {
        await using var broker = await RabbitMqServer.StartAsync();
        await BoundQueue.DeclareAsync(broker.Uri, "orchestrator", "q", "omninode.orchestration.task_started.v1");
        await using var sink = new RabbitMqSink(new() { Uri = () => broker.Uri });
        await sink.OpenAsync(CancellationToken.None);
        OutboxMessage[] messages = [MessageOf(1), MessageOf(2) with { Type = "workflow.created" }, MessageOf(3)];
        var answers = await Task.WhenAll(messages.Select(l => sink.SendAsync(l, CancellationToken.None)));
        answers.Select(a => a.Answer).ShouldBe([DeliveryAnswer.Delivered, DeliveryAnswer.Refused, DeliveryAnswer.Delivered]);

        await broker.KillAsync();
        DeliveryOutcome[] lost = [await sink.SendAsync(MessageOf(4), CancellationToken.None), await sink.SendAsync(MessageOf(5), CancellationToken.None)];
        lost.ShouldAllBe(a => a.Answer == DeliveryAnswer.Failed);
        await broker.ResumeAsync();
        (await sink.SendAsync(MessageOf(5), CancellationToken.None)).Answer.ShouldBe(DeliveryAnswer.Failed, "4 would come behind it");
        await sink.OpenAsync(CancellationToken.None);
        foreach (var n in (int[])[4, 5]) (await sink.SendAsync(MessageOf(n), CancellationToken.None)).Answer.ShouldBe(DeliveryAnswer.Delivered);
        (await BoundQueue.TakeAsync(broker.Uri, "q")).Select(m => m.Body).ShouldBe(["1", "3", "4", "5"]);
    }

    private static OutboxMessage MessageOf(int n) => new(Guid.NewGuid(), n, StreamId.Run(Some.Run()), n, "task.started", null, null, "x", null, n.ToString(CultureInfo.InvariantCulture));
}
