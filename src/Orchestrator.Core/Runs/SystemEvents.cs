using System.Collections.Immutable;
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

/// <summary>Something that was to be told outside is not taken: what a collector would have had is lost, what a delivering sink would have had waits. Runs and the journal go on.</summary>
/// <param name="Signals">What is concerned: <c>traces</c>, <c>metrics</c>, <c>logs</c>, <c>events</c> (not yet made into spans and log records, or waiting for a sink).</param>
/// <param name="Reason">What happened first, for people.</param>
public sealed record TelemetryDegraded(ImmutableArray<string> Signals, string Reason) : JournalEvent
{
    /// <summary>The sink whose receiver takes nothing; null: it is about spans, log records and metrics.</summary>
    public string? Sink { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "telemetry.degraded";
}

/// <summary>Telemetry is taken again.</summary>
/// <param name="DurationMs">Since it was degraded.</param>
/// <param name="Dropped">Spans, log records and events lost meanwhile.</param>
public sealed record TelemetryRecovered(double DurationMs, long Dropped) : JournalEvent
{
    /// <summary>The sink whose receiver takes deliveries again; null: it is about spans, log records and metrics.</summary>
    public string? Sink { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "telemetry.recovered";
}
