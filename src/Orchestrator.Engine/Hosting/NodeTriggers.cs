using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Triggers;
using Orchestrator.Engine.Triggers.Files;

namespace Orchestrator.Engine.Hosting;

/// <summary>The triggers of the definitions in force: those that are called, those that wait for events, and those that look for files.</summary>
/// <param name="feed">The order of all events; null: there is none, and triggers hear of no events of this program.</param>
internal sealed class NodeTriggers(
    LiveTriggers triggers, WorkflowCatalog catalog, IRunStore store, IEventFeed? feed, TriggerOptions options, LifecyclePublisher publisher,
    TimeProvider clock, ILoggerFactory logs) : INodeFeature
{
    private TriggerFeed? _events;
    private FileArrivals? _files;

    /// <summary>Whether everything that has happened was told to triggers.</summary>
    public bool HasHeard => feed is null || _events is { } events && events.Position >= feed.End;

    public Task BeginAsync(CancellationToken stop)
    {
        triggers.Recorded += publisher.Publish;
        _files = new(store.State, triggers, options, clock, logs.CreateLogger<FileArrivals>());
        catalog.Changed += Apply;
        Apply(catalog.Current);
        // After the definitions: what they wait for is known.
        if (feed is not null) (_events = new(feed, store, catalog, triggers, options, clock, logs.CreateLogger<TriggerFeed>())).Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        await triggers.HaltAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        catalog.Changed -= Apply;
        if (_events is { } events) await events.DisposeAsync().ConfigureAwait(false);
        if (_files is { } files) await files.DisposeAsync().ConfigureAwait(false);
    }

    private void Apply(CatalogSnapshot snapshot)
    {
        triggers.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
        _files?.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
    }
}
