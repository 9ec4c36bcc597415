using System.Net;
using Microsoft.AspNetCore.Authorization;

namespace Orchestrator.AspNetCore.Access;

/// <summary>Who may call a mapping of the API.</summary>
internal sealed record AccessRules
{
    public required HostAllowList Hosts { get; init; }

    /// <summary>What to name where a host is not allowed.</summary>
    public required string HostsSetting { get; init; }

    /// <summary>The accepted tokens; null: none is needed.</summary>
    public TokenList? Tokens { get; init; }

    /// <summary>
    /// What a host around the API has a say in; null: there is none, and the address that the program listens on sees to it that callers
    /// without a token are on this machine.
    /// </summary>
    public HostRules? Host { get; init; }

    /// <summary>Whether a request is addressed to a name that is answered.</summary>
    /// <param name="isDelivery">Whether it proves itself by the secret of a trigger.</param>
    public bool AllowsHost(HttpContext http, bool isDelivery) =>
        Hosts.Allows(http.Request.Host.Host) || Host is { LeavesNamesToHost: true } && IsAuthorizedByHost(http, isDelivery);

    /// <summary>Whether a caller who has shown no token may ask.</summary>
    /// <param name="isDelivery">Whether it proves itself by the secret of a trigger.</param>
    public bool AllowsCaller(HttpContext http, bool isDelivery) =>
        Host is null || Tokens is not null || isDelivery || IsOnThisMachine(http) || IsAuthorizedByHost(http, isDelivery);

    // A delivery's endpoint lets in everybody, because the delivery proves itself: what is asked of the others shows that the host looks after
    // callers.
    private bool IsAuthorizedByHost(HttpContext http, bool isDelivery) => Host is { AuthorizesAll: true }
        || http.GetEndpoint() is { Metadata: var metadata } && metadata.GetMetadata<IAuthorizeData>() is not null
            && (isDelivery || metadata.GetMetadata<IAllowAnonymous>() is null);

    // No address: a socket of this machine, or a server in the same process. Through a proxy everybody seems to be here.
    private static bool IsOnThisMachine(HttpContext http) =>
        (http.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address))
        && !http.Request.Headers.ContainsKey("Forwarded") && !http.Request.Headers.ContainsKey("X-Forwarded-For");
}

/// <summary>What a host around the API has a say in.</summary>
/// <param name="AuthorizesAll">It decides who may call; otherwise where its endpoints say so.</param>
/// <param name="LeavesNamesToHost">Where it decides that, it also decides which names it is called by.</param>
internal sealed record HostRules(bool AuthorizesAll, bool LeavesNamesToHost);
