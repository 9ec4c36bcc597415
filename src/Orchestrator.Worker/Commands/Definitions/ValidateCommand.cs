using System.CommandLine;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary><c>orchestrator validate</c>: every problem of every definition, at once. Executes nothing.</summary>
internal static class ValidateCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var paths = new Argument<string[]>("FILE|DIR") { Description = "Files or folders (default: the workflows folder and inline definitions).", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Verb("validate", "Check definitions and report every problem with its place and remedy. Executes nothing.")
        {
            Examples =
            [
                ("orchestrator validate", "the workflows folder"),
                ("orchestrator validate nightly.yaml other/", "a file and a folder"),
                ("orchestrator validate --json nightly.yaml", "one JSON line for each file"),
            ],
        };
        verb.Arguments.Add(paths);
        verb.SetAction(parsed => Validate(common.Load(parsed, around), parsed.GetValue(paths) ?? [], parsed.GetValue(common.Json), around));
        return verb;
    }

    private static int Validate(Settings settings, string[] paths, bool json, CommandContext around)
    {
        var files = new DefinitionFiles(settings, around);
        var checkedFiles = paths.Length > 0 ? paths.SelectMany(path => Expand(files, path)).ToList()
            // A configuration without a folder of workflows is no fault.
            : Directory.Exists(settings.Options.Workflows.Path) ? [.. Expand(files, settings.Options.Workflows.Path)] : [];
        var results = checkedFiles.SelectMany(f => DefinitionReader.ReadAll(Bytes(f.Path, isNamed: paths.Contains(f.Shown)), f.Shown).Select(r => (f.Shown, Result: r))).ToList();
        if (paths.Length == 0) results.AddRange(files.ReadInline().Select(r => (r.Source, r.Result)));
        Repeated(results);

        foreach (var (shown, result) in results)
            if (json) Line(around, shown, result);
            else if (result.Workflow is { } workflow) around.Out.WriteLine($"{shown}: ok ({workflow.Name}, {Count(workflow.Tasks.Length, "task")}{(workflow.Handlers is { } handlers ? $", {Count(handlers.All.Count(), "handler")}" : "")})");
            else foreach (var problem in result.Problems) around.Out.WriteLine(Printable.Line(problem.ToString()));
        var bad = results.Count(r => r.Result.Workflow is null);
        if (results.Count == 0) around.Error.WriteLine($"No definitions in {string.Join(", ", paths.DefaultIfEmpty(settings.Options.Workflows.Path))}.");
        else if (!json) around.Out.WriteLine(bad == 0 ? $"{results.Count} valid." : $"{bad} of {results.Count} invalid, {results.Sum(r => r.Result.Problems.Length)} problems.");
        return bad == 0 ? ExitCode.Ok : ExitCode.Usage;
    }

    // What is named may be a pipe, as the shell makes one for <(...); what merely lies in a folder would be waited for in vain.
    private static byte[] Bytes(string path, bool isNamed) => isNamed ? File.ReadAllBytes(path) : RegularFile.TryRead(path, followLink: true) ?? [];

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static IEnumerable<(string Path, string Shown)> Expand(DefinitionFiles files, string path)
    {
        var full = files.Resolve(path);
        if (Directory.Exists(full)) return DefinitionFiles.Below(full).Select(f => (f, Path.Combine(path, Path.GetRelativePath(full, f))));
        return File.Exists(full) ? [(full, path)] : throw new CommandFailure(ExitCode.NotFound, $"There is no file or folder {path}.", "Check the path.");
    }

    // Two files of one name would hide each other; the second is the one to mend.
    private static void Repeated(List<(string Shown, ReadResult Result)> results)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] is not { Shown: var shown, Result.Workflow: { } workflow } || first.TryAdd(workflow.Name, shown)) continue;
            results[i] = (shown, new(null, [new("ORC190", $"Workflow '{workflow.Name}' is also defined in {first[workflow.Name]}.", "Rename one of them.", workflow.Span)]));
        }
    }

    private static void Line(CommandContext around, string shown, ReadResult result) => JsonOut.Document(around.Out, w =>
    {
        w.WriteString("file", shown);
        w.WriteBoolean("valid", result.Workflow is not null);
        w.WriteString("workflow", result.Workflow?.Name);
        w.WriteStartArray("problems");
        foreach (var p in result.Problems)
        {
            w.WriteStartObject();
            w.WriteString("code", p.Code);
            w.WriteString("message", p.Message);
            w.WriteString("remedy", p.Remedy);
            w.WriteString("file", p.At.File);
            w.WriteNumber("line", p.At.Line);
            w.WriteNumber("column", p.At.Column);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    });
}
