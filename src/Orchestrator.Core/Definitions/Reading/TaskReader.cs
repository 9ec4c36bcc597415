using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads one task. What needs the other tasks is left to <see cref="GraphRules"/>.</summary>
/// <param name="shell">The workflow's.</param>
/// <param name="isHandler">Whether these are handlers: tasks without dependencies that run one after another at the end.</param>
internal sealed class TaskReader(Draft draft, TaskDefaults? defaults, ImmutableArray<string> shell, bool isHandler = false)
{
    private const long SmallestOutput = 4 << 10;
    private const long LargestOutput = 64 << 20;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestGrace = TimeSpan.FromMinutes(10);

    /// <summary>Longest timeout of an attempt: timers take at most 2^32 - 2 milliseconds, which is 49 days.</summary>
    public static readonly TimeSpan LongestAttempt = TimeSpan.FromDays(45);

    /// <summary>The task; null where it has no usable id.</summary>
    public TaskDefinition? Read(SourceNode node, int index)
    {
        if (node is not SourceMap map)
        {
            draft.Problems.Add(ProblemCodes.WrongType, node.Span, $"A task must be a map, not {node.Found}.", "Write `- id: name` and its keys below.");
            return null;
        }
        var id = map.Find("id") is SourceScalar { IsNothing: false } text && Names.IsTaskId(text.Text) ? text.Text : null;
        var what = isHandler ? "handler" : "task";
        var fields = new Fields(map, isHandler ? Vocabulary.Handler : Vocabulary.Task, id is null ? $"a {what}" : $"{what} '{id}'", draft.Problems);
        if (id is null && fields.Required("id") is { } bad)
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("id"), $"`{SourceScalar.Shorten(bad)}` is not a task id.", Names.TaskIdRule);

        var action = new ActionReader(draft, index, defaults is { Shell.IsEmpty: false } ? defaults.Shell : shell).Read(fields);
        var secretOutputs = isHandler ? [] : SecretOutputsReader.Read(fields, action);
        var task = new TaskDefinition
        {
            Id = new(id ?? "x"),
            Action = action,
            Stage = isHandler ? null : fields.Text("stage"),
            DependsOn = isHandler ? [] : DependsOn(fields),
            RunWhen = isHandler ? default : fields.Word<RunWhen>("run_when") ?? defaults?.RunWhen ?? default,
            If = draft.Condition(fields, "if", ExpressionPlace.Condition, index),
            FanOut = isHandler ? null : new FanOutReader(draft, index).Read(fields),
            Retry = RetryReader.Read(fields) ?? (fields.Has("retry") ? null : defaults?.Retry),
            Timeout = fields.Duration("timeout", s_shortest, LongestAttempt) ?? defaults?.Timeout,
            AllowFailure = fields.Flag("allow_failure") ?? defaults?.AllowFailure ?? false,
            Idempotent = fields.Flag("idempotent") ?? defaults?.Idempotent ?? true,
            Propagate = fields.Word<TracePropagation>("propagate") ?? defaults?.Propagate,
            Env = Beneath(draft.Variables(fields, ExpressionPlace.TaskEnv, index)),
            WorkingDir = draft.Template(fields, "working_dir", ExpressionPlace.Task, index) ?? defaults?.WorkingDir,
            SuccessExitCodes = SuccessExitCodes(fields, action),
            LogOutput = fields.Word<LogOutput>("log_output") ?? defaults?.LogOutput ?? default,
            Outputs = fields.Word<OutputSource>("outputs") ?? default,
            Transform = ControlReader.Outputs(fields, "transform", draft, ExpressionPlace.Transform, index, secretOutputs),
            SecretOutputs = secretOutputs,
            Pool = WorkflowReader.Named(fields, "pool") ?? (HasAttempts(action) ? defaults?.Pool : null),
            Rank = fields.Whole("rank", -ControlReader.MaxRank, ControlReader.MaxRank) ?? 0,
            Sla = ControlReader.Sla(fields),
            Enabled = fields.Flag("enabled") ?? true,
            OutputLimit = fields.Size("output_limit", SmallestOutput, LargestOutput),
            Grace = fields.Duration("grace", TimeSpan.Zero, s_longestGrace),
            Artifacts = [.. fields.Texts("artifacts", orSingle: true).Where(IsArtifact).Select(t => draft.Template(t, ExpressionPlace.Task, index))],
            Tags = [.. fields.Texts("tags").Select(t => t.Text)],
            Metadata = Metadata(fields),
            Span = map.Span,
        };
        if (action is SwitchAction)
            foreach (var key in (string[])["transform", "foreach", "matrix"])
                if (fields.Has(key))
                    draft.Problems.Add(ProblemCodes.Conflict, fields.At(key), $"`{key}` cannot be combined with `switch`: the choice would be lost, and every case would start.", $"Leave out `{key}`, or give it to a task after the switch.");
        return id is null ? null : task;
    }

    /// <summary>The texts of `depends_on` as written.</summary>
    public static IEnumerable<SourceScalar> Needs(SourceMap task) => task.Find("depends_on") switch
    {
        SourceScalar { IsEmpty: false } one => [one],
        SourceList list => list.Items.OfType<SourceScalar>(),
        _ => [],
    };

    private static ImmutableArray<TaskId> DependsOn(Fields fields)
    {
        if (!fields.Has("depends_on")) return [];
        var ids = ImmutableArray.CreateBuilder<TaskId>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in fields.Texts("depends_on", orSingle: true))
            if (TaskId.IsValid(text.Text) && seen.Add(text.Text)) ids.Add(new(text.Text));
        return ids.DrainToImmutable();
    }

    private static ImmutableArray<int> SuccessExitCodes(Fields fields, TaskAction action)
    {
        if (!fields.Has("success_exit_codes")) return [];
        if (action is not (RunAction or ExecAction or ScriptAction or ContainerAction))
            fields.Problems.Add(ProblemCodes.Conflict, fields.At("success_exit_codes"), $"`success_exit_codes` belongs to processes; {fields.Owner} has `{action.Kind}`.", "Remove it.");
        return RetryReader.Numbers(fields, "success_exit_codes", 1, 255, "Use 1 to 255; 0 is always a success.");
    }

    private bool IsArtifact(SourceScalar path)
    {
        if (!string.IsNullOrWhiteSpace(path.Text)) return draft.NoZero(path, "artifacts[]") && draft.IsInside(path, "artifacts[]");
        draft.Problems.Add(ProblemCodes.BadValue, path.Span, "`artifacts` holds a blank path.", "Remove it.");
        return false;
    }

    // The others hold no slot, so a pool would have nothing to count.
    private static bool HasAttempts(TaskAction action) => action is not (NoopAction or WaitAction or ApprovalAction or WorkflowAction);

    private ImmutableSortedDictionary<string, string> Beneath(ImmutableSortedDictionary<string, string> own) =>
        defaults is not { Env.IsEmpty: false } ? own : own.IsEmpty ? defaults.Env : defaults.Env.SetItems(own);

    private static ImmutableSortedDictionary<string, JsonElement> Metadata(Fields fields)
    {
        if (!fields.Has("metadata")) return ImmutableSortedDictionary<string, JsonElement>.Empty;
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries("metadata")) metadata[entry.Key] = Json.Of(entry.Value);
        return metadata.ToImmutable();
    }
}
