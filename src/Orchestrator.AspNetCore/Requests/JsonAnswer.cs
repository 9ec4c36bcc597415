using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>Answers that write themselves.</summary>
internal static class JsonAnswer
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For answers: quotes and letters of other scripts as they are, because what is read here is no HTML.</summary>
    public static ApiJson Shapes { get; } = new(new(ApiJson.Default.Options) { Encoder = Writing.Encoder });

    /// <summary>200 with the value that <paramref name="value"/> writes.</summary>
    public static IResult Of(Action<Utf8JsonWriter> value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Writing)) value(writer);
        return Results.Bytes(buffer.ToArray(), "application/json; charset=utf-8");
    }

    /// <summary>A status with the object whose members <paramref name="members"/> writes.</summary>
    public static IResult Object(int status, Action<Utf8JsonWriter> members) => new WithStatus(status, Object(members));

    /// <summary>200 with the object whose members <paramref name="members"/> writes.</summary>
    public static IResult Object(Action<Utf8JsonWriter> members) => Of(w =>
    {
        w.WriteStartObject();
        members(w);
        w.WriteEndObject();
    });

    private sealed class WithStatus(int status, IResult answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            return answer.ExecuteAsync(httpContext);
        }
    }
}
