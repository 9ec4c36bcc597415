using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Core.Statistics.RootCauses;
using Orchestrator.Core.Tests.Runs;
using Orchestrator.Tests;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics.RootCauses;

public sealed class RootCauseTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static RunId Id(int number) => RunId.Parse($"0197a3b2-0000-7000-8000-{number:D12}");

    private static CauseTask Failed(string id, double minute, params string[] after) =>
        new(new(id), TaskStatus.Failed, [.. after.Select(a => new TaskId(a))]) { EndedAt = s_start.AddMinutes(minute), Kind = FailureKind.ExitCode, ExitCode = 3, Error = $"{id}: exit code 3", Attempts = 1 };

    private static CauseTask Other(string id, TaskStatus status, string? reason, params string[] after) => new(new(id), status, [.. after.Select(a => new TaskId(a))]) { Reason = reason, EndedAt = s_start };

    private static FailedRun Run(params CauseTask[] tasks) =>
        new(Id(100), [.. tasks]) { Error = "the run's error", Kind = FailureKind.ExitCode, Class = ErrorClass.Task, EndedAt = s_start.AddMinutes(90), DefinitionVersion = "v2", DurationMs = 900 };

    private static string? CauseOf(params CauseTask[] tasks) => RootCauseSearch.CauseOf(Run(tasks))?.Id.ToString();

    [Fact]
    public void The_first_failure_in_time_is_the_cause_whatever_the_order_of_the_tasks() => CauseOf(Failed("late", 9), Failed("early", 2), Failed("middle", 5)).ShouldBe("early");

    [Fact]
    public void What_ran_although_something_before_it_had_failed_is_a_consequence()
    {
        // The clean-up failed at an earlier time of the wall clock: it still follows.
        CauseOf(Failed("load", 5), Failed("clean", 4, "check"), Other("check", TaskStatus.Skipped, "dependency_failed", "load")).ShouldBe("load");
        CauseOf(Failed("a", 5), Failed("b", 4)).ShouldBe("b");
    }

    [Fact]
    public void Allowed_failures_handlers_and_fan_outs_that_their_items_failed_are_no_cause() =>
        CauseOf(Failed("allowed", 1) with { IsAllowed = true }, Failed("handler", 2) with { IsHandler = true }, Failed("each", 3) with { IsFailedByItems = true }, Failed("each[4]", 4), Failed("after", 5, "allowed")).ShouldBe("each[4]");

    [Fact]
    public void Where_no_task_failed_the_run_itself_did()
    {
        var cause = RootCauseSearch.Of(Run(Other("a", TaskStatus.Cancelled, "run_timeout"), Other("b", TaskStatus.Skipped, "dependency_skipped", "a")) with { Kind = FailureKind.Timeout, Class = ErrorClass.Timeout }, [], ["not shown"]);
        (cause.Task, cause.Class, cause.Kind, cause.Error, cause.At).ShouldBe((null, ErrorClass.Timeout, FailureKind.Timeout, "the run's error", s_start.AddMinutes(90)));
        (cause.CancelledCount, cause.SkippedCount).ShouldBe((1, 1));
        cause.LogEnd.ShouldBeEmpty();
        CauseOf().ShouldBeNull();
    }

    [Fact]
    public void A_fault_of_the_engine_is_the_cause_unless_it_is_a_task_that_panicked()
    {
        var run = Run(Failed("a", 1)) with { Kind = FailureKind.Panic, Class = ErrorClass.Internal };
        RootCauseSearch.CauseOf(run).ShouldBeNull();
        RootCauseSearch.CauseOf(run with { Tasks = [Failed("a", 1) with { Kind = FailureKind.Panic }] })!.Id.ToString().ShouldBe("a");
    }

    [Theory]
    [InlineData(FailureKind.ExitCode, ErrorClass.Task)]
    [InlineData(FailureKind.Timeout, ErrorClass.Timeout)]
    [InlineData(FailureKind.WorkerLost, ErrorClass.Internal)]
    public void The_class_is_that_of_the_cause_where_the_run_ended_for_another_reason(FailureKind kind, ErrorClass expected) =>
        RootCauseSearch.Of(Run(Failed("a", 1) with { Kind = kind }) with { Kind = FailureKind.SqlError, Class = ErrorClass.Persistence }, [], []).Class.ShouldBe(expected);

    [Fact]
    public void The_class_that_was_recorded_stays() =>
        RootCauseSearch.Of(Run(Failed("a", 1)) with { Class = ErrorClass.Transition }, [], []).Class.ShouldBe(ErrorClass.Transition);

    [Fact]
    public void What_it_took_with_it_is_what_lies_behind_it_and_what_was_cancelled()
    {
        var cause = RootCauseSearch.Of(Run(
            Failed("a", 1), Failed("x", 2), Other("b", TaskStatus.Skipped, "dependency_failed", "a"), Other("c", TaskStatus.Skipped, "dependency_skipped", "b"), Other("d", TaskStatus.Skipped, "condition", "a"),
            Other("y", TaskStatus.Skipped, "dependency_failed", "x"), Other("z", TaskStatus.Cancelled, "fail_fast"), Other("h", TaskStatus.Cancelled, "run_cancelled") with { IsHandler = true }), [], []);
        string.Join(' ', cause.Skipped).ShouldBe("b c");
        string.Join(' ', cause.Cancelled).ShouldBe("z");
        string.Join(' ', cause.FailedLater).ShouldBe("x");
    }

    [Fact]
    public void What_follows_a_fan_out_follows_the_item_that_failed()
    {
        var cause = RootCauseSearch.Of(Run(Failed("each", 3) with { IsFailedByItems = true }, Failed("each[0]", 2), Other("end", TaskStatus.Skipped, "dependency_failed", "each")), [], []);
        (cause.Task.ToString(), string.Join(' ', cause.Skipped), cause.FailedLaterCount).ShouldBe(("each[0]", "end", 0));
    }

    [Fact]
    public void All_are_counted_and_a_few_are_named()
    {
        var cause = RootCauseSearch.Of(Run([Failed("a", 1), .. Enumerable.Range(0, 50).Select(i => Other($"s{i}", TaskStatus.Skipped, "dependency_failed", "a"))]), [], [.. Enumerable.Range(0, 30).Select(i => $"line {i}")]);
        (cause.SkippedCount, cause.Skipped.Length).ShouldBe((50, 20));
        (cause.LogEnd.Length, cause.LogEnd[0], cause.LogEnd[^1]).ShouldBe((20, "line 10", "line 29"));
    }

    [Fact]
    public void Since_the_last_success_the_differences_are_named()
    {
        EarlierRun[] earlier =
        [
            Earlier(1, RunStatus.Completed, 1) with { DefinitionVersion = "v0" },
            Earlier(2, RunStatus.Completed, 2) with { DefinitionVersion = "v1", Params = Params("1"), DurationMs = 300, Worker = new("i", "old", "1") },
            Earlier(3, RunStatus.Failed, 3) with { DefinitionVersion = "v2" },
            Earlier(4, RunStatus.Cancelled, 4),
        ];
        var run = Run(Failed("a", 1)) with { Params = Params("2"), Worker = new("i", "new", "1") };
        foreach (var order in new[] { earlier, [.. earlier.Reverse()] })
        {
            var since = RootCauseSearch.Of(run, order, []).Since!;
            (since.Run, since.DefinitionVersion, since.Host, since.WorkerVersion, since.DurationMs).ShouldBe(
                (Id(2), new Change<string?>("v1", "v2"), new Change<string?>("old", "new"), null, new Change<double>(300, 900)));
            since.Parameters.Single().Name.ShouldBe("day");
            since.IsSame.ShouldBeFalse();
        }
        RootCauseSearch.Of(run, earlier[2..], []).Since.ShouldBeNull();
    }

    [Fact]
    public void Similar_failures_are_of_the_same_task_and_kind()
    {
        var similar = RootCauseSearch.Of(Run(Failed("a[3]", 1)),
        [
            Earlier(1, RunStatus.Failed, 1, ("a[1]", FailureKind.ExitCode)), Earlier(2, RunStatus.Failed, 2, ("b", FailureKind.Error), ("a", FailureKind.ExitCode)), Earlier(3, RunStatus.Failed, 3, ("a", FailureKind.Timeout)),
            Earlier(4, RunStatus.Failed, 4, ("a", null)), Earlier(5, RunStatus.Completed, 5), Earlier(6, RunStatus.Failed, 6),
        ], []).Similar;
        similar.ShouldBe(new SimilarFailures(6, 2, s_start.AddHours(2), Id(2)));
        RootCauseSearch.Of(Run(), [Earlier(6, RunStatus.Failed, 6), Earlier(1, RunStatus.Failed, 1, ("a", FailureKind.ExitCode))], []).Similar.Count.ShouldBe(1);
    }

    [Fact]
    public void A_run_is_explained_from_its_view()
    {
        var view = RunView.From(ToldRun.Definition, ToldRun.Id, ToldRun.Nightly().Events);
        var cause = RootCauseSearch.Of(FailedRun.From(view), [], ["gone"]);
        (cause.Task.ToString(), cause.Class, cause.Kind, cause.ExitCode, cause.Attempts, cause.Stage, cause.LogRef).ShouldBe(("load", ErrorClass.Task, FailureKind.ExitCode, 3, 1, "load", "logs/load.1.log"));
        (string.Join(' ', cause.Skipped), string.Join(' ', cause.Cancelled), cause.FailedLaterCount).ShouldBe(("tell", "late", 0));
        cause.At.ShouldBe(ToldRun.Start.AddSeconds(7.5));
    }

    [Fact]
    public void The_JSON_has_every_key()
    {
        var run = Run(Failed("a", 1)) with { Params = Params("2") };
        var json = Json(RootCauseSearch.Of(run, [Earlier(1, RunStatus.Completed, 1) with { DefinitionVersion = "v1" }, Earlier(2, RunStatus.Failed, 2, ("a", FailureKind.ExitCode))], ["end"]));
        json.ShouldBe("""
            {"task":"a","stage":null,"error_class":"task","kind":"exit_code","exit_code":3,"attempts":1,"at":"2026-03-01T00:01:00.000000Z","error":"a: exit code 3","log_ref":null,"log_end":["end"],"child_run_id":null,
            "skipped":{"count":0,"tasks":[]},"cancelled":{"count":0,"tasks":[]},"failed_later":{"count":0,"tasks":[]},
            "since_success":{"run_id":"0197a3b2-0000-7000-8000-000000000001","ended_at":"2026-03-01T01:00:00.000000Z","duration_ms":{"before":0,"after":900},"definition_version":{"before":"v1","after":"v2"},"host":null,"worker_version":null,
            "params":[{"name":"day","before":null,"after":"2"}]},
            "similar":{"count":1,"of_runs":2,"last_at":"2026-03-01T02:00:00.000000Z","last_run":"0197a3b2-0000-7000-8000-000000000002"}}
            """.ReplaceLineEndings(""));
        Json(RootCauseSearch.Of(Run(), [], [])).ShouldContain("\"task\":null,\"stage\":null,\"error_class\":\"task\"");
    }

    private static string Json(RootCause cause)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) RootCauseJson.Write(json, cause);
        return System.Text.Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static EarlierRun Earlier(int number, RunStatus status, double hour, params (string Task, FailureKind? Kind)[] failures) =>
        new(Id(number), status, s_start.AddHours(hour)) { Failures = [.. failures.Select(f => (new TaskId(f.Task), f.Kind))] };

    private static ImmutableSortedDictionary<string, JsonElement> Params(string day) => ImmutableSortedDictionary<string, JsonElement>.Empty.Add("day", A.Json(day));
}
