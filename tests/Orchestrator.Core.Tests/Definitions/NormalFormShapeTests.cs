using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Deadlines;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Core.Lifecycle.Compatibility;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>The normal form is written and read by hand; a serializer that leaves out defaults says what it must be, property by property.</summary>
public sealed class NormalFormShapeTests
{
    private static readonly JsonSerializerOptions Reflecting = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new DurationJson() },
        MaxDepth = 256,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSerializerOptions Usual = new(Reflecting)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(OmitDefaults),
    };

    private static readonly Dictionary<Type, object> Blank = new()
    {
        [typeof(WorkflowDefinition)] = new WorkflowDefinition { Name = "", Tasks = [] },
        [typeof(TaskDefinition)] = new TaskDefinition { Id = new("x"), Action = new NoopAction() },
        [typeof(RunAction)] = new RunAction("\0"),
        [typeof(DelegateAction)] = new DelegateAction(""),
        [typeof(RetryPolicy)] = new RetryPolicy(),
        [typeof(ParameterDefinition)] = new ParameterDefinition { Name = "" },
        [typeof(SecretReference)] = new SecretReference(null, null),
        [typeof(TaskDefaults)] = new TaskDefaults(),
        [typeof(ScheduleDefinition)] = new ScheduleDefinition { Id = "" },
        [typeof(TriggerDefinition)] = new TriggerDefinition { Id = "" },
        [typeof(DebounceDefinition)] = new DebounceDefinition(TimeSpan.FromTicks(-1)),
        [typeof(BatchDefinition)] = new BatchDefinition(-1, TimeSpan.FromTicks(-1)),
        [typeof(WorkflowTrigger)] = new WorkflowTrigger { Name = "" },
        [typeof(FilesTrigger)] = new FilesTrigger { Path = "" },
        [typeof(EventTrigger)] = new EventTrigger { Type = [] },
        [typeof(HttpTrigger)] = new HttpTrigger { Secret = "" },
        [typeof(DstRule)] = new DstRule(),
        [typeof(CatchUpRule)] = new CatchUpRule((CatchUpPolicy)99),
        [typeof(HttpAction)] = new HttpAction(""),
        [typeof(SqlAction)] = new SqlAction(""),
        [typeof(ContainerAction)] = new ContainerAction(""),
        [typeof(WorkflowAction)] = new WorkflowAction(""),
        [typeof(WaitAction)] = new WaitAction(),
        [typeof(PollDefinition)] = new PollDefinition { Check = new NoopAction() },
        [typeof(ApprovalAction)] = new ApprovalAction(""),
        [typeof(SwitchAction)] = new SwitchAction(""),
        [typeof(SwitchCase)] = new SwitchCase(),
        [typeof(FanOut)] = new FanOut(),
        [typeof(ConcurrencyDefinition)] = new ConcurrencyDefinition(""),
        [typeof(SlaDefinition)] = new SlaDefinition(TimeSpan.Zero),
        [typeof(HandlersDefinition)] = new HandlersDefinition(),
        [typeof(RetentionDefinition)] = new RetentionDefinition(),
        [typeof(CallbackDefinition)] = new CallbackDefinition { Url = "" },
        [typeof(TelemetryDefinition)] = new TelemetryDefinition(),
    };

    private static ImmutableSortedDictionary<string, string> Texts => ImmutableSortedDictionary<string, string>.Empty.Add("B", "ä <b> & 'c' \"d\" +\n").Add("A", "1");

    private static ImmutableSortedDictionary<string, JsonElement> Values => ImmutableSortedDictionary<string, JsonElement>.Empty
        .Add("deep", Json("""{"a":[1,null,"ä<"],"b":1.50}""")).Add("rows", Json("12.5")).Add("none", Json("null"));

    private static RetryPolicy Retry => new()
    {
        MaxAttempts = 7, InitialDelay = TimeSpan.FromMilliseconds(1.5), Backoff = 1.25, MaxDelay = TimeSpan.FromHours(30),
        Jitter = true, OnHttpStatus = [429, 503], OnSqlState = ["08", "40001"], OnExitCodes = [1, 75], OnKinds = [FailureKind.ExitCode, FailureKind.WorkerLost],
    };

    private static TaskDefinition Task(string id, TaskAction action) => new()
    {
        Id = new(id), Action = action, Stage = "load", DependsOn = [new("b"), new("a")], RunWhen = RunWhen.NoneFailed, If = "params.x > 1",
        Retry = Retry, Timeout = TimeSpan.FromMinutes(90), AllowFailure = true, Idempotent = false, Propagate = TracePropagation.Context, Env = Texts, WorkingDir = "it's",
        Outputs = OutputSource.StdoutJson, Transform = Texts, SecretOutputs = ["token", "k"], SuccessExitCodes = [2, 3], LogOutput = LogOutput.Separate,
        FanOut = id == "run" ? new() { Items = Json("[1,\"two\"]"), As = "file", MaxParallel = 2, OnFailure = ItemFailure.Stop }
            : new() { Axes = [new("z", Json("\"${{ params.x }}\"")), new("a", Json("[1,2]"))], Exclude = [Values, Values], Include = [Values] },
        Pool = "db", Rank = -5, Sla = new(TimeSpan.FromMinutes(5)) { AtRisk = 0.5 }, Enabled = false, OutputLimit = 1L << 40, Grace = TimeSpan.FromSeconds(3),
        Artifacts = ["out/*.csv", "a b"], Tags = ["t", "ü"], Metadata = Values,
    };

    private static readonly TaskAction[] Actions =
    [
        new RunAction("echo \u2028 & <") { Shell = ["a", "<b>"] }, new ExecAction(["a", "b c"]), new ScriptAction("#!/bin/sh\n"), new DelegateAction("d") { With = Values }, new NoopAction(),
        new HttpAction("https://x") { Method = "POST", Headers = Texts, Json = Json("""{"a":[1.50,"ä"]}"""), Body = "b", Form = Texts, Expect = ["2xx", "404"], Save = "s" },
        new SqlAction("c") { Query = "q", Execute = "e", Transaction = ["a", "b"], File = "f", Parameters = Values, Csv = "c", MaxRows = 1, StatementTimeout = TimeSpan.FromSeconds(1) },
        new ContainerAction("i") { Command = ["a"], Entrypoint = "e", Volumes = ["a:/b"], Workdir = "/w", Network = "n", User = "u", Pull = PullPolicy.Never, Engine = "podman" },
        new WorkflowAction("child") { Params = Values, Detach = true },
        new WaitAction { For = "1s", Until = "u", Event = "e", Poll = new() { Check = new RunAction("x"), Condition = "outputs.x", Interval = TimeSpan.FromSeconds(1), Backoff = 2, MaxInterval = TimeSpan.FromSeconds(9) } },
        new SwitchAction("v") { Cases = [new() { Is = ["a", "b"], Then = [new("x")] }, new() { Matches = "^c", Then = [new("y"), new("z")] }], Default = [new("d")] },
        new ApprovalAction("p") { Fields = [new() { Name = "a" }, new() { Name = "b", Type = ParameterType.Date }], Approvers = ["x"], Required = 2, Role = "admin", Expires = TimeSpan.FromDays(1) },
    ];

    private static WorkflowDefinition Full => new()
    {
        Name = "full", Description = "d", Owner = "o", Tenant = "acme", Project = "p", Labels = Texts,
        Params =
        [
            new() { Name = "a", Type = ParameterType.Enum, Required = true, Values = ["x", "y"], Description = "d" },
            new() { Name = "b", Type = ParameterType.Number, Default = Json("1e3") },
            new() { Name = "c", Default = Json("null") },
            new() { Name = "d", Type = ParameterType.Integer, Min = "1", Max = "9" },
            new() { Name = "e", Pattern = "^a" },
            new() { Name = "f", Type = ParameterType.Secret, Secret = new("f", null) },
        ],
        Env = Texts, Dotenv = [".env"], LogOutput = LogOutput.Separate, KeepRunDir = KeepRule.Always, InheritEnv = ["PATH"], WorkingDir = "w", Shell = ["sh", "-c"],
        Secrets = ImmutableSortedDictionary<string, SecretReference>.Empty.Add("k", new("f", null)).Add("j", new(null, "E")),
        Defaults = new() { Timeout = TimeSpan.FromSeconds(1), Retry = Retry, WorkingDir = "w", Shell = ["x"], Env = Texts, Pool = "p", AllowFailure = true, Idempotent = false, Propagate = TracePropagation.None, RunWhen = RunWhen.AllDone, LogOutput = LogOutput.Separate },
        MaxParallel = 3, FailFast = false, OnFailFast = OnFailFast.Cancel, Timeout = TimeSpan.FromDays(2), MaxWorkerLosses = 0,
        Concurrency = new("g") { Max = 2, OnConflict = OnConflict.CancelRunning }, Priority = RunPriority.High, Rank = 3, Sla = new(TimeSpan.FromHours(1)) { AtRisk = 1 },
        Handlers = new() { OnSuccess = [Handler("s")], OnFailure = [Handler("f")], OnCancel = [Handler("c")], Finally = [Handler("z")] },
        Retry = Retry, Outputs = Texts, Retention = new() { Age = TimeSpan.FromDays(30), Count = 0, Bytes = 1L << 40 }, Telemetry = new() { Sample = 0.25 }, Report = ReportRule.OnFailure,
        Callbacks = [new() { Url = "u", Events = ["e"], Secret = "s", Headers = Texts, Timeout = TimeSpan.FromSeconds(1), Format = EventFormat.Job }],
        Schedules = [new() { Id = "s", Cron = "@daily", Timezone = "Europe/Berlin", Enabled = false, Params = Values }, new() { Id = "t", Cron = "* * * * *" }, Detailed],
        Calendars = ImmutableSortedDictionary<string, DayCalendar>.Empty.Add("holidays", new() { Weekdays = [DayOfWeek.Sunday], Dates = [new(2026, 1, 6)], Yearly = [new(12, 24)], Ranges = [new(new(2026, 7, 1), new(2026, 7, 31))], Ics = "h.ics" }),
        Triggers = [new() { Id = "a", Http = new() { Secret = "k" } }, new() { Id = "b", Http = new() { Auth = TriggerAuth.Token, Secret = "j", Header = "X-T", Window = TimeSpan.FromSeconds(9), MaxBody = 1, Rate = 0.5, Burst = 7 }, DeliveryId = "d", Enabled = false, Params = Values,
            Debounce = new(TimeSpan.FromSeconds(5)) { Longest = TimeSpan.FromMinutes(1) }, Batch = new(9, TimeSpan.FromSeconds(2)) },
            new() { Id = "c", Workflow = new() { Name = "w", Status = [RunStatus.Failed, RunStatus.Cancelled] } }, new() { Id = "d", Workflow = new() { Name = "w" } },
            new() { Id = "e", Event = new() { Type = ["a.*", "b"], Source = "s", Subject = "t" } }, new() { Id = "f", Event = new() { Type = ["c"] } },
            new() { Id = "g", Files = new() { Path = "p", Stable = TimeSpan.FromSeconds(3), OncePer = FileIdentity.Content, Interval = TimeSpan.FromSeconds(4), Existing = true } }, new() { Id = "h", Files = new() { Path = "q" } }],
        Stages = ["extract", "load"],
        Tasks =
        [
            .. Actions.Select(a => Task(a.Kind, a)),
            new() { Id = new("bare"), Action = new NoopAction(), Retry = new() },
        ],
    };

    private static TaskDefinition Handler(string id) => new() { Id = new(id), Action = new NoopAction() };

    [Fact]
    public void Every_kind_of_action_is_in_the_sample() =>
        Actions.Select(a => a.Kind).ShouldBe(typeof(TaskAction).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(d => (string)d.TypeDiscriminator!), ignoreOrder: true);

    [Fact]
    public void Every_property_is_written_as_a_serializer_would_write_it()
    {
        Written(Full).ShouldBe(Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Full, Usual)));
        var blank = new WorkflowDefinition { Name = "", Tasks = [], Defaults = new() };
        Written(blank).ShouldBe(Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(blank, Usual)));
    }

    [Fact]
    public void The_full_definition_sets_every_property_there_is()
    {
        var given = new JsonSerializerOptions(Reflecting);
        foreach (var (type, blank) in Blank)
        {
            var some = Instances(type);
            foreach (var property in given.GetTypeInfo(type).Properties)
                if (property is { IsRequired: false, Get: { } get })
                    some.Any(i => !Same(get(i), get(blank))).ShouldBeTrue($"{type.Name}.{property.Name} is set nowhere: add it to the sample and to the normal form.");
        }
    }

    [Fact]
    public void The_full_definition_reads_back_as_it_was_written()
    {
        // A default of null reads as none.
        var full = Full with { Params = Full.Params[..2] };
        Written(DefinitionJson.Read(DefinitionJson.Write(full))).ShouldBe(Written(full));
    }

    [Fact]
    public void What_is_read_is_what_a_serializer_reads()
    {
        var blank = new WorkflowDefinition { Name = "", Tasks = [], Defaults = new() };
        foreach (var form in new[] { DefinitionJson.Write(Full), DefinitionJson.Write(blank) })
            Written(DefinitionJson.Read(form)).ShouldBe(Written(JsonSerializer.Deserialize<WorkflowDefinition>(form, Reflecting)!));
    }

    [Fact]
    public void Each_property_left_out_reads_as_a_serializer_reads_it()
    {
        var tried = 0;
        foreach (var (path, form) in Variants((owner, name) => owner.Remove(name)))
        {
            // A serializer makes uninitialised structures of these two; here the list is empty and the axis is refused.
            if (path.EndsWith(".action.argv", StringComparison.Ordinal)) DefinitionJson.Read(form).Tasks.Select(t => t.Action).OfType<ExecAction>().Single().Argv.ShouldBe([]);
            else if (path.Contains(".axes[", StringComparison.Ordinal) && path.EndsWith(".values", StringComparison.Ordinal)) Hand(form).ShouldBe("refused");
            else Hand(form).ShouldBe(Serializer(form), path);
            tried++;
        }
        tried.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void Each_property_that_is_null_reads_as_if_it_were_left_out()
    {
        var leftOut = Variants((owner, name) => owner.Remove(name)).ToDictionary(v => v.Path, v => v.Form);
        foreach (var (path, form) in Variants((owner, name) => owner[name] = null))
            if (!IsEntry(path)) Hand(form).ShouldBe(Hand(leftOut[path]), path);
    }

    [Theory]
    [InlineData("", "not a definition")]
    [InlineData("null", "null")]
    [InlineData("[]", "a list")]
    [InlineData("""{"name":"a","tasks":[]} {}""", "two")]
    [InlineData("""{"name":"a","tasks":{}}""", "tasks that are no list")]
    [InlineData("""{"name":1,"tasks":[]}""", "a name that is no text")]
    [InlineData("""{"name":"a","rank":1.5,"tasks":[]}""", "half a rank")]
    [InlineData("""{"name":"a","timeout":"soon","tasks":[]}""", "no duration")]
    [InlineData("""{"name":"a","priority":"highest","tasks":[]}""", "no word")]
    [InlineData("""{"name":"a","tasks":[{"id":"a b","action":{"kind":"noop"}}]}""", "no id")]
    [InlineData("""{"name":"a","tasks":[{"id":"a","action":{"kind":"dance"}}]}""", "no kind")]
    public void What_is_no_definition_is_refused(string form, string why) => Hand(Encoding.UTF8.GetBytes(form)).ShouldBe("refused", why);

    [Fact]
    public void Properties_of_a_later_version_are_passed_over() =>
        DefinitionJson.Read("""{"name":"a","later":[{}],"tasks":[{"id":"x","later":1,"action":{"kind":"noop","later":{}}}]}"""u8).Tasks.ShouldHaveSingleItem().Id.ShouldBe(new("x"));

    /// <summary>The full definition, changed at one property at a time.</summary>
    private static IEnumerable<(string Path, byte[] Form)> Variants(Action<JsonObject, string> change)
    {
        var root = JsonNode.Parse(DefinitionJson.Write(Full))!.AsObject();
        foreach (var owner in Objects(root).ToList())
            foreach (var (name, value) in owner.ToList())
            {
                var before = owner.ToList();
                change(owner, name);
                yield return ($"{owner.GetPath()}.{name}", JsonSerializer.SerializeToUtf8Bytes(root));
                owner.Clear();
                foreach (var (key, kept) in before) owner[key] = kept;
            }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject owner => owner.SelectMany(p => Objects(p.Value)).Prepend(owner),
        JsonArray list => list.SelectMany(Objects),
        _ => [],
    };

    // An entry of a map, where null is a value or no text; everything else is a property of the model.
    private static bool IsEntry(string path) => path.Contains(".deep.", StringComparison.Ordinal) || path.Split('.')[^2] is var owner
        && (owner is "labels" or "calendars" or "env" or "secrets" or "outputs" or "transform" or "headers" or "form" or "with" or "params" or "parameters" or "metadata" || owner.StartsWith("exclude[", StringComparison.Ordinal));

    private static string Hand(byte[] form)
    {
        try { return Canonical(DefinitionJson.Read(form)); }
        catch (JsonException) { return "refused"; }
    }

    private static string Serializer(byte[] form)
    {
        try { return Canonical(JsonSerializer.Deserialize<WorkflowDefinition>(form, Reflecting)!); }
        catch (Exception e) when (e is JsonException or NotSupportedException) { return "refused"; }
    }

    // A text that a constructor wants and nobody gave is null to a serializer and empty here.
    private static string Canonical(WorkflowDefinition workflow)
    {
        var root = JsonNode.Parse(DefinitionJson.Write(workflow))!;
        foreach (var owner in Objects(root).ToList())
            foreach (var (name, value) in owner.ToList())
                if (value is null || (value is JsonValue && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length == 0)) owner.Remove(name);
        return root.ToJsonString();
    }

    private static object[] Instances(Type type) => type.Name switch
    {
        nameof(WorkflowDefinition) => [Full],
        nameof(TaskDefinition) => [.. Full.Tasks],
        _ when type.IsSubclassOf(typeof(TaskAction)) => [.. Actions.Where(a => a.GetType() == type)],
        nameof(SwitchCase) => [.. Actions.OfType<SwitchAction>().Single().Cases],
        nameof(PollDefinition) => [Actions.OfType<WaitAction>().Single().Poll!],
        nameof(FanOut) => [.. Full.Tasks.Select(t => t.FanOut).OfType<FanOut>()],
        nameof(ConcurrencyDefinition) => [Full.Concurrency!],
        nameof(SlaDefinition) => [Full.Sla!],
        nameof(HandlersDefinition) => [Full.Handlers!],
        nameof(RetentionDefinition) => [Full.Retention!],
        nameof(CallbackDefinition) => [.. Full.Callbacks],
        nameof(TelemetryDefinition) => [Full.Telemetry!],
        nameof(RetryPolicy) => [Retry],
        nameof(ParameterDefinition) => [.. Full.Params],
        nameof(SecretReference) => [.. Full.Secrets.Values],
        nameof(TaskDefaults) => [Full.Defaults!],
        nameof(ScheduleDefinition) => [.. Full.Schedules],
        nameof(TriggerDefinition) => [.. Full.Triggers],
        nameof(DebounceDefinition) => [Full.Triggers[1].Debounce!],
        nameof(BatchDefinition) => [Full.Triggers[1].Batch!],
        nameof(HttpTrigger) => [.. Full.Triggers.Select(t => t.Http).OfType<HttpTrigger>()],
        nameof(FilesTrigger) => [.. Full.Triggers.Select(t => t.Files).OfType<FilesTrigger>()],
        nameof(EventTrigger) => [.. Full.Triggers.Select(t => t.Event).OfType<EventTrigger>()],
        nameof(WorkflowTrigger) => [.. Full.Triggers.Select(t => t.Workflow).OfType<WorkflowTrigger>()],
        nameof(DstRule) => [Detailed.Dst],
        nameof(CatchUpRule) => [Detailed.Catchup],
        _ => throw new ArgumentException(type.Name),
    };

    private static ScheduleDefinition Detailed => new()
    {
        Id = "u", Every = TimeSpan.FromMinutes(90), At = ["2026-12-24"], Rrule = "FREQ=DAILY", Dst = new(GapRule.Skip, OverlapPass.Both), Exclude = ["holidays"], Only = ["workdays"], Start = "2026-01-01",
        End = "2027-01-01", Jitter = TimeSpan.FromSeconds(30), Catchup = new(CatchUpPolicy.All) { Window = TimeSpan.FromHours(6), Max = 7 }, Overlap = OverlapRule.Queue, Action = ScheduleAction.Restart, ExpectedBy = DeadlineRule.TryParse("06:00", out var expected) ? expected : null, Heartbeat = "https://hc.example/uuid",
    };

    private static string Written(WorkflowDefinition workflow) => Encoding.UTF8.GetString(DefinitionJson.Write(workflow));

    private static void OmitDefaults(JsonTypeInfo type)
    {
        if (!Blank.TryGetValue(type.Type, out var blank)) return;
        foreach (var property in type.Properties)
        {
            if (property.IsRequired || property.Get is not { } get) continue;
            var usual = get(blank);
            property.ShouldSerialize = (_, value) => !Same(value, usual);
        }
    }

    private static bool Same(object? value, object? usual) => Equals(value, usual) || (value, usual) is (ICollection { Count: 0 }, ICollection { Count: 0 });

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
