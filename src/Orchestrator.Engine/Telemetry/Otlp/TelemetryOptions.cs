namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>Who this process is to a telemetry backend, and how long it may hold up an exit.</summary>
public sealed class TelemetryOptions
{
    /// <summary>service.name unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise.</summary>
    public string ServiceName { get; set; } = "orchestrator";

    /// <summary>service.version.</summary>
    public string? ServiceVersion { get; set; }

    /// <summary>service.instance.id and cicd.worker.id.</summary>
    public string? InstanceId { get; set; }

    /// <summary>Longest time the exit waits for what is left to be delivered.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether the host records degradation and recovery as events of its own; otherwise they are said as log lines.</summary>
    public bool RecordsChanges { get; set; }

    /// <summary>Receives whether exports are accepted; null: the pipeline creates its own.</summary>
    public Health.TelemetryHealth? Health { get; set; }
}
