using Orchestrator.Core;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>Which query parameters an endpoint takes: metadata of its route. A misspelt one would be a filter that silently does nothing.</summary>
internal sealed class QueryKeys(params string[] names)
{
    private static readonly QueryKeys None = new();

    /// <summary>For what is no resource: its query does not matter.</summary>
    public static QueryKeys Any { get; } = new();

    /// <summary>The names it takes.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>What is wrong with the query of a request that has a route; empty when every parameter is known and given once.</summary>
    public static IReadOnlyList<string> Problems(HttpContext http, Endpoint endpoint)
    {
        if (http.Request.Query.Count == 0) return [];
        var keys = endpoint.Metadata.GetMetadata<QueryKeys>() ?? None;
        if (ReferenceEquals(keys, Any)) return [];
        return [.. http.Request.Query.Select(p => keys.Problem(p.Key, p.Value.Count)).OfType<string>()];
    }

    /// <summary>The names that may be given more than once.</summary>
    public IReadOnlyList<string> Repeatable { get; init; } = [];

    private string? Problem(string key, int times)
    {
        if (names.Contains(key, StringComparer.Ordinal)) return times > 1 && !Repeatable.Contains(key, StringComparer.Ordinal) ? $"'{key}' is given {times} times; give it once." : null;
        var guess = Suggest.DidYouMean(key, names);
        var known = names.Length == 0 ? "This resource takes no query parameters." : $"Known: {string.Join(", ", names)}.";
        return $"'{key}' is not a query parameter of this resource. {(guess.Length > 0 ? guess : known)}";
    }
}

/// <summary>Says which query parameters an endpoint takes.</summary>
internal static class QueryKeysConvention
{
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params string[] keys) => route.WithMetadata(new QueryKeys(keys));

    /// <param name="route">The endpoint.</param>
    /// <param name="keys">Every parameter that it takes.</param>
    /// <param name="repeatable">Those of them that may be given more than once.</param>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, string[] keys, string[] repeatable) => route.WithMetadata(new QueryKeys(keys) { Repeatable = repeatable });
}
