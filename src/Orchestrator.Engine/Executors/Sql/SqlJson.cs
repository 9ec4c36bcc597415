using System.Text.Json.Serialization;

namespace Orchestrator.Engine.Executors.Sql;

[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(List<long>))]
[JsonSerializable(typeof(string))]
internal sealed partial class SqlJson : JsonSerializerContext;
