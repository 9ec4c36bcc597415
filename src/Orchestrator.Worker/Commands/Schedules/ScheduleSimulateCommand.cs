using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Core.Schedules.Simulation;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule simulate</c>.</summary>
internal static class ScheduleSimulateCommand
{
    private const int UsualRows = 100;

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string?>("SCHEDULE") { Description = ScheduleTarget.Help, Arity = ArgumentArity.ZeroOrOne };
        var from = new Option<string?>("--from") { Description = "Due times after it: an instant, or a time from now such as 2d (default: now).", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "Due times up to it (default: a day after --from).", HelpName = "TIME" };
        var next = new Option<string?>("--next") { Description = "Instead of --to: the length of the range from --from, such as 24h or 7d.", HelpName = "TIME" };
        var limit = new Option<int?>("--limit") { Description = $"Show at most this many due times (default {UsualRows}; with --json 10000).", HelpName = "N" };
        RowLimit.AddRule(limit, ScheduleSimulation.MaxDue);
        var verb = new Verb("simulate", "Predict from the durations of past runs what upcoming due times will do: overlap, wait, be skipped, exceed limits. Starts nothing.")
        {
            Examples =
            [
                ("orchestrator schedule simulate", "the next 24 hours of all schedules"),
                ("orchestrator schedule simulate nightly --next 7d", "a week of one workflow, alongside all others"),
                ("orchestrator schedule simulate --from 2026-03-28T00:00:00Z --to 2026-03-30T00:00:00Z", "around a day with a clock change"),
            ],
        };
        verb.Arguments.Add(target);
        foreach (var option in (Option[])[from, to, next, limit]) verb.Options.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(to) is not null && result.GetValue(next) is not null) result.AddError("--to and --next say the same: give one of them.");
        });
        verb.SetAction(async (parsed, stop) =>
        {
            var now = around.Clock.GetUtcNow();
            var begin = Instant("--from", parsed.GetValue(from), now, now);
            var end = Instant("--next", parsed.GetValue(next), begin, Instant("--to", parsed.GetValue(to), now, begin + SimulatedRange.Usual));
            if (SimulatedRange.Problem(begin, end) is { } wrong) throw new CommandFailure(ExitCode.Usage, wrong);
            var json = parsed.GetValue(common.Json);
            var most = parsed.GetValue(limit) ?? (json ? ScheduleSimulation.MaxDue : UsualRows);
            var page = await new ScheduleReader(common.Load(parsed, around), around).SimulateAsync(ScheduleTarget.Read(parsed.GetValue(target)), begin, end, most, stop);
            if (json) around.Out.WriteLine(JsonSerializer.Serialize(page, ScheduleJson.Shapes.SimulationPage));
            else Write(page, around);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static DateTimeOffset Instant(string option, string? text, DateTimeOffset now, DateTimeOffset otherwise) => text is null ? otherwise
        : EarliestStart.TryRead(text, now, out var instant) ? instant : throw new CommandFailure(ExitCode.Usage, $"{option} cannot be '{text}'.", $"Give {EarliestStart.Shape}.");

    private static void Write(SimulationPage page, CommandContext around)
    {
        if (page.DueTimes.Count == 0)
        {
            around.Out.WriteLine("Nothing is due.");
            return;
        }
        var table = new TextTable("due", "schedule", "takes", "then");
        foreach (var row in page.DueTimes)
            table.Add(Time(row.Local), $"{row.Workflow}/{row.Schedule}", row.ExpectedMs is { } ms ? Printable.Duration(ms) : "unknown", Then(row));
        table.Write(around);
        around.Out.WriteLine();
        if (page.HasMore) around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The first {page.DueTimes.Count}; --limit shows more, at most {ScheduleSimulation.MaxDue}."));
        foreach (var s in page.Shortages)
            around.Out.WriteLine(Printable.Line(string.Create(CultureInfo.InvariantCulture,
                $"Too much at once: {s.Most} {s.Limit} of {s.Size}, {Printable.Instant(s.From)} {(s.To == DateTimeOffset.MaxValue ? "without end" : $"to {Printable.Instant(s.To)}")}.")));
        if (page.Alone) around.Out.WriteLine("Other schedules have too many due times to be simulated with these.");
        foreach (var schedule in page.Unknown) around.Out.WriteLine(Printable.Line($"{schedule} has no completed run: its lengths and overlaps are unknown."));
        around.Out.WriteLine($"Lengths are the median of the last {PastLengths.Samples} completed runs.");
    }

    /// <summary>What becomes of a due time, in a few words.</summary>
    private static string Then(SimulatedRow row)
    {
        var earlier = row.EarlierAt is { } at ? $"that of {at.ToOffset(Offset(row)):HH:mm}" : "";
        return string.Join("; ", new[]
        {
            row.Outcome switch
            {
                SimulatedOutcome.Skipped => $"skipped, {earlier} is open",
                SimulatedOutcome.Queued => $"waits for {earlier} to {row.StartsAt?.ToOffset(Offset(row)):HH:mm:ss}",
                SimulatedOutcome.Replaces => $"cancels {earlier}",
                SimulatedOutcome.Stops => row.EarlierAt is null ? "stops nothing" : $"stops {earlier}",
                SimulatedOutcome.Restarts => $"stops {earlier}, then starts",
                SimulatedOutcome.Superseded => $"ends at once, {string.Join(", ", row.WaitsFor)} is full",
                SimulatedOutcome.Paused => "paused",
                SimulatedOutcome.LeftOut => "left out by the clocks",
                _ when row.MayOverlap => "",   // said once below
                _ => row.EarlierAt is null ? "" : $"beside {earlier}",
            },
            row.Clock switch
            {
                ClockEffect.Shifted => "shifted by the clocks",
                ClockEffect.FirstPass => "first pass of this hour",
                ClockEffect.LastPass => "last pass of this hour",
                _ => row.Outcome == SimulatedOutcome.LeftOut ? "" : ScheduleText.Clocks(row.ClockChange),
            },
            row.ReplacedAt is { } end ? $"cancelled {end.ToOffset(Offset(row)):HH:mm}" : "",
            Waits(row),
        }.Where(t => t.Length > 0));
    }

    private static string Waits(SimulatedRow row)
    {
        if (row.Outcome == SimulatedOutcome.Superseded || row.WaitsFor.Count == 0) return "";
        var what = string.Join(", ", row.WaitsFor);
        return row.WaitsMs is { } ms ? $"waits {Printable.Duration(ms)} for {what}" : row.ReplacedAt is null ? $"waits for {what} without end" : $"waits for {what}";
    }

    private static TimeSpan Offset(SimulatedRow row) => DateTimeOffset.ParseExact(row.Local, "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture).Offset;

    // Seconds that are none are left out: most rules have none.
    private static string Time(string local) => ScheduleText.Local(local).Replace(":00 ", " ", StringComparison.Ordinal);
}
