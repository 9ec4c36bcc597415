using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>A moment of the past as people write it.</summary>
internal static class PastInstant
{
    /// <summary>What can be written, for help.</summary>
    public const string Help = "a time ago such as 2h or 7d, or an instant such as 2026-03-01T06:00Z";

    /// <summary>Reads a time ago or an instant with its offset; false when it is neither.</summary>
    public static bool TryRead(string text, DateTimeOffset now, out DateTimeOffset instant)
    {
        if (!Quantity.TryDuration(text, out var ago)) return EarliestStart.TryRead(text, now, out instant);
        instant = now - ago;
        return true;
    }
}
