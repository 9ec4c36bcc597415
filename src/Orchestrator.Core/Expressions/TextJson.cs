using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Expressions;

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth)]
[JsonSerializable(typeof(string))]
internal sealed partial class TextJson : JsonSerializerContext;
