using System.Globalization;

namespace Orchestrator.TestKit.WfFormat;

/// <summary>Makes ids that definitions take (letters, digits, <c>_</c> and <c>-</c>, at most 64) out of any, and no two the same.</summary>
internal sealed class WfTaskIds
{
    private const int Longest = 64;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public string For(string original)
    {
        var clean = string.Concat(original.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
        if (clean.Length == 0) clean = "task";
        if (clean.Length > Longest) clean = clean[..Longest];
        var id = clean;
        for (var n = 2; !_taken.Add(id); n++)
        {
            var ending = string.Create(CultureInfo.InvariantCulture, $"-{n}");
            id = clean[..Math.Min(clean.Length, Longest - ending.Length)] + ending;
        }
        return id;
    }
}
