using System.Collections.Immutable;

namespace Orchestrator.Core.Expressions;

/// <summary>A result of a task that an expression reads, known without evaluating it.</summary>
/// <param name="Task">The task, as written.</param>
/// <param name="Output">The result's name; null where all of them are read, or one whose name is computed.</param>
public readonly record struct OutputRead(string Task, string? Output)
{
    /// <summary><c>tasks.id.outputs.name</c>.</summary>
    public override string ToString() => Output is null ? $"tasks.{Task}.outputs" : $"tasks.{Task}.outputs.{Output}";
}

/// <summary>Finds which results of tasks an expression reads, each once; branches that are not taken too.</summary>
internal static class OutputReads
{
    public static ImmutableArray<OutputRead> Of(Node root)
    {
        var found = new List<OutputRead>();
        Collect(root, found);
        return found.Count == 0 ? [] : [.. found.Distinct()];
    }

    private static void Collect(Node node, List<OutputRead> found)
    {
        switch (node)
        {
            case Node.OfTask { Member: "outputs" } all:
                found.Add(new(all.Task, null));
                break;
            case Node.Path path:
                if (path.Target is Node.OfTask { Member: "outputs" } task) found.Add(new(task.Task, path.Steps[0].Member));
                else Collect(path.Target, found);
                foreach (var (_, index) in path.Steps)
                    if (index is not null) Collect(index, found);
                break;
            case Node.ListOf list: All(list.Items, found); break;
            case Node.Not not: Collect(not.Operand, found); break;
            case Node.Negated negated: Collect(negated.Operand, found); break;
            case Node.Arithmetic sum:
                Collect(sum.First, found);
                foreach (var (_, operand) in sum.Rest) Collect(operand, found);
                break;
            case Node.Comparison comparison: All([comparison.Left, comparison.Right], found); break;
            case Node.Logic logic: All(logic.Operands, found); break;
            case Node.Choice choice: All([choice.Condition, choice.Then, choice.Else], found); break;
            case Node.Call call: All(call.Arguments, found); break;
        }
    }

    private static void All(ReadOnlySpan<Node> nodes, List<OutputRead> found)
    {
        foreach (var node in nodes) Collect(node, found);
    }
}
