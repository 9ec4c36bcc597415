using System.Collections.Immutable;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// What Serilog's settings reader passes over or throws at without a key: sections, levels and assemblies that do not exist. Plain text, so that no verb loads Serilog for it;
/// sinks and their arguments are known when they are made.
/// </summary>
internal static class SerilogRules
{
    private const string Section = "Serilog";
    private static readonly ImmutableArray<string> Keys =
        ["AuditTo", "Destructure", "Enrich", "Filter", "FilterSwitches", "LevelSwitches", "MinimumLevel", "Properties", "Using", "WriteTo"];
    private static readonly string[] Levels = ["Verbose", "Debug", "Information", "Warning", "Error", "Fatal"];
    private static readonly string[] Assemblies = ["Serilog", "Serilog.Sinks.Console", "Serilog.Sinks.File"];

    /// <summary>Adds a sentence for each setting that means nothing.</summary>
    public static void Check(IConfiguration configuration, string folder, List<string> problems)
    {
        var serilog = configuration.GetSection(Section);
        new OptionsSection(serilog, folder, problems).AllowOnly(Keys);
        var least = serilog.GetSection("MinimumLevel");
        if (least.Value is { Length: > 0 }) Level(least, problems);
        foreach (var child in least.GetChildren())
            if (child.Key.Equals("Default", StringComparison.OrdinalIgnoreCase)) Level(child, problems);
            else if (child.Key.Equals("Override", StringComparison.OrdinalIgnoreCase)) Each(child, problems);
            else if (!child.Key.Equals("ControlledBy", StringComparison.OrdinalIgnoreCase)) problems.Add($"{child.Path} is not a setting. Known here: ControlledBy, Default, Override.");
        Each(serilog.GetSection("LevelSwitches"), problems);
        foreach (var named in serilog.GetSection("Using").GetChildren())
            if (named.Value is { Length: > 0 } name && Array.IndexOf(Assemblies, name) < 0)
                problems.Add($"{named.Path}: the program has no assembly '{name}'. Known here: {string.Join(", ", Assemblies)}.");
    }

    // An override's key holds dots, and so has no children of its own.
    private static void Each(IConfigurationSection section, List<string> problems)
    {
        foreach (var child in section.GetChildren()) Level(child, problems);
    }

    private static void Level(IConfigurationSection at, List<string> problems)
    {
        if (at.Value is not { Length: > 0 } level || level[0] == '$' || Array.Exists(Levels, l => l.Equals(level, StringComparison.OrdinalIgnoreCase))) return;
        problems.Add($"{at.Path} must be one of {string.Join(", ", Levels)}, was '{level}'.");
    }
}
