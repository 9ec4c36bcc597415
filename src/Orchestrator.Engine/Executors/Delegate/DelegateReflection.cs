using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>
/// Between JSON and C# types of which nothing is known but the type itself: snake_case, and nothing ignored silently. Only code that is
/// registered without a <see cref="JsonTypeInfo"/> comes here; the orchestrator's own program never does.
/// </summary>
[RequiresUnreferencedCode(Reason), RequiresDynamicCode(Reason)]
internal static class DelegateReflection
{
    public const string Reason = "Members are found by reflection. In trimmed and native programs use the overload that takes a JsonTypeInfo.";

    private static readonly JsonSerializerOptions Spelling = Create();

    /// <summary>How an input of this type is read.</summary>
    /// <exception cref="ArgumentException">The type cannot be an input.</exception>
    public static JsonTypeInfo<T> Input<T>()
    {
        try { return (JsonTypeInfo<T>)Spelling.GetTypeInfo(typeof(T)); }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new ArgumentException($"{typeof(T).Name} cannot be the input of a task: {e.Message}", nameof(T), e);
        }
    }

    /// <summary>Members and entries of what an object really is, whatever it was declared as.</summary>
    public static DelegateOutputs Outputs(object? value) => value is null ? DelegateOutputs.Nothing : DelegateOutputs.Of(value.GetType(), () => Element(value));

    /// <inheritdoc cref="Outputs"/>
    public static JsonElement Element(object value) =>
        value is JsonElement element ? element.Clone() : JsonSerializer.SerializeToElement(value, value.GetType(), Spelling);

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            MaxDepth = JsonBounds.MaxStoredDepth,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            PropertyNameCaseInsensitive = true,
            NumberHandling = JsonNumberHandling.AllowReadingFromString,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        options.MakeReadOnly();
        return options;
    }
}
