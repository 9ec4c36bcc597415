using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Api;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: it takes work.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Json(new Health("ok"), ApiJson.Default.Health));
        routes.MapGet("/readyz", (Readiness readiness) => readiness.Reason is { } reason
            ? Results.Json(new Health("unavailable", reason), ApiJson.Default.Health, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new Health("ok"), ApiJson.Default.Health));
    }
}
