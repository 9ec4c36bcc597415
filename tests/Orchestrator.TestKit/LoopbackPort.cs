using System.Net;
using System.Net.Sockets;

namespace Orchestrator.TestKit;

/// <summary>Ports for servers of tests that have to be told theirs.</summary>
public static class LoopbackPort
{
    /// <summary>A port of 127.0.0.1 that nobody listens on now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
