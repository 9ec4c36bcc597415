using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Telemetry;

/// <summary>How lifecycle events become traces, metrics and log records.</summary>
public sealed class LifecycleOptions
{
    /// <summary>Most events that wait for spans and log records to be made of them; more are dropped and counted.</summary>
    public int QueueCapacity { get; set; } = 65_536;

    /// <summary>Address of the web page, for links in spans; null leaves them out.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Files of runs, for the spans that their scripts leave there; null: they are not looked for.</summary>
    public IRunFiles? Files { get; set; }

    /// <summary>The installation's id, which enters the ids of events that belong to no run; null where there is none.</summary>
    public Func<string?> Installation { get; set; } = static () => null;

    /// <summary>A run's events from the journal, to show a run that was not sampled when it fails; null: it stays unseen.</summary>
    public Func<RunId, IAsyncEnumerable<RecordedEvent>>? History { get; set; }
}
