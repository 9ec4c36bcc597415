using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>
/// A task's texts, compiled when first needed: its action, variables (the workflow's under its own), working directory and condition.
/// Immutable to its callers; compiling twice on two threads at once is harmless.
/// </summary>
/// <remarks>
/// In the value of a task's variable, <c>env.X</c> is the workflow's variable X; in the value of a workflow's variable it is one that has no
/// expression itself. So variables never depend on each other in circles. Everywhere else <c>env.X</c> is what the process will see. Callers
/// leave <see cref="ExpressionScope.Env"/> empty: it is filled here.
/// </remarks>
public sealed class TaskTemplates
{
    private readonly WorkflowTemplates _workflow;
    private Parts? _parts;
    private ImmutableArray<OutputRead> _secretReads;

    private TaskTemplates(WorkflowTemplates workflow, TaskDefinition task) => (_workflow, Task) = (workflow, task);

    /// <summary>The task.</summary>
    public TaskDefinition Task { get; }

    /// <summary>The templates of a task by itself.</summary>
    public static TaskTemplates Of(WorkflowDefinition workflow, TaskDefinition task) => new(WorkflowTemplates.Of(workflow), task);

    /// <summary>The templates of a task that shares the workflow's with its siblings: cheaper for many tasks.</summary>
    public static TaskTemplates Of(WorkflowTemplates workflow, TaskDefinition task) => new(workflow, task);

    /// <summary>Everything its texts and condition name, each once.</summary>
    /// <exception cref="ExpressionException">A text does not parse; definitions that passed the rules never throw.</exception>
    public ImmutableArray<ExpressionReference> References => Compiled.References;

    /// <summary>Everything its condition needs, through variables too; empty without one.</summary>
    /// <exception cref="ExpressionException">As <see cref="References"/>.</exception>
    public ImmutableArray<ExpressionReference> ConditionReferences => Compiled.ConditionReferences;

    /// <summary>Names of the secrets it can see: those its texts, variables and condition name.</summary>
    /// <exception cref="ExpressionException">As <see cref="References"/>.</exception>
    public IEnumerable<string> SecretNames => References.Where(r => r.Root == "secrets").Select(r => r.Name);

    /// <summary>Names of the parameters it can see that are secrets.</summary>
    /// <exception cref="ExpressionException">As <see cref="References"/>.</exception>
    public IEnumerable<ParameterDefinition> SecretParameters =>
        _workflow.Workflow.Params.Where(p => p.Type == ParameterType.Secret && References.Any(r => r.Root == "params" && r.Name == p.Name));

    /// <summary>Results of other tasks it reads that are secret.</summary>
    public ImmutableArray<OutputRead> SecretReads => _secretReads.IsDefault ? _secretReads = Planning.SecretReads.Of(_workflow.SecretOutputs, Task) : _secretReads;

    /// <summary>Ids of the tasks it names; the scope needs their facts.</summary>
    /// <exception cref="ExpressionException">As <see cref="References"/>.</exception>
    public IEnumerable<string> TaskNames => References.Where(r => r.Root == "tasks").Select(r => r.Name);

    /// <summary>Whether its condition holds; null when it has none.</summary>
    /// <exception cref="ExpressionException">It cannot be evaluated, or is neither true nor false.</exception>
    public bool? EvaluateIf(ExpressionScope scope)
    {
        if (Compiled.If is not { } condition) return null;
        return condition.EvaluateCondition(scope with { Env = Env(scope, Compiled.ConditionEnv) });
    }

    /// <summary>
    /// What its condition reads, with the values those have; none without a condition. Values made of secrets are not known in a scope without them.
    /// </summary>
    /// <exception cref="ExpressionException">A variable that it needs cannot be evaluated.</exception>
    public IReadOnlyList<Operand> ConditionOperands(ExpressionScope scope) =>
        Compiled.If is { } condition ? condition.OperandsIn(scope with { Env = Env(scope, Compiled.ConditionEnv) }) : [];

    /// <summary>The task with every expression replaced.</summary>
    /// <exception cref="ExpressionException">An expression cannot be evaluated, or its value may not stand where it would.</exception>
    public TaskInvocation Render(ExpressionScope scope)
    {
        var parts = Compiled;
        var env = Env(scope, wanted: null);
        var inner = scope with { Env = env };
        var invocation = parts.Action.Render(inner) with { Env = env, WorkingDir = parts.WorkingDir?.Render(inner, TemplateMode.Text) };
        if (!parts.Dotenv.IsEmpty) invocation = invocation with { Dotenv = parts.Dotenv.Render(inner) };
        return parts.Artifacts.IsEmpty ? invocation : invocation with { Artifacts = parts.Artifacts.Render(inner) };
    }

    /// <summary>
    /// What the action alone says, with the variables it names but no others: for what is decided before anything is started. Secrets are not known then.
    /// </summary>
    /// <exception cref="ExpressionException">As <see cref="Render"/>.</exception>
    public TaskInvocation RenderAction(ExpressionScope scope)
    {
        var action = Compiled.Action;
        return action.Render(scope with { Env = Env(scope, action.References.Where(r => r.Root == "env").Select(r => r.Name).ToHashSet(StringComparer.Ordinal)) });
    }

