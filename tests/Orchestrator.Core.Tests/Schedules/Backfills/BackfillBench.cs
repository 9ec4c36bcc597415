using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;

namespace Orchestrator.Core.Tests.Schedules.Backfills;

/// <summary>A backfill of <c>nightly</c> over some days, and a clock the test sets. Runs are accepted and end when the test says so.</summary>
internal sealed class BackfillBench
{
    public DateTimeOffset Now { get; set; } = Due.At("2026-02-01T12:00:00Z");
    public BackfillState State { get; private set; } = BackfillState.Empty;
    public List<RecordedEvent> Journal { get; } = [];

    public BackfillContext Context => new("b", () => "here", Now);

    public static BackfillPlan Plan(int days, int parallelism = 1, BackfillOrder order = BackfillOrder.Oldest)
    {
        var to = new DateOnly(2026, 1, 1).AddDays(days - 1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return BackfillRange.TryDates("2026-01-01", to, TimeSpan.FromDays(1), out var items, out var error)
            ? new() { Workflow = "nightly", Param = "day", Items = items.In(order), Order = order, Parallelism = parallelism, Actor = "ann" }
            : throw new FormatException(error);
    }

    public RunId Run(int item) => State.Open.TryGetValue(item, out var open) ? open.RunId : State.Ended[item].RunId;

    public string[] Create(int days, int parallelism = 1, BackfillOrder order = BackfillOrder.Oldest) => Do(new BackfillInput.Create(Plan(days, parallelism, order)));

    /// <summary>What an input leads to, one line an event.</summary>
    public string[] Do(BackfillInput input) => [.. Take(input).Select(e => Line((BackfillEvent)e.Event))];

    public IReadOnlyList<RecordedEvent> Take(BackfillInput input)
    {
        var events = BackfillDecisions.Decide(State, input, Context);
        Journal.AddRange(events);
        State = events.Aggregate(State, (state, e) => state.Apply(e));
        return events;
    }

    public string[] Accept(int item) => Do(new BackfillInput.Accepted(Run(item)));

    public string[] End(int item, BackfillOutcome outcome = BackfillOutcome.Completed) => Do(new BackfillInput.Ended(Run(item), outcome));

    private static string Line(BackfillEvent e) => e switch
    {
        BackfillCreated c => $"created {c.Items}",
        BackfillPlanned p => $"planned {p.Items[0]} x{p.Items.Length}",
        BackfillItemStarted s => $"started {s.Item} {s.Key}",
        BackfillItemDispatched d => $"dispatched {d.Item}",
        BackfillItemEnded d => $"ended {d.Item} {Words.Of(d.Outcome)}",
        BackfillFinished f => $"finished {Words.Of(f.Status)} {f.Completed}/{f.Failed}/{f.Cancelled}/{f.NotStarted}",
        _ => e.Type[9..],
    };
}
