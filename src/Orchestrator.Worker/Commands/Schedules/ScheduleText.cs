using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary>Times and standings of schedules for a terminal.</summary>
internal static class ScheduleText
{
    /// <summary>A local time with its offset: <c>2026-03-29 04:00:00 +03:00</c>.</summary>
    public static string Local(string local) => local.Length < 20 ? local : $"{local[..10]} {local[11..19]} {local[19..]}";

    /// <summary>What the clocks do on the day of a due time; empty: nothing.</summary>
    public static string Clocks(int? change) => change switch
    {
        null => "",
        > 0 => $"clocks forward {Minutes(change.Value)}",
        _ => $"clocks back {Minutes(-change.Value)}",
    };

    /// <summary>Standing, and what there is to say about it.</summary>
    public static string Note(ScheduleRow row) => string.Join("; ", new[]
    {
        row.Action == ScheduleAction.Start ? "" : Words.Of(row.Action),
        row.PausedAt is null ? "" : row.PausedWithAll ? "with all" : Pause(row.PausedBy, row.PauseReason, row.PausedUntil),
        row.Problem ?? "",
        Clocks(row.ClockChange),
        row.Queued > 0 ? $"{row.Queued} queued" : "",
        row.Pending > 0 ? $"{row.Pending} not accepted yet" : "",
    }.Where(t => t.Length > 0));

    /// <summary>Who paused something, why, and until when.</summary>
    public static string Pause(string? by, string? reason, DateTimeOffset? until) =>
        $"by {by}{(until is { } end ? $" until {Printable.Instant(end)}" : "")}{(reason is null ? "" : $": {reason}")}";

    private static string Minutes(int minutes) => minutes % 60 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{minutes / 60} h") : string.Create(CultureInfo.InvariantCulture, $"{minutes} min");
}
