using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>Reads a task's `with` into a C# type; nothing is ignored silently.</summary>
internal static class DelegateInput
{
    /// <summary>Where a value stands that has no members of its own.</summary>
    public const string Single = "value";

    /// <summary>Members by name; a type without members is read from `value`.</summary>
    /// <exception cref="TaskFailedException">It does not fit; the message names the property. Not retryable.</exception>
    public static T Read<T>(ImmutableSortedDictionary<string, JsonElement> with, JsonTypeInfo<T> type)
    {
        var hasMembers = type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary;
        if (!hasMembers && (with.Count != 1 || !with.ContainsKey(Single)))
            throw Misfit($"The input is a {typeof(T).Name} and read from `with: {{{Single}: ...}}` alone, but `with` holds {(with.IsEmpty ? "nothing" : string.Join(", ", with.Keys))}.");
        try
        {
            var value = hasMembers ? Members(with).Deserialize(type) : with[Single].Deserialize(type);
            return value ?? throw Misfit($"The input `{Single}` must not be null.");
        }
        catch (NotSupportedException e)
        {
            throw Misfit($"A {typeof(T).Name} cannot be read from JSON: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw Misfit($"Input {Place(e.Path, hasMembers)}does not fit {typeof(T).Name}: {FirstSentence(e.Message)}", e);
        }
    }

    /// <summary>Outputs of a workflow by name; a type without members is read from a single output.</summary>
    /// <exception cref="JsonException">They do not fit.</exception>
    public static T ReadOutputs<T>(string workflow, ImmutableSortedDictionary<string, JsonElement> outputs, JsonTypeInfo<T> type)
    {
        var hasMembers = type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary;
        if (!hasMembers && outputs.Count != 1)
            throw new JsonException($"A {typeof(T).Name} is read from a single output, but {workflow} has {(outputs.IsEmpty ? "none: name it under `outputs`" : $"{outputs.Count}: {string.Join(", ", outputs.Keys)}")}.");
        return (hasMembers ? Members(outputs).Deserialize(type) : outputs.Values.First().Deserialize(type)) ?? throw new JsonException($"The output of {workflow} is null, which a {typeof(T).Name} cannot be.");
    }

    private static JsonObject Members(ImmutableSortedDictionary<string, JsonElement> with)
    {
        var members = new JsonObject();
        foreach (var (name, value) in with) members[name] = value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(value.GetRawText(), documentOptions: JsonBounds.Documents);
        return members;
    }

    private static string Place(string? path, bool hasMembers) =>
        !hasMembers ? $"`with.{Single}` " : path is { Length: > 2 } && path.StartsWith("$.", StringComparison.Ordinal) ? $"`with.{path[2..]}` " : "";

    // What follows is the path once more, and line numbers of a generated text.
    private static string FirstSentence(string message) => message.IndexOf(" Path: ", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;

    private static TaskFailedException Misfit(string message, Exception? cause = null) => new(message, FailureKind.Error, retryable: false, cause);
}
