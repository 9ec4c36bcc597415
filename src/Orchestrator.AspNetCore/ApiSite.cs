using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;
using Orchestrator.AspNetCore.Access;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Engine.Telemetry.Prometheus;

namespace Orchestrator.AspNetCore;

/// <summary>One mapping of the API: metadata of its endpoints, before each of which it puts the guards.</summary>
/// <param name="node">What the endpoints work with.</param>
/// <param name="guards">Who may ask.</param>
/// <param name="maxBody">Largest body in bytes; null: the server sees to that.</param>
internal sealed class ApiSite(ApiNode node, Guards guards, long? maxBody)
{
    private UnmatchedPaths? _unmatched;

    public ApiNode Node => node;

    /// <summary>Maps the API; the host may add conventions of its own to what comes back.</summary>
    public RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string prefix, ApiParts parts)
    {
        if (prefix.Trim('/').Length > 0) _unmatched = new();
        var group = endpoints.MapGroup(prefix);
        ((IEndpointConventionBuilder)group).Add(Guard);
        group.WithMetadata(this);
        Routes.Map(group, parts);
        _unmatched?.Map(group);
        return group;
    }

    /// <summary>For a program whose every path is the API's: what no route takes is guarded and answered too.</summary>
    public void Use(WebApplication app)
    {
        app.Use(next => http =>
        {
            http.Features.Set(this);
            return guards.InvokeAsync(http, next);
        });
        app.UseRouting();
        app.Use(next => http => RouteAnswers.InvokeAsync(http, next));
    }

    private void Guard(EndpointBuilder endpoint)
    {
        if (endpoint is not RouteEndpointBuilder { RequestDelegate: { } answer } route) return;
        _unmatched?.Know(route);
        var prefix = PrefixOf(route.RoutePattern);
        route.RequestDelegate = http => ReferenceEquals(http.Features.Get<ApiSite>(), this) ? answer(http) : AnswerAsync(http, answer, prefix);
    }

    // The API sees the path below its prefix, as a branch made with Map() would.
    private async Task AnswerAsync(HttpContext http, RequestDelegate answer, int prefix)
    {
        var (before, whole) = (http.Request.PathBase, http.Request.Path);
        var at = Length(whole.Value ?? "", prefix);
        try
        {
            (http.Request.PathBase, http.Request.Path) = (before.Add(whole.Value?[..at]), whole.Value?[at..]);
            if (maxBody is { } most && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = most;
            await guards.InvokeAsync(http, guarded => RouteAnswers.InvokeAsync(guarded, answer));
        }
        finally
        {
            (http.Request.PathBase, http.Request.Path) = (before, whole);
        }
    }

    /// <summary>How many segments of a pattern come before those of the API.</summary>
    private static int PrefixOf(RoutePattern pattern)
    {
        var at = pattern.PathSegments.Count - 1;
        while (at > 0 && !IsFirst(pattern.PathSegments[at])) at--;
        return at;
    }

    private static bool IsFirst(RoutePatternPathSegment segment) =>
        segment.Parts is [RoutePatternLiteralPart { Content: "api" or "healthz" or "readyz" or "metrics" or "openapi" }];

    /// <summary>How many characters of a path its first segments take.</summary>
    private static int Length(string path, int segments)
    {
        var at = 0;
        for (; segments > 0 && at < path.Length; segments--) at = path.IndexOf('/', at + 1) is > 0 and var next ? next : path.Length;
        return at;
    }
}

/// <summary>What is mapped beside the resources below <c>/api</c>.</summary>
/// <param name="Scrape">The metrics; null: they are not served here, and <c>/metrics</c> says so.</param>
internal sealed record ApiParts(bool Health, bool Metrics, bool OpenApi, MetricsScrape? Scrape);
