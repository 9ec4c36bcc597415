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
    private readonly TaskDefinition[] _handlers;
    private readonly Dictionary<TaskId, int> _handlerIndex = [];
    private readonly Lazy<OutputTemplates> _outputs;

    /// <summary>Prepares a definition that has passed the rules.</summary>
    public RunPlan(WorkflowDefinition definition)
    {
        Definition = definition;
        Graph = new(definition.Tasks);
        _handlers = definition.Handlers is { } handlers ? [.. handlers.All] : [];
        for (var i = 0; i < _handlers.Length; i++) _handlerIndex.TryAdd(_handlers[i].Id, Graph.Count + i);
        _templates = new TaskTemplates?[NodeCount];
        _outputs = new(() => OutputTemplates.Of(definition.Outputs, "outputs"));
        HasRanks = definition.Tasks.Any(t => t.Rank != 0);
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

    /// <summary>Tasks of the graph, followed by handlers.</summary>
    public int NodeCount => Graph.Count + _handlers.Length;

    /// <summary>The task or handler of a node.</summary>
    public TaskDefinition this[int node] => node < Graph.Count ? Graph[node] : _handlers[node - Graph.Count];

    /// <summary>Whether a node is a handler.</summary>
    public bool IsHandler(int node) => node >= Graph.Count && node < NodeCount;

    /// <summary>The node of a task or handler; false when the workflow has none of that name.</summary>
    public bool TryIndexOf(TaskId id, out int node) => Graph.TryIndexOf(id, out node) || _handlerIndex.TryGetValue(id, out node);

    /// <summary>Whether tasks have an order of their own among those that wait for a slot.</summary>
    public bool HasRanks { get; }

    /// <summary>The nodes that handle an outcome, in the order they run.</summary>
    public ImmutableArray<int> HandlersOf(RunStatus outcome)
    {
        if (Definition.Handlers is not { } handlers) return [];
        var own = outcome switch
        {
            RunStatus.Completed => handlers.OnSuccess,
            RunStatus.Failed => handlers.OnFailure,
            _ => handlers.OnCancel,
        };
        return [.. own.AddRange(handlers.Finally).Select(h => _handlerIndex[h.Id])];
    }

    /// <summary>Whether a handler is one of `finally`.</summary>
    public bool IsFinally(int index) => IsHandler(index) && Definition.Handlers!.Finally.Any(h => _handlerIndex[h.Id] == index);

    /// <summary>The run's own results, compiled.</summary>
    internal OutputTemplates Outputs => _outputs.Value;

    /// <summary>Declared stages in order, then <c>default</c> where a task names none.</summary>
    public ImmutableArray<string> Stages { get; }

    /// <summary>Number of tasks of each stage.</summary>
    public ImmutableArray<int> StageSizes { get; }

    /// <summary>Number of a task's stage; -1 for a handler, which has none.</summary>
    public int StageOf(int node) => node < _stageOf.Length ? _stageOf[node] : -1;

    /// <summary>A task's compiled expressions.</summary>
    public TaskTemplates TemplatesOf(int node) => _templates[node] ??= TaskTemplates.Of(_shared, this[node]);
}
