using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>Turns what a delegate returned into outputs.</summary>
internal static class DelegateResult
{
    /// <exception cref="OutputProblemException">A key is malformed or a value cannot be written as JSON.</exception>
    public static ImmutableSortedDictionary<string, JsonElement> Read(object? value)
    {
        if (value is null) return ImmutableSortedDictionary<string, JsonElement>.Empty;
        JsonElement json;
        try
        {
            json = value is JsonElement element ? element.Clone() : JsonSerializer.SerializeToElement(value, value.GetType(), DelegateJson.Spelling);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException)
        {
            throw new OutputProblemException(FailureKind.Error, $"The result of the delegate, a {value.GetType().Name}, cannot be written as JSON: {e.Message}");
        }
        var outputs = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        if (json.ValueKind == JsonValueKind.Object)
            foreach (var property in json.EnumerateObject())
                outputs[OutputText.IsKey(property.Name) ? property.Name
                    : throw new OutputProblemException(FailureKind.Error, $"The delegate returned a malformed key: {OutputText.KeyRule}.")] = property.Value;
        else if (json.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            outputs[DelegateJson.Single] = json;
        return outputs.ToImmutable();
    }
}
