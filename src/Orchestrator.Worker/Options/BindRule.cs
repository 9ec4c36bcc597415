using System.Net;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.Worker.Options;

/// <summary>Who can reach the API must be known to it: an address beyond this machine needs tokens.</summary>
internal static class BindRule
{
    /// <exception cref="OptionsException">The address is not loopback and there is no token file.</exception>
    public static void Check(ApiOptions api)
    {
        if (api.TokenFile is not null || IsLoopback(api.Url)) return;
        throw new OptionsException([$"Orchestrator:Api:Url {api.Url} can be reached from other machines, so Orchestrator:Api:TokenFile must name a token file; it is not set."]);
    }

    public static bool IsLoopback(Uri url) => url.Host == "localhost" || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address));
}
