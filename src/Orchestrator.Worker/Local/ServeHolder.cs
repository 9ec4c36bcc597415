using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Worker.Local;

/// <summary>Who holds a data directory's serve.lock: its content. It informs; only the lock itself decides.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartedAt">When it took the lock.</param>
/// <param name="Socket">Path of the Unix domain socket that serves the API to local verbs.</param>
/// <param name="Url">Address of the HTTP API; empty where it is not served.</param>
internal sealed record ServeHolder(int Pid, DateTimeOffset StartedAt, string Socket, string Url)
{
    /// <summary>Whether it ends once everything that is due has been carried out.</summary>
    public bool Once { get; init; }

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, ServeHolderJson.Default.ServeHolder);

    /// <summary>Null when the bytes are no holder: one that is just starting has not written yet.</summary>
    public static ServeHolder? FromUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ServeHolderJson.Default.ServeHolder);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServeHolder))]
internal sealed partial class ServeHolderJson : JsonSerializerContext;
