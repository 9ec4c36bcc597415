using System.Globalization;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// The environment of children: six variables of the worker, the inherited names, the declared ones, and ours; each once, the later
/// group winning. Nothing else of the worker's environment reaches a task.
/// </summary>
internal sealed class ChildEnvironment(IReadOnlyDictionary<string, string> worker)
{
    public const string RunIdName = "ORCHESTRATOR_RUN_ID", TaskName = "ORCHESTRATOR_TASK_ID", AttemptName = "ORCHESTRATOR_ATTEMPT";
    public const string WorkflowName = "ORCHESTRATOR_WORKFLOW", OutputName = "ORCHESTRATOR_OUTPUT", ArtifactsName = "ORCHESTRATOR_ARTIFACTS", RunDirName = "ORCHESTRATOR_RUN_DIR";
    private const string TraceParent = "TRACEPARENT", TraceState = "TRACESTATE", Baggage = "BAGGAGE";

    private static readonly string[] Always = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"];

    private readonly (string Name, byte[] Encoded)[] _always =
        [.. Always.Where(worker.ContainsKey).Select(name => (name, Encoding.UTF8.GetBytes($"{name}={worker[name]}")))];

    /// <summary>Adds all variables of an attempt's process.</summary>
    public void AddTo(SpawnBlock block, TaskAttempt attempt, string outputFile)
    {
        // Ours first: the scan for an attempt's processes then finds them in the first bytes of /proc/PID/environ.
        block.AddVariable(RunIdName, attempt.RunId.ToString());
        block.AddVariable(TaskName, attempt.Task.Id.ToString());
        block.AddVariable(AttemptName, attempt.Attempt.ToString(CultureInfo.InvariantCulture));
        block.AddVariable(WorkflowName, attempt.Workflow);
        block.AddVariable(OutputName, outputFile);
        block.AddVariable(ArtifactsName, RunFolder.ArtifactsOf(attempt.RunDirectory));
        block.AddVariable(RunDirName, RunFolder.ScratchOf(attempt.RunDirectory));
        var trace = attempt.Handed;
        if (trace is not null) block.AddVariable(TraceParent, trace.TraceParent);
        if (trace?.TraceState is { Length: > 0 } state) block.AddVariable(TraceState, state);
        if (trace?.Baggage is { Length: > 0 } baggage) block.AddVariable(Baggage, baggage);

        var declared = attempt.Invocation.Env;
        foreach (var (name, value) in declared)
            if (!IsOurs(name, trace)) block.AddVariable(name, value);
        for (var i = 0; i < attempt.ResultEnv.Count; i++)
            if (!declared.ContainsKey(attempt.ResultEnv[i].Key)) block.AddVariable(attempt.ResultEnv[i].Key, attempt.ResultEnv[i].Value);
        foreach (var (name, encoded) in _always)
            if (!declared.ContainsKey(name)) block.AddEncoded(encoded);
        for (var i = 0; i < attempt.InheritEnv.Count; i++)
        {
            var name = attempt.InheritEnv[i];
            if (declared.ContainsKey(name) || IsOurs(name, trace) || IsOfWorkerAlone(name) || Array.IndexOf(Always, name) >= 0 || Before(attempt.InheritEnv, i, name)) continue;
            if (worker.TryGetValue(name, out var value)) block.AddVariable(name, value);
        }
    }

    /// <summary>The PATH the child will have.</summary>
    public string? PathOf(TaskAttempt attempt) =>
        attempt.Invocation.Env.TryGetValue("PATH", out var own) ? own : worker.GetValueOrDefault("PATH");

    private static bool IsOurs(string name, TraceStamp? trace) => name switch
    {
        RunIdName or TaskName or AttemptName or WorkflowName or OutputName or ArtifactsName or RunDirName => true,
        TraceParent => trace is not null,
        TraceState => trace?.TraceState is { Length: > 0 },
        Baggage => trace?.Baggage is { Length: > 0 },
        _ => false,
    };

    // They tell who the worker is and what trace it was started in: of a task, both would be wrong.
    private static bool IsOfWorkerAlone(string name) => name is TraceParent or TraceState or Baggage or "OTEL_SERVICE_NAME" or "OTEL_RESOURCE_ATTRIBUTES";

    private static bool Before(IReadOnlyList<string> names, int end, string name)
    {
        for (var i = 0; i < end; i++)
            if (names[i] == name) return true;
        return false;
    }
}
