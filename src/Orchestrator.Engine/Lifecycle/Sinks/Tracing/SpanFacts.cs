using System.Diagnostics;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Engine.Lifecycle.Sinks.Tracing;

/// <summary>A whole span, known only at its end.</summary>
internal sealed record SpanFacts(string Name, ActivityKind Kind, string SpanId, string? ParentSpanId, DateTimeOffset Start, DateTimeOffset End)
{
    public List<KeyValuePair<string, object?>> Tags { get; } = [];

    public List<ActivityLink>? Links { get; init; }

    /// <summary>Moments within it: name and time.</summary>
    public IReadOnlyList<(string Name, DateTimeOffset Time)> Moments { get; init; } = [];

    /// <summary>The sentence of an error; null leaves the status unset.</summary>
    public string? Error { get; init; }

    /// <summary>Adds an attribute; null is left out.</summary>
    public SpanFacts With(string name, object? value)
    {
        if (value is not null) Tags.Add(new(name, value));
        return this;
    }
}

/// <summary>The trace a run's spans belong to.</summary>
internal sealed record RunTrace(string TraceId, bool Sampled, string? State)
{
    public TraceReference At(string spanId) => new(TraceId, spanId);

    /// <summary>The context of a span of this trace; the empty id stands for no parent.</summary>
    public ActivityContext Context(string? spanId) => new(
        ActivityTraceId.CreateFromString(TraceId),
        spanId is null ? default : ActivitySpanId.CreateFromString(spanId),
        Sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
        State);
}
