using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>What callers say about traces, in headers and bodies.</summary>
internal static class InboundTrace
{
    /// <summary>Links a caller may give to a run.</summary>
    public const int MaxLinks = 16;

    /// <summary>The context in a request's headers; null: none.</summary>
    public static TraceStamp? From(HttpContext http) =>
        TraceContexts.Inbound(http.Request.Headers.TraceParent, http.Request.Headers.TraceState, http.Request.Headers.Baggage);

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
        RequestSpans.Of(http) is { Id: { } request } span ? new(request, span.TraceStateString ?? caller?.TraceState, caller?.Baggage) : null;

    /// <summary>Reads the links that a caller gives; false when one of them is of another type, names no span, or there are too many.</summary>
    public static bool TryReadLinks(IReadOnlyList<LinkBody?>? given, out ImmutableArray<TraceLink> links)
    {
        links = given is null ? [] : [.. given.Take(MaxLinks).Select(l => new TraceLink(l?.Type ?? "", TraceContexts.Inbound(l?.Traceparent)?.TraceParent ?? ""))];
        return given is not { Count: > MaxLinks } && links.All(l => l is { Type: "trigger" or "backfill", TraceParent.Length: > 0 });
    }
}
