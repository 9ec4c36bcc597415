namespace Orchestrator.Engine.Index.Statistics;

/// <summary>Which runs and tasks statistics are about: what ended in [<paramref name="From"/>, <paramref name="To"/>).</summary>
/// <param name="From">First instant.</param>
/// <param name="To">First instant that does not belong to it.</param>
/// <param name="Workflow">Only of this workflow; null: of all.</param>
/// <param name="Tenant">Only of this tenant; null: of all.</param>
internal sealed record StatisticsScope(DateTimeOffset From, DateTimeOffset To, string? Workflow = null, string? Tenant = null)
{
    /// <summary>The window of a length that ends now; none begins before 1970.</summary>
    public static StatisticsScope Last(TimeSpan window, DateTimeOffset now) => new(window < now - DateTimeOffset.UnixEpoch ? now - window : DateTimeOffset.UnixEpoch, now);

    /// <summary>The window of the same length that ends where this one begins.</summary>
    public StatisticsScope Before => this with { From = From - (To - From), To = From };

    /// <summary>The condition for rows of a table, with the values that <see cref="Values"/> gives.</summary>
    public string Where(string table) =>
        $"{table}.ended_us >= $from AND {table}.ended_us < $to{(Workflow is null ? "" : $" AND {table}.workflow = $workflow")}{(Tenant is null ? "" : $" AND {table}.tenant = $tenant")}";

    public (string, object?)[] Values =>
        [("$from", IndexDatabase.Micros(From)), ("$to", IndexDatabase.Micros(To)), ("$workflow", Workflow), ("$tenant", Tenant)];
}

/// <summary>What statistics are grouped by.</summary>
/// <param name="Word">As it is asked for: workflow, tenant, project, schedule, trigger, node, day, hour, label:KEY; task, stage, kind.</param>
/// <param name="IsOfTasks">Tasks are counted, not runs.</param>
/// <param name="Expression">What a row of runs (r) or tasks (t) belongs to; null: to nothing, and it is left out.</param>
internal sealed record StatisticsGrouping(string Word, bool IsOfTasks, string Expression)
{
    private const string Label = "label:";

    private static readonly StatisticsGrouping[] s_known =
    [
        new("workflow", false, "r.workflow"), new("tenant", false, "r.tenant"), new("project", false, "r.project"), new("schedule", false, "r.schedule_key"),
        new("trigger", false, "r.trigger"), new("node", false, "r.node"), new("version", false, "substr(r.definition_version, 1, 12)"),
        new("day", false, "strftime('%Y-%m-%d', r.ended_us / 1e6, 'unixepoch')"), new("hour", false, "strftime('%Y-%m-%dT%H:00Z', r.ended_us / 1e6, 'unixepoch')"),
        new("task", true, "t.workflow || '/' || t.task"), new("stage", true, "t.workflow || '/' || COALESCE(t.stage, 'default')"), new("kind", true, "t.executor"),
    ];

    /// <summary>Every word, for help.</summary>
    public static string Words { get; } = string.Join(", ", s_known.Select(g => g.Word)) + ", label:KEY";

    /// <summary>The key of a grouping by a label, which is given to the query as a value; null for others.</summary>
    public string? LabelKey => Word.StartsWith(Label, StringComparison.Ordinal) ? Word[Label.Length..] : null;

    /// <summary>What is grouped by where nothing is named: workflows, or tasks of one workflow.</summary>
    public static StatisticsGrouping Usual(StatisticsScope scope) => Find(scope.Workflow is null ? "workflow" : "task")!;

    /// <summary>The grouping of a word; null: there is none.</summary>
    public static StatisticsGrouping? Find(string word) => word.StartsWith(Label, StringComparison.Ordinal) && word.Length > Label.Length && !word.Contains('"')
        ? new(word, false, "json_extract(r.labels, $label)") : Array.Find(s_known, g => g.Word == word);
}
