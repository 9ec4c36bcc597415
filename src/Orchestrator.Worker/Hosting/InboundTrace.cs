using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Hosting;

/// <summary>A caller's W3C trace context, from headers or the environment; anything malformed is no context.</summary>
internal static class InboundTrace
{
    private const int LongestState = 512;
    private const int LongestBaggage = 8192;

    public static TraceStamp? From(string? parent, string? state, string? baggage)
    {
        if (parent is not { Length: 55 } || !ActivityContext.TryParse(parent, state, isRemote: true, out _)) return null;
        return new(parent, Bounded(state, LongestState), Bounded(baggage, LongestBaggage));
    }

    /// <summary>Header by which a caller forces or forbids that spans of the run leave: <c>1</c> or <c>0</c>. Those of a run that fails leave anyway.</summary>
    public const string SampleHeader = "X-Orchestrator-Sample";

    /// <summary>What the header asks for; null: nothing. False when it is neither.</summary>
    public static bool TryReadSample(string? header, out bool? sampled)
    {
        sampled = header?.Trim().ToLowerInvariant() switch { "1" or "true" => true, "0" or "false" => false, _ => null };
        return sampled is not null || string.IsNullOrWhiteSpace(header);
    }

    /// <summary>The request's own span as what triggered the run, where that span leaves.</summary>
    public static ImmutableArray<TraceLink> Trigger() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Recorded: true, Id: { } request } ? [new("trigger", request)] : [];

    private static string? Bounded(string? text, int longest) => text is { Length: > 0 } && text.Length <= longest ? text : null;
}
