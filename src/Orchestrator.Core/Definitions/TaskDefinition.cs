using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>A node of the graph: one action with its gates and limits.</summary>
public sealed record TaskDefinition
{
    /// <summary>Unique within the workflow.</summary>
    public required TaskId Id { get; init; }

    /// <summary>What it does.</summary>
    public required TaskAction Action { get; init; }

    /// <summary>A declared stage; null is the implicit stage <c>default</c>.</summary>
    public string? Stage { get; init; }

    /// <summary>Tasks that must be terminal first; duplicates removed by the reader, order kept.</summary>
    public ImmutableArray<TaskId> DependsOn { get; init; } = [];

    /// <summary>What must have become of them.</summary>
    public RunWhen RunWhen { get; init; }

    /// <summary>An expression that must be true; without the <c>${{ }}</c>.</summary>
    public string? If { get; init; }

    /// <summary>Retries; null is one attempt.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Longest time of one attempt.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A failure counts as success for dependants and the run.</summary>
    public bool AllowFailure { get; init; }

    /// <summary>Whether an attempt lost with its worker may be repeated.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>
    /// What of the trace context its processes and requests are given; null where nothing says so: all of it,
    /// but nothing to an origin that a redirect leads to.
    /// </summary>
    public TracePropagation? Propagate { get; init; }

    /// <summary>Variables of its process above the workflow's; values may hold expressions.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Working directory; null is the workflow's.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Exit codes that are a success beside 0, sorted.</summary>
    public ImmutableArray<int> SuccessExitCodes { get; init; } = [];

    /// <summary>Where the output of its processes goes.</summary>
    public LogOutput LogOutput { get; init; }

    /// <summary>Where results come from beside $ORCHESTRATOR_OUTPUT.</summary>
    public OutputSource Outputs { get; init; }

    /// <summary>Expressions over <c>outputs</c> that compute the results after a success, by output name; empty: results stay as they are.</summary>
    public ImmutableSortedDictionary<string, string> Transform { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Names of results whose values are secret: later tasks of the run read them, and nothing keeps or shows them.</summary>
    public ImmutableArray<string> SecretOutputs { get; init; } = [];

    /// <summary>Runs the task once for each of many values; null: once.</summary>
    public FanOut? FanOut { get; init; }

    /// <summary>Named pool whose slots its attempts need beside the worker's; null: none.</summary>
    public string? Pool { get; init; }

    /// <summary>A smaller rank starts first among the tasks of a run that wait for a slot.</summary>
    public int Rank { get; init; }

    /// <summary>How long it is expected to take.</summary>
    public SlaDefinition? Sla { get; init; }

    /// <summary>False: the task is skipped with reason <c>disabled</c>.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Most bytes of results as JSON; null is the worker's limit.</summary>
    public long? OutputLimit { get; init; }

    /// <summary>Time between SIGTERM and SIGKILL; null is the worker's.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>
    /// Files below the task's working directory that are kept with the run after a success or failure: paths and globs; may hold expressions.
    /// </summary>
    public ImmutableArray<string> Artifacts { get; init; } = [];

    /// <summary>Words to filter by.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Free JSON for people and tools.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Metadata { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Where the task stands; not part of the definition's version.</summary>
    [JsonIgnore]
    public SourceSpan Span { get; init; }
}

/// <summary>What of a task's trace context goes to the processes, containers and HTTP requests it starts.</summary>
[JsonConverter(typeof(WordJson<TracePropagation>))]
public enum TracePropagation
{
    /// <summary>Traceparent, tracestate and baggage (the default).</summary>
    ContextPlusBaggage,
    /// <summary>Traceparent and tracestate: names of the workflow and the run stay here.</summary>
    Context,
    /// <summary>Nothing: the called program or server receives no trace context.</summary>
    None,
}

/// <summary>Where the output of a task's processes goes.</summary>
[JsonConverter(typeof(WordJson<LogOutput>))]
public enum LogOutput
{
    /// <summary>Both streams into one log, in the order they were written (the default).</summary>
    Combined,
    /// <summary>Standard output and standard error into a file each.</summary>
    Separate,
}

/// <summary>Where a task's results are read from.</summary>
[JsonConverter(typeof(WordJson<OutputSource>))]
public enum OutputSource
{
    /// <summary>The file named by $ORCHESTRATOR_OUTPUT only (the default).</summary>
    File,
    /// <summary>Also the last line of standard output that is a JSON object; the file's keys win.</summary>
    StdoutJson,
}
