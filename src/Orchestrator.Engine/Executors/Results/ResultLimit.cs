using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Executors.Process;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>How large a task's results may be.</summary>
internal static class ResultLimit
{
    private const int Most = 256 * 1024 * 1024;

    /// <summary>The task's own limit, or the worker's, in bytes.</summary>
    public static int Of(TaskDefinition task, ProcessTaskOptions options) => task.OutputLimit is { } own ? (int)Math.Clamp(own, 1, Most) : options.OutputLimit;
}
