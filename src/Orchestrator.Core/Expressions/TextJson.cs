using System.Text.Json.Serialization;

namespace Orchestrator.Core.Expressions;

[JsonSerializable(typeof(string))]
internal sealed partial class TextJson : JsonSerializerContext;
