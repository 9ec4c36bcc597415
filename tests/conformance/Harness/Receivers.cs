using System.Globalization;
using System.Text.Json;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Links;
using Orchestrator.TestKit.RabbitMq;
using Orchestrator.TestKit.Telemetry;

namespace Orchestrator.Conformance.Harness;

/// <summary>Something that the program tells outside.</summary>
/// <param name="Run">Whose event it is.</param>
/// <param name="Id">The event's id.</param>
/// <param name="IsEnd">Whether it is the last of its run.</param>
/// <param name="Body">All of it.</param>
internal sealed record Arrived(string Run, string Id, bool IsEnd, string Body);

/// <summary>Somebody whom `serve` tells of events, reached over a link that can be broken.</summary>
internal abstract class Receiver : IAsyncDisposable
{
    /// <summary>Types of events that the delivering ones are told of: those of runs.</summary>
    protected const string Wanted = "workflow.*,task.*";

    /// <summary>The way there.</summary>
    public required FaultyLink Link { get; init; }

    /// <summary>The sink that delivers; null: what is not taken at once is lost and counted.</summary>
    public virtual string? Sink => null;

    /// <summary>Settings that make `serve` tell it.</summary>
    public abstract IEnumerable<(string Name, string Value)> Settings { get; }

    /// <summary>Everything that has arrived so far, in that order, repetitions included.</summary>
    public abstract Task<IReadOnlyList<Arrived>> ArrivedAsync();

    public virtual ValueTask DisposeAsync() => Link.DisposeAsync();

    protected string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Link.Port}");

    protected static int PortOf(string url) => new Uri(url).Port;

    protected static Arrived Read(string body)
    {
        var e = JsonSerializer.Deserialize<JsonElement>(body);
        return new(e.Text("run_id")!, e.Text("event_id")!, e.IsEnd(), body);
    }
}

/// <summary>An OpenTelemetry collector.</summary>
internal sealed class CollectorReceiver(OtlpReceiver collector) : Receiver
{
    public static async Task<Receiver> StartAsync()
    {
        var collector = await OtlpReceiver.StartAsync();
        return new CollectorReceiver(collector) { Link = FaultyLink.To(PortOf(collector.Endpoint)) };
    }

    public OtlpReceiver Collector => collector;

    public override IEnumerable<(string Name, string Value)> Settings =>
        [.. collector.Variables.Select(v => (v.Key, v.Value)), ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{Address}"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "4000"), ("OTEL_METRICS_EXPORTER", "otlp,prometheus")];

    public override Task<IReadOnlyList<Arrived>> ArrivedAsync() => Task.FromResult<IReadOnlyList<Arrived>>(
        [.. collector.Logs.Where(l => l.EventName.StartsWith("orchestrator.workflow.", StringComparison.Ordinal) || l.EventName.StartsWith("orchestrator.task.", StringComparison.Ordinal))
            .Select(l => new Arrived(l.Attributes.Text("cicd.pipeline.run.id")!, l.Attributes.Text("orchestrator.event.id")!, l.EventName == "orchestrator.workflow.completed", l.EventName))]);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await collector.DisposeAsync();
    }
}

/// <summary>A receiver of webhooks.</summary>
internal sealed class WebhookReceiver(LoopbackSite site) : Receiver
{
    private readonly List<Arrived> _read = [];

    public static async Task<Receiver> StartAsync()
    {
        var site = await LoopbackSite.StartAsync(context => LoopbackSite.TextAsync(context, 204, ""));
        return new WebhookReceiver(site) { Link = FaultyLink.To(PortOf(site.Url)) };
    }

    public override string Sink => "webhook.ops";

    public override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Orchestrator__Webhooks__AllowedNetworks", "127.0.0.0/8"), ("Orchestrator__Webhooks__Endpoints__ops__Url", $"http://{Address}/hook"),
        ("Orchestrator__Webhooks__Endpoints__ops__Events", Wanted), ("Orchestrator__Webhooks__Endpoints__ops__Timeout", "2s"),
    ];

    public override Task<IReadOnlyList<Arrived>> ArrivedAsync()
    {
        _read.AddRange(site.Seen.Skip(_read.Count).Select(r => Read(r.Body)));
        return Task.FromResult<IReadOnlyList<Arrived>>(_read);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await site.DisposeAsync();
    }
}

/// <summary>A message broker; its queue is emptied here, which is why it remembers.</summary>
internal sealed class BrokerReceiver(RabbitMqServer broker, string exchange) : Receiver
{
    private readonly List<Arrived> _taken = [];

    public static async Task<Receiver> StartAsync(RabbitMqServer broker)
    {
        var exchange = $"orc-{Guid.NewGuid():N}";
        await BoundQueue.DeclareAsync(broker.Uri, exchange, exchange, "#");
        return new BrokerReceiver(broker, exchange) { Link = FaultyLink.To(PortOf(broker.Uri)) };
    }

    public override string Sink => "rabbitmq";

    public override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Orchestrator__RabbitMq__Uri", $"amqp://guest:guest@{Address}/"), ("Orchestrator__RabbitMq__Exchange", exchange),
        ("Orchestrator__RabbitMq__Events", Wanted), ("Orchestrator__RabbitMq__Timeout", "2s"),
    ];

    public override async Task<IReadOnlyList<Arrived>> ArrivedAsync()
    {
        _taken.AddRange((await BoundQueue.TakeAsync(broker.Uri, exchange)).Select(m => Read(m.Body)));
        return _taken;
    }
}
