using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry.Health;

namespace Orchestrator.AspNetCore;

/// <summary>Body of a start: <c>{"params": {...}}</c>. Unknown members are errors: a misspelt one would be a silent default.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StartBody
{
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }

    /// <summary>Who asks, as the events will say; the token's name where there are tokens.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The caller's correlation id; the header X-Correlation-Id says the same.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Earliest start: an instant, or a time from now.</summary>
    public string? NotBefore { get; init; }

    /// <summary>Spans elsewhere that have to do with the run.</summary>
    public IReadOnlyList<LinkBody?>? Links { get; init; }
}

/// <summary>Body of a cancel; may be missing.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CancelBody
{
    /// <summary>Who asks, as the events will say; the token's name where there are tokens.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Why, as the events will say.</summary>
    public string? Reason { get; init; }
}

/// <summary>A span elsewhere: what it is to the run, and which it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LinkBody
{
    /// <summary><c>trigger</c> or <c>backfill</c>.</summary>
    public string? Type { get; init; }

    public string? Traceparent { get; init; }
}

/// <summary>Body of a start through the local socket: a definition's text.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LocalStartBody
{
    /// <summary>The definition's normal form, as JSON text; its sender has applied the rules.</summary>
    public string? Definition { get; init; }

    /// <summary>Absolute folder that the definition's relative paths start from.</summary>
    public string? BaseDir { get; init; }

    /// <summary>Texts as given on a command line; the binder turns them into values.</summary>
    public IReadOnlyDictionary<string, string>? Params { get; init; }

    public string? RequestedBy { get; init; }

    public string? NotBefore { get; init; }

    public string? Traceparent { get; init; }

    public string? Tracestate { get; init; }

    public string? Baggage { get; init; }
}

/// <summary>Body of an answer to a task that asks, or of an event.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AnswerBody
{
    /// <summary>approve or reject; none for an event.</summary>
    public string? Decision { get; init; }

    public string? Comment { get; init; }

    /// <summary>Values for the fields of the approval, or the event's data.</summary>
    public Dictionary<string, JsonElement>? Values { get; init; }

    /// <summary>Who answers; the token's name where there are tokens.</summary>
    public string? By { get; init; }
}

/// <summary>An answer or event was taken, durably.</summary>
internal sealed record AnswerTaken(string RunId, string? Task, string? Event, string By);

/// <summary>Body of a retry; empty: what did not complete, and what comes after it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RetryBody
{
    /// <summary>This task and everything after it.</summary>
    public string? From { get; init; }

    /// <summary>This task alone.</summary>
    public string? Only { get; init; }

    /// <summary>With <see cref="Only"/>: also everything after it.</summary>
    public bool Downstream { get; init; }

    /// <summary><c>run</c> (default) or <c>current</c>.</summary>
    public string? Definition { get; init; }

    public string? RequestedBy { get; init; }

    /// <summary>Through the local socket only: the current definition's normal form, as its sender found it.</summary>
    public string? Text { get; init; }

    /// <summary>Absolute folder that its relative paths start from.</summary>
    public string? BaseDir { get; init; }

    /// <summary>Through the local socket only, as the two below: the context in the environment of the command.</summary>
    public string? Traceparent { get; init; }

    public string? Tracestate { get; init; }

    public string? Baggage { get; init; }
}

/// <summary>A run was accepted, or a cancel was.</summary>
internal sealed record RunAnswer(string RunId, string Workflow, string Status, bool AlreadyExisted);

/// <summary>Health or readiness: a word, and why where it is not well.</summary>
/// <param name="SchedulesPaused">By whom all schedules are paused, until when and why; that does not make it unavailable.</param>
/// <param name="Storage">What of the data directory cannot be written; only the journal makes it unavailable.</param>
/// <param name="Schedules">Schedules that are wrong.</param>
internal sealed record Health(string Status, string? Reason = null, TelemetryState? Telemetry = null, IReadOnlyList<StorageState>? Storage = null, IReadOnlyList<DeliveryTrouble>? Deliveries = null,
    string? SchedulesPaused = null, IReadOnlyList<RefusedState>? Schedules = null);

/// <summary>A schedule that is wrong. The others of its file fire.</summary>
internal sealed record RefusedState(string Workflow, string? ScheduleId, string File, int Line, int Column, string Error)
{
    public static RefusedState Of(Core.Runs.ScheduleRefused refused) => new(refused.Workflow, refused.ScheduleId, refused.File, refused.Line, refused.Column, refused.Error);
}

/// <summary>A part of the data directory that cannot be written: journal, archive, feed or reports.</summary>
internal sealed record StorageState(string Part, DateTimeOffset Since, string Reason)
{
    public static StorageState Of(StorageTrouble trouble) => new(Words.Of(trouble.Part), trouble.Since, trouble.Reason);
}

/// <summary>Whether telemetry reaches its backends; the program works either way.</summary>
/// <param name="Status">ok or degraded.</param>
/// <param name="Signals">What is lost just now: traces, metrics, logs, events.</param>
/// <param name="Published">Spans and log records taken by a backend since the start.</param>
/// <param name="Dropped">Spans, log records and events lost since the start.</param>
internal sealed record TelemetryState(string Status, DateTimeOffset? Since, string? Reason, IReadOnlyList<string> Signals, long Published, long Dropped)
{
    public static TelemetryState Of(TelemetryView view) =>
        new(view.DegradedSince is null ? "ok" : "degraded", view.DegradedSince, view.Reason, view.Signals, view.Published, view.Dropped);
}

/// <summary>All workflows in force.</summary>
internal sealed record WorkflowPage(IReadOnlyList<WorkflowItem> Workflows);

internal sealed record WorkflowItem(string Name, string Version, string? Description, string? Owner, string Tenant, string? Project, int Tasks, IReadOnlyList<ScheduleItem> Schedules, IReadOnlyList<ParameterItem> Params, string Source);

internal sealed record ScheduleItem(string Id, string? Cron, string Rule, string Timezone, bool Enabled);

internal sealed record ParameterItem(string Name, string Type, bool Required, string? Description);
