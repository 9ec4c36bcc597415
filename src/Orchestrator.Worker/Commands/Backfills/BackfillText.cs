using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Backfills;

/// <summary>Backfills for people.</summary>
internal static class BackfillText
{
    public static Argument<string> IdArgument() => new("BACKFILL") { Description = "A backfill's id, or the beginning of it." };

    /// <exception cref="CommandFailure">There is none, or more than one.</exception>
    public static BackfillState Find(Settings settings, string id)
    {
        var history = new BackfillHistory(settings.Store.Runs);
        var ids = history.Resolve(id);
        if (ids.Count > 1) throw new CommandFailure(ExitCode.Usage, $"{ids.Count} backfills have an id that begins with '{id}'.", "Give more of the id.");
        return (ids is [var only] ? history.Find(only) : null) ?? throw new CommandFailure(ExitCode.NotFound, $"There is no backfill '{id}'.", "`orchestrator schedule backfill list` has their ids.");
    }

    /// <summary>What it goes over: <c>workflow/schedule</c>, or the workflow and its parameter.</summary>
    public static string Of(BackfillCreated created) => created.ScheduleId is { } schedule ? $"{created.Workflow}/{schedule}" : $"{created.Workflow} {created.Param}";

    public static void Head(CommandContext around, BackfillState state)
    {
        var created = state.Created!;
        around.Out.WriteLine($"Backfill {created.BackfillId}: {Words.Of(state.Status)}");
        around.Out.WriteLine(Printable.Line($"{Of(created)} from {created.From} to {created.To}, {Words.Of(created.Order)} first, at most {created.Parallelism} at a time"));
        around.Out.WriteLine(Printable.Line($"requested by {created.Actor} at {Printable.Instant(state.CreatedAt)}{(created.Reason is { } reason ? $": {reason}" : "")}"));
        if (state.Cancel is { } cancel) around.Out.WriteLine(Printable.Line($"cancelled by {cancel.Actor}{(cancel.Reason is { } why ? $": {why}" : "")}"));
        var counts = Words.All<BackfillOutcome>().Select((word, i) => (Word: word, Count: state.CountOf((BackfillOutcome)i))).Where(c => c.Count > 0)
            .Append(("open", state.Open.Count)).Append(("not started", state.NotStarted)).Where(c => c.Item2 > 0);
        around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{state.Items.Length} items: {string.Join(", ", counts.Select(c => $"{c.Item2} {c.Item1}"))}"));
    }

    /// <summary>The answer to one that was accepted.</summary>
    public static void Accepted(CommandContext around, JsonElement row)
    {
        var id = row.GetProperty("backfill_id").GetString();
        around.Out.WriteLine($"Backfill {id} accepted: {Runs(row.GetProperty("items").GetProperty("total").GetInt32())}.");
        around.Out.WriteLine($"Follow it with: orchestrator schedule backfill show {id}");
    }

    /// <summary>What would run.</summary>
    public static void Preview(CommandContext around, JsonElement plan)
    {
        foreach (var run in plan.GetProperty("runs").EnumerateArray())
        {
            var values = run.GetProperty("params").EnumerateObject().Select(p => $"{p.Name}={p.Value}");
            around.Out.WriteLine(Printable.Line($"{run.GetProperty("key").GetString()}  {string.Join(' ', values)}").TrimEnd());
        }
        around.Out.WriteLine($"{Runs(plan.GetProperty("total").GetInt32())} would start, at most {plan.GetProperty("parallelism").GetInt32()} at a time. Nothing was started.");
    }

    private static string Runs(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "run" : "runs")}");
}
