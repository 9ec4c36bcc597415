using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>
/// A run as a job: every transition with its reason and the time in the state before, and the children of a fan-out as modules of the job with how many are
/// done. Other tasks are the job's own affair and have no line.
/// </summary>
internal sealed class JobShape : IEventShape
{
    private readonly ModuleNames _modules = new();
    private DateTimeOffset _since;

    public void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output)
    {
        _modules.Remember(e.Data);
        switch (e.Data)
        {
            case WorkflowCreated: _since = e.Time; break;
            case WorkflowQueued q: Lifecycle(output, e, "enqueue", RunStatus.Pending, q.StatusTo, "Enqueued for background processing", null); break;
            case WorkflowStarted s: Lifecycle(output, e, "start", RunStatus.Queued, s.StatusTo, "Worker started execution", s.QueueWaitMs); break;
            case WorkflowCompleted c: Lifecycle(output, e, "complete", c.StatusFrom, c.StatusTo, $"Completed with {c.WorkflowResult?.Count ?? 0} findings", c.DurationMs); break;
            case WorkflowFailed f: Lifecycle(output, e, "fail", f.StatusFrom, f.StatusTo, $"Execution failed: {f.Error}", f.DurationMs); break;
            case WorkflowCancelled c: Lifecycle(output, e, "cancel", c.StatusFrom, c.StatusTo, $"Cancelled: {Words.Of(c.CancelReason)}", c.StatusFrom == RunStatus.Running ? c.DurationMs : null); break;
            case TaskStarted { Attempt: <= 1 } s: Module(output, e, "spawn", s, null, null); break;
            case TaskCompleted c: Module(output, e, "complete", c, c.DurationMs, null); break;
            case TaskFailed f: Module(output, e, f.Kind == FailureKind.Panic ? "panic" : "error", f, f.DurationMs, f.Error); break;
        }
    }

    private void Lifecycle(ShapeLines? output, LifecycleEnvelope e, string name, RunStatus from, RunStatus to, string reason, double? milliseconds)
    {
        var spent = milliseconds ?? Math.Max(0, (e.Time - _since).TotalMilliseconds);
        _since = e.Time;
        if (output is null) return;
        var json = Begin(output, e, name == "fail" ? "error" : "info", "job.lifecycle." + name);
        json.WriteString("project_id", e.ProjectId);
        json.WriteString("status_from", from.ToString());
        json.WriteString("status_to", to.ToString());
        json.WriteString("reason", reason);
        json.WholeMilliseconds("duration_ms", spent);
        json.WriteEndObject();
        output.End();
    }

    private void Module(ShapeLines? output, LifecycleEnvelope e, string name, TaskEvent task, double? milliseconds, string? error)
    {
        if (e.Module is not { } module) return;
        var (completed, total) = name == "spawn" ? default : _modules.Done(task.Task);
        if (output is null) return;
        var json = Begin(output, e, error is null ? "info" : "error", "job.module." + name);
        json.WriteString("module", module);
        if (milliseconds is { } spent) json.WholeMilliseconds("duration_ms", spent); else json.WriteNull("duration_ms");
        json.WriteString("error", error);
        if (name != "spawn")
        {
            json.WriteNumber("completed", completed);
            json.WriteNumber("total", total);
        }
        json.WriteEndObject();
        output.End();
    }

    private static Utf8JsonWriter Begin(ShapeLines output, LifecycleEnvelope e, string level, string name)
    {
        var json = output.Begin();
        json.WriteStartObject();
        json.WriteString("timestamp", InstantJson.Format(e.Time, stackalloc byte[InstantJson.Length + 1]));
        json.WriteString("level", level);
        json.WriteString("event", name);
        json.WriteString("job_id", e.RunId?.ToString());
        return json;
    }
}
