using System.Text.Json;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reports;
using Shouldly;
using Xunit;
using TaskStatus = Orchestrator.Core.TaskStatus;
using Orchestrator.Tests;

namespace Orchestrator.Engine.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private readonly RunPaths _paths = new(Directory.CreateTempSubdirectory("report-").FullName);

    private IRunFiles Files => new RunFiles(_paths);

    private static RunView Nightly => RunView.From(ToldRun.Definition, ToldRun.Id, ToldRun.Nightly().Events);

    private string Folder => _paths.Of(ToldRun.Id);

    [Fact]
    public async Task The_page_of_a_run_that_retried_failed_and_skipped_is_this()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "logs"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "logs/load.1.log"), "connecting\nERROR: no such table\n", TestContext.Current.CancellationToken);
        ReportWriter.Write(Files, Nightly, ToldRun.Definition);
        (await File.ReadAllTextAsync(Path.Combine(Folder, "report.md"), TestContext.Current.CancellationToken)).ShouldBe(GoldenReport.Text);
    }

    [Fact]
    public async Task The_file_for_tools_holds_the_full_view_and_its_counts_add_up()
    {
        ReportWriter.Write(Files, Nightly, ToldRun.Definition);
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "report.json"), TestContext.Current.CancellationToken));
        json.RootElement.GetProperty("report_dir").GetString().ShouldBe(Folder);
        var counts = json.RootElement.GetProperty("counts").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());
        counts["total"].ShouldBe(counts.Where(c => c.Key != "total").Sum(c => c.Value));
        var statuses = json.RootElement.GetProperty("tasks").EnumerateObject().CountBy(t => t.Value.GetProperty("status").GetString()!).ToDictionary();
        statuses["completed"].ShouldBe(counts["completed"]);
        statuses["failed"].ShouldBe(counts["failed"] + counts["failed_allowed"]);
        statuses["skipped"].ShouldBe(counts["skipped"]);
        statuses["cancelled"].ShouldBe(counts["cancelled"]);
        Directory.GetFiles(Folder, "*.tmp").ShouldBeEmpty();
    }

    [Fact]
    public async Task Writing_a_report_again_replaces_it()
    {
        ReportWriter.Write(Files, Nightly with { Workflow = "old" }, null);
        ReportWriter.Write(Files, Nightly, null);
        (await File.ReadAllTextAsync(Path.Combine(Folder, "report.md"), TestContext.Current.CancellationToken)).ShouldStartWith("# nightly: failed");
    }

    [Fact]
    public void Markup_in_names_errors_and_logs_is_shown_and_not_obeyed()
    {
        const string evil = "</td><script>alert(1)</script> | **x** [a](http://e) `b` # h\n## Heading\n![i](u)";
        var view = Nightly with
        {
            Workflow = evil,
            RequestedBy = evil,
            Error = evil,
            Tasks = [.. Nightly.Tasks.Select(t => t with { Error = t.Error is null ? null : evil, Stage = evil })],
            Stages = [new(evil, TaskStatus.Failed, 1, evil)],
        };
        var page = MarkdownReport.Write(view, ToldRun.Definition with { Owner = evil, Description = evil }, _ => "```\n## Heading\n<b>\u202e\u001b[31m");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("](http");
        page.ShouldNotContain("\u202e");
        page.ShouldNotContain("\u001b");
        page.Split('\n').Count(l => l == "## Heading").ShouldBe(1);   // within the log's fence, which is longer than its own
        page.ShouldContain("````text\n```\n## Heading\n<b>");
        foreach (var row in page.Split('\n').Where(l => l.StartsWith("| fetch", StringComparison.Ordinal)))
            row.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|').ShouldBe(11);
    }

    [Fact]
    public void A_mermaid_label_cannot_leave_its_quotes() =>
        MarkdownText.Label("a\"]; click n0 \"javascript:alert(1)\" <b> ä\n%%{init}").ShouldBe(
            "a#34;#93;#59; click n0 #34;javascript#58;alert#40;1#41;#34; #60;b#62; ä#37;#37;#123;init#125;");

    [Fact]
    public void A_large_graph_is_drawn_by_stages()
    {
        var tasks = Enumerable.Range(0, 5000).Select(i => new TaskView
        {
            Id = new($"t{i}"), Status = i == 7 ? TaskStatus.Failed : TaskStatus.Completed, Stage = $"s{i % 3}", DependsOn = i < 3 ? [] : [new($"t{i - 1}")],
        });
        var page = MarkdownReport.Write(Nightly with { Tasks = [.. tasks], CriticalPath = new([.. Enumerable.Range(0, 5000).Select(i => new Core.Definitions.TaskId($"t{i}"))], 1) }, null, _ => null);
        page.ShouldContain("5000 tasks and 4997 dependencies are too many to draw");
        page.ShouldContain("n1[\"s1<br/>1666 completed, 1 failed\"]:::failed");
        page.ShouldContain("1000 of 5000 tasks");
        page.Length.ShouldBeLessThan(200_000);
    }

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(999.6, "1.00 s")]
    [InlineData(59_994, "59.99 s")]
    [InlineData(59_999, "1 min 0 s")]
    [InlineData(125_000, "2 min 5 s")]
    [InlineData(3_599_999, "1 h 0 min")]
    [InlineData(90_000_000, "25 h 0 min")]
    public void Durations_are_rounded_without_odd_carries(double milliseconds, string expected) => MarkdownText.Duration(milliseconds).ShouldBe(expected);

    [Fact]
    public async Task The_tail_of_a_huge_log_is_bounded_and_begins_with_a_whole_line()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "logs"));
        await File.WriteAllLinesAsync(Path.Combine(Folder, "logs/a.1.log"), Enumerable.Range(0, 200_000).Select(i => $"line {i:000000}"), TestContext.Current.CancellationToken);
        var lines = LogTail.Read(Files, ToldRun.Id, "logs/a.1.log")!.Split('\n');
        lines.Length.ShouldBe(20);
        lines[0].ShouldBe("line 199980");
        lines[^1].ShouldBe("line 199999");
        LogTail.Read(Files, ToldRun.Id, "logs/none.1.log").ShouldBeNull();
        LogTail.Read(Files, ToldRun.Id, "../../../../../../../../etc/passwd").ShouldBeNull();
        LogTail.Read(Files, ToldRun.Id, "/etc/passwd").ShouldBeNull();
    }

    public void Dispose() => Directory.Delete(_paths.Root, recursive: true);
}
