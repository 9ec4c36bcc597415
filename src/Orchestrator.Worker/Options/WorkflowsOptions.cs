namespace Orchestrator.Worker.Options;

/// <summary>Where definitions come from: section <c>Orchestrator:Workflows</c>.</summary>
internal sealed record WorkflowsOptions
{
    /// <summary>
    /// <c>Path</c>: folder of <c>*.yaml</c> and <c>*.yml</c> files, watched by <c>serve</c>. Default <c>workflows</c>; a relative path
    /// starts at the configuration file's folder, without a file at <c>./config</c>. So the default is <c>./config/workflows</c>.
    /// </summary>
    public string Path { get; init; } = "workflows";

    /// <summary>
    /// <c>Inline</c>: definitions in the configuration itself: a list of workflows, or an object of them by name, with the same
    /// keys as YAML. Here only whether there are any; they are read from the configuration.
    /// </summary>
    public bool HasInline { get; init; }
}
