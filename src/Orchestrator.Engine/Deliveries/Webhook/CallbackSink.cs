using System.Security.Cryptography;
using System.Text;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>
/// One address among the callbacks of one workflow. What it wants and how it is called is in the definition that each run was started with, so that a run
/// is reported by its own definition even when there is a newer one.
/// </summary>
internal sealed class CallbackSink(string workflow, string url, int attempts, WebhookTransport transport, SecretSource secrets, StreamEnvelopes definitions) : IDeliverySink
{
    public const string Prefix = "callback.";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly CallbackMessages _messages = new(workflow, url);

    public string Name => NameOf(workflow, url);

    public string Host => new Uri(url).Authority;

    public int? MaxAttempts => attempts;

    public bool Tells => true;

    public int Window => 1;

    public IOutboxMessages Messages => _messages;

    public static string NameOf(string workflow, string url) => $"{Prefix}{workflow}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)).AsSpan(0, 5))}";

    public Task OpenAsync(CancellationToken stop) => Task.CompletedTask;

    public Task<DeliveryOutcome> SendAsync(OutboxMessage message, CancellationToken stop)
    {
        if (message.Definition is null || definitions.Definition(message.Definition) is not { } definition || _messages.Of(definition) is not { } callback)
            return Task.FromResult(new DeliveryOutcome(DeliveryAnswer.Refused, "the definition that names this address is missing"));
        var secret = callback.Secret is { } name ? secrets.Resolve(name, definition.Secrets[name]) : null;
        return transport.SendAsync(new(new Uri(url), callback.Headers, secret, callback.Timeout ?? Timeout), message, stop);
    }

    public ValueTask DisposeAsync()
    {
        _messages.Dispose();
        return ValueTask.CompletedTask;
    }
}
