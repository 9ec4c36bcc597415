using System.Globalization;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Worker.Commands.Output;
using TaskStatus = Orchestrator.Core.TaskStatus;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>A difference of runs for people: what is another first, then tasks.</summary>
internal static class DiffText
{
    private const int MaxValue = 60;

    public static void Write(CommandContext around, RunDiff diff, RunView after, RunView before, bool all)
    {
        around.Out.WriteLine($"before  {before.RunId}  {before.Workflow}, {Words.Of(before.Status)}, {Printable.Instant(before.StartedAt)}");
        around.Out.WriteLine($"after   {after.RunId}  {after.Workflow}, {Words.Of(after.Status)}, {Printable.Instant(after.StartedAt)}");
        around.Out.WriteLine();
        var table = new TextTable("what", "before", "after");
        if (diff.Workflow is { } workflow) table.Add("workflow", workflow.Before, workflow.After);
        if (diff.DefinitionVersion is { } version) table.Add("definition", Short(version.Before), Short(version.After));
        if (diff.Trigger is { } trigger) table.Add("trigger", Words.Of(trigger.Before), Words.Of(trigger.After));
        if (diff.Host is { } host) table.Add("machine", host.Before ?? "-", host.After ?? "-");
        if (diff.WorkerVersion is { } program) table.Add("program", program.Before ?? "-", program.After ?? "-");
        foreach (var value in diff.Parameters) table.Add($"param {value.Name}", Value(value.Before), Value(value.After));
        if (diff.Status is { } status) table.Add("status", Words.Of(status.Before), Words.Of(status.After));
        table.Add("duration", Printable.Duration(diff.DurationMs.Before), Printable.Duration(diff.DurationMs.After) + Ratio(diff.DurationMs.Before, diff.DurationMs.After));
        table.Add("queue", Printable.Duration(diff.QueueMs.Before), Printable.Duration(diff.QueueMs.After));
        foreach (var value in diff.Results) table.Add($"result {value.Name}", Value(value.Before), Value(value.After));
        table.Write(around);
        var tasks = diff.Tasks.Where(t => all || !t.IsSame).ToList();
        if (tasks.Count > 0)
        {
            around.Out.WriteLine();
            Tasks(around, tasks);
        }
        if (diff.IsSame) around.Out.WriteLine("Nothing differs but times.");
        else if (!all && tasks.Count < diff.Tasks.Length) around.Out.WriteLine($"{diff.Tasks.Length - tasks.Count} tasks differ in nothing but their duration; --all shows them.");
    }

    private static void Tasks(CommandContext around, IReadOnlyList<TaskDiff> tasks)
    {
        var table = new TextTable("task", "before", "after", "duration", "differs in");
        foreach (var task in tasks)
            table.Add(task.Id.ToString(), State(task.Before), State(task.After), $"{Duration(task.DurationMs.Before)} > {Duration(task.DurationMs.After)}", string.Join(", ", Details(task)));
        table.Write(around);
    }

    private static IEnumerable<string> Details(TaskDiff task)
    {
        if (task.Attempts is { } attempts) yield return string.Create(CultureInfo.InvariantCulture, $"attempts {attempts.Before} > {attempts.After}");
        if (task.ExitCode is { } exit) yield return string.Create(CultureInfo.InvariantCulture, $"exit code {exit.Before?.ToString(CultureInfo.InvariantCulture) ?? "-"} > {exit.After?.ToString(CultureInfo.InvariantCulture) ?? "-"}");
        if (task.Reason is { } reason) yield return $"{reason.Before ?? "-"} > {reason.After ?? "-"}";
        if (task.Program is { } program) yield return $"{program.Before ?? "-"} > {program.After ?? "-"}";
        foreach (var result in task.Results) yield return $"{result.Name}: {Value(result.Before)} > {Value(result.After)}";
    }

    private static string State(TaskStatus? status) => status is { } known ? Words.Of(known) : "-";

    private static string Duration(double? milliseconds) => milliseconds is { } ms ? Printable.Duration(ms) : "-";

    private static string Ratio(double before, double after) => before > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({after / before:0.00}x)") : "";

    private static string Short(string? version) => version is { Length: > 12 } ? version[..12] : version ?? "-";

    private static string Value(JsonElement? value) => value?.GetRawText() is not { } text ? "-" : text.Length <= MaxValue ? text : text[..MaxValue] + "...";
}
