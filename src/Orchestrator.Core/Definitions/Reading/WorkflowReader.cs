using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads a workflow from its tree, then applies the rules that need all of it.</summary>
internal static class WorkflowReader
{
    public static readonly TimeSpan LongestRun = TimeSpan.FromDays(365);

    /// <summary>More would not fit the text's bound, nor a run's memory.</summary>
    public const int MaxTasks = 100_000;

    /// <param name="name">The name where the notation gives it outside the tree.</param>
    /// <param name="text">The text the tree was read from, to place problems within values.</param>
    public static ReadResult Read(SourceNode root, string? name, SourceText? text, ProblemLog problems)
    {
        var draft = new Draft(problems);
        if (root is SourceMap map)
        {
            var (workflow, schedulesOnly) = Read(map, name, text, draft);
            return problems.IsEmpty ? new(workflow, []) : new(null, problems.ToImmutable()) { Partial = schedulesOnly ? workflow : null };
        }
        if (root.IsNothing) problems.Add(ProblemCodes.Empty, root.Span, "The file holds no workflow.", "Write at least `name:` and `tasks:`.");
        else problems.Add(ProblemCodes.WrongType, root.Span, $"A workflow must be a map, not {root.Found}.", "Begin with `name:` and `tasks:`.");
        return new(null, problems.ToImmutable());
    }

    // With the workflow: whether nothing is wrong but schedules and calendars, which it has not.
    private static (WorkflowDefinition, bool) Read(SourceMap map, string? name, SourceText? text, Draft draft)
    {
        var fields = new Fields(map, Vocabulary.Workflow, "the workflow", draft.Problems);
        var parameters = ParameterReader.Read(fields, "params", draft);
        var defaults = Defaults(fields, draft);
        var shell = ShellReader.Read(fields);
        var output = fields.Word<LogOutput>("log_output") ?? default;
        // Tasks take the workflow's word through the defaults, which keep their own.
        var beneath = output == default ? defaults : (defaults ?? new()) with { LogOutput = defaults?.LogOutput ?? output };
        var (tasks, sources) = Tasks(fields, beneath, shell, draft);
        var handlers = new HandlersReader(draft, beneath, shell, tasks.Length).Read(fields);
        var secrets = Secrets(fields, draft);
        var calendars = CalendarReader.Read(fields);
        var schedules = new ScheduleReader(parameters, calendars, draft);
        var workflow = new WorkflowDefinition
        {
            Name = Name(fields, name) ?? "",
            Description = fields.Text("description"),
            Owner = fields.Text("owner"),
            Tenant = Named(fields, "tenant") ?? "default",
            Project = Named(fields, "project"),
            Labels = fields.TextMap("labels").ToImmutableSortedDictionary(e => e.Entry.Key, e => e.Value.Text, StringComparer.Ordinal),
            Params = parameters,
            Env = draft.Variables(fields, ExpressionPlace.WorkflowEnv, -1),
            Dotenv = [.. fields.Texts("dotenv", orSingle: true).Where(t => draft.NoZero(t, "dotenv")).Select(t => draft.Template(t, ExpressionPlace.Workflow, -1))],
            InheritEnv = [.. fields.Texts("inherit_env").Where(t => t.Text == "*" || draft.IsVariable(t.Text, t.Span)).Select(t => t.Text).Distinct(StringComparer.Ordinal)],
            WorkingDir = draft.Template(fields, "working_dir", ExpressionPlace.Workflow, -1),
            Shell = shell,
            LogOutput = output,
            KeepRunDir = fields.Word<KeepRule>("keep_run_dir") ?? default,
            Secrets = secrets,
            Defaults = defaults,
            Concurrency = ControlReader.Concurrency(fields, draft),
            Priority = fields.Word<RunPriority>("priority") ?? default,
            Rank = fields.Whole("rank", -ControlReader.MaxRank, ControlReader.MaxRank) ?? 0,
            MaxParallel = fields.Whole("max_parallel", 1, MaxTasks),
            FailFast = fields.Flag("fail_fast") ?? true,
            OnFailFast = fields.Word<OnFailFast>("on_fail_fast") ?? default,
            Timeout = fields.Duration("timeout", TimeSpan.FromMilliseconds(1), LongestRun),
            Retry = RetryReader.Read(fields),
            Sla = ControlReader.Sla(fields),
            MaxWorkerLosses = fields.Whole("max_worker_losses", 0, 1000) ?? 3,
            Calendars = calendars.Right,
            Schedules = schedules.Read(fields),
            RefusedSchedules = schedules.Refused,
            Triggers = new TriggerReader(parameters, secrets.Keys, draft).Read(fields),
            Stages = Stages(fields),
            Tasks = tasks,
            Handlers = handlers.Definition,
            Outputs = ControlReader.Outputs(fields, "outputs", draft, ExpressionPlace.RunOutput, -1),
            Retention = ControlReader.Retention(fields),
            Callbacks = CallbackReader.Read(fields, secrets.Keys),
            Telemetry = ControlReader.Telemetry(fields),
            Report = fields.Word<ReportRule>("report") ?? default,
            Span = map.Span,
        };
        var isAcyclic = GraphRules.Check(workflow, sources, handlers.Sources, draft.Problems);
        ExpressionRules.Check(workflow, draft.Embedded, text, isAcyclic, draft.Problems);
        var known = draft.Problems.Count <= ProblemLog.Limit;
        return (workflow, known && draft.Problems.Count == schedules.Problems + calendars.Wrong.Values.Sum(w => w.Length));
    }

