using System.Text.Json.Serialization;

namespace Orchestrator.Engine.Tests.Registration;

/// <summary>Shapes as a native program has them: generated, none found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EmbeddedHostTests.Pair))]
[JsonSerializable(typeof(EmbeddedHostTests.Sum))]
[JsonSerializable(typeof(EmbeddedHostTests.Left), TypeInfoPropertyName = "LeftOnly")]
internal sealed partial class EmbeddedJson : JsonSerializerContext;
