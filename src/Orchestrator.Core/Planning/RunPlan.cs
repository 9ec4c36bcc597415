using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Planning;

/// <summary>
/// A definition prepared for running: its graph, its stages by number, and its tasks' expressions, compiled when first
/// needed. One plan serves every run of a definition version.
/// </summary>
public sealed class RunPlan
{
    /// <summary>The stage of tasks that name none.</summary>
    public const string DefaultStage = "default";

    private readonly int[] _stageOf;
    private readonly TaskTemplates?[] _templates;
    private readonly WorkflowTemplates _shared;

    /// <summary>Prepares a definition that has passed the rules.</summary>
    public RunPlan(WorkflowDefinition definition)
    {
        Definition = definition;
        Graph = new(definition.Tasks);
        _templates = new TaskTemplates?[Graph.Count];
        _shared = WorkflowTemplates.Of(definition);
        _stageOf = new int[Graph.Count];

        var names = new List<string>(definition.Stages);
        var sizes = new List<int>(names.Select(_ => 0));
        for (var i = 0; i < _stageOf.Length; i++)
        {
            var name = Graph[i].Stage ?? DefaultStage;
            var stage = names.IndexOf(name);
            if (stage < 0)
            {
                stage = names.Count;
                names.Add(name);
                sizes.Add(0);
            }
            _stageOf[i] = stage;
            sizes[stage]++;
        }
        Stages = [.. names];
        StageSizes = [.. sizes];
    }

    /// <summary>The definition.</summary>
    public WorkflowDefinition Definition { get; }

    /// <summary>Its graph.</summary>
    public TaskGraph Graph { get; }

    /// <summary>Declared stages in order, then <c>default</c> where a task names none.</summary>
    public ImmutableArray<string> Stages { get; }

    /// <summary>Number of tasks of each stage.</summary>
    public ImmutableArray<int> StageSizes { get; }

    /// <summary>Number of a task's stage.</summary>
    public int StageOf(int task) => _stageOf[task];

    /// <summary>A task's compiled expressions.</summary>
    public TaskTemplates TemplatesOf(int task) => _templates[task] ??= TaskTemplates.Of(_shared, Graph[task]);
}
