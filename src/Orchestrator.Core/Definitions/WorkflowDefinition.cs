using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Schedules.Calendars;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// A named, versioned workflow. Texts are kept as written: expressions in them are parsed by the run plan.
/// A definition that came through the reader or the builder has passed every rule.
/// </summary>
public sealed record WorkflowDefinition
{
    /// <summary><c>[A-Za-z0-9][A-Za-z0-9._-]{0,99}</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>Who is responsible for it.</summary>
    public string? Owner { get; init; }

    /// <summary>Isolation and accounting unit.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Optional second grouping.</summary>
    public string? Project { get; init; }

    /// <summary>Free labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Declared parameters, in declaration order.</summary>
    public ImmutableArray<ParameterDefinition> Params { get; init; } = [];

    /// <summary>Environment of every child process; values may hold expressions.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>
    /// Files of variables beneath <see cref="Env"/>, the later above the earlier; read for every attempt, relative to the
    /// folder of the definition's file. May hold expressions.
    /// </summary>
    public ImmutableArray<string> Dotenv { get; init; } = [];

    /// <summary>
    /// Names of the worker's own environment variables that children get; <c>*</c>: all but its settings
    /// and the variables that hold this workflow's secrets.
    /// </summary>
    public ImmutableArray<string> InheritEnv { get; init; } = [];

    /// <summary>Working directory of processes; relative to the folder of the definition's file. May hold expressions.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>
    /// Interpreter of <c>run</c> tasks where neither they nor the defaults name one; already applied to <see cref="Tasks"/> by the reader. Empty: none.
    /// </summary>
    public ImmutableArray<string> Shell { get; init; } = [];

    /// <summary>Where the output of tasks goes that say nothing; already applied to <see cref="Tasks"/> by the reader.</summary>
    public LogOutput LogOutput { get; init; }

    /// <summary>Whether what is in a run's scratch folder ($ORCHESTRATOR_RUN_DIR) stays after its end.</summary>
    public KeepRule KeepRunDir { get; init; }

    /// <summary>References to secrets; values never enter a definition.</summary>
    public ImmutableSortedDictionary<string, SecretReference> Secrets { get; init; } = ImmutableSortedDictionary<string, SecretReference>.Empty;

    /// <summary>What tasks get where they say nothing; already applied to <see cref="Tasks"/> by the reader.</summary>
    public TaskDefaults? Defaults { get; init; }

    /// <summary>Most attempts in flight at once in a run; null: only the worker's slots limit it.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>Whether the first final failure ends what has not started.</summary>
    public bool FailFast { get; init; } = true;

    /// <summary>What happens to running tasks then.</summary>
    public OnFailFast OnFailFast { get; init; }

    /// <summary>Longest time from start to the last task's end.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How often an attempt may be lost with its worker before its task fails.</summary>
    public int MaxWorkerLosses { get; init; } = 3;

    /// <summary>Runs that exclude each other; null: none.</summary>
    public ConcurrencyDefinition? Concurrency { get; init; }

    /// <summary>Which waiting run goes first.</summary>
    public RunPriority Priority { get; init; }

    /// <summary>A smaller rank starts first among waiting runs of one priority and tenant.</summary>
    public int Rank { get; init; }

    /// <summary>How long a run is expected to take.</summary>
    public SlaDefinition? Sla { get; init; }

    /// <summary>Tasks for the end of a run.</summary>
    public HandlersDefinition? Handlers { get; init; }

