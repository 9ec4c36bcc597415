using System.Globalization;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Links;
using Orchestrator.TestKit.RabbitMq;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Whom `serve` tells.</summary>
public enum Whom { Collector, Broker, Webhook }

/// <summary>What is wrong with them.</summary>
public enum Ill { Refused, Slow, Hanging, Flapping }

/// <summary>Every way in which somebody who is told of events can be ill: what that does to runs, and what is known of it.</summary>
public sealed class DegradationTableCases : IAsyncLifetime
{
    /// <summary>More is never resident, whatever piles up.</summary>
    private const long MaxResidentKiB = 350 << 10;
    private const int Tasks = 20;
    private const int RunsWhileIll = 3;
    private const int Flaps = 3;

    private RabbitMqServer? _broker;

    public static MatrixTheoryData<Whom, Ill> Cells => new(Enum.GetValues<Whom>(), Enum.GetValues<Ill>());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
    }

    [Theory(DisplayName = "X11 runs end, memory is bounded, each change of state is told once, and what was delivered is whole, in order and repeated under its own id")]
    [MemberData(nameof(Cells))]
    public async Task Cell(Whom whom, Ill ill)
    {
        await using var box = new Sandbox();
        await using var receiver = whom switch
        {
            Whom.Collector => await CollectorReceiver.StartAsync(),
            Whom.Webhook => await WebhookReceiver.StartAsync(),
            _ => await BrokerReceiver.StartAsync(_broker = await RabbitMqServer.StartAsync()),
        };
        foreach (var (name, value) in receiver.Settings) box.Environment[name] = value;
        box.Environment["Orchestrator__Webhooks__Attempts"] = "6";   // one more than opens the breaker: nothing is given up while it is away
        box.Environment["Orchestrator__Webhooks__FirstWait"] = "20ms";
        box.Environment["Orchestrator__Webhooks__BreakerRest"] = "200ms";
        box.Write("workflows/twenty.yaml", $"name: twenty\ntasks: [{string.Join(", ", Enumerable.Range(0, Tasks).Select(i => $"{{id: t{i}, noop: true}}"))}]\n");
        await using var server = await Server.StartAsync(box);
        var cell = new Scene(box, server, receiver);

        await cell.RunAsync(1);
        await cell.AllArrivedAsync();
        switch (ill)
        {
            case Ill.Slow:
                receiver.Link.Become(LinkFault.Slow);
                await cell.RunAsync(RunsWhileIll);
                await cell.AllArrivedAsync();
                break;
            case Ill.Flapping:
                for (var flap = 1; flap <= Flaps; flap++)
                {
                    receiver.Link.Become(LinkFault.Refused);
                    await cell.RunAsync(2);
                    await cell.NoticedAsync(flap);
                    receiver.Link.Become(LinkFault.None);
                    await cell.RunAsync(1);
                    await cell.TakenAgainAsync(flap);
                }
                break;
            default:
                receiver.Link.Become(ill == Ill.Refused ? LinkFault.Refused : LinkFault.Hanging);
                await cell.RunAsync(RunsWhileIll);
                await cell.NoticedAsync(1);
                await cell.RunAsync(RunsWhileIll);
                break;
        }
        cell.Resident().ShouldBeLessThan(MaxResidentKiB);
        receiver.Link.Become(LinkFault.None);
        // A collector that comes and goes is one illness, because it must have been well for a while; a sink is well when it has taken something.
        var changes = ill == Ill.Slow ? 0 : ill == Ill.Flapping && receiver.Sink is not null ? Flaps : 1;
        await cell.RunAsync(1);
        await cell.SaysAsync(recovered: true, changes);
        await cell.RunAsync(1);

        if (receiver.Sink is { } sink) await ShouldBeWholeAsync(cell, sink, repeated: ill == Ill.Hanging);
        else await ShouldBeCountedAsync(cell, (CollectorReceiver)receiver, lossless: ill == Ill.Slow);
        cell.Resident().ShouldBeLessThan(MaxResidentKiB);
        await ShouldBeToldAsync(cell, changes);
    }

    /// <summary>Each change of state is one line and one event of the worker's stream, in turn.</summary>
    private static async Task ShouldBeToldAsync(Scene cell, int changes)
    {
        cell.Server.Process.Signal(15);
        var said = (await cell.Server.Process.EndAsync()).Exits(0);
        Scene.Count(said.Errors, recovered: false).ShouldBe(changes, said.Errors);
        Scene.Count(said.Errors, recovered: true).ShouldBe(changes, said.Errors);
        var events = (await cell.Box.RunAsync("events", "--type", "telemetry.*")).JsonLines();
        events.Select(e => e.Type()).ShouldBe(Enumerable.Repeat((string[])["telemetry.degraded", "telemetry.recovered"], changes).SelectMany(t => t));
        events.ShouldAllBe(e => e.Data().Text("sink") == cell.Receiver.Sink);
        if (cell.Receiver.Sink is not null) events.Of("telemetry.recovered").ShouldAllBe(e => e.Data().GetProperty("dropped").GetInt64() == 0);
    }

    /// <summary>A delivering sink: every event of every run, in the run's order, what came twice with the id and the body it had; and the account says so.</summary>
    private static async Task ShouldBeWholeAsync(Scene cell, string sink, bool repeated)
    {
        await cell.AllArrivedAsync();
        var arrived = await cell.Receiver.ArrivedAsync();
        var wanted = 0;
        foreach (var run in cell.Runs)
        {
            var events = (await cell.Box.EventsAsync(run)).Where(IsOfRun).Select(e => e.Text("event_id")).ToList();
            arrived.Where(a => a.Run == run).Select(a => a.Id).Distinct().ShouldBe(events);
            wanted += events.Count;
        }
        arrived.GroupBy(a => a.Id).ShouldAllBe(g => g.Select(a => a.Body).Distinct().Count() == 1);
        if (repeated) arrived.Count.ShouldBeGreaterThan(wanted, "what was taken without an answer is sent again");
        JsonElement account = default;
        await Poll.UntilAsync(async () =>
        {
            account = (await cell.Box.RunAsync("dead-letters", "list", "--json")).JsonLines().Single(l => l.TryGetProperty("emitted", out _));
            return account.GetProperty("delivered").GetInt64() == wanted;
        }, $"an account of {wanted} deliveries");
        account.GetProperty("emitted").GetInt64().ShouldBe(wanted);
        (account.GetProperty("dead").GetInt64(), account.GetProperty("dropped").GetInt64()).ShouldBe((0, 0));
        var counted = await cell.MetricsAsync("orchestrator_webhook_deliveries_total");
        counted.Where(c => c.Line.Contains("\"delivered\"", StringComparison.Ordinal)).Sum(c => c.Value).ShouldBe(wanted);
        counted.Where(c => c.Line.Contains("\"failed\"", StringComparison.Ordinal)).Sum(c => c.Value).ShouldBe(account.GetProperty("failures").GetInt64());
    }

    /// <summary>A collector: what it lacks was counted as lost, what the program counts as taken it has, and metrics lost nothing.</summary>
    private static async Task ShouldBeCountedAsync(Scene cell, CollectorReceiver receiver, bool lossless)
    {
        await receiver.Collector.WaitForAsync(r => r.Points.Where(p => p.Metric == "cicd.pipeline.run.duration" && p.Attributes.Text("cicd.pipeline.result") == "success").Sum(p => p.Count) == cell.Runs.Count, Running.Patience);
        // Log records leave in their order: once the newest are there, the others are there or lost.
        await Poll.UntilAsync(async () => (await receiver.ArrivedAsync()).Any(a => a.IsEnd && a.Run == cell.Runs[^1]), "the newest log records");
        var (dropped, published) = await cell.HealthAsync();
        long lost = 0;
        var arrived = (await receiver.ArrivedAsync()).ToLookup(a => a.Run, a => a.Id);
        foreach (var run in cell.Runs)
        {
            // What is for debugging only is no log record.
            var ids = (await cell.Box.EventsAsync(run)).Where(e => IsOfRun(e) && e.Text("severity") != "debug").Select(e => e.Text("event_id")!).ToList();
            arrived[run].ShouldBeSubsetOf(ids);
            lost += ids.Except(arrived[run]).Count();
        }
        (await cell.MetricsAsync("orchestrator_telemetry_dropped_total")).Sum(c => c.Value).ShouldBe(dropped);
        published.ShouldBeLessThanOrEqualTo(receiver.Collector.Spans.Count + receiver.Collector.Logs.Count);
        if (lossless) (lost, dropped).ShouldBe((0, 0));
        else
        {
            dropped.ShouldBeGreaterThan(0);
            lost.ShouldBeLessThanOrEqualTo(dropped);
        }
    }

    private static bool IsOfRun(JsonElement e) => e.Type().Split('.')[0] is "workflow" or "task";

    private sealed class Scene(Sandbox box, Server server, Receiver receiver)
    {
        public List<string> Runs { get; } = [];

        public Sandbox Box => box;

        public Server Server => server;

        public Receiver Receiver => receiver;

        /// <summary>Runs so many to their end.</summary>
        public async Task RunAsync(int times)
        {
            var begun = new List<string>();
            for (var i = 0; i < times; i++) begun.Add(await server.SubmitAsync("twenty"));
            foreach (var run in begun) (await server.EndOfAsync(run)).ShouldBe("completed");
            Runs.AddRange(begun);
        }

        /// <summary>Waits until the end of every run has arrived; in the order of a run that is the last of it.</summary>
        public Task AllArrivedAsync() => Poll.UntilAsync(async () =>
        {
            var ended = (await receiver.ArrivedAsync()).Where(a => a.IsEnd).Select(a => a.Run).ToHashSet();
            return Runs.TrueForAll(ended.Contains);
        }, "the arrival of all ends");

        public async Task NoticedAsync(int times)
        {
            if (receiver.Sink is not null) await SaysAsync(recovered: false, times);
            else
            {
                await SaysAsync(recovered: false, 1);
                var (before, _) = await HealthAsync();
                await Poll.UntilAsync(async () => (await HealthAsync()).Dropped > before || before > 0, "losses");
            }
        }

        public async Task TakenAgainAsync(int times)
        {
            if (receiver.Sink is not null) await SaysAsync(recovered: true, times);
            else
            {
                var (_, before) = await HealthAsync();
                await Poll.UntilAsync(async () => (await HealthAsync()).Published > before, "something being taken");
            }
        }

        public Task SaysAsync(bool recovered, int times) =>
            Poll.UntilAsync(() => Count(server.Process.Errors, recovered) >= times, $"line {times} about {(recovered ? "recovery" : "degradation")} in\n{server.Process.Errors}");

        /// <summary>Lines about a change of state, whoever says them.</summary>
        public static int Count(string said, bool recovered) => said.Split('\n').Count(l => (recovered ? (string[])["recovered", "again"] : ["degraded", "does not accept"]).Any(w => l.Contains(w, StringComparison.Ordinal)));

        public async Task<(long Dropped, long Published)> HealthAsync()
        {
            var telemetry = (await server.GetAsync("/healthz")).GetProperty("telemetry");
            return (telemetry.GetProperty("dropped").GetInt64(), telemetry.GetProperty("published").GetInt64());
        }

        public async Task<List<(string Line, double Value)>> MetricsAsync(string name) =>
            [.. (await server.Http.GetStringAsync("/metrics")).Split('\n').Where(l => l.StartsWith(name, StringComparison.Ordinal))
                .Select(l => (l, double.Parse(l[(l.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture)))];

        /// <summary>Resident memory, KiB.</summary>
        public long Resident() => long.Parse(
            File.ReadLines($"/proc/{server.Process.Pid}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
