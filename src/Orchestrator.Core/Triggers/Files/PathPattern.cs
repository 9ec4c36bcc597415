namespace Orchestrator.Core.Triggers.Files;

/// <summary>
/// A pattern over files: the folder that is looked into, and what fits below it. <c>*</c> and <c>?</c> are within a name, <c>**</c> is any folders; a name that begins with a dot fits
/// only a pattern that does.
/// </summary>
public sealed class PathPattern
{
    /// <summary>Most characters of a pattern.</summary>
    public const int MaxLength = 1000;

    // Each multiplies the ways in which a path can fit.
    private const int MaxDeep = 4;

    private readonly string[] _parts;

    private PathPattern(string folder, string[] parts) => (Folder, _parts) = (folder, parts);

    /// <summary>The folder, as the pattern names it: what is before the first wildcard. Empty: the one it is relative to.</summary>
    public string Folder { get; }

    /// <summary>Whether files in folders of the folder can fit.</summary>
    public bool IsDeep => _parts.Length > 1;

    /// <summary>Reads a pattern; null where it is none, and why, as a sentence.</summary>
    public static PathPattern? Read(string text, out string? problem)
    {
        problem = text.Length is 0 or > MaxLength ? $"It has 1 to {MaxLength} characters."
            : text.Any(char.IsControl) ? "It holds a control character."
            : text[^1] == '/' ? "It names a folder: end it with a name, such as `*.csv`."
            : null;
        if (problem is not null) return null;
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        var first = Array.FindIndex(parts, p => p.AsSpan().ContainsAny('*', '?'));
        if (first < 0) first = parts.Length - 1;
        if (parts.Length == 0 || parts.AsSpan(first).Contains("..")) problem = "`..` cannot follow a wildcard, nor be the file.";
        else if (parts.Count(p => p == "**") > MaxDeep) problem = $"It has `**` more than {MaxDeep} times.";
        else if (parts[^1] == "**") problem = "`**` is any folders: end it with a name, such as `**/*.csv`.";
        if (problem is not null) return null;
        return new((text[0] == '/' ? "/" : "") + string.Join('/', parts[..first]), parts[first..]);
    }

    /// <summary>Whether a file fits, by its path relative to the folder.</summary>
    public bool Fits(string relative) => Fits(_parts, relative.Split('/'));

    /// <summary>Whether something in a folder can fit, by its path relative to the folder.</summary>
    public bool CanHold(string relative)
    {
        var names = relative.Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            if (i >= _parts.Length - 1) return false;
            if (_parts[i] == "**") return true;
            if (!FitsName(_parts[i], names[i])) return false;
        }
        return true;
    }

    private static bool Fits(ReadOnlySpan<string> parts, ReadOnlySpan<string> names)
    {
        if (parts.IsEmpty || names.IsEmpty) return parts.IsEmpty && names.IsEmpty;
        if (parts[0] != "**") return FitsName(parts[0], names[0]) && Fits(parts[1..], names[1..]);
        for (var skipped = 0; skipped < names.Length; skipped++)
        {
            if (Fits(parts[1..], names[skipped..])) return true;
            if (names[skipped].StartsWith('.')) return false;
        }
        return false;
    }

    private static bool FitsName(string pattern, string name) => (!name.StartsWith('.') || pattern.StartsWith('.')) && Definitions.Wildcard.Fits(pattern, name);
}
