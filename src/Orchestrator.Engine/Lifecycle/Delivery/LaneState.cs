using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Engine.Lifecycle.Delivery;

/// <summary>How far a sink has come and what became of the events it wanted: emitted = delivered + dead + dropped.</summary>
internal sealed record LaneState
{
    /// <summary>Position of the last event that is done with.</summary>
    public long Position { get; init; }

    /// <summary>Events wanted so far.</summary>
    public long Emitted { get; init; }

    /// <summary>Taken by the other side.</summary>
    public long Delivered { get; init; }

    /// <summary>Given up and kept as dead letters.</summary>
    public long Dead { get; init; }

    /// <summary>Lost: too far behind, the run removed, or too many dead letters.</summary>
    public long Dropped { get; init; }

    /// <summary>Attempts that failed.</summary>
    public long Failures { get; init; }

    /// <summary>Breaker open: the other side is left alone until then.</summary>
    public DateTimeOffset? OpenUntil { get; init; }

    /// <summary>Where to.</summary>
    public string Host { get; init; } = "";

    /// <summary>Of a callback, the workflow it stands in.</summary>
    public string? Workflow { get; init; }

    /// <summary>Of a callback, its address.</summary>
    public string? Url { get; init; }

    /// <summary>What went wrong last; null after a success.</summary>
    public string? LastError { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LaneState))]
[JsonSerializable(typeof(DeadLetter))]
internal sealed partial class DeliveryJson : JsonSerializerContext;

/// <summary>The files of lanes: whole or not there.</summary>
internal sealed class LaneFiles(RunPaths paths)
{
    private const string Extension = ".cursor.json";

    public string PathOf(string lane) => Path.Combine(paths.Deliveries, lane + Extension);

    public LaneState? Read(string lane)
    {
        try { return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(lane)), DeliveryJson.Default.LaneState); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    public void Write(string lane, LaneState state)
    {
        Directory.CreateDirectory(paths.Deliveries);
        DurableFile.Write(PathOf(lane), JsonSerializer.SerializeToUtf8Bytes(state, DeliveryJson.Default.LaneState));
    }

    /// <summary>Names of the sinks that have a cursor; that of <see cref="Deliveries.Discovery"/> is none's.</summary>
    public IEnumerable<string> Sinks() => Names().Where(n => n != Deliveries.Discovery);

    public IReadOnlyList<string> Names() => Directory.Exists(paths.Deliveries)
        ? [.. Directory.GetFiles(paths.Deliveries, "*" + Extension).Select(p => Path.GetFileName(p)[..^Extension.Length]).Order(StringComparer.Ordinal)] : [];
}
