using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary>What a task does and how it fans out, in a few words for people. Texts are those of the definition: expressions are not evaluated.</summary>
internal static class TaskWords
{
    private const int Longest = 60;

    public static string Of(TaskAction action) => action switch
    {
        RunAction { Shell: { IsDefaultOrEmpty: false } shell } => $"run with {Short(string.Join(' ', shell))}",
        HttpAction http => $"http {http.Method} {Short(http.Url)}",
        SqlAction sql => $"sql {(sql.Query is not null ? "query" : sql.Execute is not null ? "execute" : sql.File is { } file ? $"file {Short(file)}" : $"transaction of {sql.Transaction.Length}")} on {Short(sql.Connection)}",
        ContainerAction container => $"container {Short(container.Image)}",
        WorkflowAction child => $"workflow {Short(child.Name)}{(child.Detach ? ", not waited for" : "")}",
        WaitAction { For: { } time } => $"wait {Short(time)}",
        WaitAction { Until: { } until } => $"wait until {Short(until)}",
        WaitAction { Event: { } name } => $"wait for event {Short(name)}",
        WaitAction { Poll: { } poll } => $"wait, poll {Of(poll.Check)} every {DurationText.Format(poll.Interval)}",
        ApprovalAction approval => $"approval{(approval.Required > 1 ? $" by {approval.Required}" : "")}: {Short(approval.Prompt)}",
        SwitchAction choice => $"switch {Short(choice.Value)}: {string.Join(", ", choice.Cases.Select(c => $"{Short(c.Matches is { } pattern ? $"/{pattern}/" : string.Join('|', c.Is))} -> {string.Join('+', c.Then)}"))}{(choice.Default.IsEmpty ? "" : $", else {string.Join('+', choice.Default)}")}",
        DelegateAction code => $"delegate {Short(code.Name)}",
        _ => action.Kind,
    };

    public static string Of(FanOut fanOut)
    {
        var what = fanOut.Items is { } items ? $"foreach {Count(items)}" : $"matrix {string.Join(" x ", fanOut.Axes.Select(a => $"{a.Name} {Count(a.Values)}"))}{(fanOut.Include.IsEmpty ? "" : $" include ({fanOut.Include.Length})")}";
        return fanOut.MaxParallel is { } most ? $"{what}, {most} at a time" : what;
    }

    private static string Count(JsonElement list) => list.ValueKind == JsonValueKind.Array ? $"({list.GetArrayLength()})" : Short(list.GetString()!);

    private static string Short(string text)
    {
        var line = Printable.Line(text.Trim());
        return line.Length <= Longest ? line : line[..(Longest - 1)] + "…";
    }
}
