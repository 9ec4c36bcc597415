using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Admission;
using Orchestrator.TestKit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>Admission by itself: runs that only wait, start and end, and a clock that moves when told.</summary>
internal sealed class Floor
{
    private static readonly byte[] Random = new byte[10];
    private int _number;

    public Floor(Action<RunEngineOptions>? configure = null)
    {
        var options = new RunEngineOptions();
        configure?.Invoke(options);
        Admissions = new(options, Clock, m => { lock (Posted) Posted.Add(m); }, (run, input) =>
        {
            Superseded.Add(run);
            Reasons.Add(((RunInput.Cancel)input).Actor);
        });
    }

    public ManualTimeProvider Clock { get; } = new();
    public Admissions Admissions { get; }
    public List<LoopMessage> Posted { get; } = [];

    /// <summary>Runs that were told to end in favour of another.</summary>
    public List<OpenRun> Superseded { get; } = [];
    public List<string> Reasons { get; } = [];

    public static WorkflowDefinition Flow(string tenant = "default", RunPriority priority = RunPriority.Normal, int rank = 0) =>
        Rig.Flow(Rig.Task("a")) with { Tenant = tenant, Priority = priority, Rank = rank };

    public OpenRun Add(WorkflowDefinition flow, string? group = null, DateTimeOffset? notBefore = null, RunId? parent = null)
    {
        BitConverter.TryWriteBytes(Random, ++_number);
        var run = new OpenRun(RunId.New(Clock.GetUtcNow(), Random), new RunState(new RunPlan(flow)), "/");
        Admissions.Add(run, new() { Workflow = flow.Name, DefinitionVersion = "v", TenantId = flow.Tenant, ConcurrencyGroup = group, NotBefore = notBefore, ParentRunId = parent });
        return run;
    }

    public OpenRun? Next() => Admissions.TryNext(out var run) ? run : null;

    public List<OpenRun> AllNext()
    {
        var all = new List<OpenRun>();
        while (Next() is { } run) all.Add(run);
        return all;
    }
}
