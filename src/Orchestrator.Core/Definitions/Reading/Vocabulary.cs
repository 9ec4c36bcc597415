using System.Collections.Frozen;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>The keys of one kind of map: those this version reads, and those the language has but this version does not.</summary>
internal sealed class KeySet(string[] accepted, params string[] later)
{
    // No reader reads more, least of all for every wrong key.
    private const int MaxListed = 8;

    private readonly FrozenSet<string> _accepted = accepted.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _later = later.ToFrozenSet(StringComparer.Ordinal);

    public IReadOnlyList<string> Accepted => accepted;

    public IReadOnlyList<string> Later => later;

    /// <summary>Keys of tasks that a handler does not take.</summary>
    public IReadOnlyList<string> NotForHandlers { get; init; } = [];

    /// <summary>Whether this version reads a key here.</summary>
    public bool Accepts(string key) => _accepted.Contains(key);

    /// <summary>Keys such as <c>x-common</c> hold what aliases elsewhere repeat, and mean nothing by themselves.</summary>
    public static bool IsHolder(string key) => key.StartsWith("x-", StringComparison.Ordinal);

    /// <summary>Reports every key of <paramref name="map"/> that cannot be read.</summary>
    /// <param name="owner">Whose map it is, for the message.</param>
    public void Check(SourceMap map, string owner, ProblemLog problems)
    {
        foreach (var (key, at, value) in map.Entries)
        {
            if (_accepted.Contains(key) || IsHolder(key)) continue;
            if (_later.Contains(key))
                problems.Add(ProblemCodes.NotAvailable, at, $"`{key}` is not available in this version.", "Remove it.");
            else if (NotForHandlers.Contains(key))
                problems.Add(ProblemCodes.NotForHandlers, at, $"{Fields.Capital(owner)} cannot have `{key}`.",
                    "Handlers run one after another once the run's outcome is fixed. Remove it, or make it a task.");
            else
                problems.Add(ProblemCodes.UnknownKey, at, $"`{SourceScalar.Shorten(key)}` is not a key of {owner}.", Remedy(key, value));
        }
    }

    private string Remedy(string key, SourceNode value) =>
        ForeignWords.Remedy(this, key, value) ?? (Suggest.DidYouMean(key, accepted.Concat(later)) is { Length: > 0 } guess ? guess
            : accepted.Length <= MaxListed ? $"Known keys: {string.Join(", ", accepted)}."
            : "Remove it, or see config/README.md for all keys; with `orchestrator schema` an editor proposes them.");
}

/// <summary>Every key of the definition language, in one place.</summary>
internal static class Vocabulary
{
    /// <summary>The keys of which a task has exactly one.</summary>
    public static readonly string[] Kinds = ["run", "exec", "script", "http", "sql", "container", "workflow", "wait", "approval", "delegate", "switch", "noop"];

    /// <summary>The kinds a poll can repeat.</summary>
    public static readonly string[] Checks = ["run", "exec", "http", "sql"];

    private static readonly string[] s_notForHandlers = ["depends_on", "run_when", "foreach", "matrix", "stage", "approval", "switch", "secret_outputs"];

    public static readonly KeySet Workflow = new(
        ["name", "description", "owner", "tenant", "project", "labels", "params", "env", "dotenv", "inherit_env", "working_dir", "shell", "log_output", "keep_run_dir", "secrets", "calendars", "schedules", "triggers",
         "concurrency", "priority", "rank", "max_parallel", "fail_fast", "on_fail_fast", "timeout", "retry", "sla", "max_worker_losses", "stages",
         "defaults", "tasks", "handlers", "outputs", "retention", "telemetry", "callbacks", "report"],
        "scripts");

    public static readonly KeySet Task = new(
        ["id", .. Kinds, "with", "params", "stage", "depends_on", "run_when", "if", "enabled", "foreach", "matrix", "retry", "timeout", "grace",
         "allow_failure", "idempotent", "propagate", "env", "working_dir", "shell", "log_output", "success_exit_codes", "outputs", "transform", "secret_outputs",
         "output_limit", "artifacts", "pool", "rank", "sla", "tags", "metadata"]);

