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

    /// <summary>Reads a file's bytes (UTF-8, with or without a byte order mark).</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="file">The name that problems carry. The result's <see cref="WorkflowDefinition.BaseDir"/> stays null: whoever opened the file knows its folder.</param>
    public static ReadResult Read(ReadOnlySpan<byte> utf8, string file)
    {
        var problems = new ProblemLog();
        return Utf8Source.Decode(utf8, file, problems) is { } text ? Read(text, file, problems) : new(null, problems.ToImmutable());
    }

    /// <summary>Reads a text; the same as reading its UTF-8 bytes.</summary>
    public static ReadResult Read(string text, string file)
    {
        var problems = new ProblemLog();
        if (text.Length > MaxBytes)
        {
            problems.Add(ProblemCodes.TooLarge, new(file, 1, 1), $"The definition is {text.Length} characters long; {MaxBytes} are allowed.", "Split the workflow.");
            return new(null, problems.ToImmutable());
        }
        return Read(text, file, problems);
    }

    /// <summary>Reads a tree of another notation by the same rules.</summary>
    /// <param name="name">The workflow's name where the notation gives it outside the tree; null: the tree has it.</param>
    internal static ReadResult Read(SourceNode root, string? name = null) => WorkflowReader.Read(root, name, null, new());

    private static ReadResult Read(string text, string file, ProblemLog problems)
    {
        text = text.TrimStart('\uFEFF');
        return YamlSource.Read(text, file, problems) is { } root
            ? WorkflowReader.Read(root, null, new(text), problems)
            : new(null, problems.ToImmutable());
    }
}
