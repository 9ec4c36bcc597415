using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Deliveries.RabbitMq;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>Section <c>RabbitMq</c>: a broker that is told of events.</summary>
internal sealed record BrokerOptions
{
    /// <summary><c>Uri</c>: <c>amqp://user:password@host:5672/</c>. Default none: no broker. Printed nowhere.</summary>
    public string? Uri { get; init; }

    /// <summary><c>UriFile</c>: the same from a file, read for every connection.</summary>
    public string? UriFile { get; init; }

    /// <summary><c>Exchange</c>: a topic exchange, declared durable if it is not there.</summary>
    public string Exchange { get; init; } = "orchestrator";

    /// <summary><c>Events</c>: patterns of types. Default all.</summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary><c>Format</c>: native or omninode.</summary>
    public EventFormat Format { get; init; }

    /// <summary><c>Mandatory</c>: an event that no queue is bound for is a dead letter.</summary>
    public bool Mandatory { get; init; } = true;

    /// <summary><c>Timeout</c>: longest time until the broker has confirmed an event.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    internal RabbitMqOptions? ToOptions() => Uri is null && UriFile is null ? null : new()
    {
        Uri = () => Uri ?? File.ReadAllText(UriFile!).Trim(), Exchange = Exchange, Events = Events, Format = Format, Mandatory = Mandatory, Timeout = Timeout,
    };

    internal static BrokerOptions Read(OptionsSection s)
    {
        s.AllowOnly(["Events", "Exchange", "Format", "Mandatory", "Timeout", "Uri", "UriFile"], isSecret: true);
        var fallback = new BrokerOptions();
        var uri = s.Text("Uri");
        if (uri is not null && (!System.Uri.TryCreate(uri, UriKind.Absolute, out var address) || address.Scheme is not ("amqp" or "amqps"))) s.Refuse("Uri", "must be an amqp or amqps address");
        if (uri is not null && s.Text("UriFile") is not null) s.Refuse("Uri", "and UriFile exclude each other");
        var format = s.Word("Format", EventFormat.Native);
        if (format is not (EventFormat.Native or EventFormat.Omninode)) s.Refuse("Format", "must be native or omninode");
        var events = s.List("Events");
        foreach (var text in events.Where(e => !WebhooksOptions.PatternShape().IsMatch(e))) s.Refuse("Events", $"holds '{text}', which fits no event: write types or patterns such as workflow.failed or task.*");
        return new()
        {
            Uri = uri, UriFile = s.File("UriFile"), Exchange = s.Text("Exchange") ?? fallback.Exchange, Events = [.. events.Where(e => WebhooksOptions.PatternShape().IsMatch(e))], Format = format,
            Mandatory = s.Flag("Mandatory", fallback.Mandatory), Timeout = s.Duration("Timeout", fallback.Timeout, TimeSpan.FromMinutes(10)),
        };
    }
}
