using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;

namespace Orchestrator.Core.Tests.Triggers;

/// <summary>A trigger <c>nightly/pushed</c> with its ledger, and a clock the test sets. Runs are accepted when the test says so.</summary>
internal sealed class TriggerBench
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Now { get; set; } = Start;
    public TriggerPolicy Policy { get; set; } = TriggerPolicy.Each;
    public TriggerState State { get; private set; } = TriggerState.Empty;
    public List<RecordedEvent> Journal { get; } = [];

    /// <summary>What the parameters of a run are made of; an error where it holds <c>bad</c>.</summary>
    public Func<JsonElement, TriggerParameters> Bind { get; set; } = facts => facts.TryGetProperty("bad", out var why)
        ? new(ImmutableSortedDictionary<string, JsonElement>.Empty, why.GetString()) : new(ImmutableSortedDictionary<string, JsonElement>.Empty.Add("facts", facts), null);

    public static Delivery Delivery(string id, string facts = "{}") => new(id, TriggerSource.Http, JsonElement.Parse(facts));

    /// <summary>What an input leads to, one line an entry.</summary>
    public string[] Do(TriggerInput input)
    {
        var entries = TriggerDecisions.Decide(State, input, new("nightly", "pushed", () => "here", Now) { Policy = Policy, Bind = Bind });
        var state = entries.Aggregate(State, (s, e) => s.Apply(e));
        Journal.AddRange(entries);
        State = state;
        return [.. entries.Select(e => Line((TriggerEvent)e.Event))];
    }

    public string[] Deliver(string id, string facts = "{}") => Do(new TriggerInput.Deliver(Delivery(id, facts)));

    public string[] After(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return Do(new TriggerInput.Tick());
    }

    public void AcceptAll()
    {
        foreach (var run in State.Pending.Keys) Do(new TriggerInput.Accepted(run));
    }

    /// <summary>What a kill -9 leaves is the journal.</summary>
    public void Restart(int from = 0) => State = Journal.Skip(from).Aggregate(TriggerState.Empty, (state, e) => state.Apply(e));

    public TriggerAudit Audit()
    {
        var audit = new TriggerAudit();
        foreach (var e in Journal) audit.Take(e);
        return audit;
    }

    private static string Line(TriggerEvent e) => e switch
    {
        TriggerReceived r => $"received {r.DeliveryId}",
        TriggerFired f => $"fired {string.Join('+', f.Deliveries)}",
        TriggerDispatched => "dispatched",
        TriggerFailed f => $"failed {f.Error}",
        TriggerDuplicate d => $"duplicate {d.DeliveryId}{(d.RunId is null ? " of none" : "")}",
        TriggerRejected r => string.Create(CultureInfo.InvariantCulture, $"rejected {r.Reason}{(r.DeliveryId is { } id ? " " + id : "")}{(r.Error is { } error ? ": " + error : "")}{(r.Count is { } n ? $" x{n}" : "")}"),
        TriggerDebounced d => $"debounced {d.DeliveryId} by {d.By}",
        TriggerRestated => "restated",
        _ => e.Type,
    };
}
