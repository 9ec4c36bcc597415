using System.Globalization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Telemetry.Health;

namespace Orchestrator.AspNetCore.Status;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: it takes work.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", RouteAnswers.Read, (HttpContext http, StorageHealth storage, DeliveryHealth deliveries, ScheduleReconciler schedules) =>
            Answer(null, http, storage, deliveries, schedules));
        // Without its journal it can accept nothing. Telemetry that no backend accepts, and archives, reports or deliveries that wait, do not stop work.
        routes.MapMethods("/readyz", RouteAnswers.Read, (HttpContext http, ApiNode node, StorageHealth storage, DeliveryHealth deliveries, ScheduleReconciler schedules) =>
            Answer(node.WhyNotReady ?? WhyNot(storage) ?? schedules.Trouble, http, storage, deliveries, schedules));
    }

    /// <summary>Why no work is accepted, and since when; null when the journal can be written.</summary>
    public static string? WhyNot(StorageHealth storage) =>
        storage.Of(StoragePart.Journal) is { } trouble
            ? string.Create(CultureInfo.InvariantCulture, $"{trouble.Reason.TrimEnd('.')} (since {trouble.Since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'})") : null;

    private static IResult Answer(string? reason, HttpContext http, StorageHealth storage, DeliveryHealth deliveries, ScheduleReconciler schedules) => Results.Json(
        new Health(reason is null ? "ok" : "unavailable", reason, http.RequestServices.GetService<TelemetryHealth>() is { } telemetry ? TelemetryState.Of(telemetry.View) : null, [.. storage.Troubles.Select(StorageState.Of)], deliveries.Troubles,
            Paused(schedules.AllPaused), [.. schedules.RefusedNow.Select(RefusedState.Of)]),
        JsonAnswer.Shapes.Health,
        statusCode: reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

    private static string? Paused(SchedulePause? pause) => pause is null ? null : string.Create(CultureInfo.InvariantCulture,
        $"by {pause.Actor}{(pause.Until is { } end ? $" until {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "")}{(pause.Reason is null ? "" : $": {pause.Reason}")}");
}
