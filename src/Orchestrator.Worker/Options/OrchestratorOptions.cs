using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.Worker.Options;

/// <summary>
/// Everything the program can be told, under the root section <c>Orchestrator</c> of appsettings, environment variables
/// (<c>Orchestrator__Runner__Slots</c>) above the file. A relative path in the file starts at the file's own folder; without
/// a file, and for values from the environment or the command line, see each key.
/// </summary>
internal sealed record OrchestratorOptions : NodeOptions
{
    public OrchestratorOptions() { }

    /// <summary>What every orchestrator can be told, and nothing else yet.</summary>
    public OrchestratorOptions(NodeOptions shared) : base(shared) { }

    /// <summary><c>Workflows</c>.</summary>
    public WorkflowsOptions Workflows { get; init; } = new();

    /// <summary><c>Api</c>.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <summary><c>Telemetry</c>.</summary>
    public TelemetryChoices Telemetry { get; init; } = new();
}
