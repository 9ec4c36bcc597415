using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Definitions;

namespace Orchestrator.Engine.Hosting;

/// <summary>
/// The definitions in force: read before any run goes on, because its tasks may name other workflows, and followed once everything knows of changes.
/// </summary>
internal sealed class NodeDefinitions(
    WorkflowCatalog catalog, NodeSetup setup, TimeProvider clock, ILogger<LiveDefinitions> log, Action<JournalEvent> tell) : INodeFeature
{
    private readonly LiveDefinitions _live = new(
        catalog, setup.Folders, setup.Configuration, setup.BaseDirectory, clock, log, (origin, problems) => tell(Rejected(origin, problems)))
    {
        Built = setup.Built,
    };

    public Task BeginAsync(CancellationToken stop)
    {
        _live.Load();
        return Task.CompletedTask;
    }

    public void Follow()
    {
        if (setup.FollowsDefinitions) _live.Follow();
    }

    public async Task StopAsync() => await DisposeAsync().ConfigureAwait(false);

    public ValueTask DisposeAsync() => _live.DisposeAsync();

    private static DefinitionRejected Rejected(string origin, ImmutableArray<Problem> problems) => new(origin, problems.Length, problems[0].ToString());
}
