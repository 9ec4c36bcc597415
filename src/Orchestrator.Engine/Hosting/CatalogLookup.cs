using Orchestrator.Core;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Running.Children;

namespace Orchestrator.Engine.Hosting;

/// <summary>The workflows in force, for tasks that run another one.</summary>
internal static class CatalogLookup
{
    public static Func<string, string, WorkflowLookup> Of(WorkflowCatalog catalog, string otherwise = "") => (name, _) =>
        catalog.Find(name) is { } found ? new(found) : new(null, Unknown(name, catalog, otherwise));

    /// <summary>Says that a workflow is not there.</summary>
    /// <param name="otherwise">What to do about it where no name is near.</param>
    public static string Unknown(string name, WorkflowCatalog catalog, string otherwise)
    {
        var guess = Suggest.DidYouMean(name, catalog.Current.Workflows.Keys);
        return $"There is no workflow '{name}'. {(guess.Length > 0 ? guess : otherwise)}".TrimEnd();
    }
}
