namespace Orchestrator.Core.Runs;

/// <summary>
/// Name of a stream of events: <c>run:{run_id}</c>, <c>schedule:{workflow}/{id}</c>, <c>manual:{workflow}/{id}</c> (runs of a schedule that somebody asked
/// for), <c>schedules:all</c>, <c>trigger:{workflow}/{id}</c>, <c>backfill:{id}</c> or <c>node:{id}</c>.
/// </summary>
public readonly record struct StreamId
{
    private const string RunPrefix = "run:";
    private static readonly string[] s_system = ["schedule:", "manual:", "schedules:", "trigger:", "backfill:", "node:"];
    private readonly string? _value;

    /// <exception cref="FormatException">The text has none of the known prefixes.</exception>
    public StreamId(string value) => _value =
        value.StartsWith(RunPrefix, StringComparison.Ordinal) || IsSystem(value) ? value : throw new FormatException($"'{value}' is not a stream.");

    /// <summary>Whether a text names a stream that is no run's.</summary>
    public static bool IsSystem(string value) => s_system.Any(prefix => value.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The stream of a run.</summary>
    public static StreamId Run(RunId id) => new(RunPrefix + id);

    /// <summary>The stream of a schedule.</summary>
    public static StreamId Schedule(string workflow, string schedule) => new($"schedule:{workflow}/{schedule}");

    /// <summary>The stream of a trigger.</summary>
    public static StreamId Trigger(string workflow, string trigger) => new($"trigger:{workflow}/{trigger}");

    /// <summary>The stream of a backfill.</summary>
    public static StreamId Backfill(string id) => new("backfill:" + id);

    /// <summary>The backfill that this stream belongs to, if it is a backfill's.</summary>
    public bool TryGetBackfill(out string id)
    {
        id = _value is { } v && v.StartsWith("backfill:", StringComparison.Ordinal) ? v["backfill:".Length..] : "";
        return id.Length > 0;
    }

    /// <summary>Workflow and id of a stream named <c>{kind}:{workflow}/{id}</c>; null for every other.</summary>
    /// <param name="kind">schedule, manual or trigger.</param>
    public (string Workflow, string Id)? PartsOf(string kind) =>
        _value is { } v && v.Length > kind.Length && v[kind.Length] == ':' && v.StartsWith(kind, StringComparison.Ordinal) && v[(kind.Length + 1)..].Split('/', 2) is [var workflow, var id] ? (workflow, id) : null;

    /// <summary>The stream of the runs of a schedule that users requested.</summary>
    public static StreamId Manual(string workflow, string schedule) => new($"manual:{workflow}/{schedule}");

    /// <summary>The stream of what concerns all schedules.</summary>
    public static StreamId AllSchedules { get; } = new("schedules:all");

    /// <summary>The stream of a worker process.</summary>
    public static StreamId Node(string id) => new("node:" + id);

    /// <summary>The run this stream belongs to, if it is a run's.</summary>
    public bool TryGetRun(out RunId id)
    {
        id = default;
        return _value is { } v && v.StartsWith(RunPrefix, StringComparison.Ordinal) && RunId.TryParse(v[RunPrefix.Length..], out id);
    }

    /// <summary>The run's id as text; empty for streams that are no run's.</summary>
    internal ReadOnlySpan<char> RunText => _value is { } v && v.StartsWith(RunPrefix, StringComparison.Ordinal) ? v.AsSpan(RunPrefix.Length) : default;

    /// <summary>The name as text.</summary>
    public override string ToString() => _value ?? throw new InvalidOperationException("Uninitialised StreamId.");
}
