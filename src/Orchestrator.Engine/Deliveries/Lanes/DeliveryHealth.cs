using System.Collections.Concurrent;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>A receiver that takes nothing just now.</summary>
/// <param name="Sink">Its name.</param>
/// <param name="Host">Where it is.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">What it failed with; holds no secret.</param>
public sealed record DeliveryTrouble(string Sink, string Host, DateTimeOffset Since, string Reason);

/// <summary>Which receivers, webhooks and brokers, take nothing just now. Safe to call from any thread.</summary>
public sealed class DeliveryHealth
{
    private readonly ConcurrentDictionary<string, DeliveryTrouble> _troubles = new(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<DeliveryTrouble> Troubles => [.. _troubles.Values.OrderBy(t => t.Sink, StringComparer.Ordinal)];

    internal void Begin(DeliveryTrouble trouble) => _troubles[trouble.Sink] = trouble;

    internal void End(string sink) => _troubles.TryRemove(sink, out _);
}
