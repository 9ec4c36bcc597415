using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>What the monitor of a schedule receives: that a run of the schedule began, completed or failed.</summary>
internal sealed class HeartbeatMessages(string workflow, string url) : IOutboxMessages
{
    private static readonly ImmutableArray<string> s_types = ["workflow.started", "workflow.completed", "workflow.failed", "workflow.cancelled"];

    public Subscription? Subscription => null;

    public bool MayWant(string type, string? of) => of == workflow && s_types.Contains(type);

    public bool WantsAllOf(StreamId? stream) => false;

    public OutboxMessage? Write(FeedItem item) => item.Definition is { } definition && item.Envelope is { ScheduleId: { } id, RunId: { } run } envelope && s_types.Contains(envelope.Type) && Names(definition, id)
        ? OutboxMessage.Of(item, $"{{\"run_id\":\"{run}\",\"workflow\":\"{JsonEncodedText.Encode(workflow)}\",\"schedule\":\"{JsonEncodedText.Encode(id)}\",\"event\":\"{envelope.Type}\"}}") : null;

    public void Dispose() { }

    private bool Names(WorkflowDefinition definition, string schedule) => definition.Schedules.Any(s => s.Id == schedule && s.Heartbeat == url);
}

/// <summary>
/// Tells an outside monitor that a schedule's runs happen, in the manner of healthchecks.io: POST to the address with <c>/start</c>, to the address itself
/// on success, with <c>/fail</c> otherwise. The run's id goes along as <c>rid</c>.
/// </summary>
internal sealed class HeartbeatSink(string workflow, string url, int attempts, WebhookTransport transport) : IDeliverySink
{
    public const string Prefix = "heartbeat.";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public string Name => NameOf(workflow, url);

    public string Host => new Uri(url).Authority;

    public int? MaxAttempts => attempts;

    public bool Tells => true;

    public int Window => 1;

    public IOutboxMessages Messages { get; } = new HeartbeatMessages(workflow, url);

    public static string NameOf(string workflow, string url) => $"{Prefix}{workflow}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)).AsSpan(0, 5))}";

    /// <summary>The address for a kind of event.</summary>
    public static Uri AddressOf(string url, string type, RunId? run)
    {
        var address = new UriBuilder(url);
        var ending = type switch { "workflow.started" => "/start", "workflow.completed" => "", _ => "/fail" };
        address.Path = address.Path.TrimEnd('/') + ending;
        if (run is { } id) address.Query = address.Query.Length > 1 ? $"{address.Query[1..]}&rid={id}" : $"rid={id}";
        return address.Uri;
    }

    public Task OpenAsync(CancellationToken stop) => Task.CompletedTask;

    public Task<DeliveryOutcome> SendAsync(OutboxMessage message, CancellationToken stop) =>
        transport.SendAsync(new(AddressOf(url, message.Type, message.RunId), ImmutableSortedDictionary<string, string>.Empty, null, s_timeout), message, stop);

    public ValueTask DisposeAsync()
    {
        Messages.Dispose();
        return ValueTask.CompletedTask;
    }
}
