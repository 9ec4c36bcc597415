using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Api;

/// <summary>
/// Hosts that requests may be addressed to. Without it a page on another site could reach a loopback API through a name of its own
/// that resolves to 127.0.0.1.
/// </summary>
internal sealed class HostAllowList(OrchestratorOptions options)
{
    private readonly bool _all = options.Api.AllowedHosts.Contains("*");

    private readonly HashSet<string> _hosts = new(
        ["localhost", "127.0.0.1", "[::1]", "::1", options.Api.Url.Host, .. options.Api.AllowedHosts, .. options.PublicUrl is { } url ? new[] { url.Host } : []],
        StringComparer.OrdinalIgnoreCase);

    public bool Allows(string host) => _all || _hosts.Contains(host);
}
