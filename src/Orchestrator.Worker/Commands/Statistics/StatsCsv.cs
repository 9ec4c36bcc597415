using System.Globalization;
using Orchestrator.Core.Statistics;
using Orchestrator.Engine.Index.Statistics;

namespace Orchestrator.Worker.Commands.Statistics;

/// <summary>The groups as comma-separated values (RFC 4180), for spreadsheets. What nothing is known of is empty.</summary>
internal static class StatsCsv
{
    public static void Write(TextWriter output, StatisticsAnswer answer)
    {
        if (answer.By.IsOfTasks)
        {
            Line(output, [answer.By.Word, "total", "completed", "failed", "skipped", "cancelled", "attempts", "success_rate", "flake_score", .. Columns("duration"), "time_ms",
                "expected_ms", "over_expected", "cpu_ms", "io_bytes", "peak_bytes"]);
            foreach (var t in answer.Tasks)
                Line(output, [t.Group, t.Total, t.Completed, t.Failed, t.Skipped, t.Cancelled, t.Attempts, t.SuccessRate, t.FlakeScore, .. Cells(t.Duration), t.TimeMs,
                    t.ExpectedMs, t.OverExpected, t.CpuMs, t.IoBytes, t.PeakBytes]);
            return;
        }
        Line(output, [answer.By.Word, "total", "completed", "failed", "cancelled", "retries", "success_rate", .. Columns("duration"), .. Columns("queue"), "failures_in_a_row",
            "mttr_ms", "cpu_ms", "io_bytes", "peak_bytes"]);
        foreach (var r in answer.Runs)
            Line(output, [r.Group, r.Total, r.Completed, r.Failed, r.Cancelled, r.Retries, r.SuccessRate, .. Cells(r.Duration), .. Cells(r.Queue), r.History.Streak,
                r.History.MttrMs, r.CpuMs, r.IoBytes, r.PeakBytes]);
    }

    private static string[] Columns(string what) => [.. ((string[])["mean", "p50", "p95", "p99", "max"]).Select(c => $"{what}_{c}_ms")];

    private static object?[] Cells(SampleSummary of) => [of.Mean, of.P50, of.P95, of.P99, of.Max];

    private static void Line(TextWriter output, object?[] cells) => output.Write(string.Join(',', cells.Select(Cell)) + "\r\n");

    private static string Cell(object? value) => value switch
    {
        null => "",
        double d => Math.Round(d, 6).ToString(CultureInfo.InvariantCulture),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        // A spreadsheet takes what begins like a formula for one.
        string { Length: > 0 } text when text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' => Quoted("'" + text),
        string text => text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? Quoted(text) : text,
        _ => value.ToString() ?? "",
    };

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
