using System.Globalization;
using Orchestrator.Core.Statistics;
using Orchestrator.Engine.Index.Statistics;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Statistics;

/// <summary>Statistics for people, 80 columns wide: how it went, where it hurts, and a table of the groups.</summary>
internal static class StatsText
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int MaxName = 28;

    public static void Write(CommandContext around, StatisticsAnswer answer, int limit, DateTimeOffset now)
    {
        var all = answer.All;
        around.Out.WriteLine($"{What(answer)} that ended in the last {Span(answer.Scope.To - answer.Scope.From)}, until {Printable.Instant(answer.Scope.To)}");
        if (all.Total == 0)
        {
            around.Out.WriteLine("None did. A longer --window may hold some; `orchestrator runs` lists the newest.");
            return;
        }
        around.Out.WriteLine(Number($"  runs      {all.Total:N0}: {all.Completed:N0} completed, {all.Failed:N0} failed, {all.Cancelled:N0} cancelled; success {Percent(all.SuccessRate)}"));
        around.Out.WriteLine($"  duration  p50 {Ms(all.Duration.P50)}, p95 {Ms(all.Duration.P95)}, longest {Ms(all.Duration.Max)}; queue p95 {Ms(all.Queue.P95)}");
        around.Out.WriteLine($"  ended     {Sparkline([.. answer.Activity.Select(a => a.Total)])}  each {Span(answer.Width)}");
        if (all.Failed > 0) around.Out.WriteLine($"  failed    {Sparkline([.. answer.Activity.Select(a => a.Failed)])}");
        Answers(around, answer);
        around.Out.WriteLine();
        if (answer.By.IsOfTasks) TaskTable(around, answer, limit);
        else RunTable(around, answer, limit, now);
    }

    // Which fails most, which is too slow, what is to blame, where the time goes: a line each.
    private static void Answers(CommandContext around, StatisticsAnswer answer)
    {
        var lines = new List<(string Question, string Answer)>();
        if (answer.FailsMost.FirstOrDefault() is { } worst)
            lines.Add(("fails most", Number($"{Name(worst.Group)}: {worst.Failed:N0} of {worst.Completed + worst.Failed:N0} ({Percent(Rates.Of(worst.Failed, worst.Completed + worst.Failed))})")));
        if (answer.OverExpected.FirstOrDefault() is { } late)
            lines.Add(("too slow", Number($"{Name(late.Group)}: {late.OverExpected:N0} of {late.Duration.Count:N0} longer than {Ms(late.ExpectedMs)}")));
        if (answer.Errors.Count > 0)
            lines.Add(("blamed", string.Join(", ", answer.Errors.Take(3).Select(e => Number($"{(e.ErrorType.Length == 0 ? "unknown" : e.ErrorType)} ({e.ErrorClass}) {e.Runs:N0}")))));
        var time = answer.Tasks.Sum(t => t.TimeMs);
        if (time > 0 && answer.Tasks[0] is var most) lines.Add(("most time", $"{Name(most.Group)}: {Ms(most.TimeMs)} of {Ms(time)} ({Percent(most.TimeMs / time)})"));
        if (answer.Tasks.Where(t => t.Flaky > 0).OrderByDescending(t => t.FlakeScore).FirstOrDefault() is { } flaky)
            lines.Add(("flaky", $"{Name(flaky.Group)}: {Percent(flaky.FlakeScore)} needed more than one attempt"));
        foreach (var slower in answer.Standings.Where(s => s.Regression is { IsRegression: true }).Take(3))
            lines.Add(("slower", $"{Name(slower.Workflow)}: {Ms(slower.Regression!.RecentMs)} lately, {Ms(slower.Regression.BaselineMs)} before"));
        foreach (var (question, text) in lines) around.Out.WriteLine($"  {question,-10}{text}");
    }

    private static void RunTable(CommandContext around, StatisticsAnswer answer, int limit, DateTimeOffset now)
    {
        var standings = answer.Standings.ToDictionary(s => s.Workflow, StringComparer.Ordinal);
        var isByWorkflow = answer.By.Word == "workflow";
        var table = new TextTable(isByWorkflow ? ["workflow", "runs", "ok", "failed", "p50", "p95", "in a row", "last success"] : [answer.By.Word, "runs", "ok", "failed", "p50", "p95"]);
        foreach (var run in answer.Runs.Take(limit))
        {
            string[] cells = [Name(run.Group), Number($"{run.Total:N0}"), Percent(run.SuccessRate), Number($"{run.Failed:N0}"), Ms(run.Duration.P50), Ms(run.Duration.P95)];
            var standing = isByWorkflow ? standings.GetValueOrDefault(run.Group) : null;
            table.Add(!isByWorkflow ? cells : [.. cells, Number($"{standing?.Streak ?? 0:N0}"), standing?.LastSuccess is { } at ? $"{Span(now - at)} ago" : "never"]);
        }
        table.Write(around);
        Cut(around, answer.Runs.Count, limit);
    }

    private static void TaskTable(CommandContext around, StatisticsAnswer answer, int limit)
    {
        var table = new TextTable(answer.By.Word, "ended", "ok", "failed", "flaky", "p50", "p95", "time");
        foreach (var task in answer.Tasks.Take(limit))
            table.Add(Name(answer.Scope.Workflow is { } own && task.Group.StartsWith(own + "/", StringComparison.Ordinal) ? task.Group[(own.Length + 1)..] : task.Group),
                Number($"{task.Total:N0}"), Percent(task.SuccessRate), Number($"{task.Failed:N0}"), Percent(task.FlakeScore), Ms(task.Duration.P50), Ms(task.Duration.P95), Ms(task.TimeMs));
        table.Write(around);
        Cut(around, answer.Tasks.Count, limit);
    }

    private static void Cut(CommandContext around, int count, int limit)
    {
        if (count > limit) around.Out.WriteLine(Number($"and {count - limit:N0} more; --limit shows them."));
    }

    private static string What(StatisticsAnswer answer) => string.Concat(
        answer.Scope.Workflow is { } workflow ? $"Runs of {workflow}" : "Runs", answer.Scope.Tenant is { } tenant ? $" of tenant {tenant}" : "");

    private static string Sparkline(IReadOnlyList<int> counts)
    {
        var most = counts.Max();
        return string.Concat(counts.Select(n => n == 0 ? '·' : Bars[(int)Math.Ceiling((double)n * Bars.Length / most) - 1]));
    }

    private static string Name(string group) => group.Length <= MaxName ? group : group[..(MaxName - 1)] + "…";

    private static string Ms(double? milliseconds) => milliseconds is { } ms ? Printable.Duration(ms) : "-";

    private static string Percent(double? rate) => rate is { } share ? (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "-";

    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => Number($"{Math.Floor(span.TotalDays):0} d"),
        { TotalHours: >= 2 } => Number($"{Math.Floor(span.TotalHours):0} h"),
        { TotalMinutes: >= 2 } => Number($"{Math.Floor(span.TotalMinutes):0} min"),
        _ => Number($"{Math.Max(0, Math.Floor(span.TotalSeconds)):0} s"),
    };

    private static string Number(FormattableString text) => FormattableString.Invariant(text);
}
