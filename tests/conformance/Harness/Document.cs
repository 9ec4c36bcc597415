namespace Orchestrator.Conformance.Harness;

/// <summary>A fenced block of a Markdown file: its language and its text.</summary>
internal sealed record Block(string Language, string Text)
{
    /// <summary>Commands that are run: blocks <c>sh</c>. What needs containers, a service or a listener is <c>console</c> and only read.</summary>
    public bool IsRun => Language == "sh";

    public bool HasCommands => Language is "sh" or "console";

    /// <summary>The file a reader is told to save it as: a first line <c># file: NAME</c>.</summary>
    public string? File => Text.StartsWith("# file: ", StringComparison.Ordinal) ? Text[8..Text.IndexOf('\n', StringComparison.Ordinal)].Trim() : null;
}

/// <summary>A Markdown file of the repository.</summary>
internal sealed record Document(string Path, string Text, IReadOnlyList<Block> Blocks)
{
    public static Document Open(string relative)
    {
        var text = File.ReadAllText(System.IO.Path.Combine(Built.Repository, relative));
        var blocks = new List<Block>();
        List<string>? inside = null;
        var language = "";
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith("```", StringComparison.Ordinal)) inside?.Add(line);
            else if (inside is null) (language, inside) = (line[3..].Trim(), []);
            else
            {
                blocks.Add(new(language, string.Join('\n', inside) + '\n'));
                inside = null;
            }
        }
        return inside is null ? new(relative, text, blocks) : throw new InvalidDataException($"{relative}: a ``` block is not closed.");
    }

    /// <summary>Every Markdown file a reader can come to.</summary>
    public static IEnumerable<string> All() => new[] { "README.md", "CHANGELOG.md" }.Concat(new[] { "config", "deploy", "src", "tests" }
        .SelectMany(folder => Directory.EnumerateFiles(System.IO.Path.Combine(Built.Repository, folder), "*.md", SearchOption.AllDirectories))
        .Select(path => System.IO.Path.GetRelativePath(Built.Repository, path))
        .Where(path => !path.Split('/').Any(part => part is "obj" or "bin" or "node_modules")).Order(StringComparer.Ordinal));
}
