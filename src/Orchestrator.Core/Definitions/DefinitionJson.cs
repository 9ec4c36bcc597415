using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// The normal form of a definition: JSON with snake_case keys in the model's order, sorted maps, durations as <c>1h30m</c>, and nothing
/// that has its default value. Equal definitions have equal bytes, whichever notation they were written in; their hash is the version.
/// </summary>
public static class DefinitionJson
{
    /// <summary>The definition's normal form, UTF-8. Places and the base folder are not part of it.</summary>
    public static byte[] Write(WorkflowDefinition workflow)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) NormalForm.Write(json, Ordered(workflow));
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads a normal form. The rules are not applied again: an old run keeps its definition when rules grow stricter.</summary>
    /// <exception cref="JsonException">These are not the bytes of a definition.</exception>
    public static WorkflowDefinition Read(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(json.ToArray(), JsonBounds.Documents);
        return NormalFormReader.Workflow(document.RootElement);
    }

    /// <summary>The definition's version: SHA-256 of its normal form, 64 lower-case hex digits.</summary>
    public static string Version(WorkflowDefinition workflow) => Version(Write(workflow));

    /// <summary>The version of a normal form already written.</summary>
    public static string Version(ReadOnlySpan<byte> normalForm) => Convert.ToHexStringLower(SHA256.HashData(normalForm));

    // Configuration does not keep the order in which parameters were declared, so it cannot be part of the normal form.
    private static WorkflowDefinition Ordered(WorkflowDefinition workflow) =>
        workflow.Params.Length < 2 ? workflow : workflow with { Params = workflow.Params.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name)) };
}