    public static readonly KeySet Handler = new([.. Task.Accepted.Except(s_notForHandlers)], [.. Task.Later]) { NotForHandlers = s_notForHandlers };

    public static readonly KeySet Defaults = new(
        ["timeout", "retry", "working_dir", "shell", "env", "pool", "allow_failure", "idempotent", "propagate", "run_when", "log_output"]);

    public static readonly KeySet Retry = new(["max_attempts", "retries", "initial_delay", "backoff", "max_delay", "jitter", "on"]);

    public static readonly KeySet RetryOn = new(["exit_codes", "kinds", "http_status", "sql_state"]);

    public static readonly KeySet Parameter = new(["type", "default", "required", "values", "description", "min", "max", "pattern", "file", "env"]);

    public static readonly KeySet Secret = new(["file", "env"]);

    /// <summary>The keys of which a trigger has exactly one.</summary>
    public static readonly string[] TriggerKinds = ["http", "workflow", "event", "files"];

    public static readonly KeySet Trigger = new(["id", .. TriggerKinds, "delivery_id", "params", "debounce", "batch", "enabled"]);

    public static readonly KeySet WorkflowTrigger = new(["name", "status"]);

    public static readonly KeySet EventTrigger = new(["type", "source", "subject"]);

    public static readonly KeySet FilesTrigger = new(["path", "stable", "once_per", "interval", "existing"]);

    public static readonly KeySet Debounce = new(["quiet", "longest"]);

    public static readonly KeySet Batch = new(["max", "within"]);

    public static readonly KeySet HttpTrigger = new(["auth", "secret", "header", "window", "max_body", "rate", "burst"]);

    /// <summary>The keys of which a schedule has exactly one.</summary>
    public static readonly string[] ScheduleRules = ["cron", "every", "at", "rrule"];

    public static readonly KeySet Schedule = new(
        ["id", .. ScheduleRules, "timezone", "dst", "calendars", "start", "end", "jitter", "catchup", "overlap", "action", "expected_by", "heartbeat", "enabled", "params"]);

    public static readonly KeySet Dst = new(["gap", "overlap"]);

    public static readonly KeySet CalendarChoice = new(["exclude", "only"]);

    public static readonly KeySet Catchup = new(["policy", "window", "max"]);

    public static readonly KeySet Calendar = new(["weekdays", "dates", "yearly", "ranges", "ics"]);

    public static readonly KeySet Concurrency = new(["group", "max", "on_conflict"]);

    public static readonly KeySet Callback = new(["url", "events", "secret", "headers", "timeout", "format"]);

    public static readonly KeySet Sla = new(["expected", "at_risk"]);

    public static readonly KeySet Handlers = new(["on_success", "on_failure", "on_cancel", "finally"]);

    public static readonly KeySet Retention = new(["age", "count", "bytes"]);

    public static readonly KeySet Telemetry = new(["sample"]);

    public static readonly KeySet ForEach = new(["items", "as", "max_parallel", "on_failure"]);

    /// <summary>Words of a matrix that are no axes.</summary>
    public static readonly string[] MatrixWords = ["include", "exclude", "max_parallel", "on_failure"];

    /// <summary>A matrix whose axes stand below `axes`.</summary>
    public static readonly KeySet Matrix = new(["axes", .. MatrixWords]);

    public static readonly KeySet Http = new(["method", "url", "headers", "json", "body", "form", "expect", "save"]);

    public static readonly KeySet Sql = new(
        ["connection", "query", "execute", "transaction", "file", "params", "csv", "max_rows", "statement_timeout"]);

    public static readonly KeySet Container = new(
        ["image", "command", "entrypoint", "volumes", "workdir", "network", "user", "pull", "engine"]);

    public static readonly KeySet Call = new(["name", "params", "wait"]);

    public static readonly KeySet Wait = new(["for", "until", "event", "poll"]);

    public static readonly KeySet Poll = new([.. Checks, "shell", "if", "condition", "interval", "backoff", "max_interval"]);

    public static readonly KeySet Switch = new(["value", "cases", "default"]);

    public static readonly KeySet SwitchCase = new(["is", "matches", "then"]);

    public static readonly KeySet Approval = new(["prompt", "fields", "approvers", "required", "role", "expires"]);
}
