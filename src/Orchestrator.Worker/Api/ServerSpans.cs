using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Engine.Lifecycle;

namespace Orchestrator.Worker.Api;

/// <summary>
/// What the web server does not say of a request's span: a name of few different words, route, status. Probes and scrapes come every few seconds and
/// are not traced.
/// </summary>
internal static class ServerSpans
{
    private const string Source = "Microsoft.AspNetCore";
    private static readonly string[] Methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];

    /// <summary>The span of a request, whether it leaves or not; null while requests are not traced.</summary>
    public static Activity? Traced(HttpContext http) =>
        http.Features.Get<IHttpActivityFeature>()?.Activity is { Source.Name: Source, IdFormat: ActivityIdFormat.W3C } span ? span : null;

    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var span = Traced(http) is { Recorded: true } leaving ? leaving : null;
        if (span is not null && IsProbe(http.Request.Path.Value)) span = Silence(span);
        try
        {
            await next(http);
        }
        finally
        {
            if (span is not null) Describe(span, http);
        }
    }

    public static bool IsProbe(string? path) => path is "/healthz" or "/readyz" or "/metrics";

    private static Activity? Silence(Activity span)
    {
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        span.IsAllDataRequested = false;
        return null;
    }

    private static void Describe(Activity span, HttpContext http)
    {
        var method = Array.IndexOf(Methods, http.Request.Method) < 0 ? null : http.Request.Method;
        // What no route took ends at the last one, which takes everything.
        var route = http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: [not '{', ..] text } ? text : null;
        var status = http.Response.StatusCode;
        span.DisplayName = $"{method ?? "HTTP"} {route}".TrimEnd();
        span.SetTag(TelemetryNames.RequestMethod, method ?? "_OTHER");
        span.SetTag(TelemetryNames.Route, route);
        span.SetTag(TelemetryNames.ResponseStatus, status);
        span.SetTag(TelemetryNames.UrlPath, http.Request.Path.Value);
        span.SetTag(TelemetryNames.UrlScheme, http.Request.Scheme);
        if (status < 500) return;
        span.SetTag(TelemetryNames.ErrorType, status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        span.SetStatus(ActivityStatusCode.Error);
    }
}
