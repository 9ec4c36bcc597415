using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.AspNetCore.Backfills;

/// <summary>Body of a backfill: which workflow, over what.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BackfillBody
{
    public string? Workflow { get; init; }

    /// <summary>The schedule; may be missing where the workflow has one only.</summary>
    public string? Schedule { get; init; }

    /// <summary>The date parameter, where the range is one of dates.</summary>
    public string? Param { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>Time between two dates: whole days.</summary>
    public string? Step { get; init; }

    /// <summary><c>oldest</c> (default) or <c>newest</c>.</summary>
    public string? Order { get; init; }

    public int? Parallelism { get; init; }

    /// <summary>Values, over those of the schedule.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }

    /// <summary>Only says what would run.</summary>
    public bool DryRun { get; init; }

    public string? Reason { get; init; }

    /// <summary>Who asks; the token's name where there are tokens.</summary>
    public string? RequestedBy { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>Through the local socket only, as the two below: the context in the environment of the command.</summary>
    public string? Traceparent { get; init; }

    public string? Tracestate { get; init; }

    public string? Baggage { get; init; }
}

/// <summary>What the words of a body mean.</summary>
internal static class BackfillBodies
{
    private const int MaxCorrelation = 200;

    /// <param name="body">A body that has a workflow, a begin and an end.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="trace">The caller's trace context.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="problems">What is wrong, a sentence each.</param>
    public static bool TryRequest(BackfillBody body, string actor, TraceStamp? trace, [NotNullWhen(true)] out BackfillRequest? request, out IReadOnlyList<string> problems)
    {
        var (wrong, order, step) = (new List<string>(), BackfillOrder.Oldest, default(TimeSpan));
        if (body.Order is not null && !Words.TryParse(body.Order, out order)) wrong.Add($"order must be oldest or newest, was '{body.Order}'.");
        if (body.Step is not null && !Quantity.TryDuration(body.Step, out step)) wrong.Add($"step must be whole days such as 1d or 7d, was '{body.Step}'.");
        if (Requester.Fault(body.RequestedBy) is { } unfit) wrong.Add(unfit);
        if (body.CorrelationId is { } correlation && !VisibleAscii.Is(correlation, MaxCorrelation))
            wrong.Add($"correlation_id is 1 to {MaxCorrelation} visible ASCII characters.");
        problems = wrong;
        request = wrong.Count > 0 ? null : new()
        {
            Schedule = body.Schedule, Param = body.Param, From = body.From!, To = body.To!, Step = body.Step is null ? null : step, Order = order, Parallelism = body.Parallelism ?? 1,
            Params = body.Params ?? new Dictionary<string, JsonElement>(), Reason = Requester.Reason(body.Reason),
            Actor = actor, CorrelationId = body.CorrelationId, Trace = trace,
        };
        return request is not null;
    }
}
