namespace Orchestrator.Core.Definitions.Reading;

/// <summary>What names may look like.</summary>
internal static class Names
{
    public const string NameRule = "Use 1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit.";
    public const string TaskIdRule = "Use 1 to 64 letters, digits, '_' or '-'.";
    public const string ParameterRule = "Use a letter or '_', then letters, digits, '_' or '-'; at most 64.";
    public const string VariableRule = "Use a letter or '_', then letters, digits or '_'.";

    public const string OutputRule = "Use a letter or '_', then letters, digits, '_' or '-'; at most 100.";

    /// <summary>A result: <c>[A-Za-z_][A-Za-z0-9_-]{0,99}</c>.</summary>
    public static bool IsOutput(string text) =>
        text.Length is > 0 and <= 100 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && All(text, c => c is '_' or '-');

    /// <summary>Workflows, schedules and stages: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,99}</c>.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(text[0]) && All(text, c => c is '.' or '_' or '-');

    /// <summary>A task as written: without the index that only fan-out gives.</summary>
    public static bool IsTaskId(string text) => TaskId.IsValid(text) && !text.EndsWith(']');

    public static bool IsParameter(string text) =>
        text.Length is > 0 and <= 64 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && All(text, c => c is '_' or '-');

    public static bool IsVariable(string text) =>
        text.Length is > 0 and <= 256 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && All(text, c => c is '_');

    private static bool All(string text, Func<char, bool> others)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && !others(c)) return false;
        return true;
    }
}
