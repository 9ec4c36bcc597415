using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Retention;

/// <summary>A finished run that no rule keeps any more.</summary>
/// <param name="Run">The run.</param>
/// <param name="Workflow">Its workflow.</param>
/// <param name="Why">Which limit is passed: age, count or bytes.</param>
public sealed record ExpiredRun(RunId Run, string Workflow, string Why);

/// <summary>
/// Removes finished runs past what their workflow, or else the worker, wants kept. The rule is that of the workflow's newest
/// run.
/// </summary>
public sealed class RunRetention(IRunStore store, RetentionDefinition fallback, TimeProvider clock)
{
    /// <summary>How many are removed together: noting that they existed takes one sync for all of them.</summary>
    public const int Together = 256;

    /// <summary>The runs that would be removed now, newest first in each workflow.</summary>
    public IEnumerable<ExpiredRun> Expired(CancellationToken stop = default)
    {
        var kept = new Dictionary<string, Kept>(StringComparer.Ordinal);
        // One that ended just now is not to be removed yet and is counted, or an older one would be kept in its place.
        foreach (var run in store.Runs.Finished())
        {
            stop.ThrowIfCancellationRequested();
            if (store.Runs.FirstEvent(run)?.Event is not WorkflowCreated created) continue;
            if (!kept.TryGetValue(created.Workflow, out var mine)) kept[created.Workflow] = mine = new(RuleOf(created.DefinitionVersion));
            if (mine.Rule == NoLimit || store.Runs.LastEvent(run) is not { Event: WorkflowEnded } end) continue;
            if (mine.Passed(end.Time, clock.GetUtcNow(), () => store.Files.SizeOf(run)) is { } why && store.Runs.IsSettled(run)) yield return new(run, created.Workflow, why);
        }
    }

    /// <summary>Removes some of them; returns those that are gone. Of the others, in use or not to be changed, the next look finds them again.</summary>
    /// <exception cref="IOException">It cannot be noted that they existed; none is removed.</exception>
    public IReadOnlySet<RunId> Remove(IReadOnlyCollection<RunId> runs) => store.Removal.Remove(runs);

    /// <summary>Finishes what a crash interrupted.</summary>
    public void EmptyTrash() => store.Removal.Tidy();

    private static readonly RetentionDefinition NoLimit = new();

    private RetentionDefinition RuleOf(string version)
    {
        var own = store.Definitions.Find(version)?.Retention;
        return own is null ? fallback : new() { Age = own.Age ?? fallback.Age, Count = own.Count ?? fallback.Count, Bytes = own.Bytes ?? fallback.Bytes };
    }

    private sealed class Kept(RetentionDefinition rule)
    {
        private int _count;
        private long _bytes;

        public RetentionDefinition Rule => rule;

        /// <summary>Called for each finished run of the workflow, newest first.</summary>
        public string? Passed(DateTimeOffset ended, DateTimeOffset now, Func<long> bytes)
        {
            if (rule.Age is { } age && now - ended > age) return "age";
            if (rule.Count is { } count && ++_count > count) return "count";
            return rule.Bytes is { } most && (_bytes += bytes()) > most ? "bytes" : null;
        }
    }
}
