using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Subscriptions;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.Engine.Registration;

/// <summary>
/// What a program does with the orchestrator inside its host. Safe from any thread. Calls made before the host has started wait until it has;
/// so do not await one in a hosted service's StartAsync. Subscribing never waits.
/// </summary>
public sealed class OrchestratorClient(WorkflowCatalog catalog, EventSubscriptions subscriptions, IRunJournal journal, IRunStore store, TimeProvider clock)
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoValues = ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);
    private readonly TaskCompletionSource<OrchestratorNode> _node = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What became of events on their way to subscribers.</summary>
    public SubscriptionStats SubscriptionStats => subscriptions.Stats;

    /// <summary>Asks for a run. When the task completes the run is durable: it ends whatever becomes of this process.</summary>
    /// <param name="workflow">Name of a workflow in force.</param>
    /// <param name="options">Who asks, an id of your own, an earliest start.</param>
    /// <inheritdoc cref="SubmitAsync(string, object, RunSubmission, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task<RunAccepted> SubmitAsync(string workflow, RunSubmission? options = null, CancellationToken stop = default) => SubmitAsync(workflow, NoValues, options, stop);

    /// <summary>Asks for a run with parameters, in trimmed and native programs.</summary>
    /// <param name="type">How parameters are written, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>, whose naming policy gives their names.</param>
    /// <inheritdoc cref="SubmitAsync(string, object, RunSubmission, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public async Task<RunAccepted> SubmitAsync<T>(string workflow, T parameters, JsonTypeInfo<T> type, RunSubmission? options = null, CancellationToken stop = default) =>
        await SubmitAsync(workflow, Values(parameters, type), options, stop).ConfigureAwait(false);

    /// <summary>Asks for a run with parameters. When the task completes the run is durable: it ends whatever becomes of this process.</summary>
    /// <param name="workflow">Name of a workflow in force.</param>
    /// <param name="parameters">An object whose members (snake_case), or a dictionary whose entries, are parameters.</param>
    /// <param name="options">Who asks, an id of your own, an earliest start.</param>
    /// <exception cref="KeyNotFoundException">There is no such workflow.</exception>
    /// <exception cref="ArgumentException">The parameters do not fit; the message lists every problem.</exception>
    /// <exception cref="TooManyRunsException">As many runs are open as this worker accepts.</exception>
    /// <exception cref="EngineStoppingException">The host is stopping.</exception>
    /// <exception cref="JournalUnavailableException">The journal takes no writes; the run was not accepted.</exception>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public async Task<RunAccepted> SubmitAsync(string workflow, object? parameters = null, RunSubmission? options = null, CancellationToken stop = default) =>
        await SubmitAsync(workflow, Values(parameters), options, stop).ConfigureAwait(false);

    /// <summary>Asks for a run and waits for its end, good or bad.</summary>
    /// <exception cref="RunInterruptedException">The host stopped first; the run goes on when it starts again.</exception>
    /// <inheritdoc cref="SubmitAsync(string, RunSubmission, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task<WorkflowEnded> RunAsync(string workflow, RunSubmission? options = null, CancellationToken stop = default) => RunAsync(workflow, NoValues, options, stop);

    /// <summary>Asks for a run with parameters and waits for its end, in trimmed and native programs.</summary>
    /// <exception cref="RunInterruptedException">The host stopped first; the run goes on when it starts again.</exception>
    /// <inheritdoc cref="SubmitAsync{T}(string, T, JsonTypeInfo{T}, RunSubmission, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public async Task<WorkflowEnded> RunAsync<T>(string workflow, T parameters, JsonTypeInfo<T> type, RunSubmission? options = null, CancellationToken stop = default) =>
        await RunAsync(workflow, Values(parameters, type), options, stop).ConfigureAwait(false);

    /// <summary>Asks for a run with parameters and waits for its end, good or bad.</summary>
    /// <exception cref="RunInterruptedException">The host stopped first; the run goes on when it starts again.</exception>
    /// <inheritdoc cref="SubmitAsync(string, object, RunSubmission, CancellationToken)"/>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public async Task<WorkflowEnded> RunAsync(string workflow, object? parameters = null, RunSubmission? options = null, CancellationToken stop = default) =>
        await RunAsync(workflow, Values(parameters), options, stop).ConfigureAwait(false);

    /// <summary>Asks for a run and gives its outputs once it has completed.</summary>
    /// <typeparam name="TOut">What the workflow's `outputs` are read into, by name (snake_case); a type without members is read from a single output.</typeparam>
    /// <exception cref="RunNotCompletedException">The run failed or was cancelled.</exception>
    /// <exception cref="JsonException">The outputs do not fit the type.</exception>
    /// <inheritdoc cref="RunAsync(string, object, RunSubmission, CancellationToken)"/>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public async Task<TOut> RunAsync<TOut>(string workflow, object? parameters = null, RunSubmission? options = null, CancellationToken stop = default) =>
        Outputs(workflow, await RunToEndAsync(workflow, Values(parameters), options, stop).ConfigureAwait(false), DelegateReflection.Input<TOut>());

    /// <summary>Asks for a run and gives its outputs once it has completed, in trimmed and native programs.</summary>
    /// <param name="input">How parameters are written, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="output">How outputs are read.</param>
    /// <inheritdoc cref="RunAsync{TOut}(string, object, RunSubmission, CancellationToken)"/>
    public async Task<TOut> RunAsync<TIn, TOut>(
        string workflow, TIn parameters, JsonTypeInfo<TIn> input, JsonTypeInfo<TOut> output, RunSubmission? options = null, CancellationToken stop = default) =>
        Outputs(workflow, await RunToEndAsync(workflow, Values(parameters, input), options, stop).ConfigureAwait(false), output);

    /// <summary>Waits for a run's end, which may be long ago.</summary>
    /// <exception cref="KeyNotFoundException">There is no such run here.</exception>
    /// <exception cref="RunInterruptedException">The host stopped first; the run goes on when it starts again.</exception>
    public async Task<WorkflowEnded> WaitAsync(RunId run, CancellationToken stop = default)
    {
        var engine = await EngineAsync(stop).ConfigureAwait(false);
        try { return await engine.WaitAsync(run, stop).ConfigureAwait(false); }
        catch (KeyNotFoundException) { return await EndOfAsync(run, stop).ConfigureAwait(false); }
    }

    /// <summary>The run as it is now, tasks and results included; null when there is none.</summary>
    public async Task<RunView?> FindAsync(RunId run, CancellationToken stop = default)
    {
        await EngineAsync(stop).ConfigureAwait(false);
        var events = await EventsAsync(run, stop).ConfigureAwait(false);
        if (events.Count == 0) return null;
        var definition = events[0].Event is WorkflowCreated created ? store.Definitions.Find(created.DefinitionVersion) : null;
        return OutputFiles.Complete(RunView.From(definition, run, events), store.Files) with { ReportDir = store.Files.DirectoryOf(run) };
    }

    /// <summary>Asks for a run's end. False when the run is not open here.</summary>
    /// <param name="actor">Who asks, for the record.</param>
    public async Task<bool> CancelAsync(RunId run, string actor, CancellationToken stop = default) =>
        await (await EngineAsync(stop).ConfigureAwait(false)).CancelAsync(run, actor, stop).ConfigureAwait(false);

    /// <summary>Approves what a task asks. When the task completes, what follows from it is durable, or its refusal says why not.</summary>
    [OverloadResolutionPriority(1)]
    public Task<AnswerResult> ApproveAsync(RunId run, string task, string by, string? comment = null, CancellationToken stop = default) =>
        AnswerAsync(run, new RunInput.Approve(new(task), by, comment, NoValues), stop);

    /// <param name="values">Values of the fields it asks for: an object or a dictionary.</param>
    /// <inheritdoc cref="ApproveAsync(RunId, string, string, string, CancellationToken)"/>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public Task<AnswerResult> ApproveAsync(RunId run, string task, string by, string? comment = null, object? values = null, CancellationToken stop = default) =>
        AnswerAsync(run, new RunInput.Approve(new(task), by, comment, Values(values)), stop);

    /// <param name="values">Values of the fields it asks for.</param>
    /// <param name="type">How they are written, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <inheritdoc cref="ApproveAsync(RunId, string, string, string, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public Task<AnswerResult> ApproveAsync<T>(RunId run, string task, string by, T values, JsonTypeInfo<T> type, string? comment = null, CancellationToken stop = default) =>
        AnswerAsync(run, new RunInput.Approve(new(task), by, comment, Values(values, type)), stop);

    /// <summary>Refuses what a task asks.</summary>
    public Task<AnswerResult> RejectAsync(RunId run, string task, string by, string? comment = null, CancellationToken stop = default) =>
        AnswerAsync(run, new RunInput.Reject(new(task), by, comment), stop);

    /// <summary>Hands an event to the tasks of a run that wait for it.</summary>
    [OverloadResolutionPriority(1)]
    public Task<AnswerResult> SignalAsync(RunId run, string @event, CancellationToken stop = default) => AnswerAsync(run, new RunInput.Signal(@event, NoValues), stop);

    /// <param name="data">An object or a dictionary; its members become results.</param>
    /// <inheritdoc cref="SignalAsync(RunId, string, CancellationToken)"/>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public Task<AnswerResult> SignalAsync(RunId run, string @event, object? data = null, CancellationToken stop = default) =>
        AnswerAsync(run, new RunInput.Signal(@event, Values(data)), stop);

    /// <param name="data">Its members become results.</param>
    /// <param name="type">How they are written, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <inheritdoc cref="SignalAsync(RunId, string, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public Task<AnswerResult> SignalAsync<T>(RunId run, string @event, T data, JsonTypeInfo<T> type, CancellationToken stop = default) =>
        AnswerAsync(run, new RunInput.Signal(@event, Values(data, type)), stop);

    /// <summary>Runs a workflow once for each due time of a schedule, or each date, of a range. When the task completes the backfill is durable and goes on, after a restart too.</summary>
    /// <param name="workflow">Name of a workflow in force.</param>
    /// <param name="request">The range, and how many at once.</param>
    /// <param name="id">The id to use (a UUID), so that asking twice backfills once; null makes one.</param>
    /// <param name="stop">Cancels the waiting.</param>
    /// <exception cref="KeyNotFoundException">There is no such workflow.</exception>
    /// <exception cref="ArgumentException">The request does not fit; the message lists every problem.</exception>
    /// <exception cref="TooManyBackfillsException">As many are open as may be.</exception>
    /// <exception cref="JournalUnavailableException">The journal takes no writes; it was not accepted.</exception>
    public async Task<BackfillState> BackfillAsync(string workflow, BackfillRequest request, Guid? id = null, CancellationToken stop = default)
    {
        var node = await _node.Task.WaitAsync(stop).ConfigureAwait(false);
        var (definition, now) = (Find(workflow), clock.GetUtcNow());
        if (!BackfillPlanner.TryPlan(definition, request, now, out var plan, out var problems)) throw new ArgumentException($"{workflow} cannot be backfilled: {string.Join(" ", problems)}", nameof(request));
        return await node.Backfills.CreateAsync((id ?? Guid.CreateVersion7(now)).ToString("D"), definition, plan, stop).ConfigureAwait(false);
    }

    /// <summary>A backfill as it is now; null when there is none.</summary>
    public async Task<BackfillState?> FindBackfillAsync(string id, CancellationToken stop = default)
    {
        await _node.Task.WaitAsync(stop).ConfigureAwait(false);
        return new BackfillHistory(store.Runs).Find(id);
    }

    /// <summary>Cancels a backfill: no more items start, and its open runs are asked to stop. Null when it is not open.</summary>
    /// <param name="actor">Who asks, for the record.</param>
    public async Task<BackfillState?> CancelBackfillAsync(string id, string actor, string? reason = null, CancellationToken stop = default) =>
        await (await _node.Task.WaitAsync(stop).ConfigureAwait(false)).Backfills.CancelAsync(id, actor, reason, stop).ConfigureAwait(false);

    /// <summary>Hands an event from outside to the triggers that wait for it; completes when all of them have it in their ledgers. None waits: nothing is kept of it.</summary>
    /// <exception cref="JournalUnavailableException">Not all ledgers have it; those that do know it when it comes again.</exception>
    /// <exception cref="EngineStoppingException">The host is stopping.</exception>
    public async Task<IReadOnlyList<EventDelivery>> PostEventAsync(CloudEvent posted, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(posted);
        var node = await _node.Task.WaitAsync(stop).ConfigureAwait(false);
        return await node.Events.TakeAsync(posted, new(null, Ambient, null), stop).ConfigureAwait(false);
    }

    /// <summary>Hands a delivery to one trigger, as its own door does once a request has proved itself. A delivery of an id that came before starts nothing.</summary>
    /// <exception cref="KeyNotFoundException">There is no such workflow or trigger.</exception>
    /// <exception cref="JournalUnavailableException">Nothing was decided; the caller may try again.</exception>
    /// <exception cref="EngineStoppingException">The host is stopping.</exception>
    public async Task<DeliveryAnswer> DeliverAsync(string workflow, string trigger, Delivery delivery, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var node = await _node.Task.WaitAsync(stop).ConfigureAwait(false);
        var definition = Find(workflow);
        var found = definition.Triggers.FirstOrDefault(t => t.Id == trigger) ?? throw new KeyNotFoundException($"Workflow '{workflow}' has no trigger '{trigger}'.");
        return await node.Triggers.DeliverByRuleAsync(definition, found, delivery with { Trace = delivery.Trace ?? Ambient }, stop).ConfigureAwait(false);
    }

    /// <inheritdoc cref="EventSubscriptions.Subscribe(string, Action{LifecycleEnvelope}, Func{LifecycleEnvelope, bool}?, int, int)"/>
    public EventSubscription Subscribe(
        string pattern, Action<LifecycleEnvelope> handler, Func<LifecycleEnvelope, bool>? filter = null, int priority = 0, int capacity = EventSubscriptions.DefaultCapacity) =>
        subscriptions.Subscribe(pattern, handler, filter, priority, capacity);

    /// <inheritdoc cref="EventSubscriptions.Subscribe(string, Func{LifecycleEnvelope, CancellationToken, Task}, Func{LifecycleEnvelope, bool}?, int, int)"/>
    public EventSubscription Subscribe(
        string pattern, Func<LifecycleEnvelope, CancellationToken, Task> handler, Func<LifecycleEnvelope, bool>? filter = null, int priority = 0,
        int capacity = EventSubscriptions.DefaultCapacity) =>
        subscriptions.Subscribe(pattern, handler, filter, priority, capacity);

    /// <summary>Why calls wait or fail; null once the orchestrator has started.</summary>
    internal string? WhyNotStarted =>
        _node.Task.IsCompletedSuccessfully ? null : _node.Task.Exception?.InnerException is { } e ? $"{e.Message} {e.InnerException?.Message}".TrimEnd() : "The orchestrator has not started.";

    internal void Open(OrchestratorNode node) => _node.TrySetResult(node);

    internal void Fail(Exception e)
    {
        _node.TrySetException(new InvalidOperationException("The orchestrator did not start.", e));
        _ = _node.Task.Exception;   // nobody may ask
    }

    internal async Task<RunEngine> EngineAsync(CancellationToken stop) => (await _node.Task.WaitAsync(stop).ConfigureAwait(false)).Engine;

    private async Task<AnswerResult> AnswerAsync(RunId run, RunInput answer, CancellationToken stop) =>
        await (await EngineAsync(stop).ConfigureAwait(false)).AnswerAsync(run, answer, stop).ConfigureAwait(false);

    private async Task<RunAccepted> SubmitAsync(string workflow, ImmutableSortedDictionary<string, JsonElement> parameters, RunSubmission? options, CancellationToken stop)
    {
        var engine = await EngineAsync(stop).ConfigureAwait(false);
        return await engine.SubmitAsync(Request(workflow, parameters, options ?? new()), stop).ConfigureAwait(false);
    }

    private async Task<WorkflowEnded> RunAsync(string workflow, ImmutableSortedDictionary<string, JsonElement> parameters, RunSubmission? options, CancellationToken stop) =>
        (await RunToEndAsync(workflow, parameters, options, stop).ConfigureAwait(false)).End;

    private async Task<(RunId Run, WorkflowEnded End)> RunToEndAsync(string workflow, ImmutableSortedDictionary<string, JsonElement> parameters, RunSubmission? options, CancellationToken stop)
    {
        var engine = await EngineAsync(stop).ConfigureAwait(false);
        var (accepted, end) = await engine.SubmitAndWatchAsync(Request(workflow, parameters, options ?? new()), stop).ConfigureAwait(false);
        try { return (accepted.RunId, await end.WaitAsync(stop).ConfigureAwait(false)); }
        catch (KeyNotFoundException) { return (accepted.RunId, await EndOfAsync(accepted.RunId, stop).ConfigureAwait(false)); }   // it existed, and has ended
    }

    private static TOut Outputs<TOut>(string workflow, (RunId Run, WorkflowEnded End) ended, JsonTypeInfo<TOut> type)
    {
        if (ended.End is not WorkflowCompleted { WorkflowResult: var outputs }) throw new RunNotCompletedException(workflow, ended.Run, ended.End);
        return DelegateInput.ReadOutputs(workflow, outputs ?? NoValues, type);
    }

    private RunRequest Request(string workflow, ImmutableSortedDictionary<string, JsonElement> parameters, RunSubmission options)
    {
        var definition = Find(workflow);
        var bound = RunParameters.Given(parameters).Bind(definition, clock.GetUtcNow());
        if (!bound.IsValid)
            throw new ArgumentException($"{workflow} cannot run with these parameters: {string.Join(" ", bound.Problems.Select(p => $"{p.Code} {p.Message} {p.Remedy}".TrimEnd()))}", nameof(parameters));
        return new()
        {
            Definition = definition, Params = RunParameters.Checked(bound.Values), RunId = options.RunId, NotBefore = options.NotBefore,
            Origin = new RunOrigin.Code(options.RequestedBy ?? "code")
            {
                CorrelationId = options.CorrelationId,
                Trace = Ambient,
            },
        };
    }

    private WorkflowDefinition Find(string workflow) =>
        catalog.Find(workflow) ?? throw new KeyNotFoundException(CatalogLookup.Unknown(workflow, catalog, EmbeddedSetup.UnknownWorkflow));

    private static TraceStamp? Ambient => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ambient ? new(id, ambient.TraceStateString) : null;

    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    private static ImmutableSortedDictionary<string, JsonElement> Values(object? values) =>
        values is null ? NoValues : Values(DelegateReflection.Element(values), values.GetType());

    private static ImmutableSortedDictionary<string, JsonElement> Values<T>(T values, JsonTypeInfo<T> type) =>
        values is null ? NoValues : Values(JsonSerializer.SerializeToElement(values, type), values.GetType());

    private static ImmutableSortedDictionary<string, JsonElement> Values(JsonElement json, Type values) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal),
        JsonValueKind.Undefined or JsonValueKind.Null => NoValues,
        _ => throw new ArgumentException($"Values are given as an object or a dictionary, not as a {values.Name}.", nameof(values)),
    };

    private async Task<WorkflowEnded> EndOfAsync(RunId run, CancellationToken stop) =>
        (await EventsAsync(run, stop).ConfigureAwait(false)) is [.., { Event: WorkflowEnded end }] ? end
        : throw new KeyNotFoundException($"Run {run} is neither open here nor finished.");

    private async Task<IReadOnlyList<RecordedEvent>> EventsAsync(RunId run, CancellationToken stop)
    {
        var events = new List<RecordedEvent>();
        await foreach (var recorded in journal.ReadAsync(StreamId.Run(run), 0, stop).ConfigureAwait(false)) events.Add(recorded);
        return events;
    }
}

/// <summary>What may be said about a run beside its parameters.</summary>
public sealed record RunSubmission
{
    /// <summary>Who asks, for the record. Default <c>code</c>.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The id to use, so that asking twice runs once; null makes one.</summary>
    public RunId? RunId { get; init; }

    /// <summary>Ties the run to something larger; null: its own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Earliest start; null: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}