    /// <summary>Whether its condition is about an item of its fan-out, and so is asked for each child and not for the task.</summary>
    public bool ConditionNamesItem => Compiled.ConditionReferences.Any(r => r.Root is "item" or "matrix" || r.Root == Task.FanOut?.As);

    /// <summary>The items of its fan-out: a list, or the combinations of a matrix as objects.</summary>
    /// <exception cref="ExpressionException">An expression fails, is no list, or makes too many items; the message says which.</exception>
    public ImmutableArray<JsonElement> Items(ExpressionScope scope)
    {
        var items = Compiled.Items ?? throw new InvalidOperationException($"Task '{Task.Id}' has no fan-out.");
        return items.Of(scope with { Env = Env(scope, items.References.Where(r => r.Root == "env").Select(r => r.Name).ToHashSet(StringComparer.Ordinal)) });
    }

    /// <summary>What its fan-out's expressions name.</summary>
    public IEnumerable<ExpressionReference> ItemReferences => Compiled.Items?.References ?? [];

    /// <summary>Its transformed results; null when they stay as they are.</summary>
    public OutputTemplates? Transform => Compiled.Transform;

    private Parts Compiled => _parts ??= new(_workflow, Task);

    private ImmutableSortedDictionary<string, string> Env(ExpressionScope scope, HashSet<string>? wanted)
    {
        var shared = _workflow.Env.Above(ImmutableSortedDictionary<string, string>.Empty, scope, _workflow.Env.Literals, wanted);
        return Compiled.Env.Above(shared, scope, shared, wanted);
    }

    private sealed class Parts
    {
        public Parts(WorkflowTemplates workflow, TaskDefinition task)
        {
            try
            {
                Action = ActionTemplates.Of(task.Action);
                Env = EnvTemplates.Of(task.Env);
                Items = task.FanOut is { } fanOut ? ItemTemplates.Of(fanOut) : null;
                Transform = task.Transform.IsEmpty ? null : OutputTemplates.Of(task.Transform, "transform");
                if ((task.WorkingDir ?? workflow.Workflow.WorkingDir) is { } dir) WorkingDir = WorkflowTemplates.Compile(dir, "working_dir");
                if (!workflow.Workflow.Dotenv.IsDefaultOrEmpty && HasProcess(task.Action)) Dotenv = TextTemplates.List(workflow.Workflow.Dotenv, "dotenv");
                if (!task.Artifacts.IsEmpty) Artifacts = TextTemplates.List(task.Artifacts, "artifacts");
                if (task.If is not null)
                    If = Expression.TryParseCondition(task.If, out var condition, out var error) ? condition
                        : throw new ExpressionException($"if, character {error.Offset + 1}: {error.Message}");
            }
            catch (ExpressionException e)
            {
                throw new ExpressionException($"tasks.{task.Id}.{e.Message}");
            }

            References = Union(
                Action.References, workflow.Env.References, Env.References, WorkingDir?.References ?? [], If?.References ?? [],
                Artifacts.IsEmpty ? [] : Artifacts.SelectMany(a => a.References),
                Dotenv.IsEmpty ? [] : Dotenv.SelectMany(d => d.References),
                Transform?.References ?? []);
            if (If is null) return;
            ConditionEnv = Names(If.References);
            var own = Env.ReferencesOf(ConditionEnv).ToArray();
            ConditionEnv.UnionWith(Names(own));
            ConditionReferences = Union(If.References, own, workflow.Env.ReferencesOf(ConditionEnv));
        }

        public ActionTemplates Action { get; }

        public EnvTemplates Env { get; }

        public ItemTemplates? Items { get; }

        public OutputTemplates? Transform { get; }

        public Template? WorkingDir { get; }

        public ImmutableArray<Template> Artifacts { get; } = [];

        public ImmutableArray<Template> Dotenv { get; } = [];

        public Expression? If { get; }

        /// <summary>Variables the condition needs.</summary>
        public HashSet<string>? ConditionEnv { get; }

        public ImmutableArray<ExpressionReference> References { get; }

        public ImmutableArray<ExpressionReference> ConditionReferences { get; } = [];

        private static bool HasProcess(TaskAction action) => action is RunAction or ExecAction or ScriptAction or ContainerAction or WaitAction { Poll.Check: RunAction or ExecAction };

        private static HashSet<string> Names(IEnumerable<ExpressionReference> references) =>
            references.Where(r => r.Root == "env").Select(r => r.Name).ToHashSet(StringComparer.Ordinal);

        private static ImmutableArray<ExpressionReference> Union(params ReadOnlySpan<IEnumerable<ExpressionReference>> sources)
        {
            var all = new List<ExpressionReference>();
            foreach (var source in sources) all.AddRange(source);
            return all.Count == 0 ? [] : [.. all.Distinct()];
        }
    }
}
