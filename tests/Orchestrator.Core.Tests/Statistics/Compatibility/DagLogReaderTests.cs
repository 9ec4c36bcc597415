using System.Text;
using Orchestrator.Core.Statistics.Compatibility;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics.Compatibility;

public sealed class DagLogReaderTests
{
    [Fact]
    public void Every_field_is_read()
    {
        var e = LogLines.Read("""
            {"timestamp":"2026-03-01T00:00:00.5+02:00","event":"run_finished","dag_name":"d","dag_run_id":"r","tenant":"t","task_id":"x","task_count":3,"attempt":2,"error":"e","tasks_succeeded":1,
            "tasks_failed":0,"duration_seconds":1.25,"schedule_id":"s","job_id":"j","dag_path":"p","run_id":"q","status":"success","else":{"a":[1]}}
            """.ReplaceLineEndings(""))[0];
        e.ShouldBe(new DagLogEvent
        {
            Event = "run_finished", TimestampText = "2026-03-01T00:00:00.5+02:00", Timestamp = new(2026, 2, 28, 22, 0, 0, 500, TimeSpan.Zero), DagName = "d", DagRunId = "r", Tenant = "t",
            TaskId = "x", TaskCount = 3, Attempt = 2, Error = "e", TasksSucceeded = 1, TasksFailed = 0, DurationSeconds = 1.25, ScheduleId = "s", JobId = "j", DagPath = "p", RunId = "q", Status = "success",
        });
    }

    [Fact]
    public void What_is_missing_or_of_another_type_is_unknown() =>
        LogLines.Read("""{"event":7,"timestamp":"yesterday","dag_name":null,"task_count":-1,"attempt":1.5,"tasks_failed":"2","duration_seconds":-3,"tenant":["a"]}""")[0]
            .ShouldBe(new DagLogEvent { TimestampText = "yesterday" });

    [Theory]
    [InlineData("""{"duration_seconds":1e999}""")]
    [InlineData("""{"duration_seconds":"1"}""")]
    public void A_duration_is_a_finite_number(string line) => LogLines.Read(line)[0].DurationSeconds.ShouldBeNull();

    [Theory]
    [InlineData("""{"a":1""", "is not JSON")]
    [InlineData("""{"a":1} x""", "is not JSON")]
    [InlineData("""{"a":NaN}""", "is not JSON")]
    [InlineData("nonsense", "is not JSON")]
    [InlineData("[1,2]", "is not a JSON object")]
    [InlineData("17", "is not a JSON object")]
    [InlineData("{\"a\":\"\0\"}", "holds a NUL byte")]
    [InlineData("""{"event":"\ud800"}""", "holds half of a surrogate pair, which is not text")]
    public void A_damaged_line_says_what_is_wrong_with_it(string line, string problem)
    {
        DagLogReader.TryRead(Encoding.UTF8.GetBytes(line), out var e, out var said).ShouldBeFalse();
        (e, said).ShouldBe((null, problem));
    }

    [Fact]
    public void Lines_that_are_no_text_or_too_long_or_too_deep_are_damaged()
    {
        Problem([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]).ShouldBe("is not UTF-8");
        Problem(Encoding.UTF8.GetBytes($$"""{"a":{{new string('[', 600)}}{{new string(']', 600)}}}""")).ShouldBe("is not JSON");
        var most = Encoding.UTF8.GetBytes("{\"a\":\"" + new string('x', DagLogReader.MaxLineBytes - 8) + "\"}");
        most.Length.ShouldBe(DagLogReader.MaxLineBytes);
        Problem(most).ShouldBeNull();
        Problem([.. most, (byte)' ']).ShouldBe("is longer than 1048576 bytes");
    }

    [Theory]
    [InlineData("2026-03-01T06:00:00+00:00", "06:00:00.000")]
    [InlineData("2026-03-01T06:00:00.123456+00:00", "06:00:00.123")]
    [InlineData("2026-03-01T06:00:00Z", "06:00:00.000")]
    [InlineData("2026-03-01T06:00:00", "06:00:00.000")]
    [InlineData("2026-03-01 06:00:00.5-02:00", "08:00:00.500")]
    [InlineData("2026-03-01T06:00+01:00", "05:00:00.000")]
    [InlineData("06:00", null)]
    [InlineData("1/3/2026", null)]
    [InlineData("2026-13-01T00:00:00Z", null)]
    [InlineData("", null)]
    public void An_instant_without_an_offset_is_UTC(string text, string? time) =>
        DagLogReader.Instant(text)?.ToString("HH:mm:ss.fff", null).ShouldBe(time);

    private static string? Problem(byte[] line)
    {
        DagLogReader.TryRead(line, out _, out var problem);
        return problem;
    }
}
