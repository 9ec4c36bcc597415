using Orchestrator.AspNetCore.Requests;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Output;

/// <summary>A moment of the past as people write it for <c>--since</c> and <c>--at</c>.</summary>
internal static class PastTime
{
    public const string Help = PastInstant.Help;

    /// <exception cref="CommandFailure">It is neither.</exception>
    public static DateTimeOffset Read(string text, DateTimeOffset now, string option = "--since") => PastInstant.TryRead(text, now, out var instant) ? instant
        : throw new CommandFailure(ExitCode.Usage, $"{option} cannot be '{text}'.", "Give a time ago such as 90s, 2h or 7d, or an instant with its offset such as 2026-03-01T06:00:00Z.");
}
