using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.RabbitMq;
using Orchestrator.Engine.Deliveries.Webhook;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>The receivers of events, from the program's configuration.</summary>
public sealed record DeliverySettings
{
    /// <summary>Addresses that receive events of all workflows.</summary>
    public ImmutableArray<WebhookEndpoint> Webhooks { get; init; } = [];

    /// <summary>Private networks that webhooks may call.</summary>
    public ImmutableArray<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>Attempts of a webhook.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Wait before a second attempt.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a receiver that fails again and again is left alone.</summary>
    public TimeSpan BreakerRest { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A broker; null: none.</summary>
    public RabbitMqOptions? RabbitMq { get; init; }
}

/// <summary>
/// All lanes of a program: those of its configuration, and one for each address among the callbacks of definitions, made when the first run names it.
/// </summary>
internal sealed class DeliveryLanes : IAsyncDisposable
{
    public const string Discovery = "callbacks";

    /// <summary>How far delivering sinks have come, and what they could not deliver.</summary>
    public static StateFolder FolderIn(StateFolder state) => state.In("deliveries");

    private const int MaxCallbacks = 1000;
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DeliveryLane> _lanes = new(StringComparer.Ordinal);
    private readonly List<(IDeliverySink Sink, Task Task)> _running = [];
    private readonly DeliverySettings _settings;
    private readonly SecretSource _secrets;
    private readonly LaneParts _parts;
    private readonly WebhookTransport _transport;
    private readonly StreamEnvelopes _definitions;
    private readonly Meter _meter = TelemetryNames.Meter();
    private Task _discovering = Task.CompletedTask;

    public DeliveryLanes(DeliverySettings settings, SecretSource secrets, LaneParts parts)
    {
        (_settings, _secrets) = (settings, secrets);
        _parts = parts with { Options = OptionsOf(settings) };
        _transport = new(settings.AllowedNetworks, parts.Clock);
        _definitions = new(parts.Store.Definitions);
        _ = new DeliveryGauges(_meter) { Accounts = Accounts, End = () => _parts.Feed.End };
    }

    public static DeliveryOptions OptionsOf(DeliverySettings settings) => new() { Attempts = settings.Attempts, FirstWait = settings.FirstWait, BreakerRest = settings.BreakerRest };

    public void Start()
    {
        foreach (var sink in SinkFactory.OfSettings(_settings, _transport, _secrets)) Begin(sink, _parts.Feed.End);
        foreach (var name in _parts.Files.Names())
            if (_parts.Files.Read(name) is { Workflow: { } workflow, Url: { } url }) Outside(name, workflow, url, 0);
        using (ExecutionContext.SuppressFlow()) _discovering = Task.Run(DiscoverAsync);
    }

