using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Worker.Api;

/// <summary>Bodies of requests: read whole, checked as text, then read into their shape. What a value in them may be is judged where its name is known.</summary>
internal static class JsonBody
{
    /// <summary>The body, or the answer 400 that says what is wrong with it and where.</summary>
    /// <param name="example">What the endpoint takes.</param>
    public static async Task<(T? Body, IResult? Problem)> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> shape, string example)
        where T : class
    {
        using var whole = new MemoryStream();
        await http.Request.Body.CopyToAsync(whole, http.RequestAborted);
        var utf8 = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        if (JsonBounds.Fault(utf8.Span, JsonBounds.MaxStoredDepth) is { } fault)
            return (null, ApiError.Of(http, StatusCodes.Status400BadRequest, "bad_json", fault.Path.Length == 0 ? $"The body {fault.Problem}." : $"The body, at {fault.Path}, {fault.Problem}."));
        try
        {
            return (JsonSerializer.Deserialize(utf8.Span, shape), null);
        }
        catch (JsonException e)
        {
            return (null, ApiError.Of(http, StatusCodes.Status400BadRequest, "bad_json", example, [e.Message]));
        }
    }
}
