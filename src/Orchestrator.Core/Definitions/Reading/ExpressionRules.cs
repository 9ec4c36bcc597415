using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Every expression parses, and everything it names is declared and has a value where it stands.</summary>
internal sealed class ExpressionRules
{
    // Each suggestion looks at every task: only the first ones are worth it.
    private const int MostSuggestions = 20;

    private readonly WorkflowDefinition _workflow;
    private readonly SourceText? _text;
    private readonly ProblemLog _problems;
    private readonly HashSet<string> _params;
    private readonly List<(int Upstream, int Task, (EmbeddedText Text, string Name) Tag)> _taskReferences = [];
    private readonly Dictionary<string, int> _tasks;
    private int _suggestions = MostSuggestions;

    private ExpressionRules(WorkflowDefinition workflow, SourceText? text, ProblemLog problems)
    {
        (_workflow, _text, _problems) = (workflow, text, problems);
        _params = workflow.Params.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        _tasks = new(workflow.Tasks.Length, StringComparer.Ordinal);
        for (var i = 0; i < workflow.Tasks.Length; i++) _tasks.TryAdd(workflow.Tasks[i].Id.ToString(), i);
    }

    /// <param name="isAcyclic">Whether the graph can answer what lies upstream.</param>
    public static void Check(WorkflowDefinition workflow, IEnumerable<EmbeddedText> texts, SourceText? source, bool isAcyclic, ProblemLog problems)
    {
        ExpressionRules? rules = null;
        foreach (var text in texts) (rules ??= new(workflow, source, problems)).Check(text);
        if (rules is not { _taskReferences.Count: > 0 } || !isAcyclic) return;
        foreach (var (text, name) in Ancestry.Missing(new TaskGraph(workflow.Tasks), rules._taskReferences))
            problems.Add(ProblemCodes.NotAnAncestor, rules.Place(text, "tasks", name),
                $"Task '{workflow.Tasks[text.Task].Id}' uses tasks.{name}, but does not run after it.", $"Add '{name}' to its `depends_on`.");
    }

    private void Check(EmbeddedText text)
    {
        IEnumerable<ExpressionReference> references;
        ExpressionError? error;
        if (text.Place == ExpressionPlace.Condition)
            references = Expression.TryParseCondition(text.Node.Text, out var condition, out error) ? condition.References : [];
        else
            references = Template.TryParse(text.Node.Text, out var template, out error) ? template.References : [];
        if (error is not null)
            _problems.Add(ProblemCodes.BadExpression, _text?.Locate(text.Node, error.Offset) ?? text.Node.Span, error.Message);
        foreach (var reference in references) Check(text, reference);
    }

    private void Check(EmbeddedText text, ExpressionReference reference)
    {
        if (text.Place == ExpressionPlace.ParameterDefault && reference.Root is not ("env" or "schedule"))
        {
            Report(ProblemCodes.NotVisibleHere, text, reference, $"A parameter's default cannot use {reference}: it is evaluated before there is a run.", "A default may use now, env and schedule.");
            return;
        }
        switch (reference.Root)
        {
            case "params" when !_params.Contains(reference.Name): Undeclared(text, reference, "parameter", _params); break;
            case "secrets" when !_workflow.Secrets.ContainsKey(reference.Name): Undeclared(text, reference, "secret", _workflow.Secrets.Keys); break;
            case "env": Variable(text, reference); break;
            case "tasks": TaskOf(text, reference); break;
        }
    }

    private void Variable(EmbeddedText text, ExpressionReference reference)
    {
        var name = reference.Name;
        var isWorkflows = _workflow.Env.TryGetValue(name, out var value);
        var own = text.Task >= 0 ? _workflow.Tasks[text.Task].Env : text.Place == ExpressionPlace.Workflow ? _workflow.Defaults?.Env : null;
        switch (text.Place)
        {
            case ExpressionPlace.WorkflowEnv or ExpressionPlace.ParameterDefault when isWorkflows && Template.MayHaveHoles(value!):
                Report(ProblemCodes.NotVisibleHere, text, reference, $"{reference} holds an expression itself and has no value here.", "Repeat its expression, or use a parameter.");
                break;
            case ExpressionPlace.TaskEnv or ExpressionPlace.DefaultsEnv when !isWorkflows && own?.ContainsKey(name) == true:
                Report(ProblemCodes.NotVisibleHere, text, reference, $"A variable sees only the workflow's variables, and '{name}' is none.", "Move it to the workflow's `env:`.");
                break;
            case ExpressionPlace.Task or ExpressionPlace.Condition or ExpressionPlace.Workflow when own?.ContainsKey(name) == true: break;
            default:
                if (!isWorkflows && text.Task != EmbeddedText.NoTask) Undeclared(text, reference, "declared variable", _workflow.Env.Keys.Concat(own?.Keys ?? []));
                break;
        }
    }

    private void TaskOf(EmbeddedText text, ExpressionReference reference)
    {
        if (text.Task == -1)
            Report(ProblemCodes.NotVisibleHere, text, reference, $"{reference} has no value here: this text belongs to every task.", "Use it in a task that depends on that task.");
        else if (!_tasks.TryGetValue(reference.Name, out var upstream))
            Report(ProblemCodes.UnknownReference, text, reference, $"There is no task '{reference.Name}'.",
                _suggestions-- > 0 && Suggest.DidYouMean(reference.Name, _tasks.Keys) is { Length: > 0 } guess ? guess : "Name a task of this workflow.");
        else if (upstream == text.Task)
            Report(ProblemCodes.NotAnAncestor, text, reference, $"Task '{reference.Name}' uses its own results, which it has only when it is done.", "Use them in a task that depends on it.");
        else if (text.Task >= 0)
            _taskReferences.Add((upstream, text.Task, (text, reference.Name)));
    }

    private void Undeclared(EmbeddedText text, ExpressionReference reference, string what, IEnumerable<string> known) =>
        Report(ProblemCodes.UnknownReference, text, reference, Roots.Missing(what, reference.Name, known).Message, "");

    private void Report(string code, EmbeddedText text, ExpressionReference reference, string message, string remedy) =>
        _problems.Add(code, Place(text, reference.Root, reference.Name), message, remedy);

    // The first place that spells the name; white space around the dot is allowed but hardly ever written, then the text's own place serves.
    private SourceSpan Place(EmbeddedText text, string root, string name)
    {
        var from = Math.Max(0, text.Node.Text.IndexOf("${{", StringComparison.Ordinal));
        var spelled = $"{root}.{name}";
        for (var at = text.Node.Text.IndexOf(spelled, from, StringComparison.Ordinal); at >= 0; at = text.Node.Text.IndexOf(spelled, at + 1, StringComparison.Ordinal))
        {
            var end = at + spelled.Length;
            if (end == text.Node.Text.Length || !(char.IsAsciiLetterOrDigit(text.Node.Text[end]) || text.Node.Text[end] is '_' or '-'))
                return _text?.Locate(text.Node, at) ?? text.Node.Span;
        }
        return text.Node.Span;
    }
}
