using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>What several spans of a task have.</summary>
internal static class TaskTags
{
    /// <summary>The task's id as it is in names of spans: children of a fan-out share theirs, so that names are few.</summary>
    public static string NameOf(TaskId task) => (task.TrySplit(out var whole, out _) ? whole : task).ToString();

    public static SpanFacts OfTask(this SpanFacts span, RunId run, string workflow, TaskEvent e) => span
        .With(TelemetryNames.TaskName, e.Task.ToString())
        .With(TelemetryNames.FanOutIndex, e.Task.TrySplit(out _, out var index) ? index : null)
        .With(TelemetryNames.TaskRole, e.Role)
        .With(TelemetryNames.PipelineName, workflow)
        .With(TelemetryNames.RunId, run.ToString());

    /// <summary>What the process used; nothing where that is not known.</summary>
    public static SpanFacts Used(this SpanFacts span, ProcessUsage? usage) => usage is null ? span : span
        .With(TelemetryNames.CpuTime, usage.CpuMs / 1000)
        .With(TelemetryNames.CpuUserTime, usage.CpuUserMs / 1000)
        .With(TelemetryNames.CpuSystemTime, usage.CpuSystemMs / 1000)
        .With(TelemetryNames.MemoryPeak, usage.PeakMemoryBytes)
        .With(TelemetryNames.DiskRead, usage.DiskReadBytes)
        .With(TelemetryNames.DiskWritten, usage.DiskWriteBytes);
}
