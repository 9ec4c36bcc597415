using System.Text.Json.Serialization;

namespace Orchestrator.Core.Runs;

/// <summary>A due time was taken and its run dispatched; written before the dispatch.</summary>
public sealed record ScheduleFired(string ScheduleId, string Workflow, DateTimeOffset DueAt, RunId RunId, DateTimeOffset? NextDueAt) : JournalEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "schedule.fired";
}

/// <summary>A due time passed without a run.</summary>
public sealed record ScheduleSkipped(string ScheduleId, string Workflow, DateTimeOffset DueAt, string Reason) : JournalEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "schedule.skipped";
}

/// <summary>A definition file changed and did not pass; the last good version stays in force.</summary>
public sealed record DefinitionRejected(string File, int Problems, string First) : JournalEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "definition.rejected";
}

/// <summary>A worker process began.</summary>
public sealed record WorkerStarted(string InstanceId, string Version) : JournalEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "worker.started";
}

/// <summary>A worker process is stopping.</summary>
public sealed record WorkerStopping(string InstanceId, string Reason) : JournalEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "worker.stopping";
}
