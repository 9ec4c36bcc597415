using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Every expression parses, and everything it names is declared and has a value where it stands.</summary>
internal sealed class ExpressionRules
{
    // Each suggestion looks at every task: only the first ones are worth it.
    private const int MaxSuggestions = 20;

    private readonly WorkflowDefinition _workflow;
    private readonly SourceText? _text;
    private readonly ProblemLog _problems;
    private readonly HashSet<string> _params;
    private readonly List<(int Upstream, int Task, (EmbeddedText Text, string Name) Tag)> _taskReferences = [];
    private readonly Dictionary<string, int> _tasks;
    private readonly TaskDefinition[] _handlers;
    private readonly VariableReach _reach;
    private int _suggestions = MaxSuggestions;

    private ExpressionRules(WorkflowDefinition workflow, SourceText? text, ProblemLog problems)
    {
        (_workflow, _text, _problems) = (workflow, text, problems);
        _params = workflow.Params.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        _tasks = new(workflow.Tasks.Length, StringComparer.Ordinal);
        for (var i = 0; i < workflow.Tasks.Length; i++) _tasks.TryAdd(workflow.Tasks[i].Id.ToString(), i);
        _handlers = workflow.Handlers is { } handlers ? [.. handlers.All] : [];
        _reach = new(workflow);
    }

    /// <param name="isAcyclic">Whether the graph can answer what lies upstream.</param>
    public static void Check(WorkflowDefinition workflow, IEnumerable<EmbeddedText> texts, SourceText? source, bool isAcyclic, ProblemLog problems)
    {
        ExpressionRules? rules = null;
        foreach (var text in texts) (rules ??= new(workflow, source, problems)).Check(text);
        if (rules is not { _taskReferences.Count: > 0 } || !isAcyclic) return;
        foreach (var (text, name) in Ancestry.Missing(new TaskGraph(workflow.Tasks), rules._taskReferences))
            problems.Add(ProblemCodes.NotAnAncestor, rules.Place(text, "tasks", name),
                $"{Shown(text, new("tasks", name))}Task '{workflow.Tasks[text.Task].Id}' uses tasks.{name}, but does not run after it.", $"Add '{name}' to its `depends_on`.");
    }

    private void Check(EmbeddedText text)
    {
        var task = TaskOf(text);
        IEnumerable<ExpressionReference> references = [];
        IEnumerable<OutputRead> reads = [];
        if (!TryParse(text, name => task is null ? text.Task == EmbeddedText.NoTask : name == task.FanOut?.As, ref references, ref reads, out var error))
            _problems.Add(ProblemCodes.BadExpression, _text?.Locate(text.Node, error!.Offset) ?? text.Node.Span,
                error!.Expression.Length > 0 ? $"{Braced(error.Expression)}{error.What}" : error.What, error.Remedy.Length > 0 ? error.Remedy : "Correct it there.");
        foreach (var reference in references)
            if (Visibility.Of(text.Place, reference, task, IsHandler(text), _reach) is var (code, message, remedy)) Report(code, text, reference, message, remedy);
            else Declared(text, reference);
        foreach (var read in reads)
            if (_reach.IsSecret(read) && Visibility.OfSecretOutput(text.Place, read) is var (code, message, remedy))
                _problems.Add(code, Place(text, "tasks", read.ToString()["tasks.".Length..]), Shown(text, new("tasks", read.Task)) + message, remedy);
    }

    private static bool TryParse(
        EmbeddedText text, Func<string, bool> isItem, ref IEnumerable<ExpressionReference> references, ref IEnumerable<OutputRead> reads, out ExpressionError? error)
    {
        if (text.Place is ExpressionPlace.Condition or ExpressionPlace.PollCondition)
        {
            if (!Expression.TryParseCondition(text.Node.Text, isItem, out var condition, out error)) return false;
            (references, reads) = (condition.References, condition.OutputReads);
            return true;
        }
        if (!Template.TryParse(text.Node.Text, isItem, out var template, out error)) return false;
        (references, reads) = (template.References, template.OutputReads);
        if (text.Place != ExpressionPlace.Items || template.IsOneHole) return true;
        error = new("This must be a single expression whose value is a list, without other text. Join lists in an earlier task, or write a list of values.", 0, text.Node.Text.Length);
        return false;
    }

    /// <summary>The task or handler a text belongs to; null for texts of the workflow and of tasks that could not be kept.</summary>
    private TaskDefinition? TaskOf(EmbeddedText text) => text.Task < 0 ? null
        : text.Task < _workflow.Tasks.Length ? _workflow.Tasks[text.Task] : _handlers[text.Task - _workflow.Tasks.Length];

    private bool IsHandler(EmbeddedText text) => text.Task >= _workflow.Tasks.Length;

    private void Declared(EmbeddedText text, ExpressionReference reference)
    {
        switch (reference.Root)
        {
            case "params" when !_params.Contains(reference.Name): Undeclared(text, reference, "parameter", _params); break;
            case "secrets" when !_workflow.Secrets.ContainsKey(reference.Name): Undeclared(text, reference, "secret", _workflow.Secrets.Keys); break;
            case "matrix" when TaskOf(text) is { FanOut: { } fanOut } && FanOutReader.NamesOf(fanOut) is var names && !names.Contains(reference.Name):
                Undeclared(text, reference, "axis", names);
                break;
            case "env": Variable(text, reference); break;
            case "tasks": Results(text, reference); break;
        }
    }

