using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary>The definitions that a `serve` would put in force, read where there is none.</summary>
internal static class OfflineDefinitions
{
    /// <param name="settings">Where they are.</param>
    /// <param name="around">Told of those that are not valid.</param>
    /// <param name="what">What of them is left out then, such as schedules.</param>
    public static IReadOnlyList<WorkflowDefinition> Read(Settings settings, CommandContext around, string what)
    {
        var catalog = new WorkflowCatalog();
        new LiveDefinitions(catalog, [settings.Options.Workflows.Path], settings.Configuration, settings.InlineFolder, around.Clock, NullLogger<LiveDefinitions>.Instance).Load();
        foreach (var (origin, problems) in catalog.Current.Problems)
            around.Error.WriteLine($"warning: {Printable.Line(origin)} is not valid ({problems.Length} {(problems.Length == 1 ? "problem" : "problems")}); its {what} are left out. `orchestrator validate` shows the problems.");
        return [.. catalog.Current.Workflows.Values.Select(w => w.Definition)];
    }
}
