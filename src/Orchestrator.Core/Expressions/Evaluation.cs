namespace Orchestrator.Core.Expressions;

/// <summary>One evaluation of one expression: the scope and what is left of the step budget.</summary>
internal sealed class Evaluation(ExpressionScope scope)
{
    private int _steps;

    public void Spend(int steps)
    {
        if ((_steps += steps) > ExpressionLimits.Steps || _steps < 0)
            throw new ExpressionException($"The expression takes more than {ExpressionLimits.Steps} steps.");
    }

    /// <summary>Work on long texts counts by their length, so that many calls on them cannot take long either.</summary>
    public ExpressionValue Spend(ExpressionValue value)
    {
        if (value.Kind == ExpressionKind.String) Spend(value.Text.Length / 256);
        return value;
    }

    public ExpressionValue Of(Node node)
    {
        Spend(1);
        return node switch
        {
            Node.Literal literal => literal.Value,
            Node.ListOf list => ExpressionValue.From(All(list.Items)),
            Node.Named named => Roots.Find(scope, named),
            Node.OfTask task => Roots.Find(scope, task),
            Node.Path path => Follow(path),
            Node.Not not => ExpressionValue.From(!Condition(not.Operand, "'!'")),
            Node.Negated negated => Of(negated.Operand) is { Kind: ExpressionKind.Number } n ? ExpressionValue.From(-n.Number)
                : throw new ExpressionException("'-' takes a number."),
            Node.Arithmetic sum => sum.Rest.Aggregate(Of(sum.First), (left, step) => Spend(Operators.Apply(step.Operator, left, Of(step.Operand)))),
            Node.Comparison comparison => Operators.Compare(comparison.Operator, Of(comparison.Left), Of(comparison.Right), this),
            Node.Logic { IsAnd: true } and => ExpressionValue.From(and.Operands.All(o => Condition(o, "'&&'"))),
            Node.Logic or => ExpressionValue.From(or.Operands.Any(o => Condition(o, "'||'"))),
            Node.Choice choice => Of(Condition(choice.Condition, "'?:'") ? choice.Then : choice.Else),
            Node.Call { Function.Invoke: { } function } call => Spend(function(All(call.Arguments), this)),
            Node.Call call => Default(call.Arguments),
            _ => throw new InvalidOperationException($"Unknown node {node.GetType().Name}."),
        };
    }

    private bool Condition(Node node, string what)
    {
        var value = Of(node);
        return value.Kind == ExpressionKind.Boolean ? value.IsTrue : throw NotBoolean(what, value);
    }

    public static ExpressionException NotBoolean(string what, ExpressionValue value) =>
        new($"{what} takes true or false, not {Operators.Named(value)}. Compare it with something, as in x != '' or length(x) > 0.");

    private ExpressionValue[] All(Node[] nodes)
    {
        var values = new ExpressionValue[nodes.Length];
        for (var i = 0; i < nodes.Length; i++) values[i] = Spend(Of(nodes[i]));
        return values;
    }

    // The one function whose argument may fail: only for naming what does not exist.
    private ExpressionValue Default(Node[] arguments)
    {
        try
        {
            if (Of(arguments[0]) is { Kind: not ExpressionKind.Null } value) return value;
        }
        catch (ExpressionException e) when (e.IsMissing)
        {
            // Falls through to the fallback.
        }
        return Of(arguments[1]);
    }

    private ExpressionValue Follow(Node.Path path)
    {
        var value = Of(path.Target);
        for (var i = 0; i < path.Steps.Length; i++)
        {
            Spend(1);
            var (member, index) = path.Steps[i];
            if (member is not null && i == 0 && path.Target is Node.OfTask { Member: "outputs" } task) value = Output(value, $"output of task '{task.Task}' named", member, scope.Tasks[task.Task].Outputs.Keys);
            else if (member is not null && i == 0 && path.Target is Node.Named { Root: "outputs" }) value = Output(value, "output", member, scope.Outputs!.Keys);
            else value = member is not null ? Member(value, member, $"member '{member}'") : At(value, Of(index!));
        }
        return value;
    }

    private static ExpressionValue Output(ExpressionValue outputs, string what, string name, IEnumerable<string> known) =>
        outputs.TryGetMember(name, out var value) ? value : throw Roots.Missing(what, name, known);

    private static ExpressionValue At(ExpressionValue value, ExpressionValue index)
    {
        if (index.Kind == ExpressionKind.String) return Member(value, index.Text, "member of the computed name");
        if (index.Kind != ExpressionKind.Number || decimal.Truncate(index.Number) != index.Number)
            throw new ExpressionException($"An index is a whole number or a text, not {Operators.Named(index)}.");
        if (value.Kind == ExpressionKind.Null) throw ExpressionException.Missing("null has no elements.");
        if (value.Kind != ExpressionKind.List) throw new ExpressionException($"Only a list is indexed by number, not {Operators.Named(value)}.");
        var (count, at) = (value.Count, index.Number < 0 ? value.Count + index.Number : index.Number);
        return at >= 0 && at < count ? value.Item((int)at)
            : throw ExpressionException.Missing($"The index is outside the list of {count} element{(count == 1 ? "" : "s")}.");
    }

    private static ExpressionValue Member(ExpressionValue value, string name, string shown) => value.Kind switch
    {
        ExpressionKind.Object when value.TryGetMember(name, out var found) => found,
        ExpressionKind.Object => throw ExpressionException.Missing($"The object has no {shown}."),
        ExpressionKind.Null => throw ExpressionException.Missing($"null has no {shown}."),
        _ => throw new ExpressionException($"Only an object has members, not {Operators.Named(value)}: there is no {shown}."),
    };
}
