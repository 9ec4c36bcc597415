using System.CommandLine;
using System.Text.Json;
using Orchestrator.AspNetCore;
using Orchestrator.Core;
using Orchestrator.Engine.Journal;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;

namespace Orchestrator.Worker.Commands.Backfills;

/// <summary><c>orchestrator schedule backfill cancel</c>: no more runs start, and the open ones are asked to stop.</summary>
internal static class BackfillCancelCommand
{
    public static Verb Create(CommonOptions common, CommandContext around)
    {
        var id = BackfillText.IdArgument();
        var reason = new Option<string?>("--reason") { Description = "The reason; the backfill's events show it.", HelpName = "TEXT" };
        reason.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { Length: > CancelAsk.MaxComment }) given.AddError($"--reason has at most {CancelAsk.MaxComment} characters.");
        });
        var verb = new Verb("cancel", "Cancel a backfill: no more of its runs start, and the open ones are cancelled.") { Changes = true, About = [id] };
        verb.Arguments.Add(id);
        verb.Options.Add(reason);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            var state = BackfillText.Find(settings, parsed.GetValue(id)!);
            var found = state.Created!.BackfillId;
            around.Trail.Note("BackfillId", found);
            if (state.Finished is not null) throw new CommandFailure(ExitCode.Failed, $"Backfill {found} is {Words.Of(state.Status)}: there is nothing to cancel.");
            if (ServeLock.HolderOf(settings.Store) is not { } holder)
                throw new CommandFailure(
                    ExitCode.Unavailable, $"No `orchestrator serve` has {settings.Store.Place}, so no process executes backfill {found}.", "Start one: the backfill continues, and can be cancelled.");
            var body = JsonSerializer.SerializeToUtf8Bytes(new CancelBody { Reason = parsed.GetValue(reason) }, ApiJson.Default.CancelBody);
            var answer = await new ServeClient(holder).PostAsync($"/api/v1/backfills/{found}/cancel", body, around.UserName, stop);
            if (parsed.GetValue(common.Json)) around.Out.WriteLine(answer);
            else around.Out.WriteLine($"Backfill {found} is being cancelled: no more of its runs start.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
