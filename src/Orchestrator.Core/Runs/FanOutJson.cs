using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Runs;

/// <summary>The shapes of a fan-out's results.</summary>
[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth)]
[JsonSerializable(typeof(ImmutableSortedDictionary<string, JsonElement>[]))]
[JsonSerializable(typeof(int))]
internal sealed partial class FanOutJson : JsonSerializerContext;
