using Microsoft.Extensions.Configuration;
using Orchestrator.AspNetCore.Idempotency;
using Orchestrator.AspNetCore.Triggers;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry.Prometheus;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.AspNetCore;

/// <summary>
/// What endpoints work with: one in a host, however often the API is mapped there. It is made when the API is mapped, before the journal can be opened, and
/// begins, stops and ends with the node.
/// </summary>
internal sealed class ApiNode : INodeFeature
{
    private readonly OrchestratorNode _node;
    private readonly Func<string?> _whyNotReady;
    private readonly Lazy<MetricsScrape> _metrics;

    private ApiNode(IServiceProvider services, Func<string?> whyNotReady)
    {
        (_node, _whyNotReady) = (services.GetRequiredService<OrchestratorNode>(), whyNotReady);
        _metrics = new(() => new(
            new() { ServiceVersion = _node.Identity.Version, InstanceId = _node.Identity.InstanceId }, services.GetRequiredService<IConfiguration>()));
        (Clock, Runs) = (services.GetRequiredService<TimeProvider>(), new(_node.Store, () => _node.Index));
        Keys = new(() => _node.Store.State, Clock, services.GetRequiredService<ILogger<IdempotencyKeys>>());
        Refusals = new(_node, Clock, services.GetRequiredService<TriggerOptions>(), services.GetRequiredService<ILogger<EventRefusals>>());
    }

    /// <summary>Has `serve --once` check all schedules once more, false when it is about to end; null: this one stays and checks them itself.</summary>
    public Func<ScheduleReconciler, Task<bool>>? Look { get; private init; }

    public TimeProvider Clock { get; }

    public RunEngine Engine => _node.Engine;

    public IRunStore Store => _node.Store;

    public SecretSource Secrets => _node.Secrets;

    public RunArchive Runs { get; }

    /// <summary>The index of runs; null: the node keeps none.</summary>
    public LiveIndex? Index => _node.Index;

    public IEventFeed Feed => _node.Feed;

    public OpenBackfills Backfills => _node.Backfills;

    public IdempotencyKeys Keys { get; }

    public EventRefusals Refusals { get; }

    /// <summary>Why requests are not taken; null when they are.</summary>
    public string? WhyNotReady => _whyNotReady();

    /// <summary>The one of a host.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="whyNotReady">Why requests are not taken; null when they are.</param>
    /// <param name="look">See <see cref="Look"/>.</param>
    /// <exception cref="InvalidOperationException">The host has no orchestrator.</exception>
    public static ApiNode Of(IServiceProvider services, Func<string?> whyNotReady, Func<ScheduleReconciler, Task<bool>>? look = null) =>
        (services.GetService<AddedFeatures>()
            ?? throw new InvalidOperationException("There is no orchestrator in this host. Call AddOrchestrator on its builder before MapOrchestrator."))
        .Get(() => new ApiNode(services, whyNotReady) { Look = look });

    /// <summary>
    /// The metrics of this process, for a host that has them scraped. Asked for when the API is mapped: what was measured before is in no metric.
    /// </summary>
    public MetricsScrape Measured() => _metrics.Value;

    /// <summary>How an endpoint gets it as a parameter.</summary>
    public static ValueTask<ApiNode?> BindAsync(HttpContext http) => new(http.GetEndpoint()?.Metadata.GetMetadata<ApiSite>()?.Node);

    public Task BeginAsync(CancellationToken stop) => Task.CompletedTask;

    public Task StopAsync()
    {
        Refusals.TellAll();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Refusals.DisposeAsync();
        Keys.Dispose();
        if (_metrics.IsValueCreated) _metrics.Value.Dispose();
    }
}
