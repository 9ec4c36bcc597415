using System.Net.Sockets;
using Orchestrator.Worker.Commands;

namespace Orchestrator.Worker.Hosting;

/// <summary>Why `serve` cannot listen on its address, and what to do about it.</summary>
internal static class ListenFailure
{
    private const string Setting = "Orchestrator:Api:Url";

    /// <param name="url">The configured address.</param>
    /// <param name="refused">What the operating system said.</param>
    public static CommandFailure Of(Uri url, SocketException refused)
    {
        var (why, remedy) = refused.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => ("another program listens there", $"Stop that program, or set {Setting} to another port, for example {url.Scheme}://{url.Host}:{Another(url.Port)}."),
            SocketError.AccessDenied => ("permission denied", $"Ports below 1024 need a privilege. Set {Setting} to a higher port."),
            SocketError.AddressNotAvailable => ("this machine has no such address", $"Correct {Setting}."),
            _ => (refused.Message, $"Check {Setting}."),
        };
        return new(ExitCode.Unavailable, $"Cannot listen on {url.GetLeftPart(UriPartial.Authority)}: {why}.", remedy, refused);
    }

    private static int Another(int port) => port < 65535 ? port + 1 : port - 1;
}
