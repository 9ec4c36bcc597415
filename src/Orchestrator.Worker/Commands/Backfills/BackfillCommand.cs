using System.CommandLine;
using System.Text;
using System.Text.Json;
using Orchestrator.AspNetCore;
using Orchestrator.AspNetCore.Backfills;
using Orchestrator.Core;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Backfills;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Backfills;

/// <summary><c>orchestrator schedule backfill</c>: runs for a range of the past. A `serve` executes them; --dry-run works without one.</summary>
internal static class BackfillCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string?>("WORKFLOW[/SCHEDULE]") { Description = "A workflow, with the schedule whose due times run.", Arity = ArgumentArity.ZeroOrOne };
        var from = new Option<string?>("--from") { Description = "Start of the range, in the schedule's time zone: 2026-01-01 or 2026-01-01T06:00.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "End of the range, included; a date is its whole day.", HelpName = "TIME" };
        var param = new Option<string[]>("--param", "-p")
        {
            Description = "NAME=VALUE: a parameter's value. NAME alone: the date parameter that takes the dates of the range, instead of a schedule. Repeatable.",
            HelpName = "NAME[=VALUE]", Arity = ArgumentArity.OneOrMore,
        };
        var step = new Option<string?>("--step") { Description = "Time between two dates of a date parameter, such as 7d (default 1d).", HelpName = "DAYS" };
        var order = new Option<string?>("--order") { Description = "Which come first (default oldest).", HelpName = string.Join('|', Words.All<BackfillOrder>()) };
        var parallelism = new Option<int>("--parallelism") { Description = "At most this many runs are open at the same time.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would run; run nothing." };
        var reason = new Option<string?>("--reason") { Description = "The reason; the backfill's events show it.", HelpName = "TEXT" };
        var verb = new Verb("backfill", "Run a workflow for a range of past due times, or of dates.")
        {
            Changes = true, About = [target, from, to, dryRun],
            Examples =
            [
                ("orchestrator schedule backfill sales/nightly --from 2026-01-01 --to 2026-01-31 --dry-run", "show what would run"),
                ("orchestrator schedule backfill sales/nightly --from 2026-01-01 --to 2026-01-31 --parallelism 4", "run it, four at a time"),
                ("orchestrator schedule backfill sales --param day --from 2026-01-01 --to 2026-01-31", "a run for each day, as a parameter"),
                ("orchestrator schedule backfill list", "backfills and their progress"),
            ],
        };
        verb.Arguments.Add(target);
        foreach (var option in (Option[])[from, to, param, step, order, parallelism, dryRun, reason]) verb.Options.Add(option);
        verb.Subcommands.Add(BackfillListCommand.Create(common, around));
        verb.Subcommands.Add(BackfillShowCommand.Create(common, around));
        verb.Subcommands.Add(BackfillCancelCommand.Create(common, around));
        verb.SetAction((parsed, stop) =>
        {
            if (parsed.GetValue(target) is not { } name) throw new CommandFailure(ExitCode.Usage, "Nothing to backfill.", "Name a workflow, or one of list, show, cancel.");
            if (parsed.GetValue(from) is not { } begin || parsed.GetValue(to) is not { } end) throw new CommandFailure(ExitCode.Usage, "A backfill needs --from and --to.");
            var (over, values) = Split(parsed.GetValue(param) ?? []);
            var parts = name.Split('/', 2);
            var body = new BackfillBody
            {
                Workflow = parts[0], Schedule = parts.Length > 1 ? parts[1] : null, Param = over, From = begin, To = end, Step = parsed.GetValue(step), Order = parsed.GetValue(order),
                Parallelism = parsed.GetValue(parallelism), Params = values, DryRun = parsed.GetValue(dryRun), Reason = parsed.GetValue(reason), RequestedBy = around.UserName,
                Traceparent = around.Variable("TRACEPARENT"), Tracestate = around.Variable("TRACESTATE"), Baggage = around.Variable("BAGGAGE"),
            };
            return RunAsync(body, common.Load(parsed, around), parsed.GetValue(common.Json), around, stop);
        });
        return verb;
    }

    private static async Task<int> RunAsync(BackfillBody body, Settings settings, bool json, CommandContext around, CancellationToken stop)
    {
        string answer;
        if (ServeLock.HolderOf(settings.Store) is { } holder)
            answer = await new ServeClient(holder).PostAsync("/api/v1/backfills", JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Default.BackfillBody), around.UserName, stop);
        else if (body.DryRun) answer = Preview(body, settings, around);
        else
            throw new CommandFailure(ExitCode.Unavailable, $"No `orchestrator serve` has {settings.Store.Place}, so no process would execute the backfill.", "Start one, or give --dry-run to see what would run.");
        using var document = JsonDocument.Parse(answer, JsonBounds.Documents);
        if (document.RootElement.TryGetProperty("backfill_id", out var id)) around.Trail.Note("BackfillId", id.GetString()!);
        if (json) around.Out.WriteLine(answer);
        else if (body.DryRun) BackfillText.Preview(around, document.RootElement);
        else BackfillText.Accepted(around, document.RootElement);
        return ExitCode.Ok;
    }

    // Without a `serve` the definition is the one in the workflows folder.
    private static string Preview(BackfillBody body, Settings settings, CommandContext around)
    {
        var workflow = new DefinitionFiles(settings, around).Find(body.Workflow!).Workflow;
        var now = around.Clock.GetUtcNow();
        if (!BackfillBodies.TryRequest(body, body.RequestedBy!, null, out var request, out var problems) || !BackfillPlanner.TryPlan(workflow, request, now, out var plan, out problems))
            throw new CommandFailure(ExitCode.Usage, string.Join(Environment.NewLine + "  ", ["The backfill cannot be made.", .. problems]));
        using var written = new MemoryStream();
        using (var w = new Utf8JsonWriter(written, JsonOut.Options))
        {
            w.WriteStartObject();
            BackfillPreview.Write(w, workflow, plan, now);
            w.WriteEndObject();
        }
        return Encoding.UTF8.GetString(written.ToArray());
    }

    private static (string? Over, Dictionary<string, JsonElement> Values) Split(string[] given)
    {
        string? over = null;
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at == 0 || text.Length == 0) throw new CommandFailure(ExitCode.Usage, $"--param takes NAME=VALUE or NAME, was '{text}'.");
            if (at < 0 && over is not null) throw new CommandFailure(ExitCode.Usage, $"A backfill goes over one date parameter, not over '{over}' and '{text}'.", "Write NAME=VALUE for a value.");
            if (at < 0) over = text;
            else if (!values.TryAdd(text[..at], JsonSerializer.SerializeToElement(text[(at + 1)..], ApiJson.Default.String))) throw new CommandFailure(ExitCode.Usage, $"Parameter '{text[..at]}' is given twice.");
        }
        return (over, values);
    }
}
