using Microsoft.Extensions.Configuration;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Registration;

/// <summary>What somebody else's host says of its node: its options, and what was added while it was built.</summary>
internal static class EmbeddedSetup
{
    /// <summary>What to do about a workflow that is not there.</summary>
    public const string UnknownWorkflow = "Add it with AddWorkflow or AddWorkflowsFrom.";

    private static readonly TimeSpan s_lastEvents = TimeSpan.FromSeconds(5);

    public static NodeSetup Of(OrchestratorOptions options, Registered registered) => new()
    {
        Options = options.ToNode(), Identity = new(options.InstanceId, typeof(EmbeddedSetup).Assembly.GetName().Version?.ToString(3)),
        Environment = options.Variables ?? OwnVariables(), Writer = "worker",
        Folders = registered.Folders, Configuration = registered.Configuration, Built = registered.Sources, BaseDirectory = options.BaseDirectory,
        FollowsDefinitions = (registered.FollowsFolders && registered.Folders.Count > 0) || registered.Configuration?.GetSection(InlineDefinitions.Path).Exists() == true,
        Unknown = UnknownWorkflow, Sampling = registered.Configuration is { } configuration ? RunSampling.From(configuration) : RunSampling.Always,
        Reports = options.Reports, Patience = s_lastEvents, Delegates = registered.Delegates, Executors = registered.Executors,
    };

    // The host's program is somebody else's, so nobody hands its environment on: it is read here, once, unless the options say otherwise.
    private static Dictionary<string, string> OwnVariables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables()) variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}
