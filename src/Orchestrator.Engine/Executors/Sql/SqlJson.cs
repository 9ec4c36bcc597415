using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Executors.Sql;

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth)]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(List<long>))]
[JsonSerializable(typeof(string))]
internal sealed partial class SqlJson : JsonSerializerContext;
