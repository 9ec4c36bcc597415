using System.Globalization;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary>What posted events have led to, in their order.</summary>
internal sealed record EventsAnswer(IReadOnlyList<EventAnswer> Events);

/// <summary>What an event has led to.</summary>
/// <param name="Triggers">Each trigger that it fits; empty: it led to nothing.</param>
internal sealed record EventAnswer(string Id, string Source, string Type, IReadOnlyList<EventTaken> Triggers)
{
    public static EventAnswer Of(CloudEvent posted, IReadOnlyList<EventDelivery> deliveries) => new(posted.Id, posted.Source, posted.Type, [.. deliveries.Select(EventTaken.Of)]);
}

/// <summary>What an event has led to at one trigger.</summary>
/// <param name="Status">fired, duplicate, held or rejected.</param>
/// <param name="RunId">The run, of a duplicate the first; null: there is none (yet).</param>
/// <param name="Until">When it starts its run at the latest, where it waits for other events.</param>
/// <param name="Reason">Why it was refused, as a word.</param>
/// <param name="Error">Why it was refused, for people.</param>
internal sealed record EventTaken(string Workflow, string Trigger, string Status, string? RunId, string? Until, string? Reason, string? Error)
{
    public static EventTaken Of(EventDelivery delivery) => delivery.Answer switch
    {
        DeliveryAnswer.Fired fired => new(delivery.Workflow, delivery.Trigger, "fired", fired.Run.ToString(), null, null, null),
        DeliveryAnswer.Duplicate again => new(delivery.Workflow, delivery.Trigger, "duplicate", again.Run?.ToString(), null, null, null),
        DeliveryAnswer.Held held => new(delivery.Workflow, delivery.Trigger, "held", null, Instant(held.Until), null, null),
        DeliveryAnswer.Rejected refused => new(delivery.Workflow, delivery.Trigger, "rejected", null, null, refused.Reason, refused.Error),
        _ => throw new InvalidOperationException("Unknown answer."),
    };

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
