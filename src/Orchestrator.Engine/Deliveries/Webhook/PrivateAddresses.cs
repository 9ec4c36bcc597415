using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>Addresses of this machine, of private networks, and those that a translator or tunnel maps to one of them.</summary>
internal static class PrivateAddresses
{
    /// <summary>Of IPv6 only this is the world's: all else, such as ::1, ::a.b.c.d, 64:ff9b::, fc00::, fe80:: and ff00::, is not.</summary>
    private static readonly IPNetwork s_world = IPNetwork.Parse("2000::/3");

    // In it: protocols (Teredo and others that carry an IPv4 address), documentation, 6to4.
    private static readonly ImmutableArray<IPNetwork> s_notTheWorlds =
    [
        .. new[]
        {
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    public static bool Include(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            address = new(address.GetAddressBytes());   // without its scope
            if (!s_world.Contains(address)) return true;
        }
        foreach (var network in s_notTheWorlds)
            if (network.Contains(address)) return true;
        return false;
    }
}
