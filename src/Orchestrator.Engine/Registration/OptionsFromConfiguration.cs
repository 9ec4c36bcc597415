using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Registration;

/// <summary>The keys of the section <c>Orchestrator</c> that an orchestrator inside a host shares with the program.</summary>
internal static class OptionsFromConfiguration
{
    /// <exception cref="FormatException">A value is of the wrong kind; the message names key and value.</exception>
    public static void Read(IConfiguration configuration, OrchestratorOptions options)
    {
        var section = configuration.GetSection("Orchestrator");
        options.DataDirectory = section["DataDirectory"] ?? options.DataDirectory;
        options.InstanceId = section["Runner:InstanceId"] ?? options.InstanceId;
        options.Slots = Number(section, "Runner:Slots") ?? options.Slots;
        options.MaxOpenRuns = Number(section, "Runner:MaxOpenRuns") ?? options.MaxOpenRuns;
        options.MaxRunningRuns = Number(section, "Runner:MaxRunningRuns") ?? options.MaxRunningRuns;
        options.Drain = Duration(section, "Shutdown:Drain") ?? options.Drain;
        options.StopGrace = Duration(section, "Processes:KillGrace") ?? options.StopGrace;
    }

    private static int? Number(IConfigurationSection section, string key) => section[key] is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"Orchestrator:{key} must be a whole number, was '{text}'.");

    private static TimeSpan? Duration(IConfigurationSection section, string key) => section[key] is not { } text ? null
        : DurationText.TryParse(text, out var duration) ? duration
        : throw new FormatException($"Orchestrator:{key} must be a duration such as 500ms, 30s or 5m, was '{text}'.");
}
