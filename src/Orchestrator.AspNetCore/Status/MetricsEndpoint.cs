using Microsoft.Net.Http.Headers;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Engine.Telemetry.Prometheus;

namespace Orchestrator.AspNetCore.Status;

/// <summary><c>/metrics</c> for Prometheus: OpenMetrics on request, otherwise the text format.</summary>
internal static class MetricsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, MetricsScrape? measured)
    {
        if (measured is not { } scrape)
        {
            routes.MapMethods("/metrics", RouteAnswers.Read, http => ApiProblem.WriteAsync(http, StatusCodes.Status404NotFound, "metrics_off",
                "Metrics are not served here: they are exported by OTLP, or switched off. Set Orchestrator:Telemetry:Prometheus to on, or OTEL_METRICS_EXPORTER to prometheus."));
            return;
        }
        routes.MapMethods("/metrics", RouteAnswers.Read, (HttpContext http) =>
        {
            var open = WantsOpenMetrics(http.Request.Headers.Accept);
            http.Response.Headers.Vary = "Accept";
            return Results.Bytes(scrape.Collect(open), open ? MetricsScrape.OpenMetricsType : MetricsScrape.TextType);
        });
    }

    /// <summary>By the weights of an Accept header: OpenMetrics 1.0 where it is named and no less wanted than plain text.</summary>
    internal static bool WantsOpenMetrics(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept.OfType<string>().ToList(), out var wanted)) return false;
        var open = Weight(w => w.MediaType == "application/openmetrics-text" && Version(w) is null or "1.0.0");
        return open > 0 && open >= Weight(w => w.MediaType == "text/plain");

        double Weight(Func<MediaTypeHeaderValue, bool> fits) => wanted.Where(fits).Select(w => w.Quality ?? 1).DefaultIfEmpty(0).Max();
    }

    private static string? Version(MediaTypeHeaderValue type) =>
        type.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase)) is { } version ? HeaderUtilities.RemoveQuotes(version.Value).Value : null;
}
