using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Definitions.Reading;

namespace Orchestrator.Engine.Definitions;

/// <summary>
/// Reads workflows from configuration: a map by name or a list, with the keys of the YAML language. Configuration knows only text, so
/// the model decides what a value is; problems name the configuration path.
/// </summary>
public static class InlineDefinitions
{
    /// <summary>Where inline workflows stand.</summary>
    public const string Path = "Orchestrator:Workflows:Inline";

    private const int Deepest = 64;

    /// <summary>Reads all of them.</summary>
    /// <param name="configuration">The root.</param>
    /// <param name="baseDir">Folder that their relative paths start from.</param>
    public static IReadOnlyList<DefinitionSource> Read(IConfiguration configuration, string? baseDir = null)
    {
        var section = configuration.GetSection(Path);
        var workflows = section.GetChildren().ToList();
        var isList = IsList(workflows);
        if (workflows.Count == 0 && !string.IsNullOrEmpty(section.Value))
            return [Source(section.Path, new(null, [new(ProblemCodes.WrongType, "Inline workflows must be a map by name or a list.", "", At(section))]))];
        return [.. workflows.Select(w => Source(w.Path, WithBase(DefinitionReader.Read(Node(w, 1), isList ? null : w.Key), baseDir)))];
    }

    private static ReadResult WithBase(ReadResult result, string? baseDir) => result.Map(w => w with { BaseDir = baseDir });

    private static DefinitionSource Source(string path, ReadResult result) =>
        new(path, result.Workflow is { } workflow ? DefinitionJson.Version(workflow) : string.Join('\n', result.Problems), result);

    private static SourceNode Node(IConfigurationSection section, int depth)
    {
        var at = At(section);
        var children = section.GetChildren().ToList();
        if (children.Count == 0 || depth == Deepest)
            return section.Value is { } text ? new SourceScalar(text, ScalarForm.Untyped, at) : new SourceScalar("", ScalarForm.Plain, at);
        return IsList(children)
            ? new SourceList([.. children.Select(c => Node(c, depth + 1))], at)
            : new SourceMap([.. children.Select(c => new SourceEntry(c.Key, At(c), Node(c, depth + 1)))], at);
    }

    private static bool IsList(List<IConfigurationSection> children) => children.Count > 0 && children.All(c => c.Key.All(char.IsAsciiDigit));

    private static SourceSpan At(IConfigurationSection section) => new(section.Path, 0, 0);
}
