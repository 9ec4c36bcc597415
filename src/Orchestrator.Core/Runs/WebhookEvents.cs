using System.Text.Json.Serialization;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>The outcome of delivering an event over HTTP. It is in the worker's own stream, never in the run's.</summary>
/// <param name="EventId">The event that was told of: the cause of this one.</param>
/// <param name="Sink">Who was to be told.</param>
/// <param name="Host">Host of the address; the rest of it may be secret.</param>
/// <param name="Attempt">1-based.</param>
public abstract record WebhookEvent(Guid EventId, string Sink, string Host, int Attempt) : JournalEvent
{
    /// <summary>Type of the event that was told of.</summary>
    public required string EventType { get; init; }

    /// <summary>Correlation id of the event that was told of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CorrelationId { get; init; }

    /// <summary>Its run; null for an event of no run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunId? RunId { get; init; }

    /// <summary>Its workflow.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Workflow { get; init; }

    /// <summary>Status of the answer; null when there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? HttpStatus { get; init; }

    /// <summary>How long the attempt took.</summary>
    public double DurationMs { get; init; }

    /// <summary>What went wrong; null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <summary>An attempt failed and another follows.</summary>
[EventType("webhook.attempted", 4070, EventSeverity.Warn)]
public sealed partial record WebhookAttempted(Guid EventId, string Sink, string Host, int Attempt) : WebhookEvent(EventId, Sink, Host, Attempt);

/// <summary>The receiver has taken it.</summary>
[EventType("webhook.delivered", 4071, EventSeverity.Debug)]
public sealed partial record WebhookDelivered(Guid EventId, string Sink, string Host, int Attempt) : WebhookEvent(EventId, Sink, Host, Attempt);

/// <summary>The last attempt failed: it is among the dead letters.</summary>
[EventType("webhook.failed", 4072, EventSeverity.Error)]
public sealed partial record WebhookFailed(Guid EventId, string Sink, string Host, int Attempt) : WebhookEvent(EventId, Sink, Host, Attempt);
