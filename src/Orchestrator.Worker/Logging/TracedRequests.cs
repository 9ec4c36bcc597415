using System.Diagnostics;
using OpenTelemetry.Instrumentation.AspNetCore;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// What OpenTelemetry's instrumentation records of this program's requests: probes and scrapes come every few seconds
/// and are not traced, and what no route took has none.
/// </summary>
internal static class TracedRequests
{
    public static void Configure(AspNetCoreTraceInstrumentationOptions options)
    {
        options.Filter = static http => !IsProbe(http.Request.Path.Value);
        options.EnrichWithHttpResponse = static (span, response) => Describe(span, response.HttpContext);
    }

    public static bool IsProbe(string? path) => path is "/healthz" or "/readyz" or "/metrics";

    // What no route took ends at the last one, which takes everything.
    private static void Describe(Activity span, HttpContext http)
    {
        if (http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: [not '{', ..] }) return;
        span.SetTag(TelemetryNames.Route, null);
        span.DisplayName = span.GetTagItem(TelemetryNames.RequestMethod) is string method and not "_OTHER" ? method : "HTTP";
    }
}
