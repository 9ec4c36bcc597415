namespace Orchestrator.AspNetCore.Requests;

/// <summary>Who a request comes from.</summary>
internal static class Caller
{
    private const string Known = "orchestrator.caller";

    /// <summary>Whether the request came through the local socket of the program.</summary>
    public static bool IsLocal(HttpContext http) => http.Features.Get<LocalConnection>() is not null;

    /// <summary>The name that the request has proved, else <paramref name="fallback"/>.</summary>
    public static string NameOf(HttpContext http, string fallback) => http.Items[Known] as string ?? fallback;

    /// <summary>The request has proved that it comes from this caller.</summary>
    public static void Prove(HttpContext http, string name) => http.Items[Known] = name;
}

/// <summary>Marks a connection that came through the local socket.</summary>
internal sealed class LocalConnection;
