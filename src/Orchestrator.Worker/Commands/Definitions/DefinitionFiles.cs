using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary>A definition read for a verb.</summary>
/// <param name="Origin">The file's path as given, or the configuration path.</param>
internal sealed record FoundDefinition(WorkflowDefinition Workflow, string Origin)
{
    /// <summary>Its normal form, which any process reads back the same.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(DefinitionJson.Write(Workflow));
}

/// <summary>Finds what a verb's FILE|NAME means. A name of an existing file, or one that looks like a path, is a file.</summary>
internal sealed class DefinitionFiles(Settings settings, CommandContext around)
{
    private const int MaxBeside = 1_000;
    private static readonly string[] Extensions = [".yaml", ".yml"];

    public bool IsFile(string target) =>
        target.Contains(Path.DirectorySeparatorChar) || Extensions.Contains(Path.GetExtension(target), StringComparer.OrdinalIgnoreCase) || File.Exists(Resolve(target));

    public string Resolve(string path) => Path.GetFullPath(path, around.CurrentDirectory);

    /// <exception cref="CommandFailure">There is no such file, it cannot be read, or it does not pass.</exception>
    public FoundDefinition Load(string file)
    {
        var path = Resolve(file);
        var all = DefinitionReader.ReadAll(Bytes(path, file), file);
        // The others are there for its tasks: a broken one would fail them half-way.
        var whole = all.FirstOrDefault(r => r.Workflow is null) is { } broken ? broken with { Problems = [.. all.SelectMany(r => r.Problems)] } : all[0];
        return new(Checked(whole, file) with { BaseDir = Path.GetDirectoryName(path) }, file);
    }

    /// <exception cref="CommandFailure">No definition has the name, or the one that does does not pass.</exception>
    public FoundDefinition Find(string name)
    {
        var known = new List<string>();
        (ReadResult Result, string Source)? broken = null;
        foreach (var file in Below(settings.Options.Workflows.Path).OrderByDescending(f => Path.GetFileNameWithoutExtension(f) == name))
        {
            var bytes = Bytes(file, file);
            foreach (var read in DefinitionReader.ReadAll(bytes, file))
            {
                if (read.Workflow?.Name == name) return new(read.Workflow with { BaseDir = Path.GetDirectoryName(file) }, file);
                if (read.Workflow is { } other) known.Add(other.Name);
                else if (Path.GetFileNameWithoutExtension(file) == name || Claims(bytes, name)) broken ??= (read, file);
            }
        }
        foreach (var (source, read) in ReadInline())
        {
            if (read.Workflow?.Name == name) return new(read.Workflow, source);
            if (read.Workflow is { } other) known.Add(other.Name);
            else if (source.EndsWith($":{name}", StringComparison.OrdinalIgnoreCase)) broken ??= (read, source);
        }
        if (broken is { } found) Checked(found.Result, found.Source);
        throw Unknown(name, known);
    }

    /// <summary>The workflow that a task of a definition in <paramref name="folder"/> names: one beside it, else one of the workflows folder.</summary>
    public WorkflowLookup Lookup(string name, string folder)
    {
        foreach (var file in Below(folder).OrderByDescending(f => Path.GetFileNameWithoutExtension(f) == name).Take(MaxBeside))
            if (DefinitionReader.ReadAll(Bytes(file, file), file).FirstOrDefault(r => r.Workflow?.Name == name)?.Workflow is { } beside) return new(beside with { BaseDir = Path.GetDirectoryName(file) });
        try { return new(Find(name).Workflow); }
        catch (CommandFailure e) { return new(null, $"{e.Message} {e.Remedy}".TrimEnd()); }
    }

    // What does not pass has no name yet; but who asks for it means the one it gives itself.
    private static bool Claims(byte[] text, string name) =>
        System.Text.Encoding.UTF8.GetString(text).Split('\n').Any(line =>
            line.StartsWith("name:", StringComparison.Ordinal) && line["name:".Length..].Split(" #")[0].Trim().Trim('"', '\'') == name);

    public FoundDefinition LoadOrFind(string target) => IsFile(target) ? Load(target) : Find(target);

    /// <summary>Every definition file in a folder and the folders below it, in order; none where there is no folder.</summary>
    public static ImmutableArray<string> Below(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 16 })
            .Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];

    public static WorkflowDefinition Checked(ReadResult read, string source) => read.Workflow ?? throw new CommandFailure(
        ExitCode.Usage, $"{source} is not a valid definition:{Environment.NewLine}{string.Join(Environment.NewLine, read.Problems.Select(p => $"  {p}"))}");

    public CommandFailure Unknown(string name, IReadOnlyCollection<string> known) => new(
        ExitCode.NotFound, $"There is no workflow '{name}' in {settings.Options.Workflows.Path}.",
        Core.Suggest.DidYouMean(name, known) is { Length: > 0 } guess ? guess
            : known.Count == 0 ? "There are no definitions there: set Orchestrator:Workflows:Path, or name a file." : $"Known: {string.Join(", ", known.Order(StringComparer.Ordinal).Take(10))}{(known.Count > 10 ? " and more" : "")}.");

    /// <summary>The definitions in the configuration itself.</summary>
    public ImmutableArray<(string Source, ReadResult Result)> ReadInline() =>
        settings.Options.Workflows.HasInline ? [.. InlineDefinitions.Read(settings.Configuration, settings.InlineFolder).Select(s => (s.Origin, s.Result))] : [];

    private static byte[] Bytes(string path, string shown)
    {
        if (Directory.Exists(path)) throw new CommandFailure(ExitCode.Usage, $"{shown} is a folder.", "Name one definition file.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.NotFound, $"There is no file {shown}.", "Check the path; a workflow of the workflows folder is named without an extension.", e);
        }
    }
}
