using System.Globalization;
using Orchestrator.Core.Admission;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Explanations;

/// <summary>What a run needs to start: its earliest start, its concurrency group, a place, the rate limits, its turn, a worker.</summary>
internal static class AdmissionGates
{
    private const int MaxHolders = 20;

    public static IEnumerable<Gate> Of(ExplainedRun run, Scene scene)
    {
        var (state, created) = (run.State, run.State.Created!);
        yield return new("accepted", Words.Of(created.Trigger), true, $"It was accepted at {Said.Time(state.CreatedAt.Utc)} ({Words.Of(created.Trigger)}{(created.RequestedBy is { } who ? $", by {who}" : "")}).");
        var isWaiting = state.Status is RunStatus.Pending or RunStatus.Queued;
        if (created.NotBefore is { } start)
            yield return new("not_before", Said.Time(start), start <= scene.At, start <= scene.At ? "Its earliest start has passed." : $"It starts no earlier than {Said.Time(start)}.");
        if (!isWaiting)
        {
            if (created.ConcurrencyGroup is { } group) yield return new("concurrency", group, true, $"It holds a place of concurrency group '{group}' until it ends.");
            if (state.StartedAt.Utc != default) yield return new("started", Said.Time(state.StartedAt.Utc), true, $"It started at {Said.Time(state.StartedAt.Utc)}, {Said.Span(state.StartedAt.Utc - state.CreatedAt.Utc)} after it was accepted.");
            yield return StartGates.OfWorker(run);
            yield break;
        }
        var self = RunFacts.Of(run);
        var others = scene.Others.Where(o => o.Id != state.Id).ToList();
        if (self.Group is not null) yield return Group(run, self, others);
        var sharing = others.Where(o => self.Worker is null || o.Worker is null || o.Worker == self.Worker).ToList();
        foreach (var gate in Places(self, sharing, scene)) yield return gate;
        if (scene.Limits.RunsPerSecond is { } rate) yield return Rate("rate_limit", "", rate, sharing, scene);
        if (scene.Limits.RateOf(self.Tenant) is { } own) yield return Rate("tenant_rate_limit", $" of tenant {self.Tenant}", own, [.. sharing.Where(o => o.Tenant == self.Tenant)], scene);
        yield return Turn(self, sharing, scene);
        yield return StartGates.OfWorker(run);
    }

    private static Gate Group(ExplainedRun run, RunFacts self, List<RunFacts> others)
    {
        var concurrency = run.State.Plan.Definition.Concurrency;
        var most = self.MaxOfGroup;
        var holders = Holders(self, others);
        var hasRoom = holders.Count < most;
        return new("concurrency", $"{self.Group}: {StartGates.Of(holders.Count, most)}", hasRoom, hasRoom
            ? $"Concurrency group '{self.Group}' has room: {StartGates.Of(holders.Count, most)} runs have started."
            : $"Concurrency group '{self.Group}' is full: {StartGates.Of(holders.Count, most)} {(most == 1 ? "run has" : "runs have")} started ({Said.Names([.. holders.Select(h => h.Id.ToString())])}). on_conflict is {Words.Of(concurrency?.OnConflict ?? OnConflict.Queue)}.")
        {
            Facts = [.. holders.Take(MaxHolders).Select(h => new GateFact(h.Id.ToString(), $"{h.Workflow}, {Words.Of(h.Status)}"))],
        };
    }

    private static List<RunFacts> Holders(RunFacts self, List<RunFacts> others) =>
        self.Group is null ? [] : [.. others.Where(o => o.IsStarted && o.Tenant == self.Tenant && o.Group == self.Group).OrderBy(o => o.Since)];

    private static IEnumerable<Gate> Places(RunFacts self, List<RunFacts> sharing, Scene scene)
    {
        if (!self.NeedsPlace)
        {
            yield return new("place", "none needed", true, "Another run's task waits for it: it uses that run's place.");
            yield break;
        }
        if (scene.Limits.MaxRunning == int.MaxValue) yield break;
        var running = sharing.Count(Has);
        yield return new("place", StartGates.Of(running, scene.Limits.MaxRunning), running < scene.Limits.MaxRunning, running < scene.Limits.MaxRunning
            ? $"{Said.Count(running, "run")} {(running == 1 ? "has" : "have")} started of at most {scene.Limits.MaxRunning}."
            : $"The limit of started runs is reached: {running} (Orchestrator:Runner:MaxRunningRuns).{StartGates.Now(scene)}");
        var mine = sharing.Count(o => Has(o) && o.Tenant == self.Tenant);
        if (mine >= scene.Limits.MaxOfTenant && running < scene.Limits.MaxRunning)
            yield return new("tenant_share", StartGates.Of(mine, scene.Limits.MaxOfTenant), false, $"Tenant {self.Tenant} has reached its share of runs: {mine}. The rest is reserved for other tenants.");

        static bool Has(RunFacts o) => o.NeedsPlace && o.Status == RunStatus.Running;
    }

    // The bucket is filled again from what started: nothing else ever takes a token.
    private static Gate Rate(string name, string whose, double perSecond, List<RunFacts> starts, Scene scene)
    {
        var zero = scene.At.AddHours(-1);
        var bucket = new TokenBucket(perSecond, scene.Limits.Burst, 0);
        foreach (var start in starts.Where(o => o.StartedAt > zero && o.StartedAt <= scene.At).Select(o => o.StartedAt!.Value).Order())
        {
            bucket.Wait((start - zero).TotalMilliseconds);
            bucket.Take();
        }
        var wait = bucket.Wait((scene.At - zero).TotalMilliseconds);
        var limit = string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.###} a second");
        return new(name, limit, wait == TimeSpan.Zero, wait == TimeSpan.Zero
            ? $"The rate limit{whose} of {limit} lets a run start now." : $"The rate limit{whose} is {limit}: the next run may start in {Said.Span(wait)}.{StartGates.Now(scene)}");
    }

    private static Gate Turn(RunFacts self, List<RunFacts> sharing, Scene scene)
    {
        // Runs whose group is full wait elsewhere and hold no other run back.
        var before = sharing.Where(o => o.Status is RunStatus.Pending or RunStatus.Queued && o.Since <= scene.At && o.GoesBefore(self) && Holders(o, sharing).Count < o.MaxOfGroup).ToList();
        var position = string.Create(CultureInfo.InvariantCulture, $"{before.Count + 1}");
        var tenants = before.Any(o => o.Tenant != self.Tenant) ? " Tenants take turns." : "";
        return new("rank", position, before.Count == 0, before.Count == 0 ? "No run goes before it."
            : $"{Said.Count(before.Count, "run")} {(before.Count == 1 ? "goes" : "go")} before it: by priority, then the smaller rank, then the older.{tenants}")
        {
            Facts = [.. before.OrderBy(o => o.Level).ThenBy(o => o.Rank).ThenBy(o => o.Since).Take(MaxHolders).Select(o => new GateFact(o.Id.ToString(), o.Workflow))],
        };
    }
}
