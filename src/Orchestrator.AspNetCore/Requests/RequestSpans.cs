using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>The spans of requests, as ASP.NET Core makes them.</summary>
internal static class RequestSpans
{
    private const string Source = "Microsoft.AspNetCore";

    /// <summary>The span of a request, whether it leaves or not; null while requests are not traced.</summary>
    public static Activity? Of(HttpContext http) =>
        http.Features.Get<IHttpActivityFeature>()?.Activity is { Source.Name: Source, IdFormat: ActivityIdFormat.W3C } span ? span : null;
}
