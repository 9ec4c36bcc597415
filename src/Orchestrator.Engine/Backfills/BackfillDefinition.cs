using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Backfills;

/// <summary>The definition that all runs of a backfill have: the one that was in force when it was asked for.</summary>
internal sealed class BackfillDefinition(WorkflowDefinition workflow)
{
    /// <exception cref="RunRefusedException">It is gone.</exception>
    public static BackfillDefinition Of(BackfillCreated created, IDefinitionStore definitions) =>
        created.DefinitionVersion is { } version && definitions.Find(version) is { } found ? new(found with { BaseDir = created.BaseDir })
            : throw new RunRefusedException($"The definition of {created.Workflow} that the backfill was created with is missing.");

    /// <summary>The run of an item.</summary>
    /// <param name="created">The backfill.</param>
    /// <param name="item">The item.</param>
    /// <param name="installation">Id of the installation.</param>
    /// <param name="now">The instant.</param>
    /// <exception cref="RunRefusedException">Its parameters do not fit.</exception>
    public RunRequest RequestOf(BackfillCreated created, OpenItem item, string installation, DateTimeOffset now)
    {
        var bound = BackfillParameters.Bind(workflow, created.ScheduleId, created.Param, created.Params, item.Key, now);
        if (!bound.IsValid) throw new RunRefusedException($"The parameters do not fit: {string.Join(" ", bound.Problems.Select(p => p.Message))}");
        return new()
        {
            RunId = item.RunId, Definition = workflow, Params = RunParameters.Checked(bound.Values),
            Origin = new RunOrigin.Backfill(created.Actor, created.ScheduleId is { } schedule && BackfillRange.DueAt(item.Key) is { } due ? new(schedule, due) : null)
            {
                CorrelationId = created.CorrelationId ?? created.BackfillId, CausationId = EventIds.OfSystem(StreamId.Backfill(created.BackfillId), item.Seq, installation).ToString(),
                Links = created.Trace is { } trace ? [new("backfill", trace.TraceParent)] : [],
            },
        };
    }
}
