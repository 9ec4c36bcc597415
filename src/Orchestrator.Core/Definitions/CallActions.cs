using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>An HTTP request. The answer's body becomes results: <c>status</c>, <c>headers</c>, and <c>body</c> (JSON where it is JSON, else text).</summary>
/// <param name="Url">Absolute, http or https; may hold expressions.</param>
public sealed record HttpAction(string Url) : TaskAction
{
    /// <summary>The method, upper case.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Request headers; values may hold expressions.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Body as JSON, sent as <c>application/json</c>; texts may hold expressions. At most one of the three bodies is set.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>Body as text; may hold expressions.</summary>
    public string? Body { get; init; }

    /// <summary>Body as form fields; values may hold expressions.</summary>
    public ImmutableSortedDictionary<string, string> Form { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Accepted statuses: <c>200</c>, <c>200-204</c> or <c>2xx</c>; empty is 2xx.</summary>
    public ImmutableArray<string> Expect { get; init; } = [];

    /// <summary>File below the run's artifacts that receives the body instead of the results; null: none. May hold expressions.</summary>
    public string? Save { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "http";
}

/// <summary>Statements for PostgreSQL on a connection the worker's configuration names.</summary>
/// <param name="Connection">Name of the connection.</param>
public sealed record SqlAction(string Connection) : TaskAction
{
    /// <summary>
    /// One statement whose rows become results (<c>rows</c>, <c>row_count</c>). Exactly one of query, execute, transaction and file is set. Texts hold no
    /// expressions: values are passed as parameters.
    /// </summary>
    public string? Query { get; init; }

    /// <summary>One statement whose count of affected rows is the result (<c>affected</c>).</summary>
    public string? Execute { get; init; }

    /// <summary>Statements that are committed together or not at all.</summary>
    public ImmutableArray<string> Transaction { get; init; } = [];

    /// <summary>A file of statements, run as one transaction; relative to the definition's folder. May hold expressions.</summary>
    public string? File { get; init; }

    /// <summary>Values of <c>@name</c> parameters; texts may hold expressions.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Parameters { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>File below the run's artifacts that receives the rows as CSV instead of the results; null: none. May hold expressions.</summary>
    public string? Csv { get; init; }

    /// <summary>Most rows that become results; more is a failure.</summary>
    public int MaxRows { get; init; } = 10_000;

    /// <summary>The server's statement timeout; null: only the attempt's timeout.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "sql";
}

/// <summary>A container, run by the docker or podman command line.</summary>
/// <param name="Image">The image; may hold expressions.</param>
public sealed record ContainerAction(string Image) : TaskAction
{
    /// <summary>Arguments to the image's entry point; elements may hold expressions.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>Replaces the image's entry point; null keeps it.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Mounts, <c>source:target[:ro]</c>; elements may hold expressions.</summary>
    public ImmutableArray<string> Volumes { get; init; } = [];

    /// <summary>Working directory inside.</summary>
    public string? Workdir { get; init; }

    /// <summary>Network to join; null is the client's default.</summary>
    public string? Network { get; init; }

    /// <summary>User inside, <c>uid[:gid]</c> or a name.</summary>
    public string? User { get; init; }

    /// <summary>When the image is fetched.</summary>
    public PullPolicy Pull { get; init; }

    /// <summary>The client: docker or podman; null is whichever the worker finds, docker first.</summary>
    public string? Engine { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "container";
}

/// <summary>When a container's image is fetched.</summary>
[JsonConverter(typeof(WordJson<PullPolicy>))]
public enum PullPolicy
{
    /// <summary>When it is not there (the default).</summary>
    Missing,
    /// <summary>Before every attempt.</summary>
    Always,
    /// <summary>Never: a missing image is a failure.</summary>
    Never,
}
