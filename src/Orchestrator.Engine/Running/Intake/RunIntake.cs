using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Running;

/// <summary>
/// The one way in: binds parameters, checks what must hold, stores the definition, and hands the run's
/// first event to the loop. Safe to call from any thread.
/// </summary>
internal sealed class RunIntake(RunEngineOptions options, RunEngineParts parts, PlanCache plans, Func<LoopMessage, bool> post)
{
    private readonly ILogger _log = parts.Logs.CreateLogger<RunEngine>();

    /// <summary>Accepts a run. When the task completes the run is durable; it goes on whatever becomes of the caller.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="watcher">Told the run's end; it cannot be missed.</param>
    /// <param name="stop">Ends the wait, not the run.</param>
    public async Task<RunAccepted> AcceptAsync(RunRequest request, TaskCompletionSource<WorkflowEnded>? watcher, CancellationToken stop)
    {
        var started = parts.Clock.GetTimestamp();
        var id = request.RunId ?? RunId.New(parts.Clock.GetUtcNow(), RandomNumberGenerator.GetBytes(10));
        var (definition, origin) = (request.Definition, request.Origin);
        _log.RunSubmitted(id, definition.Name, Words.Of(origin.Kind));
        if (request.RunId is not null && await parts.Journal.ExistsAsync(id, stop).ConfigureAwait(false))
        {
            if (watcher is not null && !post(new LoopMessage.Watch(id, watcher))) watcher.TrySetException(new RunInterruptedException(id, RunEngine.StopReason));
            return new(id, AlreadyExisted: true);
        }

        var now = parts.Clock.GetUtcNow();
        var bound = request.Params.Bind(definition, now, origin.DueTime);
        if (!bound.IsValid) throw new RunParametersException(origin.Misfit(definition.Name, bound.Problems), bound.Problems);
        Acceptance.Check(definition, options.Pools);
        var created = Describe(id, request, bound.Values, now);
        Acceptance.Check(created);
        created = created with { InputsDigest = Digest(bound.Values), ConcurrencyGroup = Acceptance.GroupOf(definition, created, id, now), DefinitionVersion = Store(definition) };
        var run = new OpenRun(id, new RunState(plans.Of(created.DefinitionVersion, definition)), definition.BaseDir ?? options.BaseDirectory)
        {
            Accepted = new(TaskCreationOptions.RunContinuationsAsynchronously),
        };
        if (watcher is not null) run.Watchers.Add(watcher);   // before the run can end
        if (!post(new LoopMessage.Submit(run, created, origin.Reused))) throw new EngineStoppingException();
        var existed = await run.Accepted.Task.WaitAsync(stop).ConfigureAwait(false);
        _log.RunAccepted(id, definition.Name, Words.Of(origin.Kind), parts.Clock.GetElapsedTime(started).TotalMilliseconds);
        return new(id, existed);
    }

    // All but the digest, the group and the definition's version, which only a run that may be accepted has.
    private WorkflowCreated Describe(RunId id, RunRequest request, ImmutableSortedDictionary<string, JsonElement> values, DateTimeOffset now)
    {
        var (definition, origin) = (request.Definition, request.Origin);
        return origin.Describe(new WorkflowCreated
        {
            Workflow = definition.Name,
            DefinitionVersion = "",
            TenantId = definition.Tenant,
            ProjectId = definition.Project,
            Labels = definition.Labels,
            Trigger = origin.Kind,
            RequestedBy = origin.RequestedBy,
            Params = values,
            IdempotencyKey = request.IdempotencyKey,
            CorrelationId = origin.CorrelationId ?? id.ToString(),
            CausationId = origin.CausationId,
            Trace = TraceOrigin.ParentOf(origin.Trace, origin.Via),
            Sampled = parts.Sampling.Decide(id, origin.Sampled, origin.Trace, definition.Telemetry?.Sample, origin.Via),
            Links = TraceOrigin.Links(origin.Links, origin.Trace, origin.Via),
            BaseDir = definition.BaseDir,
            NotBefore = request.NotBefore > now ? request.NotBefore : null,
            Worker = options.Worker,
        });
    }

    private string Store(WorkflowDefinition definition)
    {
        try { return parts.Store.Definitions.Save(definition); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException($"The definition cannot be stored in {parts.Store.Definitions.Place}: {e.Message} The run was not accepted. "
                + "Free space, or make the folder writable, or move the data directory.", e);
        }
    }

    private static string Digest(ImmutableSortedDictionary<string, JsonElement> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in values) hash.AppendData(Encoding.UTF8.GetBytes($"{name}={value.GetRawText()}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
