using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs.Replay;

/// <summary>One run of every kind, played on the bench: what their journals say is checked in and changes on purpose only.</summary>
internal static class GoldenRuns
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoValues = ImmutableSortedDictionary<string, JsonElement>.Empty;

    public static IReadOnlyDictionary<string, Func<Bench>> All { get; } = new SortedDictionary<string, Func<Bench>>(StringComparer.Ordinal)
    {
        ["chain"] = () => new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { If = "tasks.a.outputs.rows > 10" }, A.Task("c", "b")) with { Stages = ["one"] })
            .Begin().Wait(5).Succeed("a", ("rows", 12)).Wait(5).Succeed("b").Wait(5).Succeed("c"),

        ["condition"] = () => new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { If = "tasks.a.outputs.rows > 10" }, A.Task("c", "b")))
            .Begin().Wait(5).Succeed("a", ("rows", 3)),

        ["slots"] = () => new Bench(A.Workflow(A.Task("a"), A.Task("b") with { Rank = 1 }, A.Task("c"), A.Task("d") with { Pool = "db" }), slots: 2)
            .Begin().Wait(5).Succeed("a").Wait(5).Succeed("c").Wait(5).Succeed("d").Wait(5).Succeed("b"),

        ["pools"] = () =>
        {
            var bench = new Bench(A.Workflow(A.Task("a") with { Pool = "db" }, A.Task("b") with { Pool = "db" }, A.Task("c")));
            bench.Pools["db"] = 1;
            return bench.Begin().Wait(5).Succeed("c").Wait(5).Succeed("a").Wait(5).Succeed("b");
        },

        ["fail-fast-drain"] = () => new Bench(FailsFast(OnFailFast.Drain)).Begin().Wait(5).Fail("bad").Wait(5).Succeed("slow").Wait(5).Succeed("alarm").Wait(5).Succeed("always"),

        ["fail-fast-cancel"] = () => new Bench(FailsFast(OnFailFast.Cancel)).Begin().Wait(5).Fail("bad").Wait(5).Finish("slow", new TaskOutcome.Cancelled())
            .Wait(5).Succeed("alarm").Wait(5).Succeed("always"),

        ["retries"] = () => new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(4, 2) }, A.Task("b") with { Retry = A.Retry(2) with { OnExitCodes = [75] } }) with { FailFast = false })
            .Begin().Wait(5).Fail("a").Wait(1).Finish("b", new TaskOutcome.Failed(FailureKind.ExitCode, "broken") { Process = new("sh", 4711, 1) })
            .Wait(2000).RetryDue("a").Wait(5).Fail("a").Wait(4000).RetryDue("a").Wait(5).Succeed("a"),

        ["retries-jitter"] = () => new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(4, 2) with { Jitter = true } })).Begin()
            .Wait(5).Fail("a").Wait(20_000).RetryDue("a").Wait(5).Fail("a").Wait(60_000).RetryDue("a").Wait(5).Fail("a").Wait(60_000).RetryDue("a").Wait(5).Fail("a"),

        ["retry-after"] = () => new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(2) })).Begin()
            .Wait(5).Finish("a", new TaskOutcome.Failed(FailureKind.HttpStatus, "429") { HttpStatus = 429, RetryAfter = TimeSpan.FromSeconds(10) }).Wait(10_000).RetryDue("a").Wait(5).Succeed("a"),

        ["cancel"] = () => new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"), A.Task("c") with { Action = new WaitAction { Event = "never" } }))
            .Begin().Wait(5).Take(new RunInput.Cancel("ann")).Wait(5).Finish("a", new TaskOutcome.Cancelled()),

        ["timeout"] = () => new Bench(A.Workflow(A.Task("a"), A.Task("b", "a")) with { Timeout = TimeSpan.FromSeconds(5) })
            .Begin().Wait(5000).Take(new RunInput.RunTimeoutDue()).Wait(5).Finish("a", new TaskOutcome.Cancelled()),

        ["recovery"] = () => new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(2) }, A.Task("b") with { Idempotent = false }) with { FailFast = false })
            .Begin().Wait(5).Crash().Wait(5).Take(new RunInput.Recover("w2", "worker w1 is gone")).Wait(1).RetryDue("a").Wait(5)
            .Finish("a", new TaskOutcome.Interrupted()).Wait(5).RetryDue("a").Wait(5).Succeed("a"),

        ["draining"] = () =>
        {
            var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"), A.Wait("pause", "50ms", "a"), A.Each("each", 2, "a"), A.Ask("ask") with { DependsOn = [new("a")] })).Begin().Wait(5);
            bench.IsDraining = true;
            bench.Succeed("a").Wait(5);
            bench.IsDraining = false;
            return bench.TakeOver().Wait(5).Succeed("b").Wait(5).Succeed("each[0]").Succeed("each[1]").Wait(5).Approve("ask", "ann").WaitDue("pause");
        },

        ["foreach-finish"] = () => FanOut(ItemFailure.Finish).Begin().Wait(5).Succeed("each[0]", ("n", 1)).Wait(5).Fail("each[1]").Wait(5).Succeed("each[2]").Wait(5).Succeed("each[3]"),
        ["foreach-stop"] = () => FanOut(ItemFailure.Stop).Begin().Wait(5).Succeed("each[0]", ("n", 1)).Wait(5).Fail("each[1]").Wait(5).Succeed("each[2]"),
        ["foreach-ignore"] = () => FanOut(ItemFailure.Ignore).Begin().Wait(5).Succeed("each[0]", ("n", 1)).Wait(5).Fail("each[1]").Wait(5).Succeed("each[2]").Wait(5).Succeed("each[3]").Wait(5).Succeed("after"),

        ["matrix"] = () => new Bench(A.Workflow(A.Task("grid") with { FanOut = new() { Axes = [new("os", Json("""["linux","mac"]""")), new("v", Json("[1,2]"))], OnFailure = ItemFailure.Ignore } }))
            .Begin().Wait(5).Fail("grid[0]").Wait(5).Succeed("grid[1]").Wait(5).Succeed("grid[3]").Wait(5).Succeed("grid[2]"),

        ["waits"] = () => new Bench(A.Workflow(
                A.Task("pause") with { Action = new WaitAction { For = "90s" } }, A.Task("word", "pause") with { Action = new WaitAction { Event = "loaded" } },
                A.Task("poll", "word") with { Action = new WaitAction { Poll = new() { Check = new NoopAction() } } },
                A.Task("late", "poll") with { Action = new WaitAction { Event = "never" }, Timeout = TimeSpan.FromSeconds(10), AllowFailure = true }))
            .Begin().Wait(90_000).Take(new RunInput.WaitDue(new("pause"), 1)).Wait(5).Take(new RunInput.Signal("loaded", NoValues.Add("rows", Json("7"))))
            .Wait(5).Succeed("poll").Wait(10_000).Take(new RunInput.WaitDue(new("late"), 1)),

        ["approval"] = () => new Bench(A.Workflow(A.Task("ask") with { Action = new ApprovalAction("Go on?") { Required = 2 } }, A.Task("go", "ask")))
            .Begin().Wait(5).Take(new RunInput.Approve(new("ask"), "ann", "fine", NoValues.Add("size", Json("3"))))
            .Wait(5).Take(new RunInput.Approve(new("ask"), "bob", null, NoValues)).Wait(5).Succeed("go"),

        ["reject"] = () => new Bench(A.Workflow(A.Task("ask") with { Action = new ApprovalAction("Go on?") }, A.Task("go", "ask")))
            .Begin().Wait(5).Take(new RunInput.Reject(new("ask"), "ann", "not today")),

        ["expiry"] = () => new Bench(A.Workflow(A.Task("ask") with { Action = new ApprovalAction("Go on?") { Expires = TimeSpan.FromSeconds(30) } }, A.Task("go", "ask")))
            .Begin().Wait(30_000).Take(new RunInput.WaitDue(new("ask"), 1)),

        ["child"] = () => new Bench(A.Workflow(A.Task("sub") with { Action = new WorkflowAction("child"), Retry = A.Retry(2) }))
            .Begin().Wait(5).Fail("sub", FailureKind.Error).Wait(1000).RetryDue("sub").Wait(5).Succeed("sub", ("rows", 3)),

        ["handlers-success"] = () => Handled().Begin().Wait(5).Succeed("a").Wait(5).Fail("tell").Wait(5).Succeed("tidy"),
        ["handlers-failure"] = () => Handled().Begin().Wait(5).Fail("a").Wait(5).Succeed("page").Wait(5).Succeed("tidy"),
        ["handlers-cancel"] = () => Handled().Begin().Wait(5).Take(new RunInput.Cancel("ann")).Wait(5).Finish("a", new TaskOutcome.Cancelled()).Wait(5).Succeed("undo").Wait(5).Succeed("tidy"),

        ["run-retry"] = () => new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(3) }).Begin().Wait(5).Fail("a").Wait(5).Take(new RunInput.RetryAccepted(null)),
        ["run-retry-refused"] = () => new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(3) }).Begin().Wait(5).Fail("a").Wait(5).Take(new RunInput.RetryAccepted("No place; try later.")),

        ["reused"] = Reused,

        ["sla"] = () => new Bench(A.Workflow(A.Task("a") with { Sla = new(TimeSpan.FromSeconds(1)) }) with { Sla = new(TimeSpan.FromSeconds(2)) })
            .Begin().Wait(900).Take(new RunInput.SlaDue(new("a"))).Wait(200).Take(new RunInput.SlaDue(new("a"))).Wait(900).Take(new RunInput.SlaDue(null))
            .Wait(5).Take(new RunInput.Progress(new("a"), 1, "half", 50)).Wait(5).Succeed("a"),

        ["outputs"] = () => new Bench(A.Workflow(A.Task("a")) with { Outputs = ImmutableSortedDictionary<string, string>.Empty.Add("rows", "${{ tasks.a.outputs.rows }}") })
            .Begin().Wait(5).Succeed("a", ("rows", 12.50m)),

        ["outputs-missing"] = () => new Bench(A.Workflow(A.Task("a")) with { Outputs = ImmutableSortedDictionary<string, string>.Empty.Add("rows", "${{ tasks.a.outputs.rows }}") })
            .Begin().Wait(5).Succeed("a"),
    };

    private static WorkflowDefinition FailsFast(OnFailFast how) => A.Workflow(
        A.Task("bad"), A.Task("slow"), A.Task("behind", "bad"), A.Task("further", "behind"), A.Task("other", "slow"),
        A.Task("always", "slow") with { RunWhen = RunWhen.AllDone }, A.Task("alarm", "bad") with { RunWhen = RunWhen.OneFailed }) with { OnFailFast = how };

    private static Bench FanOut(ItemFailure rule) => new(A.Workflow(
        A.Task("each") with { FanOut = new() { Items = Json("""["w","x","y","z"]"""), MaxParallel = 2, OnFailure = rule } }, A.Task("after", "each")));

    private static Bench Handled() => new(A.Workflow(A.Task("a")) with
    {
        Handlers = new() { OnSuccess = [A.Task("tell")], OnFailure = [A.Task("page")], OnCancel = [A.Task("undo")], Finally = [A.Task("tidy"), A.Task("never") with { If = "false" }] },
    });

    private static Bench Reused()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Stage = "one" }, A.Task("b", "a")) with { Stages = ["one"] });
        var kept = new TaskCompleted(new("a"), 0) { Attempts = 0, ReusedFrom = bench.Id, Outputs = NoValues.Add("rows", Json("7")) };
        return bench.Take(new RunInput.Create(new WorkflowCreated { Workflow = "test", DefinitionVersion = "v", RetryOf = bench.Id }, 2, [kept]))
            .Wait(5).Take(new RunInput.Admit("w1")).Wait(5).Succeed("b");
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
