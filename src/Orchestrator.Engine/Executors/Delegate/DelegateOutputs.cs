using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>What a delegate returned, as outputs. It is converted where the delegate is registered, which knows the type.</summary>
internal sealed record DelegateOutputs(ImmutableSortedDictionary<string, JsonElement> Values)
{
    public static readonly DelegateOutputs Nothing = new(ImmutableSortedDictionary<string, JsonElement>.Empty);

    /// <exception cref="OutputProblemException">A key is malformed or the value cannot be written as JSON.</exception>
    public static DelegateOutputs Of<T>(T value, JsonTypeInfo<T> type) =>
        value is null ? Nothing : Of(value.GetType(), () => JsonSerializer.SerializeToElement(value, type));

    /// <exception cref="OutputProblemException">A key is malformed or the value cannot be written as JSON.</exception>
    public static DelegateOutputs Of(Type type, Func<JsonElement> write)
    {
        JsonElement json;
        try { json = write(); }
        catch (Exception e) when (e is NotSupportedException or JsonException)
        {
            throw new OutputProblemException(FailureKind.Error, $"The result of the delegate, a {type.Name}, cannot be written as JSON: {e.Message}");
        }
        return Of(json);
    }

    private static DelegateOutputs Of(JsonElement json)
    {
        var outputs = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        if (json.ValueKind == JsonValueKind.Object)
            foreach (var property in json.EnumerateObject())
                outputs[OutputText.IsKey(property.Name) ? property.Name
                    : throw new OutputProblemException(FailureKind.Error, $"The delegate returned a malformed key: {OutputText.KeyRule}.")] = property.Value;
        else if (json.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            outputs[DelegateInput.Single] = json;
        return outputs.Count == 0 ? Nothing : new(outputs.ToImmutable());
    }
}
