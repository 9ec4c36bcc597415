using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class ReadingTests
{
    [Fact]
    public void Every_key_arrives_in_the_model()
    {
        var w = Yaml.Valid(Sample.Everything);
        Holds(w);
        w.Tasks[^1].Span.ShouldBe(new SourceSpan("w.yaml", Sample.Everything[..Sample.Everything.IndexOf("{id: done", StringComparison.Ordinal)].Count(c => c == '\n') + 1, 5));
    }

    [Fact]
    public void Every_key_survives_the_normal_form()
    {
        var bytes = DefinitionJson.Write(Yaml.Valid(Sample.Everything));
        var back = DefinitionJson.Read(bytes);
        Holds(back);
        Encoding.UTF8.GetString(DefinitionJson.Write(back)).ShouldBe(Encoding.UTF8.GetString(bytes));
    }

    private static void Holds(WorkflowDefinition w)
    {
        (w.Name, w.Owner, w.Tenant, w.Project, w.MaxParallel, w.FailFast, w.OnFailFast, w.Timeout, w.MaxWorkerLosses, w.WorkingDir)
            .ShouldBe(("sales-nightly", "data@acme.example", "acme", "sales", 8, false, OnFailFast.Cancel, TimeSpan.FromHours(2), 5, "work"));
        w.Labels["tier"].ShouldBe("1");
        w.InheritEnv.ShouldBe(["AWS_REGION", "HOME"]);
        w.Stages.ShouldBe(["extract", "load"]);
        w.Secrets["DB_PASSWORD"].ShouldBe(new SecretReference("/run/secrets/db", null));
        w.Params.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name} {p.Type} {p.Required} {p.Default}").ShouldBe(
        [
            "code String False abc", "day Date False ${{ date(now, -1) }}", "dry Boolean False False", "key Secret False ", "limit Integer False 10", "list List False [1,\"two\"]", "map Object False {\"a\":1,\"b\":[\"x\"]}", "nothing String False ", "ratio Number False 1.50", "region Enum True ", "retries Integer False 3", "who String False 2026-01-01",
        ]);
        w.Schedules[0].Params["limit"].GetInt32().ShouldBe(5);
        w.Schedules[1].Enabled.ShouldBeFalse();
        w.Schedules[2].ShouldBe(w.Schedules[2] with
        {
            Rrule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", Start = "2026-01-01T09:00", End = "2030-12-31", Dst = new(GapRule.Skip, OverlapPass.Last), Jitter = TimeSpan.FromMinutes(5),
            Catchup = new(CatchUpPolicy.All) { Window = TimeSpan.FromDays(2), Max = 3 }, Overlap = OverlapRule.Queue,
        });
        w.Schedules[2].Exclude.ShouldBe(["holidays"]);
        w.Calendars["holidays"].Yearly.ShouldBe([new(12, 24), new(12, 25)]);
        w.Calendars["holidays"].Contains(new(2026, 7, 31)).ShouldBeTrue();

        var (fetch, check, score, load, done) = (w.Tasks[0], w.Tasks[1], w.Tasks[2], w.Tasks[3], w.Tasks[^1]);
        fetch.Action.ShouldBeOfType<RunAction>().Command.ShouldEndWith("sales.csv\"\n");
        fetch.Retry!.MaxAttempts.ShouldBe(5);
        fetch.Retry.OnExitCodes.ShouldBe([2, 75]);
        fetch.Retry.OnKinds.ShouldBe([FailureKind.ExitCode, FailureKind.Timeout]);
        fetch.Env.Keys.ShouldBe(["DAY", "LANG", "PASSWORD"]);
        fetch.Env["LANG"].ShouldBe("en");
        fetch.Timeout.ShouldBe(TimeSpan.FromMinutes(10));
        check.DependsOn.ShouldBe([fetch.Id]);
        check.Action.ShouldBeOfType<ExecAction>().Argv.ShouldBe(["./check", "--strict", "5"]);
        check.Outputs.ShouldBe(OutputSource.StdoutJson);
        check.Timeout.ShouldBe(TimeSpan.FromSeconds(90));
        check.WorkingDir.ShouldBe("sub");
        check.Env["LANG"].ShouldBe("C");
        score.If.ShouldBe("tasks.check.outputs.rows > 0");
        score.Idempotent.ShouldBeFalse();
        score.WorkingDir.ShouldBe("other");
        var with = score.Action.ShouldBeOfType<DelegateAction>().With;
        with["deep"].GetRawText().ShouldBe("[1,{\"x\":true}]");
        with["none"].ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        load.If.ShouldBe("tasks.fetch.status == 'completed'");
        load.RunWhen.ShouldBe(RunWhen.AllDone);
        load.Retry!.MaxAttempts.ShouldBe(3);
        load.Tags.ShouldBe(["slow", "db"]);
        load.Metadata["ticket"].GetInt32().ShouldBe(12);
        done.Action.ShouldBeOfType<NoopAction>();
    }

    [Fact]
    public void The_sample_uses_every_accepted_key()
    {
        foreach (var key in Core.Definitions.Reading.Vocabulary.Workflow.Accepted.Concat(Core.Definitions.Reading.Vocabulary.Task.Accepted))
            Sample.Everything.ShouldContain($"{key}:");
    }

    [Fact]
    public void Anchors_and_aliases_stand_for_their_values()
    {
        var w = Yaml.Valid("name: a\ntasks:\n  - {id: x, run: echo, env: &e {A: b}}\n  - {id: y, run: echo, env: *e}\n");
        w.Tasks[1].Env["A"].ShouldBe("b");
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_are_fine()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("name: a\r\ntasks:\r\n  - {id: x, run: echo}\r\n")];
        DefinitionReader.Read(bytes, "w.yaml").Workflow.ShouldNotBeNull();
        var late = DefinitionReader.Read("name: a\r\ntasks:\r\n  - id: x\r\n    run: |\r\n      echo\r\n      ${{ params.p }}\r\n", "w.yaml").Problems.ShouldHaveSingleItem();
        late.At.ShouldBe(new SourceSpan("w.yaml", 6, 11));
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0x0A, 0x62, 0x00 }, "w.yaml:2:2: ORC102")]
    [InlineData(new byte[] { 0x61, 0x0A, 0xC3, 0x28 }, "w.yaml:2:1: ORC102")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 }, "w.yaml:1:1: ORC102")]
    public void What_is_not_utf8_text_is_named_with_its_place(byte[] bytes, string start) =>
        DefinitionReader.Read(bytes, "w.yaml").Problems.ShouldHaveSingleItem().ToString().ShouldStartWith(start);
}
