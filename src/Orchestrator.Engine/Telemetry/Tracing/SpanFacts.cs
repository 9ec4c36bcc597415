using System.Diagnostics;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>A whole span, known only at its end.</summary>
internal sealed record SpanFacts(string Name, ActivityKind Kind, string SpanId, string? ParentSpanId, DateTimeOffset Start, DateTimeOffset End)
{
    public List<KeyValuePair<string, object?>> Tags { get; } = [];

    public List<ActivityLink>? Links { get; init; }

    /// <summary>Moments within it.</summary>
    public IReadOnlyList<ActivityEvent> Moments { get; init; } = [];

    /// <summary>The sentence of an error; null leaves the status unset.</summary>
    public string? Error { get; init; }

    /// <summary>Adds an attribute; null is left out.</summary>
    public SpanFacts With(string name, object? value)
    {
        if (value is not null) Tags.Add(new(name, value));
        return this;
    }
}