    /// <summary>The rule by which whole runs that failed are restarted; null: never.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>A completed run's results, by name: texts that may hold expressions over <c>tasks</c>, <c>params</c> and <c>run</c>.</summary>
    public ImmutableSortedDictionary<string, string> Outputs { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How long finished runs are kept; null: the worker's rule.</summary>
    public RetentionDefinition? Retention { get; init; }

    /// <summary>Addresses that receive events of its runs.</summary>
    public ImmutableArray<CallbackDefinition> Callbacks { get; init; } = [];
    /// <summary>What of its runs is exported; null: as the worker has it.</summary>
    public TelemetryDefinition? Telemetry { get; init; }

    /// <summary>When a report is written.</summary>
    public ReportRule Report { get; init; }

    /// <summary>Named sets of days that schedules exclude or keep to.</summary>
    public ImmutableSortedDictionary<string, DayCalendar> Calendars { get; init; } = ImmutableSortedDictionary<string, DayCalendar>.Empty;

    /// <summary>When runs start by themselves.</summary>
    public ImmutableArray<ScheduleDefinition> Schedules { get; init; } = [];

    /// <summary>Schedules that are wrong, which <see cref="Schedules"/> has not. Not part of the version.</summary>
    [JsonIgnore]
    public ImmutableArray<RefusedSchedule> RefusedSchedules { get; init; } = [];

    /// <summary>What starts runs other than due times.</summary>
    public ImmutableArray<TriggerDefinition> Triggers { get; init; } = [];

    /// <summary>Declared stages, in order; tasks without one belong to the implicit stage <c>default</c>.</summary>
    public ImmutableArray<string> Stages { get; init; } = [];

    /// <summary>The nodes of the graph, in declaration order; never empty.</summary>
    public required ImmutableArray<TaskDefinition> Tasks { get; init; }

    /// <summary>Folder that relative paths start from (the definition file's own); null for definitions without a file. Not part of the version.</summary>
    [JsonIgnore]
    public string? BaseDir { get; init; }

    /// <summary>Where the definition stands; not part of its version.</summary>
    [JsonIgnore]
    public SourceSpan Span { get; init; }
}

/// <summary>A parameter of a workflow.</summary>
public sealed record ParameterDefinition
{
    /// <summary>Name in expressions, <c>params.name</c>: a letter or '_', then letters, digits, '_' or '-'.</summary>
    public required string Name { get; init; }

    /// <summary>What values it takes.</summary>
    public ParameterType Type { get; init; }

    /// <summary>Whether a run must be given a value; false as soon as there is a default.</summary>
    public bool Required { get; init; }

    /// <summary>
    /// Value when none is given: a JSON scalar, list or object, or a text with one expression over <c>now</c>, <c>env</c> and <c>schedule</c>.
    /// </summary>
    public JsonElement? Default { get; init; }

    /// <summary>Allowed values of an enumeration.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>Least integer, number or date, as text; null: none.</summary>
    public string? Min { get; init; }

    /// <summary>Largest integer, number or date, as text; null: none.</summary>
    public string? Max { get; init; }

    /// <summary>A regular expression that is found in a text or the value of an enumeration; null: none.</summary>
    public string? Pattern { get; init; }

    /// <summary>Where the value of a secret is found at each dispatch; null for other types.</summary>
    public SecretReference? Secret { get; init; }
}

/// <summary>Types of parameters.</summary>
[JsonConverter(typeof(WordJson<ParameterType>))]
public enum ParameterType
{
    /// <summary>Any text (the default).</summary>
    String,
    /// <summary>A whole number of 64 bits.</summary>
    Integer,
    /// <summary>A decimal number.</summary>
    Number,
    /// <summary>true or false.</summary>
    Boolean,
    /// <summary>A date, <c>yyyy-MM-dd</c>.</summary>
    Date,
    /// <summary>One of listed values.</summary>
    Enum,
    /// <summary>A JSON list.</summary>
    List,
    /// <summary>A JSON object.</summary>
    Object,
    /// <summary>A secret: its value is read from a file or variable of the worker and is never given to a run, nor kept with it.</summary>
    Secret,
}

/// <summary>Where a secret's value is found at each dispatch: exactly one of the two.</summary>
/// <param name="File">Path of a file whose content, less one trailing line end, is the value.</param>
/// <param name="Env">Name of a variable in the worker's environment.</param>
public sealed record SecretReference(string? File, string? Env);

/// <summary>Values for tasks that give none of their own.</summary>
public sealed record TaskDefaults
{
    /// <summary>Longest time of one attempt.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Retries.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Interpreter of <c>run</c> tasks; empty: the workflow's.</summary>
    public ImmutableArray<string> Shell { get; init; } = [];

    /// <summary>Variables, beneath the task's own.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Pool of tasks that have attempts.</summary>
    public string? Pool { get; init; }

    /// <summary>Whether failures are allowed.</summary>
    public bool? AllowFailure { get; init; }

    /// <summary>Whether lost attempts may be repeated.</summary>
    public bool? Idempotent { get; init; }

    /// <summary>What of the trace context processes and requests are given.</summary>
    public TracePropagation? Propagate { get; init; }

    /// <summary>What must have become of dependencies; handlers have none.</summary>
    public RunWhen? RunWhen { get; init; }

    /// <summary>Where the output of processes goes.</summary>
    public LogOutput? LogOutput { get; init; }
}
