using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Orchestrator.Core.Statistics;

namespace Orchestrator.Engine.Index.Statistics;

/// <summary>Counts rows of one group: what runs and tasks have in common.</summary>
internal sealed class Tally
{
    private readonly List<double> _durations = [];
    private readonly List<double> _queues = [];

    public int Total { get; private set; }

    public int Completed { get; private set; }

    public int Failed { get; private set; }

    public int Cancelled { get; private set; }

    public int Skipped { get; private set; }

    /// <summary>Retries of runs, attempts of tasks.</summary>
    public long Attempts { get; private set; }

    public int Flaky { get; private set; }

    public int Critical { get; private set; }

    public double TimeMs { get; private set; }

    public double? CpuMs { get; private set; }

    public long? IoBytes { get; private set; }

    public long? PeakBytes { get; private set; }

    /// <summary>The SLA of the latest definition seen.</summary>
    public double? ExpectedMs { get; private set; }

    public List<RunOutcome> Outcomes { get; } = [];

    public ReadOnlySpan<double> Durations => CollectionsMarshal.AsSpan(_durations);

    public SampleSummary Duration => SampleSummary.Of(Durations);

    public SampleSummary Queue => SampleSummary.Of(CollectionsMarshal.AsSpan(_queues));

    /// <summary>Columns after the group: status, duration, queue, ended, cpu, io, peak, attempts, expected, critical.</summary>
    public void Add(SqliteDataReader row, bool isTask)
    {
        Total++;
        var status = row.GetInt32(1);
        var ended = IndexDatabase.Instant(row.GetInt64(4));
        var attempts = row.GetInt64(8);
        Attempts += attempts;
        if (status == StatusNumber.Completed)
        {
            Completed++;
            if (isTask && attempts > 1) Flaky++;
        }
        else if (status == StatusNumber.Failed) Failed++;
        else if (status == StatusNumber.Cancelled) Cancelled++;
        else if (status == StatusNumber.Skipped) Skipped++;
        if (status is StatusNumber.Completed or StatusNumber.Failed)
        {
            if (!row.IsDBNull(2))
            {
                _durations.Add(row.GetDouble(2));
                TimeMs += row.GetDouble(2);
            }
            if (!isTask) Outcomes.Add(new(ended, status == StatusNumber.Completed));
        }
        if (!row.IsDBNull(3)) _queues.Add(row.GetDouble(3));
        if (!row.IsDBNull(5)) CpuMs = (CpuMs ?? 0) + row.GetDouble(5);
        if (!row.IsDBNull(6)) IoBytes = (IoBytes ?? 0) + row.GetInt64(6);
        if (!row.IsDBNull(7)) PeakBytes = Math.Max(PeakBytes ?? 0, row.GetInt64(7));
        if (!isTask) return;
        if (!row.IsDBNull(9)) ExpectedMs = row.GetDouble(9);
        if (!row.IsDBNull(10) && row.GetInt64(10) == 1) Critical++;
    }

    /// <summary>Numbers of states that are counted; see <see cref="Orchestrator.Core.Index.StatusNumbers"/>.</summary>
    internal static class StatusNumber
    {
        public const int Completed = 5;
        public const int Failed = 6;
        public const int Cancelled = 7;
        public const int Skipped = 8;
    }
}
