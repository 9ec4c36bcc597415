using Microsoft.Extensions.Options;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Admission;

namespace Orchestrator.Engine.Registration;

/// <summary>Limits and places of an orchestrator inside a host. What code sets wins over configuration, which wins over the defaults here.</summary>
public sealed class OrchestratorOptions
{
    /// <summary>Journal, definitions and run folders. Default <c>./data</c>, from the current directory on. One worker at a time works on it.</summary>
    public string DataDirectory { get; set; } = "./data";

    /// <summary>Name of this worker in events, metrics and reports, unique per life. Default the host's name and the process id.</summary>
    public string InstanceId { get; set; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");

    /// <summary>Folder that relative paths of workflows without a file start from. Default the current directory.</summary>
    public string BaseDirectory { get; set; } = Directory.GetCurrentDirectory();

    /// <summary>Attempts in flight over all runs, 1 to 10000. Default the larger of 8 and 4 for each processor.</summary>
    public int Slots { get; set; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>Runs accepted and not finished; beyond it new ones are refused. Default 10000.</summary>
    public int MaxOpenRuns { get; set; } = 10_000;

    /// <summary>Runs that have started and not finished; further ones stay queued. Default 1000.</summary>
    public int MaxRunningRuns { get; set; } = 1_000;

    /// <summary>Slots of named pools, at least 1 each. A workflow that names another pool is refused.</summary>
    public IDictionary<string, int> Pools { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How often runs are admitted. Default without a limit.</summary>
    public AdmissionLimits Admission { get; set; } = new();

    /// <summary>How long running attempts may take to finish when the host stops, before they are interrupted resumably. Default 20 s.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time between asking an attempt to stop and killing its processes or leaving its delegate behind. Default 10 s.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest log of one attempt in bytes. Default 10 MiB.</summary>
    public long LogLimit { get; set; } = 10 << 20;

    /// <summary>Largest results of one task as JSON, in bytes. Default 1 MiB.</summary>
    public int OutputLimit { get; set; } = 1 << 20;

    /// <summary>When a committed append is on the disk. Default committed.</summary>
    public JournalDurability Durability { get; set; }

    /// <summary>Whether <c>report.md</c> and <c>report.json</c> are written for finished runs. Default true.</summary>
    public bool Reports { get; set; } = true;

    /// <summary>Address under which people reach the orchestrator's pages, for links in spans; null leaves them out.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Variables that secrets are read from and child processes may get. Default this process's environment.</summary>
    public IReadOnlyDictionary<string, string>? Variables { get; set; }

    internal ProcessTaskOptions Limits => new() { KillGrace = StopGrace, DelegateGrace = StopGrace, LogLimit = LogLimit, OutputLimit = OutputLimit };
}

/// <summary>Every wrong value at once, with the key and what was found; and what was registered that cannot run.</summary>
internal sealed class OrchestratorOptionsRules(Registered registered) : IValidateOptions<OrchestratorOptions>
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, OrchestratorOptions options)
    {
        var problems = Problems(options).Concat(registered.Problems()).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(OrchestratorOptions o)
    {
        if (string.IsNullOrWhiteSpace(o.DataDirectory)) yield return "DataDirectory must name a folder, was empty.";
        if (!IsInstance(o.InstanceId)) yield return $"InstanceId must be 1 to 100 letters, digits, '.', '_' or '-' and begin with a letter or digit, was '{o.InstanceId}'.";
        if (o.Slots is < 1 or > 10_000) yield return $"Slots must be 1 to 10000, was {o.Slots}.";
        if (o.MaxOpenRuns is < 1 or > 1_000_000) yield return $"MaxOpenRuns must be 1 to 1000000, was {o.MaxOpenRuns}.";
        if (o.MaxRunningRuns is < 1 or > 1_000_000) yield return $"MaxRunningRuns must be 1 to 1000000, was {o.MaxRunningRuns}.";
        foreach (var (pool, slots) in o.Pools)
            if (slots < 1) yield return $"Pools['{pool}'] must have at least 1 slot, was {slots}.";
        if (o.Drain < TimeSpan.Zero || o.Drain > s_longest) yield return $"Drain must be between 0 and a day, was {o.Drain}.";
        if (o.StopGrace < TimeSpan.Zero || o.StopGrace > s_longest) yield return $"StopGrace must be between 0 and a day, was {o.StopGrace}.";
        if (o.LogLimit < 4096) yield return $"LogLimit must be at least 4096 bytes, was {o.LogLimit}.";
        if (o.OutputLimit is < 1 or > 256 << 20) yield return $"OutputLimit must be between 1 byte and 256 MiB, was {o.OutputLimit}.";
    }

    private static bool IsInstance(string text) =>
        text is { Length: > 0 and <= 100 } && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
