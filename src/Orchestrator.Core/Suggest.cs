namespace Orchestrator.Core;

/// <summary>Guesses the intended name of a misspelt one.</summary>
public static class Suggest
{
    private const int LongestWord = 100;

    /// <summary>
    /// The known name nearest to <paramref name="wrong"/>: at most a third of its letters away (never more than 3, where a swap of
    /// two neighbours counts once and case and '-' against '_' count nothing), or null when none is near. The first of equals wins.
    /// </summary>
    public static string? Closest(string wrong, IEnumerable<string> known)
    {
        if (wrong.Length is 0 or > LongestWord) return null;
        var (best, bound) = ((string?)null, Math.Clamp(wrong.Length / 3, 1, 3));
        var rows = new int[3 * (LongestWord + 1)];
        foreach (var name in known)
        {
            if (name.Length == 0 || Math.Abs(name.Length - wrong.Length) > bound || name.Length > LongestWord) continue;
            // A one- or two-letter name is near everything; demand that one letter at least is right.
            var distance = Distance(wrong, name, rows);
            if (distance > bound || distance >= Math.Max(wrong.Length, name.Length)) continue;
            if (distance == 0) return name;
            (best, bound) = (name, distance - 1);
        }
        return best;
    }

    /// <summary>"Did you mean 'name'?", or an empty text when no name is near.</summary>
    public static string DidYouMean(string wrong, IEnumerable<string> known) => Closest(wrong, known) is { } name ? $"Did you mean '{name}'?" : "";

    // Optimal string alignment: edits and swaps of neighbours, over three rows of the table.
    private static int Distance(string a, string b, int[] rows)
    {
        const int width = LongestWord + 1;
        var before = rows.AsSpan(0, width);
        var above = rows.AsSpan(width, width);
        var row = rows.AsSpan(2 * width, width);
        for (var j = 0; j <= b.Length; j++) above[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            var spare = before;
            before = above;
            above = row;
            row = spare;
        }
        return above[b.Length];
    }

    private static bool Same(char a, char b) => Plain(a) == Plain(b);

    private static char Plain(char c) => c == '-' ? '_' : char.ToLowerInvariant(c);
}
