using System.Globalization;
using System.Text;
using Orchestrator.Core.Statistics.Compatibility;
using Shouldly;

namespace Orchestrator.Core.Tests.Statistics.Compatibility;

/// <summary>Lines of logs by hand; <c>{15}</c> in a line is the timestamp 15 minutes after the start.</summary>
internal static class LogLines
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static string At(double minutes) => Start.AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);

    public static List<DagLogEvent> Read(params string[] lines) => [.. lines.Select(l =>
    {
        DagLogReader.TryRead(Encoding.UTF8.GetBytes(l), out var read, out var problem).ShouldBeTrue($"{l}: {problem}");
        return read!;
    })];

    public static string DagStart(double at, string run, string dag = "sales", string tenant = "acme", int tasks = 2) =>
        $$"""{"timestamp":"{{At(at)}}","event":"dag_start","dag_name":"{{dag}}","dag_run_id":"{{run}}","tenant":"{{tenant}}","task_count":{{tasks}}}""";

    public static string DagDone(double at, string run, double seconds, int ok = 2, int failed = 0, string dag = "sales", string tenant = "acme") => string.Create(CultureInfo.InvariantCulture,
        $$"""{"timestamp":"{{At(at)}}","event":"dag_done","dag_name":"{{dag}}","dag_run_id":"{{run}}","tenant":"{{tenant}}","tasks_succeeded":{{ok}},"tasks_failed":{{failed}},"duration_seconds":{{seconds}}}""");

    public static string Task(double at, string name, string run, string task, string more = "", string dag = "sales") =>
        $$"""{"timestamp":"{{At(at)}}","event":"{{name}}","dag_name":"{{dag}}","dag_run_id":"{{run}}","task_id":"{{task}}"{{more}}}""";

    public static string State(double at, string name, string schedule, string more = "") =>
        $$"""{"timestamp":"{{At(at)}}","event":"{{name}}","schedule_id":"{{schedule}}","job_id":"j","dag_path":"d.yaml","tenant":"acme"{{more}}}""";
}
