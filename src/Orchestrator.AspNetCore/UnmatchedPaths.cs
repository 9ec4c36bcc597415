using System.Collections.Concurrent;
using Microsoft.AspNetCore.Routing.Template;
using Orchestrator.AspNetCore.Requests;

namespace Orchestrator.AspNetCore;

/// <summary>
/// Below a prefix of its own every path is the API's, as in the program: what no route takes has its guards and an answer of problem details.
/// Without a prefix such paths are the host's.
/// </summary>
internal sealed class UnmatchedPaths
{
    private const string Root = "/api/";
    private readonly ConcurrentDictionary<(string Pattern, string Method), TemplateMatcher> _known = [];

    /// <summary>Maps them; the routes of the API and of the host go before.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.Map(Root + "{**rest}", Answer).WithMetadata(QueryKeys.Any).Add(static endpoint => ((RouteEndpointBuilder)endpoint).Order = int.MaxValue);

    /// <summary>A route of the API.</summary>
    public void Know(RouteEndpointBuilder route)
    {
        if (route.RoutePattern.RawText is not { } pattern || route.Metadata.OfType<HttpMethodMetadata>().LastOrDefault() is not { } methods) return;
        var own = pattern.LastIndexOf(Root, StringComparison.Ordinal);
        if (own < 0) return;
        foreach (var method in methods.HttpMethods)
            _known.TryAdd((pattern[own..], method), new(TemplateParser.Parse(pattern[(own + 1)..]), []));
    }

    // The body is written by RouteAnswers, as for what routing itself refuses.
    private Task Answer(HttpContext http)
    {
        var allowed = _known.Where(k => k.Value.TryMatch(http.Request.Path, [])).Select(k => k.Key.Method).Distinct().Order(StringComparer.Ordinal).ToArray();
        http.Response.StatusCode = allowed.Length == 0 ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
        if (allowed.Length > 0) http.Response.Headers.Allow = string.Join(", ", allowed);
        return Task.CompletedTask;
    }
}
