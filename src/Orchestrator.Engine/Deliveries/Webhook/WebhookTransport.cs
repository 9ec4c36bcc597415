using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Executors.Http;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>One request as it is sent.</summary>
internal sealed record WebhookCall(Uri Url, IReadOnlyDictionary<string, string> Headers, string? Secret, TimeSpan Timeout);

/// <summary>
/// Sends messages over HTTP. The address of a host name is checked when the connection is made: no host inside this network is called unless the configuration
/// says so, and no redirect leads there. Proxies and cookies are not used.
/// </summary>
internal sealed class WebhookTransport : IDisposable
{
    private readonly ImmutableArray<IPNetwork> _allowed;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _invoker;

    public WebhookTransport(ImmutableArray<IPNetwork> allowed, TimeProvider clock)
    {
        (_allowed, _clock) = (allowed, clock);
        _invoker = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = ConnectAsync,
        });
    }

    public async Task<DeliveryOutcome> SendAsync(WebhookCall call, OutboxMessage message, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(call.Timeout);
        using var request = Request(call, message);
        try
        {
            using var answer = await _invoker.SendAsync(request, timeout.Token).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            if (status is >= 200 and < 300) return DeliveryOutcome.Delivered with { HttpStatus = status };
            return new(DeliveryAnswer.Failed, status is >= 300 and < 400 ? $"answered {status}: redirects are not followed" : $"answered {status}", status)
            {
                RetryAfter = RetryAfterHeader.Of(answer, _clock.GetUtcNow()) is { Ticks: > 0 } rest ? rest : null,
            };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested) { return new(DeliveryAnswer.Failed, $"did not answer within {call.Timeout.TotalSeconds:0.###} s"); }
        catch (HttpRequestException e) { return new(DeliveryAnswer.Failed, e.InnerException is AddressRefusedException refused ? refused.Message : Reason(e)); }
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary><c>sha256=</c> and HMAC-SHA-256, in hexadecimal, of timestamp, a dot and the body.</summary>
    internal static string Sign(string secret, string timestamp, string body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}")));

    private HttpRequestMessage Request(WebhookCall call, OutboxMessage message)
    {
        var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, call.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(message.Body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(message.Body.Contains('\n', StringComparison.Ordinal) ? "application/x-ndjson" : "application/json", "utf-8");
        foreach (var (name, value) in call.Headers) request.Headers.TryAddWithoutValidation(name, value);
        Set("X-Orchestrator-Event", message.Type);
        Set("X-Orchestrator-Delivery", message.EventId.ToString());
        Set("X-Orchestrator-Timestamp", timestamp);
        if (message.CorrelationId is { } correlation) Set("X-Correlation-Id", correlation);
        if (call.Secret is { } secret) Set("X-Orchestrator-Signature", Sign(secret, timestamp, message.Body));
        return request;

        void Set(string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var addresses = IPAddress.TryParse(context.DnsEndPoint.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, stop).ConfigureAwait(false);
        // Connected to by address: a second lookup of the name could give another one.
        var good = addresses.Where(a => !PrivateAddresses.Include(a) || _allowed.Any(n => n.Contains(a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a))).ToArray();
        if (good.Length == 0)
            throw new AddressRefusedException($"{context.DnsEndPoint.Host} is {(addresses.Length == 0 ? "no address" : $"{addresses[0]}, a private address")}: allow it with Orchestrator:Webhooks:AllowedNetworks");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(good, context.DnsEndPoint.Port, stop).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Reason(HttpRequestException e) => e.InnerException is SocketException socket ? $"{socket.SocketErrorCode}: {socket.Message}" : e.Message;

    private sealed class AddressRefusedException(string message) : IOException(message);
}
