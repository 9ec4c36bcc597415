using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Worker.Logging;

namespace Orchestrator.Worker.Options;

/// <summary>
/// Reads <see cref="OrchestratorOptions"/> from configuration. Every wrong or unknown value is reported at once, each with its key and
/// what was found. No reflection: this is on the way of every verb.
/// </summary>
internal static class OptionsReader
{
    /// <param name="configuration">The whole configuration; the section <c>Orchestrator</c> is read.</param>
    /// <param name="folder">Folder that relative paths of the file start from.</param>
    /// <exception cref="OptionsException">One or more values are wrong.</exception>
    public static OrchestratorOptions Read(IConfiguration configuration, string folder)
    {
        var problems = new List<string>();
        var root = new OptionsSection(configuration.GetSection(NodeOptions.Section), folder, problems);
        var options = new OrchestratorOptions(NodeOptionsReader.Read(root, new()))
        {
            Workflows = Workflows(root.Child("Workflows")),
            Api = Api(root.Child("Api")),
            Telemetry = Telemetry(root.Child("Telemetry")),
        };
        SerilogRules.Check(configuration, folder, problems);
        return problems.Count == 0 ? options : throw new OptionsException(problems);
    }

    private static WorkflowsOptions Workflows(OptionsSection s)
    {
        s.AllowOnly(["Inline", "Path"]);
        return new() { Path = s.File("Path") ?? s.Resolve(new WorkflowsOptions().Path), HasInline = s.Has("Inline") };
    }

    private static ApiOptions Api(OptionsSection s)
    {
        s.AllowOnly(["AllowedHosts", "MaxBodyBytes", "TokenFile", "Url"]);
        var fallback = new ApiOptions();
        return new()
        {
            Url = s.HttpUrl("Url", allowTls: false)!,   // null: the default
            AllowedHosts = s.List("AllowedHosts"),
            TokenFile = s.File("TokenFile"),
            MaxBodyBytes = s.Size("MaxBodyBytes", fallback.MaxBodyBytes, 1 << 10, 64 << 20),
        };
    }

    private static TelemetryChoices Telemetry(OptionsSection s)
    {
        s.AllowOnly(["Prometheus", "Sample"]);
        return new() { Prometheus = s.Word("Prometheus", ScrapeChoice.Auto), Sample = s.Number("Sample", 0, 1) };
    }
}
