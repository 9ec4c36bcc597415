using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>
/// A sink's position and the outcomes of the events it wanted: emitted = delivered + given up + dropped. The later outcomes of those given up are with the
/// letters themselves: <see cref="DeadLetterAccount"/>.
/// </summary>
internal sealed record LaneState
{
    /// <summary>Position of the last event that is done with.</summary>
    public long Position { get; init; }

    /// <summary>Events wanted so far.</summary>
    public long Emitted { get; init; }

    /// <summary>Taken by the other side.</summary>
    public long Delivered { get; init; }

    /// <summary>Given up after their last attempt and made dead letters.</summary>
    public long GivenUp { get; init; }

    /// <summary>Wanted, and gone before they were delivered: the run was removed, or the sink was too slow.</summary>
    public long Dropped { get; init; }

    /// <summary>Events that were gone before it was known whether they were wanted: the run was removed, or the sink was too slow.</summary>
    public long Missed { get; init; }

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

    /// <summary>What it wants; null for a callback, of which each run's definition says it.</summary>
    public Subscription? Wants { get; init; }

    /// <summary>
    /// Earlier states of the account under the same subscription, oldest first, as far back as the feed goes: what came since can be counted again.
    /// </summary>
    public IReadOnlyList<LaneMark> Marks { get; init; } = [];

    /// <summary>With a mark of now, and without those that the feed has removed.</summary>
    public LaneState Marked(long feedBegin) => this with { Marks = [.. Marks.Where(m => m.Position >= feedBegin - 1).Take(MaxMarks - 1), new(Position, Emitted, Missed)] };

    private const int MaxMarks = 8;
}

/// <summary>An account as it was at a position.</summary>
internal sealed record LaneMark(long Position, long Emitted, long Missed);

/// <summary>Which events a sink wants, in the words of its configuration.</summary>
/// <param name="Events">Patterns of types, separated by commas; empty: all.</param>
/// <param name="Workflows">Names, separated by commas; empty: all, and events of no workflow.</param>
internal sealed record Subscription(string Events, string Workflows, Core.Lifecycle.Compatibility.EventFormat Format)
{
    public static IEnumerable<string> Parts(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LaneState))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterFileHead))]
internal sealed partial class DeliveryJson : JsonSerializerContext;

/// <summary>The files of lanes: whole or not there.</summary>
/// <param name="folder">Where deliveries keep their state.</param>
internal sealed class LaneFiles(StateFolder folder)
{
    private const string Extension = ".cursor.json";

    public string PathOf(string lane) => folder.PathOf(lane + Extension);

    public LaneState? Read(string lane) =>
        RegularFile.TryRead(PathOf(lane)) is { } json ? JsonSerializer.Deserialize(json, DeliveryJson.Default.LaneState) : null;

    public void Write(string lane, LaneState state)
    {
        folder.Create();
        WholeFile.Write(folder.Disk, PathOf(lane), JsonSerializer.SerializeToUtf8Bytes(state, DeliveryJson.Default.LaneState));
    }

    /// <summary>Names of the sinks that have a cursor; that of <see cref="DeliveryLanes.Discovery"/> is none's.</summary>
    public IEnumerable<string> Sinks() => Names().Where(n => n != DeliveryLanes.Discovery);

    public IReadOnlyList<string> Names() => folder.Names(Extension);
}
