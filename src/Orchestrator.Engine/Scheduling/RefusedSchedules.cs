using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The schedules that are wrong now. Tells of each once, and again when something else is wrong with it.</summary>
internal sealed class RefusedSchedules(ILogger log)
{
    private volatile IReadOnlyList<ScheduleRefused> _now = [];

    /// <summary>Told of each that is new.</summary>
    public event Action<ScheduleRefused>? Refused;

    public IReadOnlyList<ScheduleRefused> Now => _now;

    public static ScheduleRefused Of(WorkflowDefinition workflow, RefusedSchedule schedule)
    {
        var (first, more) = (schedule.Problems[0], schedule.Problems.Length - 1);
        var others = more == 0 ? "" : more == 1 ? " (and 1 more problem)" : $" (and {more} more problems)";
        return Of(workflow, schedule.Id, first.At, $"{first.Code} {first.Message} {first.Remedy}".TrimEnd() + others);
    }

    public static ScheduleRefused Of(WorkflowDefinition workflow, string? schedule, SourceSpan at, string error) =>
        new(workflow.Name, schedule, at.File ?? "", at.Line, at.Column, error);

    public void Replace(IReadOnlyList<ScheduleRefused> found)
    {
        var known = _now.Select(Told).ToHashSet();
        _now = found;
        foreach (var refused in found)
        {
            if (!known.Add(Told(refused))) continue;
            log.Refused($"{refused.Workflow}/{refused.ScheduleId}", $"{new SourceSpan(refused.File, refused.Line, refused.Column)}: {refused.Error}");
            try { Refused?.Invoke(refused); }
            catch (Exception e) { log.ObserverFailed(e); }   // telemetry never hurts a run
        }
    }

    // One that only moved within its file is not told again.
    private static (string, string?, string) Told(ScheduleRefused refused) => (refused.Workflow, refused.ScheduleId, refused.Error);
}
