using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Runs;
using Orchestrator.Worker.Api;

namespace Orchestrator.Worker.Hosting;

/// <summary>A caller's W3C trace context, from headers or the environment; anything malformed is no context.</summary>
internal static class InboundTrace
{
    private const int LongestState = 512;
    private const int LongestBaggage = 8192;

    /// <summary>Links a caller may give to a run.</summary>
    public const int MostLinks = 16;

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

    /// <summary>The request's own span, with what its caller passed on; null while requests are not traced.</summary>
    public static TraceStamp? Via(HttpContext http, TraceStamp? caller) =>
        ServerSpans.Traced(http) is { Id: { } request } span ? new(request, span.TraceStateString ?? caller?.TraceState, caller?.Baggage) : null;

    /// <summary>The same as what triggered a run that hangs below another span, where it leaves.</summary>
    public static ImmutableArray<TraceLink> Trigger(HttpContext http) => ServerSpans.Traced(http) is { Recorded: true, Id: { } request } ? [new("trigger", request)] : [];

    /// <summary>Reads the links that a caller gives; false when one of them is of another type, names no span, or there are too many.</summary>
    public static bool TryReadLinks(IReadOnlyList<LinkBody>? given, out ImmutableArray<TraceLink> links)
    {
        links = given is null ? [] : [.. given.Take(MostLinks).Select(l => new TraceLink(l.Type ?? "", l.Traceparent ?? ""))];
        return given is not { Count: > MostLinks } && links.All(l => l.Type is "trigger" or "backfill" && From(l.TraceParent, null, null) is not null);
    }

    private static string? Bounded(string? text, int longest) => text is { Length: > 0 } && text.Length <= longest ? text : null;
}
