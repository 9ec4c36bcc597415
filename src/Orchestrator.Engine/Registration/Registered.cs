using Microsoft.Extensions.Configuration;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Delegate;

namespace Orchestrator.Engine.Registration;

/// <summary>What was added to an orchestrator while its host was built.</summary>
internal sealed class Registered
{
    public TaskDelegates Delegates { get; } = new();

    /// <summary>Executors of further kinds, or in place of our own; made when the host starts.</summary>
    public Dictionary<string, Func<IServiceProvider, ITaskExecutor>> Executors { get; } = new(StringComparer.Ordinal);

    public List<WorkflowDefinition> Workflows { get; } = [];

    public List<string> Folders { get; } = [];

    /// <summary>Whether changes of the folders are followed; otherwise they are read once.</summary>
    public bool FollowsFolders { get; set; } = true;

    /// <summary>Where inline workflows stand; null: nowhere.</summary>
    public IConfiguration? Configuration { get; set; }

    /// <summary>The workflows written in C#, as the catalog takes them.</summary>
    public IReadOnlyList<DefinitionSource> Sources =>
        [.. Workflows.Select(w => new DefinitionSource($"code: {w.Name}", DefinitionJson.Version(w), new(w, [])))];

    /// <summary>Everything that is wrong and can be known before a run.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var twice in Workflows.GroupBy(w => w.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return $"Workflow '{twice.Key}' was added {twice.Count()} times; give each a name of its own.";
        foreach (var workflow in Workflows)
            foreach (var task in workflow.Tasks)
                if (task.Action is DelegateAction { Name: var name } && Delegates.Find(name) is null)
                    yield return $"Task '{task.Id}' of workflow '{workflow.Name}' calls '{name}', which is not registered. "
                        + (Suggest.Closest(name, Delegates.Names) is { } near ? $"Did you mean '{near}'?" : $"Add it with AddTask(\"{name}\", ...).");
    }
}
