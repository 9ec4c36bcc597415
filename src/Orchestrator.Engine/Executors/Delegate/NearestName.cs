namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>What a mistyped name probably meant.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the fewest edits, at most a third of its length; null when none is near.</summary>
    public static string? Of(string name, IEnumerable<string> candidates) => candidates
        .Select(c => (Name: c, Edits: Edits(name.ToLowerInvariant(), c.ToLowerInvariant())))
        .Where(c => c.Edits <= Math.Max(1, c.Name.Length / 3))
        .OrderBy(c => c.Edits).Select(c => c.Name).FirstOrDefault();

    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
