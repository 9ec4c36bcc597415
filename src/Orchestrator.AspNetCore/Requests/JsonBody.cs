using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core;
using Orchestrator.Core.Serialization;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>
/// Bodies of requests: read whole, checked as text, then read into their shape. What a value in them may be is judged where its name is known.
/// </summary>
internal static class JsonBody
{
    /// <summary>The body, an empty one where there is none, or the answer 400.</summary>
    /// <param name="example">What the endpoint takes.</param>
    public static async Task<(T Body, IResult? Problem)> ReadIfAnyAsync<T>(HttpContext http, JsonTypeInfo<T> shape, string example)
        where T : class, new()
    {
        if (http.Request.ContentLength is null or 0 && !http.Request.HasJsonContentType()) return (new(), null);
        var (body, problem) = await ReadAsync(http, shape, example);
        return (body ?? new(), problem);
    }

    /// <summary>The body, or the answer 400 that says what is wrong with it and where.</summary>
    /// <param name="example">What the endpoint takes.</param>
    public static async Task<(T? Body, IResult? Problem)> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> shape, string example)
        where T : class
    {
        using var whole = new MemoryStream();
        await http.Request.Body.CopyToAsync(whole, http.RequestAborted);
        var utf8 = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        if (JsonBounds.Fault(utf8.Span, JsonBounds.MaxStoredDepth) is { } fault)
            return Refuse(fault.Path.Length == 0 ? $"The body {fault.Problem}." : $"The body, at {fault.Path}, {fault.Problem}.");
        try
        {
            // Ours come first: what the serializer says names types of the program.
            if (Misfit(utf8, shape) is { } misfit) return Refuse(example, misfit);
            return (JsonSerializer.Deserialize(utf8.Span, shape), null);
        }
        catch (JsonException e)
        {
            return Refuse(example, Place(e));
        }

        (T?, IResult?) Refuse(string detail, params string[] errors) => (null, ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_json", detail, errors));
    }

    private static string? Misfit<T>(ReadOnlyMemory<byte> utf8, JsonTypeInfo<T> shape)
    {
        using var document = JsonDocument.Parse(utf8, JsonBounds.Documents);
        if (document.RootElement.ValueKind == JsonValueKind.Null) return null;
        if (document.RootElement.ValueKind != JsonValueKind.Object) return $"It must be an object, was {Word(document.RootElement.ValueKind)}.";
        var known = shape.Properties.Select(p => p.Name).ToList();
        foreach (var member in document.RootElement.EnumerateObject())
            if (!known.Contains(member.Name, StringComparer.Ordinal))
                return $"'{member.Name}' is not a known member. {(Suggest.DidYouMean(member.Name, known) is { Length: > 0 } guess ? guess : $"Known: {string.Join(", ", known)}.")}";
        return null;
    }

    // The serializer's own sentence names its types; where it stopped is what helps.
    private static string Place(JsonException e) => e.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal)
        ? $"The value of '{path[2..]}' does not fit."
        : string.Create(CultureInfo.InvariantCulture, $"It is not valid JSON at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}.");

    private static string Word(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "a boolean",
    };
}