    private static string? Name(Fields fields, string? outside)
    {
        if (outside is not null && !fields.Has("name"))
        {
            if (!Names.IsName(outside)) fields.Problems.Add(ProblemCodes.BadValue, fields.Span, $"`{SourceScalar.Shorten(outside)}` is not a workflow name.", Names.NameRule);
            return outside;
        }
        return fields.Required("name") is null ? null : Named(fields, "name");
    }

    /// <summary>A text that is a name by the rule of workflows.</summary>
    public static string? Named(Fields fields, string key)
    {
        if (fields.Text(key) is not { } text || Names.IsName(text)) return fields.Text(key);
        fields.Problems.Add(ProblemCodes.BadValue, fields.At(key), $"`{key}` is `{SourceScalar.Shorten(text)}`.", Names.NameRule);
        return null;
    }

    private static ImmutableSortedDictionary<string, SecretReference> Secrets(Fields workflow, Draft draft)
    {
        var secrets = ImmutableSortedDictionary.CreateBuilder<string, SecretReference>(StringComparer.Ordinal);
        foreach (var entry in workflow.Entries("secrets"))
        {
            if (!draft.IsVariable(entry.Key, entry.At)) continue;
            if (entry.Value is not SourceMap map)
            {
                draft.Problems.Add(ProblemCodes.WrongType, entry.Value.Span, $"Secret '{entry.Key}' must say where its value is.",
                    "Write {file: /run/secrets/name} or {env: NAME}; a definition never contains the value.");
                continue;
            }
            secrets[entry.Key] = Reference(new(map, Vocabulary.Secret, $"secret '{entry.Key}'", draft.Problems), draft);
        }
        return secrets.ToImmutable();
    }

    /// <summary>Where a secret's value is found: exactly one of `file` and `env`.</summary>
    public static SecretReference Reference(Fields fields, Draft draft)
    {
        if (fields.Has("file") == fields.Has("env"))
            draft.Problems.Add(ProblemCodes.Conflict, fields.Span, $"{Fields.Capital(fields.Owner)} needs exactly one of `file` and `env`.", "Keep one of them: {file: /run/secrets/name} or {env: NAME}.");
        var (file, variable) = (fields.Has("file") ? fields.Required("file") : null, fields.Has("env") ? fields.Required("env") : null);
        if (variable is not null) draft.IsVariable(variable, fields.At("env"));
        return new(file, variable);
    }

