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

    private static string? Bounded(string? text, int longest) => text is { Length: > 0 } && text.Length <= longest ? text : null;
}
