using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// The normal form of a definition: JSON with snake_case keys in the model's order, sorted maps, durations as <c>1h30m</c>, and nothing
/// that has its default value. Equal definitions have equal bytes, whichever notation they were written in; their hash is the version.
/// </summary>
public static class DefinitionJson
{
    private static readonly JsonTypeInfo<WorkflowDefinition> s_writing = TypeInfo(new DefinitionJsonContext());

    // Generated code loses the initial values of init-only properties that are missing from the JSON; reflection keeps them. Reading is
    // rare (a resumed or inspected run), so only it pays for reflection, and only when it happens.
    private static readonly Lazy<JsonTypeInfo<WorkflowDefinition>> s_reading = new(() => TypeInfo(new DefaultJsonTypeInfoResolver()));

    /// <summary>The definition's normal form, UTF-8. Places and the base folder are not part of it.</summary>
    public static byte[] Write(WorkflowDefinition workflow) => JsonSerializer.SerializeToUtf8Bytes(Ordered(workflow), s_writing);

    /// <summary>Reads a normal form. The rules are not applied again: an old run keeps its definition when rules grow stricter.</summary>
    /// <exception cref="JsonException">These are not the bytes of a definition.</exception>
    public static WorkflowDefinition Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, s_reading.Value) ?? throw new JsonException("The definition is null.");

    /// <summary>The definition's version: SHA-256 of its normal form, 64 lower-case hex digits.</summary>
    public static string Version(WorkflowDefinition workflow) => Version(Write(workflow));

    /// <summary>The version of a normal form already written.</summary>
    public static string Version(ReadOnlySpan<byte> normalForm) => Convert.ToHexStringLower(SHA256.HashData(normalForm));

    // Configuration does not keep the order in which parameters were declared, so it cannot be part of the normal form.
    private static WorkflowDefinition Ordered(WorkflowDefinition workflow) =>
        workflow.Params.Length < 2 ? workflow : workflow with { Params = workflow.Params.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name)) };

    private static JsonTypeInfo<WorkflowDefinition> TypeInfo(IJsonTypeInfoResolver resolver) =>
        (JsonTypeInfo<WorkflowDefinition>)new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters = { new DurationJson() },
            MaxDepth = 256,
            TypeInfoResolver = resolver.WithAddedModifier(NormalForm.OmitDefaults),
        }.GetTypeInfo(typeof(WorkflowDefinition));
}

[JsonSerializable(typeof(WorkflowDefinition))]
internal sealed partial class DefinitionJsonContext : JsonSerializerContext;
