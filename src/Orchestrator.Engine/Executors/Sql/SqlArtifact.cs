namespace Orchestrator.Engine.Executors.Sql;

/// <summary>A file below the run's artifacts, named by a definition.</summary>
internal static class SqlArtifact
{
    /// <exception cref="SqlProblemException">The name leads elsewhere.</exception>
    public static string PathOf(string runDirectory, string name)
    {
        var root = Path.Combine(runDirectory, "artifacts");
        var parts = name.Split('/');
        if (name.Length is 0 or > 500 || Path.IsPathRooted(name) || name.Contains('\0', StringComparison.Ordinal) || parts.Any(p => p is "" or "." or ".."))
            throw new SqlProblemException($"sql.csv names a file below the run's artifacts, such as totals.csv or eu/totals.csv; it was '{name}'.");
        for (var (at, i) = (root, 0); i < parts.Length; i++)
        {
            at = Path.Combine(at, parts[i]);
            if (new FileInfo(at).LinkTarget is not null) throw new SqlProblemException($"sql.csv: {at} is a link, and what a task writes must stay below the run's artifacts.");
        }
        return Path.Combine(root, name);
    }
}
