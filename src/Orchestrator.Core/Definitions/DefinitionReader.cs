using System.Collections.Immutable;
using Orchestrator.Core.Definitions.Reading;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Reads a workflow from YAML and reports everything that is wrong with it at once. Never throws on bad input, executes
/// nothing, and takes time and memory in proportion to the text: at most 16 MiB, 64 levels, 2,000,000 values.
/// </summary>
public static class DefinitionReader
{
    /// <summary>Longest definition, in bytes of UTF-8.</summary>
    public const int MaxBytes = Utf8Source.MaxBytes;

    /// <summary>Reads a file's bytes (UTF-8, with or without a byte order mark), which hold one workflow.</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="file">The name that problems show. The result's <see cref="WorkflowDefinition.BaseDir"/> stays null: the caller that opened the file
    /// knows its folder.</param>
    public static ReadResult Read(ReadOnlySpan<byte> utf8, string file)
    {
        var problems = new ProblemLog();
        return Text(utf8, file, problems) is { } text ? One(text, file, problems) : new(null, problems.ToImmutable());
    }

    /// <summary>Reads a text of one workflow; the same as reading its UTF-8 bytes.</summary>
    public static ReadResult Read(string text, string file)
    {
        var problems = new ProblemLog();
        return Fits(text, file, problems) ? One(text.TrimStart('\uFEFF'), file, problems) : new(null, problems.ToImmutable());
    }

    /// <summary>
    /// Reads a file that may hold several workflows, one in a document: the first is the file's own, the others are there for its tasks. One result for
    /// each document, at least one; a broken document spoils no other. Nothing is known of those after text that is not YAML.
    /// </summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="file">As in <see cref="Read(ReadOnlySpan{byte}, string)"/>.</param>
    public static ImmutableArray<ReadResult> ReadAll(ReadOnlySpan<byte> utf8, string file)
    {
        var problems = new ProblemLog();
        if (Text(utf8, file, problems) is not { } text) return [new(null, problems.ToImmutable())];
        var source = new SourceText(text);
        var results = ImmutableArray.CreateBuilder<ReadResult>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var document in YamlSource.ReadAll(text, file))
        {
            var result = document.Root is { } root ? WorkflowReader.Read(root, null, source, document.Problems) : new(null, document.Problems.ToImmutable());
            if (result.Usable is { } workflow && !names.Add(workflow.Name))
                result = new(null, [new(ProblemCodes.DuplicateName, $"The file defines workflow '{workflow.Name}' twice.", "Give one of them another name.", workflow.Span)]);
            results.Add(result);
        }
        return results.ToImmutable();
    }

    /// <summary>Reads a tree of another notation by the same rules.</summary>
    /// <param name="name">The workflow's name where the notation gives it outside the tree; null: the tree has it.</param>
    internal static ReadResult Read(SourceNode root, string? name = null) => WorkflowReader.Read(root, name, null, new());

    private static ReadResult One(string text, string file, ProblemLog problems) => YamlSource.Read(text, file, problems) is { } root
        ? WorkflowReader.Read(root, null, new(text), problems)
        : new(null, problems.ToImmutable());

    private static string? Text(ReadOnlySpan<byte> utf8, string file, ProblemLog problems) =>
        Utf8Source.Decode(utf8, file, problems) is { } text && Fits(text, file, problems) ? text.TrimStart('\uFEFF') : null;

    private static bool Fits(string text, string file, ProblemLog problems)
    {
        if (text.Length <= MaxBytes) return true;
        problems.Add(ProblemCodes.TooLarge, new(file, 1, 1), $"The definition is {text.Length} characters long; {MaxBytes} are allowed.", "Split the workflow.");
        return false;
    }
}
