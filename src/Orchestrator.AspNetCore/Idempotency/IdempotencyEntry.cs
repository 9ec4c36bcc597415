using System.Text.Json.Serialization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.AspNetCore.Idempotency;

/// <summary>The request and run of a key.</summary>
/// <param name="Key">SHA-256 of caller and key, 64 hex digits.</param>
/// <param name="Body">SHA-256 of what was asked for, 64 hex digits.</param>
/// <param name="RunId">The run's id, chosen before the run was accepted.</param>
/// <param name="At">When the key came first.</param>
internal sealed record IdempotencyEntry(string Key, string Body, string RunId, DateTimeOffset At)
{
    [JsonIgnore]
    public RunId Run => Core.Runs.RunId.Parse(RunId);
}

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IdempotencyEntry))]
internal sealed partial class IdempotencyJson : JsonSerializerContext;
