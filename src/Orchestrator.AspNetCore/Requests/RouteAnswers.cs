namespace Orchestrator.AspNetCore.Requests;

/// <summary>
/// What the choice of a route leaves to be said, as problem details: no resource at this path, no such method on it, a query parameter that it does not have.
/// </summary>
internal static class RouteAnswers
{
    /// <summary>How resources that are read are mapped: HEAD answers what GET would, without the body.</summary>
    public static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && http.GetEndpoint() is RouteEndpoint endpoint
            && QueryKeys.Problems(http, endpoint) is { Count: > 0 } problems)
        {
            await ApiProblem.WriteAsync(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);
            return;
        }
        await next(http);
        if (http.Response.HasStarted || http.Response.ContentType is not null) return;
        if (http.Response.StatusCode == StatusCodes.Status404NotFound)
            await ApiProblem.WriteAsync(http, StatusCodes.Status404NotFound, "not_found", $"There is nothing at {http.Request.Path}.");
        else if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await ApiProblem.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "method_not_allowed",
                $"{http.Request.Path} does not take {http.Request.Method}; it takes {http.Response.Headers.Allow}.");
    }
}