    /// <summary>Whether everything up to a position is done with, but for receivers that are left alone because they fail.</summary>
    public bool HasTold(long position) => _lanes.Values.All(l => l.State.Position >= position || l.State.OpenUntil is not null);

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _discovering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (sink, task) in _running)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await sink.DisposeAsync().ConfigureAwait(false);
        }
        _transport.Dispose();
        _stop.Dispose();
    }

    private IEnumerable<(string Sink, LaneState State, DeadLetterAccount Gone)> Accounts() => _lanes.Values.Select(lane => (lane.Name, lane.State, _parts.Dead.Account(lane.Name)));

    // A run's definition may be any version, and of a file that is in no folder: what it names is found when the run begins.
    private async Task DiscoverAsync()
    {
        var stop = _stop.Token;
        var position = _parts.Files.Read(Discovery)?.Position ?? _parts.Feed.End;
        var savedAt = _parts.Clock.GetTimestamp();
        _parts.Files.Write(Discovery, new() { Position = position });   // whatever comes from here on is looked at, whatever happens
        _parts.Feed.Hold(() => position);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var page = await _parts.Feed.ReadAsync(position, stop).ConfigureAwait(false);
                foreach (var part in page)
                {
                    if (part.Events is [{ Event: WorkflowCreated created }, ..] && _definitions.Definition(created.DefinitionVersion) is { } definition) Find(created, definition, part.Record.First - 1);
                    position = part.Record.Last;
                }
                if (page.Count > 0) continue;
                if (_parts.Clock.GetElapsedTime(savedAt) > SaveInterval)
                {
                    _parts.Files.Write(Discovery, new() { Position = position });
                    savedAt = _parts.Clock.GetTimestamp();
                }
                await _parts.Feed.BehindAsync(position, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) { break; }
            catch (Exception e)   // the boundary: nothing here may end it
            {
                _parts.Log.LaneFailed(e, Discovery);
                await Task.Delay(TimeSpan.FromSeconds(1), _parts.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Find(WorkflowCreated created, WorkflowDefinition definition, long from)
    {
        if (!definition.Callbacks.IsDefaultOrEmpty)
            foreach (var callback in definition.Callbacks) Outside(CallbackSink.NameOf(definition.Name, callback.Url), definition.Name, callback.Url, from);
        if (created.ScheduleId is { } id && definition.Schedules.FirstOrDefault(s => s.Id == id)?.Heartbeat is { } url) Outside(HeartbeatSink.NameOf(definition.Name, url), definition.Name, url, from);
    }

    private void Outside(string name, string workflow, string url, long from)
    {
        if (_lanes.ContainsKey(name)) return;
        if (_lanes.Count >= MaxCallbacks) _parts.Log.TooManyLanes(MaxCallbacks, name);
        else if (SinkFactory.OfDefinition(name, workflow, url, _settings, _transport, _secrets, _parts.Store) is { } sink) Begin(sink, from, workflow, url);
    }

    private void Begin(IDeliverySink sink, long from, string? workflow = null, string? url = null)
    {
        var lane = new DeliveryLane(sink, _parts);
        lane.Open(from, workflow, url);
        _lanes[sink.Name] = lane;
        using (ExecutionContext.SuppressFlow()) _running.Add((sink, Task.Run(() => lane.RunAsync(_stop.Token))));
    }
}

/// <summary>Sinks by name, for lanes and for messages that are sent again.</summary>
internal static class SinkFactory
{
    public static IEnumerable<IDeliverySink> OfSettings(DeliverySettings settings, WebhookTransport transport, SecretSource secrets)
    {
        foreach (var endpoint in settings.Webhooks) yield return new WebhookSink(endpoint, settings.Attempts, transport, secrets);
        if (settings.RabbitMq is { } broker) yield return new RabbitMqSink(broker);
    }

    /// <summary>What a lane was told, from its own cursor alone; null when that does not say it.</summary>
    public static IOutboxMessages? MessagesOf(string name, LaneState state) => state switch
    {
        { Workflow: { } workflow, Url: { } url } when name.StartsWith(HeartbeatSink.Prefix, StringComparison.Ordinal) => new HeartbeatMessages(workflow, url),
        { Workflow: { } workflow, Url: { } url } => new CallbackMessages(workflow, url),
        { Wants: { } wants } => name.StartsWith(WebhookSink.Prefix, StringComparison.Ordinal) ? new WebhookMessages(wants) : new BrokerMessages(wants),
        _ => null,
    };

    /// <summary>The sink that definitions name, made of its address; null: the name is that of another.</summary>
    public static IDeliverySink? OfDefinition(string name, string workflow, string url, DeliverySettings settings, WebhookTransport transport, SecretSource secrets, IRunStore store) =>
        name.StartsWith(HeartbeatSink.Prefix, StringComparison.Ordinal) ? new HeartbeatSink(workflow, url, settings.Attempts, transport)
            : name.StartsWith(CallbackSink.Prefix, StringComparison.Ordinal) ? new CallbackSink(workflow, url, settings.Attempts, transport, secrets, new(store.Definitions)) : null;

    private static bool IsOfDefinition(string name) => name.StartsWith(CallbackSink.Prefix, StringComparison.Ordinal) || name.StartsWith(HeartbeatSink.Prefix, StringComparison.Ordinal);

    /// <summary>The sink of a name; null when neither configuration nor a cursor knows it.</summary>
    public static IDeliverySink? Find(string name, DeliverySettings settings, WebhookTransport transport, SecretSource secrets, IRunStore store)
    {
        if (IsOfDefinition(name))
            return new LaneFiles(DeliveryLanes.FolderIn(store.State)).Read(name) is { Workflow: { } workflow, Url: { } url } ? OfDefinition(name, workflow, url, settings, transport, secrets, store) : null;
        return OfSettings(settings, transport, secrets).FirstOrDefault(s => s.Name == name);
    }
}
