using System.Collections.Frozen;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>The keys of one kind of map: those this version reads, and those the language has but this version does not.</summary>
internal sealed class KeySet(string[] accepted, params string[] later)
{
    private readonly FrozenSet<string> _accepted = accepted.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _later = later.ToFrozenSet(StringComparer.Ordinal);

    public IReadOnlyList<string> Accepted => accepted;

    public IReadOnlyList<string> Later => later;

    /// <summary>Reports every key of <paramref name="map"/> that cannot be read.</summary>
    /// <param name="owner">Whose map it is, for the message.</param>
    public void Check(SourceMap map, string owner, ProblemLog problems)
    {
        foreach (var (key, at, _) in map.Entries)
        {
            if (_accepted.Contains(key)) continue;
            if (_later.Contains(key))
                problems.Add(ProblemCodes.NotAvailable, at, $"`{key}` is not available in this version.", "Remove it.");
            else
                problems.Add(ProblemCodes.UnknownKey, at, $"`{SourceScalar.Shorten(key)}` is not a key of {owner}.", Remedy(key));
        }
    }

    private string Remedy(string key) =>
        Suggest.DidYouMean(key, accepted.Concat(later)) is { Length: > 0 } guess ? guess : $"Known keys: {string.Join(", ", accepted)}.";
}

/// <summary>Every key of the definition language, in one place.</summary>
internal static class Vocabulary
{
    public static readonly KeySet Workflow = new(
        ["name", "description", "owner", "tenant", "project", "labels", "params", "env", "inherit_env", "working_dir", "secrets", "schedules",
         "max_parallel", "fail_fast", "on_fail_fast", "timeout", "max_worker_losses", "stages", "defaults", "tasks"],
        "dotenv", "concurrency", "priority", "rank", "triggers", "callbacks", "sla", "handlers", "retry", "retention", "report", "log_output",
        "secret_outputs", "calendars", "pools", "scripts");

    public static readonly KeySet Task = new(
        ["id", "stage", "run", "exec", "script", "delegate", "with", "noop", "depends_on", "run_when", "if", "retry", "timeout", "allow_failure",
         "idempotent", "env", "outputs", "working_dir", "tags", "metadata"],
        "http", "sql", "workflow", "wait", "approval", "container", "foreach", "matrix", "pool", "rank", "priority", "sla", "shell", "params",
        "transform", "concurrency", "log_output", "secret_outputs", "labels", "output_limit", "grace", "enabled");

    public static readonly KeySet Defaults = new(["timeout", "retry", "working_dir", "env"], "shell", "pool", "allow_failure", "idempotent", "run_when", "log_output");

    public static readonly KeySet Retry = new(["max_attempts", "retries", "initial_delay", "backoff", "max_delay", "on"], "jitter");

    public static readonly KeySet RetryOn = new(["exit_codes", "kinds"], "http_status", "sql_state");

    public static readonly KeySet Parameter = new(["type", "default", "required", "values", "description"], "pattern", "min", "max", "secret");

    public static readonly KeySet Secret = new(["file", "env"]);

    public static readonly KeySet Schedule = new(["id", "cron", "timezone", "enabled", "params"],
        "every", "at", "rrule", "dst", "calendars", "start", "end", "jitter", "catchup", "overlap", "stop", "restart", "calendar", "actions");

    /// <summary>The keys of which a task has exactly one.</summary>
    public static readonly string[] Kinds = ["run", "exec", "script", "delegate", "noop"];

    /// <summary>Kinds of the language that this version does not build.</summary>
    public static readonly string[] LaterKinds = ["http", "sql", "workflow", "wait", "approval", "container"];
}
