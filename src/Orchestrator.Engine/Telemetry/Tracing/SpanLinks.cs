using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>Addresses of runs and tasks on the web page; null when it has no public address.</summary>
internal sealed class SpanLinks(Uri? publicUrl)
{
    private readonly string? _root = publicUrl?.AbsoluteUri.TrimEnd('/');

    public string? Of(RunId run) => _root is null ? null : $"{_root}/runs/{run}";

    public string? Of(RunId run, TaskId task) => _root is null ? null : $"{_root}/runs/{run}/tasks/{Uri.EscapeDataString(task.ToString())}";
}
