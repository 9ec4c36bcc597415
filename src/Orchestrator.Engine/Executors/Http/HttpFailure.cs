using System.Net.Sockets;
using System.Security.Authentication;
using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>Says in a sentence why there is no answer, each cause in its own words.</summary>
internal static class HttpFailure
{
    /// <summary>The failure; null when the exception is none of the network's.</summary>
    public static TaskOutcome.Failed? Explain(Exception e, string url)
    {
        var to = Uri.TryCreate(url, UriKind.Absolute, out var address) ? $"{address.Host}:{address.Port}" : url;
        return e switch
        {
            OperationCanceledException => Retryable($"No connection to {to} within {HttpTransport.ConnectTimeout.TotalSeconds:0} seconds: the host does not answer, or a firewall drops the packets."),
            HttpRequestException request => OfRequest(request, to, address?.Host ?? url),
            HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } or IOException { InnerException: SocketException } or HttpIOException =>
                Retryable($"The connection to {to} ended before the answer was complete."),
            _ => null,
        };
    }

    private static TaskOutcome.Failed OfRequest(HttpRequestException e, string to, string host) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => Retryable($"The host '{host}' cannot be found: check the name in the URL and the worker's DNS."),
        HttpRequestError.SecureConnectionError => Tls(e, to),
        HttpRequestError.ConfigurationLimitExceeded => new(FailureKind.Error, $"The headers of the answer from {to} are larger than 64 KiB.", Retryable: false),
        HttpRequestError.InvalidResponse => Retryable($"What {to} answers is not HTTP: {Cause(e)}"),
        _ when e.InnerException is SocketException socket || (e.InnerException?.InnerException is SocketException inner && (socket = inner) is not null) => OfSocket(socket, to),
        HttpRequestError.ResponseEnded => Retryable($"The connection to {to} ended before there was an answer."),
        _ => Retryable($"The request to {to} failed: {Cause(e)}"),
    };

    private static TaskOutcome.Failed OfSocket(SocketException e, string to) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => Retryable($"Nothing listens on {to}: the connection was refused."),
        SocketError.ConnectionReset => Retryable($"The connection to {to} was reset by the other side."),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => Retryable($"There is no route to {to}: {e.Message}."),
        SocketError.TimedOut => Retryable($"The connection to {to} timed out."),
        _ => Retryable($"The connection to {to} failed: {e.Message}."),
    };

    // Framework messages are not translated; that of a refused certificate says what is wrong with it. A certificate does not get better by asking again;
    // a handshake that was cut off may.
    private static TaskOutcome.Failed Tls(HttpRequestException e, string to) => e.InnerException is AuthenticationException refused && refused.Message.Contains("certificate", StringComparison.Ordinal)
        ? new(FailureKind.Error, $"The TLS certificate of {to} is not trusted: {refused.Message} Add its authority to the machine's trust store; verification cannot be switched off.", Retryable: false)
        : Retryable($"No TLS connection to {to}: {Cause(e)} Does the server speak https on this port?");

    private static TaskOutcome.Failed Retryable(string message) => new(FailureKind.Error, message);

    private static string Cause(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e.Message.EndsWith('.') ? e.Message : e.Message + ".";
    }
}
