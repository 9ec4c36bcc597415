using System.Globalization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Manual;

/// <summary>Proves the stream of manual runs: each request has one fate and one run of its own, and what started was dispatched or refused.</summary>
public sealed class ManualAudit
{
    private readonly List<string> _differences = [];
    private readonly HashSet<RunId> _runs = [];
    private bool _hasHole;

    /// <summary>Requests so far.</summary>
    public long Requests { get; private set; }

    /// <summary>Runs that started.</summary>
    public HashSet<RunId> Started { get; } = [];

    /// <summary>Runs that were refused.</summary>
    public HashSet<RunId> Refused { get; } = [];

    /// <summary>The state after the events so far.</summary>
    public ManualState State { get; private set; } = ManualState.Empty;

    /// <summary>What does not hold, a sentence each.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>Takes the next event of the stream.</summary>
    public void Take(RecordedEvent recorded)
    {
        _hasHole |= State.Version == 0 && recorded.Seq > 1;   // retention let go of the beginning
        switch (recorded.Event)
        {
            case ScheduleRunRequested e:
                Requests++;
                if (State.Known.ContainsKey(e.RequestId)) _differences.Add($"request {e.RequestId} was taken down twice");
                if (!_runs.Add(e.RunId)) _differences.Add($"run {e.RunId} belongs to two requests");
                break;
            case ScheduleRunStarted e:
                if (!Started.Add(e.RunId)) _differences.Add($"run {e.RunId} started twice");
                if (!_hasHole && State.Known.GetValueOrDefault(e.RequestId) is not { Fate: ManualFate.Requested or ManualFate.Queued }) _differences.Add($"run {e.RunId} started, and nobody waited for it");
                break;
            case ScheduleFailed e: Refused.Add(e.RunId); break;
            case JournalEventsLost: _hasHole = true; break;
        }
        State = State.Apply(recorded);
    }

    /// <summary>After the last event.</summary>
    /// <param name="settled">What started until then must have been dispatched.</param>
    public void Finish(DateTimeOffset settled)
    {
        foreach (var pending in State.Pending.Values)
            if (pending.DueAt <= settled)
                _differences.Add(string.Create(CultureInfo.InvariantCulture, $"run {pending.RunId}, asked for at {pending.DueAt.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}, started and was not dispatched"));
    }
}
