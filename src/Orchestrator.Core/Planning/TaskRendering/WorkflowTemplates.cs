using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>What the tasks of one workflow share when they are rendered: its environment, compiled once.</summary>
public sealed class WorkflowTemplates
{
    private EnvTemplates? _env;
    private IReadOnlyDictionary<string, ImmutableArray<string>>? _secretOutputs;

    private WorkflowTemplates(WorkflowDefinition workflow) => Workflow = workflow;

    /// <summary>The workflow.</summary>
    public WorkflowDefinition Workflow { get; }

    /// <summary>Nothing is compiled before it is needed.</summary>
    public static WorkflowTemplates Of(WorkflowDefinition workflow) => new(workflow);

    /// <summary>The names of the tasks' secret results, by task.</summary>
    internal IReadOnlyDictionary<string, ImmutableArray<string>> SecretOutputs => _secretOutputs ??= SecretReads.SecretsOf(Workflow);

    internal EnvTemplates Env => _env ??= EnvTemplates.Of(Workflow.Env);

    internal static Template Compile(string text, string where) => Template.TryParse(text, out var template, out var error) ? template
        : throw new ExpressionException($"{where}, character {error.Offset + 1}: {error.Message}");
}
