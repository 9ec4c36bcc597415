using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Telemetry.Tracing.Scripts;

/// <summary>What a script says about a span of its own: one line of the attempt's file.</summary>
public sealed record ScriptSpanLine
{
    /// <summary>The script begins something.</summary>
    public const string Start = "start";

    /// <summary>It is done with it.</summary>
    public const string End = "end";

    /// <summary>Something happened.</summary>
    public const string Moment = "event";

    /// <summary><see cref="Start"/>, <see cref="End"/> or <see cref="Moment"/>.</summary>
    public required string Op { get; init; }

    /// <summary>16 lower-case hex digits: the span begun or ended, or the one the event belongs to; null: the task's process.</summary>
    public string? Id { get; init; }

    /// <summary>The span it lies within; null: the task's process.</summary>
    public string? Parent { get; init; }

    /// <summary>Name of the span or event.</summary>
    public string? Name { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>True when what ended was a failure.</summary>
    public bool Failed { get; init; }

    /// <summary>A sentence about the failure.</summary>
    public string? Message { get; init; }

    /// <summary>Texts, numbers and booleans by name.</summary>
    public Dictionary<string, JsonElement>? Attributes { get; init; }
}

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ScriptSpanLine))]
internal sealed partial class ScriptSpanJson : JsonSerializerContext;
