using System.Globalization;
using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;
using TaskStatus = Orchestrator.Core.TaskStatus;

namespace Orchestrator.Engine.Reports;

/// <summary>The graph and the times of a run as Mermaid diagrams.</summary>
internal static class MermaidGraph
{
    /// <summary>More nodes than this and a reader sees nothing: then stages are drawn.</summary>
    public const int MaxNodes = 200;

    /// <summary>Most edges that Mermaid draws by default is 500.</summary>
    private const int MaxEdges = 490;

    private static readonly (TaskStatus Status, string Style)[] Colours =
    [
        (TaskStatus.Completed, "fill:#d3f9d8,stroke:#2b8a3e,color:#000"), (TaskStatus.Failed, "fill:#ffe3e3,stroke:#c92a2a,color:#000"),
        (TaskStatus.Skipped, "fill:#f1f3f5,stroke:#868e96,color:#000"), (TaskStatus.Cancelled, "fill:#fff3bf,stroke:#e67700,color:#000"),
        (TaskStatus.Running, "fill:#d0ebff,stroke:#1864ab,color:#000"), (TaskStatus.Retrying, "fill:#d0ebff,stroke:#1864ab,color:#000"),
        (TaskStatus.Pending, "fill:#fff,stroke:#868e96,color:#000"),
    ];

    public static void WriteGraph(StringBuilder text, RunView run)
    {
        var edges = run.Tasks.Sum(t => t.DependsOn.Length);
        text.Append("## Graph\n\n");
        if (run.Tasks.Length > MaxNodes || edges > MaxEdges)
        {
            text.Append(CultureInfo.InvariantCulture, $"{run.Tasks.Length} tasks and {edges} dependencies are too many to draw; these are the stages.\n\n");
            WriteStages(text, run);
            return;
        }

        var number = run.Tasks.Select((t, i) => (t.Id, i)).ToDictionary(p => p.Id, p => p.i);
        text.Append("```mermaid\nflowchart LR\n");
        foreach (var task in run.Tasks)
        {
            var detail = task.StartedAt is null ? Words.Of(task.Status) : $"{Words.Of(task.Status)}, {MarkdownText.Duration(task.DurationMs)}";
            text.Append(CultureInfo.InvariantCulture, $"  n{number[task.Id]}[\"{MarkdownText.Label(task.Id.ToString())}<br/>{MarkdownText.Label(detail)}\"]:::{Words.Of(task.Status)}\n");
        }
        foreach (var task in run.Tasks)
            foreach (var need in task.DependsOn)
                if (number.TryGetValue(need, out var from)) text.Append(CultureInfo.InvariantCulture, $"  n{from} --> n{number[task.Id]}\n");
        WriteColours(text, run.Tasks.Select(t => t.Status));
        text.Append("```\n\n");
    }

    public static void WriteGantt(StringBuilder text, RunView run)
    {
        var ran = run.Tasks.Where(t => t.StartedAt is not null).ToArray();
        if (ran.Length is 0 or > MaxNodes) return;
        text.Append("## Timeline\n\n```mermaid\ngantt\n  dateFormat x\n  axisFormat %H:%M:%S\n");
        // The number keeps a task named like one of Mermaid's own words (section, title, click) from being one.
        foreach (var (task, number) in ran.OrderBy(t => t.StartedAt).Select((t, i) => (t, i + 1)))
        {
            var mark = task.Status switch { TaskStatus.Failed => "crit, ", TaskStatus.Completed => "done, ", _ => "active, " };
            var start = task.StartedAt!.Value.ToUnixTimeMilliseconds();
            var end = start + Math.Max(1, (long)Math.Round(task.DurationMs));
            text.Append(CultureInfo.InvariantCulture, $"  {number}. {task.Id} :{mark}{start}, {end}\n");
        }
        text.Append("```\n\n");
    }

    // A node per stage with how its tasks ended; an arrow where a task of one stage waits for one of another.
    private static void WriteStages(StringBuilder text, RunView run)
    {
        var stages = run.Tasks.GroupBy(t => t.Stage ?? "default").Take(MaxNodes).Select((g, i) => (g.Key, Tasks: g.ToArray(), Number: i)).ToArray();
        var numberOf = new Dictionary<TaskId, int>();
        foreach (var (_, tasks, number) in stages)
            foreach (var task in tasks) numberOf[task.Id] = number;

        text.Append("```mermaid\nflowchart LR\n");
        foreach (var (name, tasks, number) in stages)
        {
            var ends = string.Join(", ", tasks.CountBy(t => t.Status).OrderBy(c => c.Key).Select(c => $"{c.Value} {Words.Of(c.Key)}"));
            text.Append(CultureInfo.InvariantCulture, $"  n{number}[\"{MarkdownText.Label(name)}<br/>{MarkdownText.Label(ends)}\"]:::{Words.Of(Worst(tasks))}\n");
        }
        var edges = run.Tasks
            .SelectMany(t => t.DependsOn, (to, need) => (From: numberOf.GetValueOrDefault(need, -1), To: numberOf.GetValueOrDefault(to.Id, -1)))
            .Where(e => e.From >= 0 && e.To >= 0 && e.From != e.To).Distinct().Order().Take(MaxEdges);
        foreach (var (from, to) in edges) text.Append(CultureInfo.InvariantCulture, $"  n{from} --> n{to}\n");
        WriteColours(text, stages.Select(s => Worst(s.Tasks)));
        text.Append("```\n\n");
    }

    private static TaskStatus Worst(TaskView[] tasks)
    {
        TaskStatus[] worstFirst = [TaskStatus.Failed, TaskStatus.Cancelled, TaskStatus.Running, TaskStatus.Retrying, TaskStatus.Pending, TaskStatus.Completed, TaskStatus.Skipped];
        return worstFirst.First(status => tasks.Any(t => t.Status == status && !(t.Allowed && status == TaskStatus.Failed)) || status == TaskStatus.Skipped);
    }

    private static void WriteColours(StringBuilder text, IEnumerable<TaskStatus> used)
    {
        var statuses = used.ToHashSet();
        foreach (var (status, style) in Colours)
            if (statuses.Contains(status)) text.Append(CultureInfo.InvariantCulture, $"  classDef {Words.Of(status)} {style}\n");
    }
}
