using System.Globalization;
using System.Text;

namespace Orchestrator.Core.Expressions;

/// <summary>A value that an expression reads.</summary>
/// <param name="Text">What the author wrote for it, such as <c>tasks.check.outputs.rows</c>.</param>
/// <param name="Value">Its value; null where there is none.</param>
/// <param name="Error">Why there is none.</param>
public readonly record struct Operand(string Text, ExpressionValue? Value, string? Error);

/// <summary>Finds what an expression reads, each once, in the order it is written; branches that are not taken too.</summary>
internal static class Operands
{
    public static IReadOnlyList<Operand> Of(Node root, ExpressionScope scope)
    {
        var found = new List<Operand>();
        Collect(root, scope, found);
        return found;
    }

    private static void Collect(Node node, ExpressionScope scope, List<Operand> found)
    {
        switch (node)
        {
            case Node.Named or Node.OfTask:
                Add(node, scope, found);
                break;
            case Node.Path { Target: Node.Named or Node.OfTask } path:
                Add(path, scope, found);
                Indices(path, scope, found);
                break;
            case Node.Path path:
                Collect(path.Target, scope, found);
                Indices(path, scope, found);
                break;
            case Node.ListOf list:
                foreach (var item in list.Items) Collect(item, scope, found);
                break;
            case Node.Not not: Collect(not.Operand, scope, found); break;
            case Node.Negated negated: Collect(negated.Operand, scope, found); break;
            case Node.Arithmetic sum:
                Collect(sum.First, scope, found);
                foreach (var (_, operand) in sum.Rest) Collect(operand, scope, found);
                break;
            case Node.Comparison comparison:
                Collect(comparison.Left, scope, found);
                Collect(comparison.Right, scope, found);
                break;
            case Node.Logic logic:
                foreach (var operand in logic.Operands) Collect(operand, scope, found);
                break;
            case Node.Choice choice:
                Collect(choice.Condition, scope, found);
                Collect(choice.Then, scope, found);
                Collect(choice.Else, scope, found);
                break;
            case Node.Call call:
                foreach (var argument in call.Arguments) Collect(argument, scope, found);
                break;
        }
    }

    private static void Indices(Node.Path path, ExpressionScope scope, List<Operand> found)
    {
        foreach (var (_, index) in path.Steps)
            if (index is not null) Collect(index, scope, found);
    }

    private static void Add(Node node, ExpressionScope scope, List<Operand> found)
    {
        var text = Written(node);
        if (found.Exists(o => o.Text == text)) return;
        try { found.Add(new(text, new Evaluation(scope).Of(node), null)); }
        catch (ExpressionException e) { found.Add(new(text, null, e.Message)); }
    }

    private static string Written(Node node) => node switch
    {
        Node.Named { Name.Length: 0 } named => named.Root,
        Node.Named named => $"{named.Root}.{named.Name}",
        Node.OfTask task => $"tasks.{task.Task}.{task.Member}",
        Node.Path path => Written(path),
        Node.Literal { Value: { Kind: ExpressionKind.String } text } => $"'{text.Text}'",
        Node.Literal literal => literal.Value.ToText(),
        _ => "...",
    };

    private static string Written(Node.Path path)
    {
        var text = new StringBuilder(Written(path.Target));
        foreach (var (member, index) in path.Steps)
            if (member is not null) text.Append('.').Append(member);
            else text.Append(CultureInfo.InvariantCulture, $"[{Written(index!)}]");
        return text.ToString();
    }
}
