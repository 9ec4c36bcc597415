using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.RabbitMq;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What a real broker gets.</summary>
public sealed class BrokerCases
{
    [Fact(DisplayName = "RB01 events reach queues bound to their type or their topic, persistent, in order, and none is lost while the broker is dead")]
    public async Task Broker()
    {
        await using var box = new Sandbox();
        await using var broker = await RabbitMqServer.StartAsync();
        await BoundQueue.DeclareAsync(broker.Uri, "orchestrator", "topics", "omninode.orchestration.workflow.v1");
        await BoundQueue.DeclareAsync(broker.Uri, "orchestrator", "all", "omninode.orchestration.#");
        await BoundQueue.DeclareAsync(broker.Uri, "orchestrator", "types", "omninode.orchestration.workflow_completed.v1");
        box.Environment["Orchestrator__RabbitMq__Uri"] = broker.Uri;
        box.Environment["Orchestrator__RabbitMq__Format"] = "omninode";
        box.Environment["Orchestrator__Webhooks__FirstWait"] = "100ms";
        box.Environment["Orchestrator__Webhooks__BreakerRest"] = "500ms";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var runs = new List<string> { await server.SubmitAsync("x") };
        List<QueuedMessage> topics = [], all = [], types = [];
        await Poll.UntilAsync(async () =>
        {
            types.AddRange(await BoundQueue.TakeAsync(broker.Uri, "types"));
            return types.Count == 1;
        }, "the first run's end");
        await broker.KillAsync();
        for (var i = 0; i < 3; i++) runs.Add(await server.SubmitAsync("x"));
        foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed");
        await broker.ResumeAsync();
        await Poll.UntilAsync(async () =>
        {
            types.AddRange(await BoundQueue.TakeAsync(broker.Uri, "types"));
            return types.Select(m => m.Id).Distinct().Count() == 4;
        }, "the ends of the others");
        topics.AddRange(await BoundQueue.TakeAsync(broker.Uri, "topics"));
        all.AddRange(await BoundQueue.TakeAsync(broker.Uri, "all"));

        all.ShouldAllBe(m => m.Persistent);
        foreach (var run in runs)
        {
            var events = await box.EventsAsync(run);
            all.Where(m => m.CorrelationId == run).Select(m => m.Id).Distinct().ShouldBe(events.Select(e => e.GetProperty("event_id").GetString()!));
            topics.Where(m => m.CorrelationId == run).Select(m => m.Type).Distinct().ShouldBe(events.Select(e => e.GetProperty("type").GetString()!).Where(t => t.StartsWith("workflow.", StringComparison.Ordinal))
                .Select(t => $"omninode.orchestration.{t.Replace('.', '_')}.v1"));
        }
        var ended = JsonSerializer.Deserialize<JsonElement>(types[0].Body);
        ended.GetProperty("event_type").GetString().ShouldBe("omninode.orchestration.workflow_completed.v1");
        ended.GetProperty("workflow_id").GetString().ShouldBe(runs[0]);
        var account = (await box.RunAsync("dead-letters", "list", "--json")).JsonLines().Single(l => l.TryGetProperty("emitted", out _));
        account.GetProperty("sink").GetString().ShouldBe("rabbitmq");
        account.GetProperty("emitted").GetInt64().ShouldBe(account.GetProperty("delivered").GetInt64() + account.GetProperty("dead").GetInt64() + account.GetProperty("dropped").GetInt64());
        account.GetProperty("failures").GetInt64().ShouldBeGreaterThan(0);
    }
}
