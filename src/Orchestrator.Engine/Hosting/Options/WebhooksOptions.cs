using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Deliveries.Webhook;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>Section <c>Webhooks</c>: addresses that are told of events, of all workflows here and of one by its own <c>callbacks</c>.</summary>
internal sealed partial record WebhooksOptions
{
    /// <summary><c>Endpoints</c>: by name; see <see cref="WebhookEndpoint"/>. Default none.</summary>
    public ImmutableSortedDictionary<string, WebhookEndpoint> Endpoints { get; init; } = ImmutableSortedDictionary<string, WebhookEndpoint>.Empty;

    /// <summary><c>AllowedNetworks</c>: private networks that may be called, such as <c>10.0.0.0/8</c>. Default none.</summary>
    public ImmutableArray<string> AllowedNetworks { get; init; } = [];

    /// <summary><c>Attempts</c>: before an event becomes a dead letter, 1 to 20.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary><c>FirstWait</c>: before the second attempt; doubled for each further one.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>BreakerRest</c>: how long a receiver that failed five times in a row is left alone.</summary>
    public TimeSpan BreakerRest { get; init; } = TimeSpan.FromSeconds(60);

    internal ImmutableArray<IPNetwork> Networks => [.. AllowedNetworks.Select(n => IPNetwork.Parse(n))];

    internal static WebhooksOptions Read(OptionsSection s)
    {
        s.AllowOnly(["AllowedNetworks", "Attempts", "BreakerRest", "Endpoints", "FirstWait"]);
        var fallback = new WebhooksOptions();
        var networks = s.List("AllowedNetworks");
        foreach (var network in networks)
            if (!IPNetwork.TryParse(network, out _)) s.Refuse("AllowedNetworks", $"holds '{network}', which is no network: write 10.0.0.0/8 or 127.0.0.1/32");
        return new()
        {
            Endpoints = ReadEndpoints(s.Child("Endpoints")),
            AllowedNetworks = [.. networks.Where(n => IPNetwork.TryParse(n, out _))],
            Attempts = s.Whole("Attempts", fallback.Attempts, 1, 20),
            FirstWait = s.Duration("FirstWait", fallback.FirstWait, TimeSpan.FromMinutes(10)),
            BreakerRest = s.Duration("BreakerRest", fallback.BreakerRest, TimeSpan.FromHours(1)),
        };
    }

    private static ImmutableSortedDictionary<string, WebhookEndpoint> ReadEndpoints(OptionsSection s)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, WebhookEndpoint>(StringComparer.Ordinal);
        foreach (var name in s.Names(NameShape(), "letters, digits, '.', '_' and '-', at most 60"))
        {
            var at = s.Child(name);
            at.AllowOnly(["Events", "Format", "Headers", "SecretEnv", "SecretFile", "Timeout", "Url", "Workflows"]);
            var (file, variable) = (at.File("SecretFile"), at.Text("SecretEnv"));
            if (file is not null && variable is not null) s.Refuse(name, "takes one of SecretFile and SecretEnv");
            if (at.HttpUrl("Url", allowTls: true) is not { } url)
            {
                if (at.Text("Url") is null) s.Refuse(name, "needs Url");
                continue;
            }
            var events = at.List("Events");
            foreach (var text in events.Where(e => !PatternShape().IsMatch(e))) s.Refuse($"{name}:Events", $"holds '{text}', which fits no event: write types or patterns such as workflow.failed or task.*");
            all[name] = new()
            {
                Name = name, Url = url, Events = [.. events.Where(e => PatternShape().IsMatch(e))], Workflows = at.List("Workflows"),
                Secret = file is null && variable is null ? null : new SecretReference(file, variable),
                Headers = at.Child("Headers").Names(HeaderShape(), "letters, digits, '-' and '_'").ToImmutableSortedDictionary(h => h, h => at.Child("Headers").Text(h) ?? "", StringComparer.OrdinalIgnoreCase),
                Timeout = at.Duration("Timeout", TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)), Format = at.Word("Format", EventFormat.Native),
            };
        }
        return all.ToImmutable();
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    private static partial Regex NameShape();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,100}$")]
    private static partial Regex HeaderShape();

    [GeneratedRegex("^[a-z0-9._*?]+$")]
    internal static partial Regex PatternShape();
}
