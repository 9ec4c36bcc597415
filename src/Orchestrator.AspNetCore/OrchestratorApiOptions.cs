namespace Orchestrator.AspNetCore;

/// <summary>
/// How a host serves the API of its orchestrator. Without <see cref="TokenFile"/>, <see cref="AuthorizedByHost"/> and <c>RequireAuthorization()</c>, only
/// callers on the same machine are answered: others get 403.
/// </summary>
public sealed class OrchestratorApiOptions
{
    /// <summary>
    /// File of accepted tokens, one line each: the SHA-256 of the token as 64 hexadecimal digits, then optionally a name, which events give as
    /// the caller; <c>#</c> starts a comment. With it every call below <c>/api</c> needs <c>Authorization: Bearer</c>. A relative path starts at
    /// the content root. Default none.
    /// </summary>
    public string? TokenFile { get; set; }

    /// <summary>
    /// Whether the host decides who may call, by its own middleware or a fallback policy. Not needed where <c>RequireAuthorization()</c> is
    /// called on what <c>MapOrchestrator</c> returns. The name of an authenticated user is the caller's in events. Default false.
    /// </summary>
    public bool AuthorizedByHost { get; set; }

    /// <summary>
    /// Values of the Host header that are answered, without ports, beside loopback names and the host of <c>PublicUrl</c>; <c>*</c> allows all.
    /// Others get 421: a page elsewhere could reach the API through a name of its own that means this machine. Default empty; where the host
    /// authorizes callers an empty list allows all.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Largest request body in bytes, 1 KiB to 64 MiB; those of deliveries have the limit of their trigger. Default 1 MiB.</summary>
    public long MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Whether <c>/healthz</c> (the process lives) and <c>/readyz</c> (it takes work) are mapped. They need no token. Default false: a host has
    /// health checks of its own.
    /// </summary>
    public bool Health { get; set; }

    /// <summary>
    /// Whether <c>/metrics</c> is mapped, the orchestrator's metrics for Prometheus. It needs no token. Default false: a host exports metrics its
    /// own way.
    /// </summary>
    public bool Metrics { get; set; }

    /// <summary>Whether <c>/openapi/v1.json</c> is mapped, the description of the API. It needs no token. Default false.</summary>
    public bool OpenApi { get; set; }
}