    private static TaskDefaults? Defaults(Fields workflow, Draft draft)
    {
        if (workflow["defaults"] is not { IsEmpty: false } node) return null;
        if (node is not SourceMap map)
        {
            workflow.Wrong(node, "defaults", "a map");
            return null;
        }
        var fields = new Fields(map, Vocabulary.Defaults, "`defaults`", draft.Problems);
        return new()
        {
            Timeout = fields.Duration("timeout", TimeSpan.FromMilliseconds(1), TaskReader.LongestAttempt),
            Retry = RetryReader.Read(fields),
            WorkingDir = draft.Template(fields, "working_dir", ExpressionPlace.Workflow, -1),
            Shell = ShellReader.Read(fields),
            Env = draft.Variables(fields, ExpressionPlace.DefaultsEnv, -1),
            Pool = Named(fields, "pool"),
            AllowFailure = fields.Flag("allow_failure"),
            Idempotent = fields.Flag("idempotent"),
            Propagate = fields.Word<TracePropagation>("propagate"),
            RunWhen = fields.Word<RunWhen>("run_when"),
            LogOutput = fields.Word<LogOutput>("log_output"),
        };
    }

    private static ImmutableArray<string> Stages(Fields workflow)
    {
        var stages = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in workflow.Texts("stages"))
        {
            if (!Names.IsName(stage.Text)) workflow.Problems.Add(ProblemCodes.BadValue, stage.Span, $"`{SourceScalar.Shorten(stage.Text)}` is not a stage's name.", Names.NameRule);
            else if (!seen.Add(stage.Text)) workflow.Problems.Add(ProblemCodes.DuplicateName, stage.Span, $"Stage '{stage.Text}' is declared twice.", "Remove one of them.");
            else stages.Add(stage.Text);
        }
        return stages.ToImmutable();
    }

    // The trees of the tasks are kept beside them: problems found later have their places there.
    private static (ImmutableArray<TaskDefinition>, List<SourceMap>) Tasks(Fields workflow, TaskDefaults? defaults, ImmutableArray<string> shell, Draft draft)
    {
        var (tasks, sources) = (ImmutableArray.CreateBuilder<TaskDefinition>(), new List<SourceMap>());
        if (!workflow.Has("tasks"))
        {
            draft.Problems.Add(ProblemCodes.MissingKey, workflow.Span, "The workflow has no `tasks`.", "Add at least one task: `tasks: [{id: hello, run: echo hello}]`.");
            return ([], sources);
        }
        if (workflow["tasks"] is SourceMap { Entries: [var (id, _, _), ..] } map)
        {
            draft.Problems.Add(ProblemCodes.WrongType, map.Span, "`tasks` must be a list of tasks, not a map by name.", $"Write `- id: {SourceScalar.Shorten(id)}` with its keys below it, and do so for each of the {map.Entries.Count}.");
            return ([], sources);
        }
        var items = workflow.Items("tasks", "a list of tasks");
        if (items.Count == 0 && workflow["tasks"] is SourceList or { IsEmpty: true })
            draft.Problems.Add(ProblemCodes.MissingKey, workflow.At("tasks"), "`tasks` is empty.", "Add at least one task: `- {id: hello, run: echo hello}`.");
        if (items.Count > MaxTasks)
        {
            draft.Problems.Add(ProblemCodes.TooLarge, items[MaxTasks].Span, $"The workflow has {items.Count} tasks; {MaxTasks} are allowed.", "Split the workflow.");
            return ([], sources);
        }
        var reader = new TaskReader(draft, defaults, shell);
        foreach (var item in items)
        {
            var texts = draft.Embedded.Count;
            if (reader.Read(item, tasks.Count) is not { } task)
            {
                draft.Disown(texts);
                continue;
            }
            tasks.Add(task);
            sources.Add((SourceMap)item);
        }
        return (tasks.DrainToImmutable(), sources);
    }
}
