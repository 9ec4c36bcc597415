using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Triggers;

namespace Orchestrator.Core.Definitions;

/// <summary>Something besides a due time that starts runs of a workflow.</summary>
public sealed record TriggerDefinition
{
    /// <summary>Unique within the workflow, <c>[A-Za-z0-9][A-Za-z0-9._-]{0,99}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Requests; null: another kind.</summary>
    public HttpTrigger? Http { get; init; }

    /// <summary>The end of another workflow's runs; null: another kind.</summary>
    public WorkflowTrigger? Workflow { get; init; }

    /// <summary>Events, those of this program and those posted to it; null: another kind.</summary>
    public EventTrigger? Event { get; init; }

    /// <summary>Files that arrive; null: another kind.</summary>
    public FilesTrigger? Files { get; init; }

    /// <summary>What makes a delivery the same when it comes again: a text that may hold expressions over <c>trigger</c>; null: what its kind says.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>Whether it starts runs.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Parameter values of its runs; texts may hold expressions over <c>trigger</c>.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The last delivery of a burst starts the run; null: each does.</summary>
    public DebounceDefinition? Debounce { get; init; }

    /// <summary>Deliveries start a run together; null: each does.</summary>
    public BatchDefinition? Batch { get; init; }

    /// <summary>Where its deliveries come from.</summary>
    [JsonIgnore]
    public TriggerSource Source => this switch
    {
        { Workflow: not null } => TriggerSource.Workflow,
        { Event: not null } => TriggerSource.Event,
        { Files: not null } => TriggerSource.Files,
        _ => TriggerSource.Http,
    };

    /// <summary>When deliveries start runs.</summary>
    [JsonIgnore]
    public TriggerPolicy Policy => this switch
    {
        { Debounce: { } debounce } => new TriggerPolicy.Debounce(debounce.Quiet, debounce.Longest),
        { Batch: { } batch } => new TriggerPolicy.Batch(batch.Max, batch.Within),
        _ => TriggerPolicy.Each,
    };
}

/// <summary>The last delivery of a burst starts the run.</summary>
/// <param name="Quiet">How long no other delivery may have arrived.</param>
public sealed record DebounceDefinition(TimeSpan Quiet)
{
    /// <summary>A burst that goes on starts a run at the latest then; null: it may go on for ever.</summary>
    public TimeSpan? Longest { get; init; }
}

/// <summary>Deliveries start a run together.</summary>
/// <param name="Max">At most so many.</param>
/// <param name="Within">Longest wait of the first delivery.</param>
public sealed record BatchDefinition(int Max, TimeSpan Within);

/// <summary>Requests to <c>POST /api/v1/triggers/WORKFLOW/ID</c> start runs.</summary>
public sealed record HttpTrigger
{
    /// <summary>How a request proves that it may.</summary>
    public TriggerAuth Auth { get; init; }

    /// <summary>Name of the secret, declared by the workflow, that it is proved with.</summary>
    public required string Secret { get; init; }

    /// <summary>Header that has the token or signature; null: the one of its style.</summary>
    public string? Header { get; init; }

    /// <summary>A signed time may be so far from now.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most bytes of a body.</summary>
    public long MaxBody { get; init; } = 1 << 20;

    /// <summary>Requests a second.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Requests at once.</summary>
    public int Burst { get; init; } = 20;
}

/// <summary>The end of another workflow's runs starts runs.</summary>
public sealed record WorkflowTrigger
{
    /// <summary>The other workflow.</summary>
    public required string Name { get; init; }

    /// <summary>Which ends: completed, failed, cancelled; empty: completed.</summary>
    public ImmutableArray<RunStatus> Status { get; init; } = [];

    /// <summary>Whether it waits for this end.</summary>
    public bool Fits(RunStatus status) => Status.IsDefaultOrEmpty ? status == RunStatus.Completed : Status.Contains(status);
}

/// <summary>
/// Events start runs: those of this program, except what triggers do and what runs of the workflow itself and of those that led to them say, and those
/// posted to <c>POST /api/v1/events</c>. In patterns <c>*</c> is any text, dots and slashes too, and <c>?</c> is one character.
/// </summary>
public sealed record EventTrigger
{
    /// <summary>Patterns of types; one of them must fit.</summary>
    public required ImmutableArray<string> Type { get; init; }

    /// <summary>Pattern of the source; null: any.</summary>
    public string? Source { get; init; }

    /// <summary>Pattern of the subject; null: any, or none.</summary>
    public string? Subject { get; init; }

    /// <summary>Whether it waits for an event.</summary>
    public bool Fits(string type, string source, string? subject) =>
        FitsType(type) && (Source is null || Wildcard.Fits(Source, source)) && (Subject is null || subject is not null && Wildcard.Fits(Subject, subject));

    /// <summary>Whether it waits for events of a type.</summary>
    public bool FitsType(string type)
    {
        foreach (var pattern in Type)
            if (Wildcard.Fits(pattern, type)) return true;
        return false;
    }
}

/// <summary>Files that arrive in a folder start runs.</summary>
public sealed record FilesTrigger
{
    /// <summary>Which: a path, relative to the definition's folder, with <c>*</c> and <c>?</c> within a name and <c>**</c> for any folders.</summary>
    public required string Path { get; init; }

    /// <summary>A file counts once its size and time have been the same for so long.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What starts one run: each file, or each content.</summary>
    public FileIdentity OncePer { get; init; }

    /// <summary>Time between two looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether files that are there at the trigger's first look count too.</summary>
    public bool Existing { get; init; }
}

/// <summary>What makes a file the same as one that was there before.</summary>
[JsonConverter(typeof(WordJson<FileIdentity>))]
public enum FileIdentity
{
    /// <summary>Its path, size and time of writing (the default).</summary>
    File,
    /// <summary>Its content, whatever its name.</summary>
    Content,
}

/// <summary>How a request proves that it may start a run.</summary>
[JsonConverter(typeof(WordJson<TriggerAuth>))]
public enum TriggerAuth
{
    /// <summary>Time and body are signed, as this program's own webhooks are (the default).</summary>
    Hmac,
    /// <summary>The body is signed, as by GitHub.</summary>
    Github,
    /// <summary>Time and body are signed, as by Stripe.</summary>
    Stripe,
    /// <summary>It has a token.</summary>
    Token,
}