    private void Variable(EmbeddedText text, ExpressionReference reference)
    {
        var name = reference.Name;
        var isWorkflows = _workflow.Env.TryGetValue(name, out var value);
        var own = TaskOf(text)?.Env ?? (text.Place == ExpressionPlace.Workflow ? _workflow.Defaults?.Env : null);
        switch (text.Place)
        {
            case ExpressionPlace.WorkflowEnv or ExpressionPlace.ParameterDefault or ExpressionPlace.Trigger when isWorkflows && Template.MayHaveHoles(value!):
                Report(ProblemCodes.NotVisibleHere, text, reference, $"{reference} holds an expression itself and has no value here.", "Repeat its expression, or use a parameter.");
                break;
            case ExpressionPlace.TaskEnv or ExpressionPlace.DefaultsEnv when !isWorkflows && own?.ContainsKey(name) == true:
                Report(ProblemCodes.NotVisibleHere, text, reference, $"A variable can use only the workflow's variables; '{name}' is not one of them.", "Move it to the workflow's `env:`.");
                break;
            case not (ExpressionPlace.WorkflowEnv or ExpressionPlace.ParameterDefault or ExpressionPlace.Trigger or ExpressionPlace.TaskEnv or ExpressionPlace.DefaultsEnv)
                when own?.ContainsKey(name) == true: break;
            default:
                if (!isWorkflows && text.Task != EmbeddedText.NoTask) Undeclared(text, reference, "declared variable", _workflow.Env.Keys.Concat(own?.Keys ?? []));
                break;
        }
    }

    private void Results(EmbeddedText text, ExpressionReference reference)
    {
        if (text.Task == -1 && text.Place != ExpressionPlace.RunOutput)
            Report(ProblemCodes.NotVisibleHere, text, reference, $"{reference} has no value here: this text belongs to every task.", "Use it in a task that depends on that task.");
        else if (!_tasks.TryGetValue(reference.Name, out var upstream))
            Report(ProblemCodes.UnknownReference, text, reference, $"There is no task '{reference.Name}'.", Guess(reference.Name));
        else if (upstream == text.Task)
            Report(ProblemCodes.NotAnAncestor, text, reference, $"Task '{reference.Name}' uses its own results, which exist only after it has ended.", "Use them in a task that depends on it.");
        else if (text.Task >= 0 && !IsHandler(text))
            _taskReferences.Add((upstream, text.Task, (text, reference.Name)));
    }

    private string Guess(string name)
    {
        if (_handlers.Any(h => h.Id.ToString() == name)) return "It is a handler; tasks cannot use the results of handlers.";
        return _suggestions-- > 0 && Suggest.DidYouMean(name, _tasks.Keys) is { Length: > 0 } guess ? guess : "Name a task of this workflow.";
    }

    private void Undeclared(EmbeddedText text, ExpressionReference reference, string what, IEnumerable<string> known)
    {
        var message = Roots.Missing(what, reference.Name, known).Message;
        var cut = Sentences.EndOfFirst(message);
        var declare = reference.Root switch { "params" => "`params:`", "secrets" => "`secrets:`", "env" => "`env:`", _ => "`matrix:`" };
        Report(ProblemCodes.UnknownReference, text, reference, message[..(cut + 1)], $"{message[(cut + 2)..]} Correct the name, or declare it under {declare}.");
    }

    private void Report(string code, EmbeddedText text, ExpressionReference reference, string message, string remedy) =>
        _problems.Add(code, Place(text, reference.Root, reference.Name), Shown(text, reference) + message, remedy);

    /// <summary>The expression of a text that names something, as it begins a message.</summary>
    private static string Shown(EmbeddedText text, ExpressionReference reference)
    {
        if (text.Place is ExpressionPlace.Condition or ExpressionPlace.PollCondition)
            return Conditions.Strip(text.Node.Text, out var condition, out _) ? Braced(condition.ToString()) : "";
        return Template.TryParse(text.Node.Text, out var template, out _)
            && template.Expressions.FirstOrDefault(e => e.References.Contains(reference)) is { } hole ? Braced(hole.Text) : "";
    }

    private static string Braced(string expression) => $"${{{{ {SourceScalar.Shorten(expression)} }}}}: ";

    // The first place that spells the name; white space around the dot is allowed but hardly ever written, then the text's own place serves.
    private SourceSpan Place(EmbeddedText text, string root, string name)
    {
        var from = Math.Max(0, text.Node.Text.IndexOf("${{", StringComparison.Ordinal));
        var spelled = name.Length == 0 ? root : $"{root}.{name}";
        for (var at = text.Node.Text.IndexOf(spelled, from, StringComparison.Ordinal); at >= 0; at = text.Node.Text.IndexOf(spelled, at + 1, StringComparison.Ordinal))
        {
            var end = at + spelled.Length;
            if ((end == text.Node.Text.Length || !IsNamePart(text.Node.Text[end])) && (at == 0 || !IsNamePart(text.Node.Text[at - 1]) && text.Node.Text[at - 1] != '.'))
                return _text?.Locate(text.Node, at) ?? text.Node.Span;
        }
        return text.Node.Span;
    }

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
