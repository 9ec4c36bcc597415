using Orchestrator.Core;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors.Workflow;

namespace Orchestrator.Worker.Hosting;

/// <summary>The workflows in force, for tasks that run another one.</summary>
internal static class CatalogLookup
{
    public static Func<string, string, WorkflowLookup> Of(WorkflowCatalog catalog) => (name, _) =>
        catalog.Find(name) is { } found ? new(found)
            : new(null, $"There is no workflow '{name}'. {Suggest.DidYouMean(name, catalog.Current.Workflows.Keys)}".TrimEnd());
}
