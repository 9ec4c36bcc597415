using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `shell`: a word for a known shell, or the command line of an interpreter that takes the text of `run` as its last argument.</summary>
internal static class ShellReader
{
    private const string What = "bash, sh or a list such as [python3, -c]";

    /// <summary>The command line; empty where there is none, or none that can be used.</summary>
    public static ImmutableArray<string> Read(Fields fields)
    {
        switch (fields["shell"])
        {
            case null:
                return [];
            case SourceList list:
                return CommandLine(list, fields);
            case SourceScalar { IsEmpty: false, AsFlag: null } word when !double.TryParse(word.Text, System.Globalization.CultureInfo.InvariantCulture, out _):
                if (Shells.Of(word.Text) is { IsEmpty: false } shell) return shell;
                fields.Problems.Add(ProblemCodes.BadValue, word.Span, $"`shell` is {word.Found}.", Remedy(word.Text));
                return [];
            case SourceScalar { IsEmpty: true, IsNothing: false } nothing:   // how configuration spells an empty list
                fields.Problems.Add(ProblemCodes.BadValue, nothing.Span, "`shell` is empty.", $"Write {What}, or remove it.");
                return [];
            case var node:
                fields.Wrong(node, "shell", What);
                return [];
        }
    }

    private static ImmutableArray<string> CommandLine(SourceList list, Fields fields)
    {
        if (list.Items.Count == 0)
            fields.Problems.Add(ProblemCodes.BadValue, list.Span, "`shell` is empty.", $"Write {What}, or remove it.");
        var argv = ImmutableArray.CreateBuilder<string>(list.Items.Count);
        foreach (var item in list.Items)
            if (fields.TextOf(item, "shell[]") is { } text && IsArgument(text, argv.Count == 0, fields)) argv.Add(text.Text);
        return argv.Count == list.Items.Count ? argv.MoveToImmutable() : [];
    }

    // The interpreter is part of the definition: `plan` names it, and what is substituted in the text is safe or not by its rules.
    private static bool IsArgument(SourceScalar text, bool isFirst, Fields fields)
    {
        var (problem, remedy) = text.Text switch
        {
            var t when t.Contains("${{", StringComparison.Ordinal) => ("`shell` holds an expression.", "Name the interpreter itself; what depends on data goes into the text of `run`, or use `exec`."),
            var t when t.Contains('\0') => ("`shell` holds a zero character.", "Remove it: no process can receive one."),
            var t when isFirst && string.IsNullOrWhiteSpace(t) => ("`shell` begins with a blank program name.", "Name the interpreter first: [python3, -c]."),
            _ => ("", ""),
        };
        if (problem.Length > 0) fields.Problems.Add(ProblemCodes.BadValue, text.Span, problem, remedy);
        return problem.Length == 0;
    }

    private static string Remedy(string word)
    {
        if (word.Contains("${{", StringComparison.Ordinal)) return $"Expressions are not allowed here: write {What}.";
        if (Shells.Of(word.Trim().ToLowerInvariant()) is { IsEmpty: false } shell) return $"Write {shell[0]}.";
        // Other systems write a line, with {0} for a file of the text.
        var parts = word.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = parts.Length > 1 ? parts.Where(p => p != "{0}") : [word.Trim(), .. Options(word.Trim())];
        return $"Use bash or sh, or write the interpreter's command line as a list; the text of `run` becomes its last argument: `shell: [{string.Join(", ", line)}]`.";
    }

    private static string[] Options(string program) => program[(program.LastIndexOf('/') + 1)..] switch
    {
        "bash" => [.. Shells.Bash.Skip(1)],
        "sh" or "dash" or "ash" or "ksh" or "mksh" or "zsh" => [.. Shells.Sh.Skip(1)],
        "node" or "perl" or "ruby" or "lua" => ["-e"],
        "php" => ["-r"],
        "pwsh" or "powershell" => ["-NoProfile", "-Command"],
        "awk" or "gawk" or "mawk" => [],
        _ => ["-c"],
    };
}
