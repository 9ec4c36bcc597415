using Orchestrator.Engine.Lifecycle.Health;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Api;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: it takes work.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", (TelemetryHealth telemetry) => Results.Json(new Health("ok", null, TelemetryState.Of(telemetry.View)), ApiJson.Default.Health));
        // Telemetry that nobody takes is no reason to take no work.
        routes.MapGet("/readyz", (Readiness readiness, TelemetryHealth telemetry) => readiness.Reason is { } reason
            ? Results.Json(new Health("unavailable", reason, TelemetryState.Of(telemetry.View)), ApiJson.Default.Health, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new Health("ok", null, TelemetryState.Of(telemetry.View)), ApiJson.Default.Health));
    }
}
