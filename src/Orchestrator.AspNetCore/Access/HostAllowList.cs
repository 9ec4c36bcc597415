namespace Orchestrator.AspNetCore.Access;

/// <summary>
/// Hosts that requests may be addressed to. Without it a page on another site could reach a loopback API through a name of its own
/// that resolves to 127.0.0.1.
/// </summary>
/// <param name="hosts">Further hosts than the loopback names, without ports; <c>*</c>: all.</param>
/// <param name="publicUrl">Address under which people reach the API; null: it has none.</param>
internal sealed class HostAllowList(IReadOnlyCollection<string> hosts, Uri? publicUrl)
{
    private readonly bool _all = hosts.Contains("*");

    private readonly HashSet<string> _hosts = new(
        ["localhost", "127.0.0.1", "[::1]", "::1", .. hosts, .. publicUrl is { } url ? new[] { url.Host } : []], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request's Origin header names a page that this program, or the proxy before it, has served itself.</summary>
    public bool IsOwnPage(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && (string.Equals(page.Authority, host.Value, StringComparison.OrdinalIgnoreCase)
            || publicUrl is { } own && string.Equals(page.Authority, own.Authority, StringComparison.OrdinalIgnoreCase));

    public bool Allows(string host) => _all || _hosts.Contains(host);
}
