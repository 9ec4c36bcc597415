using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running.Admission;

namespace Orchestrator.Engine.Running;

/// <summary>Limits of one engine.</summary>
public sealed class RunEngineOptions
{
    private WorkerFacts? _worker;

    /// <summary>Name of this worker process, unique per life.</summary>
    public string InstanceId { get; set; } = "local";

    /// <summary>Version of the program, for events that say who decided them; null: they name the instance alone.</summary>
    public string? Version { get; set; }

    /// <summary>This process as events name it.</summary>
    internal WorkerFacts? Worker => _worker ??= Version is { } version ? new(InstanceId, Environment.MachineName, version) : null;

    /// <summary>Attempts in flight at once over all runs.</summary>
    [Range(1, 100_000)]
    public int Slots { get; set; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>Runs that are not finished, waiting ones included; beyond it new ones are refused.</summary>
    [Range(1, 1_000_000)]
    public int MaxOpenRuns { get; set; } = 10_000;

    /// <summary>Runs that have started and are not finished; others wait in line.</summary>
    [Range(1, 1_000_000)]
    public int MaxRunningRuns { get; set; } = 1_000;

    /// <summary>One place in so many is not for a tenant that has all the others: a newcomer finds a place at once. Limits below it reserve none.</summary>
    public const int ReservedShare = 20;

    /// <summary>How often runs are admitted.</summary>
    public AdmissionLimits Limits { get; set; } = new();

    /// <summary>Slots of named pools, at least 1 each. A definition that names another pool is refused.</summary>
    public IReadOnlyDictionary<string, int> Pools { get; set; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>Folder that relative paths start from in definitions without a file.</summary>
    public string BaseDirectory { get; set; } = Directory.GetCurrentDirectory();

    /// <summary>How long appends are tried again while the journal cannot take writes; null: for ever, which is right for a server.</summary>
    public TimeSpan? JournalPatience { get; set; }
}
