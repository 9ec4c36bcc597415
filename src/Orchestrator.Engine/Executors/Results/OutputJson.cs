using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>Results as JSON: one object, keys sorted.</summary>
[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth)]
[JsonSerializable(typeof(ImmutableSortedDictionary<string, JsonElement>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class OutputJson : JsonSerializerContext;
